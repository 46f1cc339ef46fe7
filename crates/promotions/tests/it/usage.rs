//! Budgets and the parts of customers, under many hands.

use domain::pricing::{Limits, Promotion, PromotionUse, Used};
use domain::{CustomerId, DistributorId, DocumentId, Money, PromotionId, Quantity};
use promotions::{Booking, UsageError, UsageKind, book_usage, release_usage, usage};
use serde_json::{Value, json};
use test_kit::{TestApp, world};
use uuid::Uuid;

use crate::{activated, start, twelve_get_one};

fn with_budget(code: &str, budget: Value, per_customer: Value) -> Value {
    let mut body = twelve_get_one(code);
    (body["budget"], body["perCustomer"]) = (budget, per_customer);
    body
}

fn document(n: u128) -> DocumentId {
    DocumentId::new(Uuid::from_u128(n))
}

fn gifts(promotion: PromotionId, times: i64) -> Vec<PromotionUse> {
    let used = Used { times, amount: Money::new(10_000 * times), quantity: Quantity::new(times) };
    vec![PromotionUse { promotion_id: promotion, used }]
}

async fn rules(t: &TestApp) -> Vec<Promotion> {
    let mut tx = t.app.db.read(&t.context("admin")).await.unwrap();
    promotions::store::active(&mut tx, world::today()).await.unwrap()
}

/// Books in a transaction of its own, as the distributor's admin.
async fn book(
    t: &TestApp,
    rules: &[Promotion],
    (distributor, customer): (DistributorId, CustomerId),
    document: DocumentId,
    times: i64,
) -> Result<(), UsageError> {
    let who = if distributor == world::NPP01 { "npp01" } else { "npp02" };
    let mut tx = t.app.db.begin(&t.context(who)).await.unwrap();
    let booking = Booking {
        distributor,
        customer,
        kind: UsageKind::Order,
        document,
        business_date: world::today(),
        at: world::now(),
        actor: world::NPP01_ADMIN,
    };
    let booked = book_usage(&mut tx, &booking, rules, &gifts(rules[0].id, times)).await;
    tx.commit().await.unwrap();
    booked
}

async fn left(t: &TestApp, rules: &[Promotion], customer: CustomerId) -> (Limits, Limits) {
    let mut tx = t.app.db.read(&t.context("npp01")).await.unwrap();
    let usage = usage(&mut tx, world::NPP01, customer, rules, None).await.unwrap();
    let facts = usage.0[&rules[0].id];
    (facts.budget_left, facts.customer_left)
}

async fn is_sound(t: &TestApp) -> bool {
    let mut tx = t.app.db.read(&t.context("admin")).await.unwrap();
    promotions::verify(&mut tx).await.unwrap().is_empty()
}

const SHOP1: (DistributorId, CustomerId) = (world::NPP01, world::SHOP1);
const SHOP2: (DistributorId, CustomerId) = (world::NPP01, world::SHOP2);
const SHOP21: (DistributorId, CustomerId) = (world::NPP02, world::SHOP21);

#[tokio::test]
async fn a_budget_is_shared_by_all_distributors_and_given_back() {
    let t = start().await;
    activated(&t, with_budget("KM01", json!({"times": 10}), json!({"quantity": 6}))).await;
    let rules = rules(&t).await;
    book(&t, &rules, SHOP1, document(1), 4).await.unwrap();
    book(&t, &rules, SHOP21, document(2), 3).await.unwrap();
    let (budget, part) = left(&t, &rules, world::SHOP1).await;
    assert_eq!((budget.times, part.quantity), (Some(3), Some(Quantity::new(2))));
    assert_eq!(left(&t, &rules, world::SHOP2).await.1.quantity, Some(Quantity::new(6)));
    assert!(is_sound(&t).await);

    let id = rules[0].id;
    let shown = t.admin().get(&format!("/api/v1/promotions/{id}")).await.expect(200);
    assert_eq!(shown["budgetUsed"], json!({"times": 7, "amount": 70_000, "quantity": 7}));

    for _ in 0..2 {
        let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
        let (day, at) = (world::today(), world::now());
        release_usage(&mut tx, world::NPP01, document(1), day, at, world::NPP01_ADMIN).await.unwrap();
        tx.commit().await.unwrap();
    }
    let (budget, part) = left(&t, &rules, world::SHOP1).await;
    assert_eq!((budget.times, part.quantity), (Some(7), Some(Quantity::new(6))), "given back once");
    assert!(is_sound(&t).await);
}

#[tokio::test]
async fn what_is_not_left_is_not_booked_and_leaves_no_trace() {
    let t = start().await;
    activated(&t, with_budget("KM01", json!({"amount": 50_000}), json!({"times": 2}))).await;
    let rules = rules(&t).await;
    let short = |result: Result<(), UsageError>| matches!(result, Err(UsageError::Short(ids)) if ids[0] == rules[0].id);
    assert!(short(book(&t, &rules, SHOP1, document(1), 3).await), "more than the customer's part");
    assert_eq!(left(&t, &rules, world::SHOP1).await.0.amount, Some(Money::new(50_000)));
    book(&t, &rules, SHOP1, document(2), 2).await.unwrap();
    book(&t, &rules, SHOP2, document(3), 2).await.unwrap();
    assert!(short(book(&t, &rules, SHOP21, document(4), 2).await), "more than the budget");
    book(&t, &rules, SHOP21, document(5), 1).await.unwrap();
    assert_eq!(left(&t, &rules, world::SHOP1).await.0.amount, Some(Money::ZERO));
    assert!(is_sound(&t).await);
}

#[tokio::test]
async fn orders_that_race_for_the_last_of_a_budget_never_exceed_it() {
    let t = start().await;
    activated(&t, with_budget("KM01", json!({"times": 7}), json!({}))).await;
    let rules = rules(&t).await;
    let buyers = [SHOP1, SHOP2, SHOP21];
    let mut racing = tokio::task::JoinSet::new();
    let t = std::sync::Arc::new(t);
    for n in 0..24_u128 {
        let (t, rules) = (t.clone(), rules.clone());
        let buyer = buyers[usize::try_from(n).unwrap() % 3];
        racing.spawn(async move { book(&t, &rules, buyer, document(n + 1), 1).await.is_ok() });
    }
    let booked = racing.join_all().await.into_iter().filter(|booked| *booked).count();
    assert_eq!(booked, 7);
    assert_eq!(left(&t, &rules, world::SHOP1).await.0.times, Some(0));
    assert!(is_sound(&t).await);
}

#[tokio::test]
async fn a_budget_that_is_set_later_counts_what_was_used_before() {
    let t = start().await;
    let made = activated(&t, twelve_get_one("KM01")).await;
    let before = rules(&t).await;
    book(&t, &before, SHOP1, document(1), 4).await.unwrap();
    let url = format!("/api/v1/promotions/{}", made["id"].as_str().unwrap());
    let mut body = with_budget("KM01", json!({"times": 5}), json!({}));
    body["version"] = made["version"].clone();
    let changed = t.admin().put(&url, body).await.expect(200);
    assert_eq!(changed["budgetUsed"]["times"], 4);
    let after = rules(&t).await;
    assert_eq!(left(&t, &after, world::SHOP2).await.0.times, Some(1));
    assert!(is_sound(&t).await);
}

#[tokio::test]
async fn a_changed_total_is_named() {
    let t = start().await;
    activated(&t, with_budget("KM01", json!({"times": 10}), json!({"times": 6}))).await;
    let rules = rules(&t).await;
    book(&t, &rules, SHOP1, document(1), 4).await.unwrap();
    let names = async |statement: &'static str| {
        let mut tx = t.app.db.begin(&t.context("admin")).await.unwrap();
        sqlx::query(statement).execute(&mut *tx).await.unwrap();
        let found = promotions::verify(&mut tx).await.unwrap();
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let budget = names("update promotion_budgets set times = times + 1").await;
    assert_eq!(budget, ["promotions.budget: times of KM01: expected 4, found 5"]);
    let customer = names("update promotion_customer_totals set amount = 0").await;
    let npp = world::NPP01;
    assert_eq!(
        customer,
        [format!(
            "promotions.customer: amount of KM01 / KH001 of distributor {npp}: expected 40000, found 0"
        )]
    );
    assert_eq!(names("delete from promotion_budgets").await.len(), 1);
}
