use domain::{DistributorId, Money, OrderId, OrderStatus, Role, UserId};
use jobs::Event;
use serde::Deserialize;
use serde_json::json;

use super::{Draft, NotTo, Text, To, content, units};
use crate::kind::Kind;

/// Those who approve orders in the field; the office does, too.
const APPROVERS: &[Role] = &[Role::Supervisor, Role::AreaManager];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    order_id: OrderId,
    order_number: String,
    customer_name: String,
    rep_id: UserId,
    rep_name: String,
    total_amount: Money,
    status: OrderStatus,
}

/// An order that waits: its approvers are told. One that is delivered on the spot waits for nobody.
pub(super) fn created(event: &Event) -> Result<Option<Draft>, serde_json::Error> {
    let order: Created = content(event)?;
    if order.status != OrderStatus::Pending {
        return Ok(None);
    }
    let Created { order_number, customer_name, rep_name, total_amount, .. } = &order;
    let mut to = vec![To::Leaders(units(event), APPROVERS)];
    to.extend(event.distributor_id.map(|d| To::Office(DistributorId::new(d))));
    Ok(Some(Draft {
        kind: Kind::OrderWaiting,
        about: order.order_id.uuid(),
        title: Text::new(
            format!("Đơn {order_number} chờ duyệt"),
            format!("Order {order_number} waits for approval"),
        ),
        body: Text::new(
            format!("{rep_name} đặt cho {customer_name}: {total_amount}"),
            format!("{rep_name} for {customer_name}: {total_amount}"),
        ),
        data: json!({ "orderId": order.order_id, "orderNumber": order_number }),
        // A busy day has hundreds: one line on the screen that opens the list is enough.
        collapse: Kind::OrderWaiting.as_str().to_owned(),
        to,
        not_to: NotTo::Person(order.rep_id),
        alert: false,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    order_id: OrderId,
    order_number: String,
    customer_name: String,
    rep_id: UserId,
    status: OrderStatus,
    #[serde(default)]
    reason: String,
}

/// What was decided about an order: its rep is told, unless it was their own doing.
pub(super) fn changed(event: &Event) -> Result<Option<Draft>, serde_json::Error> {
    let order: Changed = content(event)?;
    let number = &order.order_number;
    let (kind, vi, en) = match order.status {
        OrderStatus::Approved => (Kind::OrderApproved, "đã được duyệt", "is approved"),
        OrderStatus::Rejected => (Kind::OrderRejected, "bị từ chối", "is rejected"),
        OrderStatus::Cancelled => (Kind::OrderCancelled, "đã bị hủy", "is cancelled"),
        _ => return Ok(None),
    };
    Ok(Some(Draft {
        kind,
        about: order.order_id.uuid(),
        title: Text::new(format!("Đơn {number} {vi}"), format!("Order {number} {en}")),
        body: Text::same(order.customer_name).and(". Lý do: ", ". Reason: ", &order.reason),
        data: json!({ "orderId": order.order_id, "orderNumber": number, "status": order.status }),
        collapse: format!("order:{}", order.order_id),
        to: vec![To::Person(order.rep_id)],
        not_to: NotTo::DeciderOf(order.order_id.uuid()),
        alert: false,
    }))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::compose;
    use super::super::tests::{event, group};
    use super::*;

    fn created(status: &str) -> Option<Draft> {
        let payload = json!({
            "orderId": Uuid::from_u128(1), "orderNumber": "DH-20260806-0001", "customerId": Uuid::from_u128(2),
            "customerName": "Tạp hóa Lan", "repId": Uuid::from_u128(3), "repName": "Minh", "totalAmount": 1_250_000,
            "status": status, "orderedAt": "2026-08-06T02:00:00Z",
        });
        compose(&event("OrderCreated", &[group("team", 4), group("user", 3)], payload)).unwrap()
    }

    #[test]
    fn an_order_that_waits_goes_to_those_who_approve_it() {
        let draft = created("Pending").unwrap();
        assert_eq!(draft.title.vi, "Đơn DH-20260806-0001 chờ duyệt");
        assert_eq!(draft.body.vi, "Minh đặt cho Tạp hóa Lan: 1.250.000 ₫");
        let office = To::Office(DistributorId::new(Uuid::from_u128(0xd)));
        assert_eq!(draft.to, [To::Leaders(vec![Uuid::from_u128(4)], APPROVERS), office]);
    }

    #[test]
    fn an_order_that_waits_for_nobody_is_not_told() {
        assert_eq!(created("Draft"), None);
        assert_eq!(created("Issued"), None);
    }

    #[test]
    fn the_rep_hears_why() {
        let payload = json!({
            "orderId": Uuid::from_u128(1), "orderNumber": "DH-1", "customerName": "Lan",
            "repId": Uuid::from_u128(3), "status": "Rejected", "reason": "Vượt hạn mức",
        });
        let draft = compose(&event("OrderStatusChanged", &[], payload)).unwrap().unwrap();
        assert_eq!(draft.to, [To::Person(UserId::new(Uuid::from_u128(3)))]);
        assert_eq!(
            (draft.title.vi.as_str(), draft.title.en.as_str()),
            ("Đơn DH-1 bị từ chối", "Order DH-1 is rejected")
        );
        assert_eq!(
            (draft.body.vi.as_str(), draft.body.en.as_str()),
            ("Lan. Lý do: Vượt hạn mức", "Lan. Reason: Vượt hạn mức")
        );
    }
}
