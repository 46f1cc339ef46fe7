//! Random histories: whatever was done, ageing as of a past day is what it was at the end of that day.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDate};
use domain::receivable::AgeingBucket;
use receivables::ledger::Charge;
use serde_json::{Value, json};
use sqlx::Row as _;
use test_kit::{TestApp, world};

use crate::{findings, invoice, post, start};

/// Splitmix64: small, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }

    fn amount(&mut self, most: i64) -> i64 {
        i64::try_from(self.roll(most.unsigned_abs())).unwrap() + 1
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(usize::try_from(self.roll(of.len() as u64)).unwrap()) }
    }
}

const BASE: &str = "/api/v1/receivables";

/// Open items of the customers as they stand: (customer, entry, due, open).
async fn open_items(t: &TestApp) -> Vec<(uuid::Uuid, uuid::Uuid, NaiveDate, i64)> {
    sqlx::query(
        "select i.customer_id, i.entry_id, coalesce(i.due_date, e.business_date) as due, i.open_amount
         from receivable_open_items i join receivable_entries e on e.id = i.entry_id
         where i.open_amount <> 0 order by i.entry_id",
    )
    .fetch_all(&mut t.database.owner().await)
    .await
    .unwrap()
    .iter()
    .map(|r| (r.get(0), r.get(1), r.get(2), r.get(3)))
    .collect()
}

/// What ageing has to say at the end of a day, from what is open then: customer by customer.
fn aged(open: &[(uuid::Uuid, uuid::Uuid, NaiveDate, i64)], day: NaiveDate) -> BTreeMap<String, Value> {
    let mut sums: BTreeMap<uuid::Uuid, [i64; 8]> = BTreeMap::new();
    for &(customer, _, due, amount) in open {
        let sum = sums.entry(customer).or_default();
        let place = match AgeingBucket::of(due, day) {
            _ if amount < 0 => 6,
            AgeingBucket::NotDue => 0,
            AgeingBucket::Days1To7 => 1,
            AgeingBucket::Days8To30 => 2,
            AgeingBucket::Days31To60 => 3,
            AgeingBucket::Days61To90 => 4,
            AgeingBucket::Over90Days => 5,
        };
        sum[place] += amount;
        sum[7] += amount;
    }
    sums.into_iter()
        .map(|(customer, s)| {
            let amounts = json!({
                "notDue": s[0], "days1To7": s[1], "days8To30": s[2], "days31To60": s[3], "days61To90": s[4],
                "over90Days": s[5], "credit": s[6], "balance": s[7],
            });
            (customer.to_string(), amounts)
        })
        .collect()
}

/// Does something; what isn't possible at the moment is refused, which is fine.
async fn act(t: &TestApp, dice: &mut Dice) {
    let office = t.npp01();
    let customer = *dice.pick(&[world::SHOP1, world::SHOP2]).unwrap();
    let open = open_items(t).await;
    let of_side = |debts: bool| -> Vec<_> {
        open.iter().filter(|i| i.0 == customer.uuid() && (i.3 > 0) == debts).copied().collect()
    };
    let (debts, credits) = (of_side(true), of_side(false));
    match dice.roll(12) {
        0..=4 => {
            let today = t.app.today();
            let due = today + Duration::days(i64::try_from(dice.roll(40)).unwrap());
            let charge = Charge { customer, business_date: today, due_date: due, ..invoice("PX", 1, 0) };
            post(t, &[Charge { amount: domain::Money::new(dice.amount(1_500)), ..charge }]).await;
        }
        5 | 6 => {
            let body = json!({ "customerId": customer, "amount": dice.amount(700), "method": "cash" });
            office.post(&format!("{BASE}/receipts"), body).await.expect(201);
        }
        7 => {
            let Some(debt) = dice.pick(&debts) else { return };
            let part = dice.amount(debt.3);
            let body = json!({ "customerId": customer, "amount": part + dice.amount(50) - 1, "method": "transfer",
                "allocations": [{ "entryId": debt.1, "amount": part }] });
            office.post(&format!("{BASE}/receipts"), body).await.expect(201);
        }
        8 => {
            let kinds = ["correction", "discount", "other"];
            let sign = if dice.roll(2) == 0 { 1 } else { -1 };
            let body = json!({ "customerId": customer, "amount": dice.amount(300) * sign,
                "kind": dice.pick(&kinds).unwrap(), "reason": "r" });
            office.post(&format!("{BASE}/adjustments"), body).await.expect(201);
        }
        9 => {
            let credit: i64 = credits.iter().map(|c| -c.3).sum();
            if credit > 0 {
                let body = json!({ "customerId": customer, "amount": dice.amount(credit), "method": "cash" });
                office.post(&format!("{BASE}/refunds"), body).await.expect(201);
            }
        }
        10 => {
            if let (Some(credit), Some(debt)) = (dice.pick(&credits), dice.pick(&debts)) {
                let amount = dice.amount(debt.3.min(-credit.3));
                let body = json!({ "creditEntryId": credit.1, "allocations": [{ "entryId": debt.1, "amount": amount }] });
                office.post(&format!("{BASE}/allocations"), body).await.expect(201);
            }
        }
        _ => undo_something(t, dice, customer).await,
    }
}

/// Undoes an allocation or cancels a receipt, if it may be.
async fn undo_something(t: &TestApp, dice: &mut Dice, customer: domain::CustomerId) {
    let office = t.npp01();
    if dice.roll(3) == 0 {
        let path = format!("{BASE}/receipts?customerId={customer}&pageSize=100");
        let receipts = office.get(&path).await.expect(200);
        let Some(receipt) = dice.pick(receipts["data"].as_array().unwrap()) else { return };
        let path = format!("{BASE}/receipts/{}/cancel", receipt["receiptId"].as_str().unwrap());
        let answer = office.post(&path, json!({ "reason": "nhầm" })).await;
        assert!([200, 409, 422].contains(&answer.status.as_u16()), "{}", answer.status);
    } else {
        let path = format!("{BASE}/allocations?customerId={customer}&pageSize=100");
        let allocations = office.get(&path).await.expect(200);
        let Some(allocation) = dice.pick(allocations["data"].as_array().unwrap()) else { return };
        let path = format!("{BASE}/allocations/{}/undo", allocation["allocationId"].as_str().unwrap());
        let answer = office.post(&path, json!({})).await;
        assert!([200, 409, 422].contains(&answer.status.as_u16()), "{}", answer.status);
    }
}

async fn ageing_is_what_it_was(seed: u64) {
    let t = start().await;
    let mut dice = Dice(seed);
    let mut history = Vec::new();
    for _ in 0..25 {
        for _ in 0..=dice.roll(4) {
            act(&t, &mut dice).await;
        }
        let today = t.app.today();
        history.push((today, aged(&open_items(&t).await, today)));
        t.clock.advance(Duration::days(i64::try_from(dice.roll(9)).unwrap() + 1));
    }
    assert_eq!(findings(&t).await, [""; 0]);
    assert!(history.iter().any(|(_, aged)| aged.values().any(|a| a["days31To60"] != 0)), "a long history");
    for (day, aged) in &history {
        let list = t.npp01().get(&format!("{BASE}/ageing?asOf={day}")).await.expect(200);
        let found: BTreeMap<String, Value> = list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| (c["customerId"].as_str().unwrap().to_owned(), c["amounts"].clone()))
            .collect();
        assert_eq!(&found, aged, "seed {seed}, as of {day}");
        let balance: i64 = aged.values().map(|a| a["balance"].as_i64().unwrap()).sum();
        assert_eq!(list["totals"]["balance"], balance, "seed {seed}, as of {day}");
    }
    for shop in [world::SHOP1, world::SHOP2] {
        statement_agrees(&t, shop, &history).await;
    }
}

/// The statement from any day to any later one opens and closes with the balances of those days.
async fn statement_agrees(
    t: &TestApp,
    shop: domain::CustomerId,
    history: &[(NaiveDate, BTreeMap<String, Value>)],
) {
    let balance = |aged: &BTreeMap<String, Value>| {
        aged.get(&shop.to_string()).map_or(0, |a| a["balance"].as_i64().unwrap())
    };
    for pair in history.windows(6) {
        let ((before, opening), (to, closing)) = (&pair[0], &pair[5]);
        let from = *before + Duration::days(1);
        let path = format!("/api/v1/customers/{shop}/statement?from={from}&to={to}&pageSize=100");
        let statement = t.npp01().get(&path).await.expect(200);
        assert_eq!(statement["opening"], balance(opening), "{from}");
        assert_eq!(statement["closing"], balance(closing), "{to}");
        let mut running = balance(opening);
        for line in statement["data"].as_array().unwrap() {
            running += line["amount"].as_i64().unwrap();
            assert_eq!(line["balance"], running);
        }
        assert_eq!(running, balance(closing));
    }
}

#[tokio::test]
async fn ageing_as_of_a_past_day_is_what_it_was_that_day_1() {
    ageing_is_what_it_was(1).await;
}

#[tokio::test]
async fn ageing_as_of_a_past_day_is_what_it_was_that_day_2() {
    ageing_is_what_it_was(2).await;
}

#[tokio::test]
async fn ageing_as_of_a_past_day_is_what_it_was_that_day_3() {
    ageing_is_what_it_was(3).await;
}
