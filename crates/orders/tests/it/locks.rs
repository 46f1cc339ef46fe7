//! Totals of promotions are locked in one order, whatever changes them.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Answer, TestApp, world};
use uuid::Uuid;

use crate::parts::invoiced;
use crate::{PROMOTION, app, assert_sound, order, placed};

/// 12 pieces of soap give one; after the promotion of milk in the order of promotions.
const OF_SOAP: &str = "00000000-0000-0000-0000-00000000a002";

/// Both promotions have a budget.
async fn budgets() -> TestApp {
    let t = app().await;
    let mut owner = t.database.owner().await;
    sqlx::query(
        "insert into promotions (id, code, name, search_key, valid_from, valid_to, status, definition, created_at, updated_at)
         select $1, 'KM02', 'Xà phòng', 'xa phong', valid_from, valid_to, status,
           jsonb_set(definition, '{kind,products}', jsonb_build_array($2::uuid)), created_at, updated_at from promotions",
    )
    .bind(id(OF_SOAP))
    .bind(world::SOAP.uuid())
    .execute(&mut owner)
    .await
    .unwrap();
    sqlx::query(r#"update promotions set definition = definition || '{"budget": {"quantity": 100}}'"#)
        .execute(&mut owner)
        .await
        .unwrap();
    sqlx::query("insert into promotion_budgets select id, 0, 0, 0 from promotions")
        .execute(&mut owner)
        .await
        .unwrap();
    t
}

fn id(id: &str) -> Uuid {
    id.parse().unwrap()
}

fn items(lines: &[(domain::ProductId, i64)]) -> Value {
    lines
        .iter()
        .map(|(product, pieces)| json!({"productId": product, "quantity": pieces, "unit": "retail"}))
        .collect()
}

fn of(product: domain::ProductId) -> Value {
    let mut body = order();
    body["items"] = items(&[(product, 12)]);
    body
}

/// While somebody else holds the budget of milk, the request waits without holding that of soap; then it goes on.
async fn waits_for_the_first_holding_no_other(t: &TestApp, request: impl Future<Output = Answer>) -> Answer {
    let (mut other, mut watch) = (t.database.owner().await, t.database.owner().await);
    sqlx::query("begin").execute(&mut other).await.unwrap();
    let lock = "select promotion_id from promotion_budgets where promotion_id = $1 for update skip locked";
    sqlx::query(lock).bind(id(PROMOTION)).fetch_one(&mut other).await.unwrap();
    let look = async {
        let waiting = "select exists (select from pg_locks l join pg_stat_activity a using (pid)
                       where a.datname = current_database() and not l.granted)";
        while !sqlx::query_scalar::<_, bool>(waiting).fetch_one(&mut watch).await.unwrap() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let free = sqlx::query(lock).bind(id(OF_SOAP)).fetch_optional(&mut watch).await.unwrap().is_some();
        sqlx::query("commit").execute(&mut other).await.unwrap();
        free
    };
    let (answer, free) = tokio::join!(request, look);
    assert!(free, "it held the second while it waited for the first");
    answer
}

#[tokio::test]
async fn an_edit_locks_what_it_releases_and_what_it_books_in_one_go() {
    let t = budgets().await;
    let path = format!("/api/v1/orders/{}", placed(&t, of(world::SOAP)).await);
    let edit = json!({"version": 1, "items": items(&[(world::SOAP, 12), (world::MILK, 12)])});
    let rep = t.rep1();
    waits_for_the_first_holding_no_other(&t, rep.put(&path, edit)).await.expect(200);
    assert_sound(&t).await;
}

#[tokio::test]
async fn a_return_of_goods_of_two_orders_locks_what_both_used_in_one_go() {
    let t = budgets().await;
    let (invoice, _) = invoiced(&t, &[of(world::SOAP), of(world::MILK)]).await;
    t.npp01().post(&format!("{invoice}/issue"), json!({})).await.expect(200);
    let line = |line_no: i32, pieces: i64| json!({"invoiceLineNo": line_no, "quantity": pieces, "unit": "retail", "condition": "saleable"});
    let body = json!({"invoiceId": invoice.rsplit('/').next(), "customerId": world::SHOP1, "reason": "x",
        "lines": [line(1, 12), line(2, 1), line(3, 12), line(4, 1)]});
    let ret = t.npp01().post("/api/v1/returns", body).await.expect(201);
    let path = format!("/api/v1/returns/{}", ret["returnId"].as_str().unwrap());
    t.npp01().post(&format!("{path}/approve"), json!({})).await.expect(200);
    let (office, receive) = (t.npp01(), format!("{path}/receive"));
    waits_for_the_first_holding_no_other(&t, office.post(&receive, json!({}))).await.expect(200);
    assert_sound(&t).await;
}
