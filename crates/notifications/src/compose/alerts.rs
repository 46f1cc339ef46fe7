use chrono::NaiveDate;
use domain::business_day::format_vn_date;
use domain::{DistributorId, Money, UserId};
use jobs::Event;
use serde::Deserialize;
use serde_json::json;

use super::{Draft, NotTo, Text, To, content, named};
use crate::kind::Kind;

/// So many names go into a message; the rest is counted.
const NAMED: usize = 3;

/// The first names, and how many more there are.
fn names<'a>(names: impl Iterator<Item = &'a str>, count: i64) -> Text {
    let named: Vec<&str> = names.take(NAMED).collect();
    let more = count - i64::try_from(named.len()).unwrap_or(i64::MAX);
    let listed = named.join(", ");
    if more > 0 {
        Text::new(format!("{listed} và {more} mục khác"), format!("{listed} and {more} more"))
    } else {
        Text::same(listed)
    }
}

fn office(event: &Event) -> impl Iterator<Item = To> + '_ {
    named::<DistributorId>(event, "distributor").map(To::Office)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Goods {
    business_date: NaiveDate,
    count: i64,
    items: Vec<Good>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Good {
    product_name: String,
}

pub(super) fn low_stock(event: &Event) -> Result<Draft, serde_json::Error> {
    let goods: Goods = content(event)?;
    let count = goods.count;
    let title = Text::new(format!("{count} mặt hàng sắp hết"), format!("{count} products are low in stock"));
    Ok(about_goods(event, Kind::LowStock, &goods, title))
}

pub(super) fn near_expiry(event: &Event) -> Result<Draft, serde_json::Error> {
    let goods: Goods = content(event)?;
    let count = goods.count;
    let title =
        Text::new(format!("{count} lô hàng sắp hết hạn"), format!("{count} lots are near their expiry"));
    Ok(about_goods(event, Kind::NearExpiry, &goods, title))
}

fn about_goods(event: &Event, kind: Kind, goods: &Goods, title: Text) -> Draft {
    Draft {
        kind,
        about: event.aggregate_id,
        title,
        body: names(goods.items.iter().map(|item| item.product_name.as_str()), goods.count),
        data: json!({ "count": goods.count, "businessDate": goods.business_date }),
        collapse: kind.as_str().to_owned(),
        to: office(event).collect(),
        not_to: NotTo::Nobody,
        alert: true,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Debts {
    business_date: NaiveDate,
    rep_id: Option<UserId>,
    customers: i64,
    amount: Money,
    items: Vec<Debtor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Debtor {
    customer_name: String,
}

pub(super) fn overdue(event: &Event) -> Result<Draft, serde_json::Error> {
    let debts: Debts = content(event)?;
    let (customers, amount) = (debts.customers, debts.amount);
    Ok(Draft {
        kind: Kind::OverdueDebts,
        about: event.aggregate_id,
        title: Text::new(
            format!("{customers} khách hàng quá hạn nợ: {amount}"),
            format!("{customers} customers are overdue: {amount}"),
        ),
        body: names(debts.items.iter().map(|item| item.customer_name.as_str()), customers),
        data: json!({ "customers": customers, "amount": amount, "repId": debts.rep_id, "businessDate": debts.business_date }),
        collapse: Kind::OverdueDebts.as_str().to_owned(),
        to: office(event).chain(debts.rep_id.map(To::Person)).collect(),
        not_to: NotTo::Nobody,
        alert: true,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    distributor_name: String,
    business_date: NaiveDate,
    orders: i64,
    order_amount: Money,
    invoice_amount: Money,
    visits: i64,
    collected: Money,
}

pub(super) fn daily_report(event: &Event) -> Result<Draft, serde_json::Error> {
    let report: Report = content(event)?;
    let Report { distributor_name, business_date, orders, order_amount, invoice_amount, visits, collected } =
        report;
    let day = format_vn_date(business_date);
    Ok(Draft {
        kind: Kind::DailyReport,
        about: event.aggregate_id,
        title: Text::new(
            format!("Báo cáo ngày {day}: {distributor_name}"),
            format!("Report of {day}: {distributor_name}"),
        ),
        body: Text::new(
            format!(
                "{orders} đơn ({order_amount}), xuất bán {invoice_amount}, {visits} lượt viếng thăm, thu {collected}"
            ),
            format!(
                "{orders} orders ({order_amount}), invoiced {invoice_amount}, {visits} visits, collected {collected}"
            ),
        ),
        data: json!({ "businessDate": business_date }),
        collapse: Kind::DailyReport.as_str().to_owned(),
        to: office(event).collect(),
        not_to: NotTo::Nobody,
        alert: false,
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::compose;
    use super::super::tests::{event, group};
    use super::*;

    #[test]
    fn an_alert_names_some_and_counts_the_rest() {
        let item = |name: &str| json!({ "productName": name, "onHand": 3 });
        let payload = json!({
            "distributorId": Uuid::from_u128(9), "businessDate": "2026-08-06", "count": 25,
            "items": [item("Sữa"), item("Trà"), item("Mì"), item("Gạo")],
        });
        let draft = compose(&event("LowStock", &[group("distributor", 9)], payload)).unwrap().unwrap();
        assert_eq!(draft.title.vi, "25 mặt hàng sắp hết");
        assert_eq!(draft.body.vi, "Sữa, Trà, Mì và 22 mục khác");
        assert_eq!(draft.body.en, "Sữa, Trà, Mì and 22 more");
        assert_eq!(draft.to, [To::Office(DistributorId::new(Uuid::from_u128(9)))]);
        assert!(draft.alert);
    }

    #[test]
    fn debts_go_to_the_office_and_to_the_rep() {
        let payload = json!({
            "distributorId": Uuid::from_u128(9), "repId": Uuid::from_u128(3), "repName": "Minh",
            "businessDate": "2026-08-06", "customers": 1, "amount": 500_000,
            "items": [{ "customerName": "Lan", "amount": 500_000, "daysOverdue": 3 }],
        });
        let draft = compose(&event("DebtOverdue", &[group("distributor", 9), group("user", 3)], payload));
        let draft = draft.unwrap().unwrap();
        assert_eq!(draft.to.len(), 2);
        assert_eq!(draft.title.vi, "1 khách hàng quá hạn nợ: 500.000 ₫");
        assert_eq!(draft.body.en, "Lan");
    }
}
