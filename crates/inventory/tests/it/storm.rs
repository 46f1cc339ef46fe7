//! 32 writers over a few products, doing everything at once. They run without the repeats that a deadlock would normally
//! get, so a deadlock, or a lock that is waited for too long, fails the test.

use std::sync::Arc;
use std::time::Duration;

use domain::{DistributorId, DocumentId, ProductId, WarehouseId};
use inventory::Reason;
use inventory::stock::{self, IssueLine, Posting, StockError};
use serde_json::{Value, json};
use test_kit::{TestApp, world};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::transfers::vans;
use crate::{findings, issue, issue_line, pieces, posting_in, receive_line, start};

const WRITERS: usize = 32;
const ROUNDS: usize = 6;
const D: DistributorId = world::NPP01;

fn products(i: usize) -> [ProductId; 3] {
    let mut products = [world::MILK, world::SOAP, world::WATER];
    products.rotate_left(i % 3);
    if i.is_multiple_of(2) {
        products.reverse();
    }
    products
}

fn posting(warehouse: WarehouseId) -> Posting<'static> {
    Posting { document_id: DocumentId::new(Uuid::now_v7()), ..posting_in(D, warehouse, "TEST") }
}

/// Commits what was done; what was refused leaves nothing. Only these refusals may happen.
async fn settle(tx: db::Tx, result: Result<(), StockError>) -> bool {
    match result {
        Ok(()) => {
            tx.commit().await.unwrap();
            true
        }
        Err(StockError::Short(_) | StockError::Counting { .. }) => {
            tx.rollback().await.unwrap();
            false
        }
        Err(e) => panic!("{e}"),
    }
}

async fn receive(t: &TestApp, warehouse: WarehouseId, i: usize) {
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let lines = products(i).map(|p| receive_line(p, &format!("L{}", i % 4), None, 5));
    let result = stock::receive(&mut tx, &posting(warehouse), Reason::Receipt, &lines).await;
    settle(tx, result).await;
}

/// Reserves, then issues what was reserved, or gives it back when the warehouse is being counted.
async fn order(t: &TestApp, warehouse: WarehouseId, i: usize) {
    let wanted = products(i).map(|p| (p, pieces(3)));
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let result = stock::reserve(&mut tx, D, warehouse, &wanted, None).await;
    if !settle(tx, result).await {
        return;
    }
    let lines = wanted.map(|(p, reserved)| IssueLine { reserved, ..issue_line(1, p, 3) });
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let result = issue(&mut tx, &posting(warehouse), &lines).await.map(drop);
    if !settle(tx, result).await {
        let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
        let result = stock::release(&mut tx, D, warehouse, &wanted).await;
        assert!(settle(tx, result).await);
    }
}

/// The answer's body when it was done; a refusal must be one of those that can happen.
async fn command(t: &TestApp, path: &str, body: Value) -> Option<Value> {
    let answer = t.npp01().post(path, body).await;
    match answer.status.as_u16() {
        200 | 201 => Some(answer.json()),
        409 | 422 => {
            let problem = answer.json();
            let code = problem["code"].as_str().unwrap();
            let usual = [
                "inventory.short",
                "inventory.counting",
                "inventory.count_open",
                "inventory.count_below_reserved",
            ];
            assert!(usual.contains(&code), "{code}");
            None
        }
        other => panic!("{other}: {}", answer.json()),
    }
}

async fn transfer(t: &TestApp, from: WarehouseId, to: WarehouseId, i: usize) {
    let lines = products(i).map(|p| json!({ "productId": p, "quantity": 2, "unit": "retail" }));
    let two_step = i.is_multiple_of(2);
    let body = json!({ "fromWarehouseId": from, "toWarehouseId": to, "twoStep": two_step, "lines": lines });
    let Some(made) = command(t, "/api/v1/inventory/transfers", body).await else { return };
    if two_step {
        let one = format!("/api/v1/inventory/transfers/{}", made["transferId"].as_str().unwrap());
        let end = if i.is_multiple_of(4) { "receive" } else { "cancel" };
        // While a warehouse is counted the shipment stays in transit, and the verification knows of it.
        command(t, &format!("{one}/{end}"), json!({})).await;
    }
}

async fn count(t: &TestApp, warehouse: WarehouseId, i: usize) {
    let body = json!({ "warehouseId": warehouse, "freeze": true });
    let Some(made) = command(t, "/api/v1/inventory/counts", body).await else { return };
    let one = format!("/api/v1/inventory/counts/{}", made["countId"].as_str().unwrap());
    if let Some(line) = made["lines"].as_array().unwrap().get(i % 3) {
        let found = json!({ "productId": line["productId"], "lotId": line["lotId"],
                            "quantity": line["system"].as_i64().unwrap() + 1 });
        t.npp01().put(&format!("{one}/lines"), json!({ "lines": [found] })).await.expect(200);
    }
    command(t, &format!("{one}/close"), json!({})).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_writers_never_lock_each_other_out_and_every_balance_stays_right() {
    let t = Arc::new(start().await);
    let vans = vans(&t).await.map(|van| van.parse::<WarehouseId>().unwrap());
    let mut tasks = JoinSet::new();
    for writer in 0..WRITERS {
        let t = t.clone();
        tasks.spawn(async move {
            for round in 0..ROUNDS {
                let i = writer + round * 7;
                let van = vans[i % 2];
                match i % 8 {
                    0 | 1 => receive(&t, world::MAIN1, i).await,
                    2 | 3 => order(&t, world::MAIN1, i).await,
                    4 => transfer(&t, world::MAIN1, van, i / 2).await,
                    5 => transfer(&t, van, world::MAIN1, i / 2).await,
                    6 => transfer(&t, vans[0], vans[1], i / 2).await,
                    _ => count(&t, if i.is_multiple_of(3) { van } else { world::MAIN1 }, i).await,
                }
            }
        });
    }
    tokio::time::timeout(Duration::from_secs(120), async {
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
    })
    .await
    .expect("no writer waits for ever");
    assert_eq!(findings(&t).await, [""; 0]);
    let open: i64 = sqlx::query_scalar("select count(*) from stock_counts where status = 'Open'")
        .fetch_one(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(open, 0);
    // Commands on the API are repeated after a deadlock; the server counts them.
    let deadlocks: i64 =
        sqlx::query_scalar("select deadlocks from pg_stat_database where datname = current_database()")
            .fetch_one(&mut t.database.owner().await)
            .await
            .unwrap();
    assert_eq!(deadlocks, 0);
}
