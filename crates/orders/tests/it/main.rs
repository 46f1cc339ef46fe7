//! Order to cash through the API, on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod decide;
mod edit;
mod fulfil;
mod given_back;
mod issue;
mod locks;
mod papers;
mod parts;
mod pins;
mod place;
mod policies;
mod prints;
mod returns;
mod review;
mod sellers;
mod speed;
mod split;
mod split_returns;
mod usage;
mod van;

use serde_json::{Value, json};
use test_kit::{TestApp, world};

/// Buy 12 boxes of milk, get 1; every 12.
const PROMOTION: &str = "00000000-0000-0000-0000-00000000a001";

async fn app() -> TestApp {
    let t = TestApp::start(orders::router()).await;
    let definition = json!({
        "automatic": true,
        "kind": {
            "type": "product",
            "products": [world::MILK],
            "basis": "pieces",
            "tiers": [{"atLeast": 12, "reward": {"type": "freeGoods", "quantity": 1, "unit": "retail", "perMultiple": true}}]
        }
    });
    sqlx::query(
        "insert into promotions (id, code, name, search_key, valid_from, valid_to, status, definition, created_at, updated_at)
         values ($1, 'KM01', 'Mua 12 tặng 1', 'mua 12 tang 1', '2026-01-01', '2026-12-31', 'active', $2, now(), now())",
    )
    .bind(PROMOTION.parse::<uuid::Uuid>().unwrap())
    .bind(definition)
    .execute(&mut t.database.owner().await)
    .await
    .unwrap();
    t
}

/// 12 boxes of milk and a case of soap for the first shop.
fn order() -> Value {
    json!({
        "orderType": "PreSales",
        "customerId": world::SHOP1,
        "items": [
            {"productId": world::MILK, "quantity": 12, "unit": "retail"},
            {"productId": world::SOAP, "quantity": 1, "unit": "whole"}
        ]
    })
}

/// Places an order as the first rep; gives its id.
/// A rep's open visit to the first shop.
async fn visit(t: &TestApp, rep: domain::UserId) -> uuid::Uuid {
    let visit = uuid::Uuid::now_v7();
    sqlx::query(
        "insert into visits (distributor_id, id, customer_id, user_id, visit_type, business_date, check_in_at, latitude,
           longitude, received_at)
         select distributor_id, $1, id, $2, 'OffRoute', '2026-08-06', $3, 10.7, 106.7, $3 from customers where id = $4",
    )
    .bind(visit)
    .bind(rep.uuid())
    .bind(world::now())
    .bind(world::SHOP1.uuid())
    .execute(&mut t.database.owner().await)
    .await
    .unwrap();
    visit
}

async fn placed(t: &TestApp, body: Value) -> String {
    t.rep1().post("/api/v1/orders", body).await.expect(201)["orderId"].as_str().unwrap().to_owned()
}

/// Nothing anywhere contradicts anything else.
async fn assert_sound(t: &TestApp) {
    let mut owner = t.database.owner().await;
    assert_eq!(orders::verify(&mut owner).await.unwrap(), []);
    assert_eq!(inventory::verify(&mut owner).await.unwrap(), []);
    assert_eq!(receivables::verify(&mut owner).await.unwrap(), []);
    assert_eq!(promotions::verify(&mut owner).await.unwrap(), []);
}
