//! Stock against a real PostgreSQL.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests stop the test")]

mod adjustments;
mod concurrency;
mod counts;
mod files;
mod picking;
mod posting;
mod prints;
mod receipts;
mod stock;
mod storm;
mod transfers;
mod verify;
mod warehouses;

use chrono::NaiveDate;
use domain::{DistributorId, DocumentId, Money, ProductId, Quantity, Unit, WarehouseId};
use inventory::stock::{IssueLine, Pick, PickedLot, Posting, ReceiveLine, StockError, Unnumbered};
use test_kit::{TestApp, world};
use uuid::Uuid;

async fn start() -> TestApp {
    TestApp::start(inventory::router()).await
}

/// A posting of the first distributor's main warehouse.
fn posting(number: &str) -> Posting<'_> {
    posting_in(world::NPP01, world::MAIN1, number)
}

fn posting_in(distributor: DistributorId, warehouse: WarehouseId, number: &str) -> Posting<'_> {
    Posting {
        distributor,
        warehouse,
        document_id: DocumentId::new(Uuid::now_v7()),
        number,
        business_date: world::today(),
        at: world::now(),
        actor: world::NPP01_ADMIN,
    }
}

/// Picks and issues at once.
async fn issue(
    c: &mut db::PgConnection,
    of: &Posting<'_>,
    lines: &[IssueLine],
) -> Result<Vec<PickedLot>, StockError> {
    let document = Unnumbered {
        distributor: of.distributor,
        warehouse: of.warehouse,
        document_id: of.document_id,
        business_date: of.business_date,
        at: of.at,
        actor: of.actor,
    };
    let picked = inventory::stock::pick(c, document, lines).await?;
    let lots = picked.lots().to_vec();
    picked.issue(c, of.number).await?;
    Ok(lots)
}

fn pieces(n: i64) -> Quantity {
    Quantity::new(n)
}

/// A line of pieces, not reserved, with values of 10,000, 8,000 and 9,000 a piece.
fn issue_line(line_no: i32, product_id: ProductId, n: i64) -> IssueLine {
    IssueLine {
        line_no,
        product_id,
        pieces: pieces(n),
        typed_quantity: n,
        unit: Unit::Retail,
        selling_value: Money::new(10_000 * n),
        cost_value: Money::new(8_000 * n),
        sold_value: Money::new(9_000 * n),
        reserved: Quantity::ZERO,
        pick: Pick::Fefo { not_expiring_before: None },
    }
}

fn receive_line(product_id: ProductId, lot: &str, expiry: Option<NaiveDate>, n: i64) -> ReceiveLine {
    ReceiveLine {
        product_id,
        lot_number: lot.to_owned(),
        expiry,
        pieces: pieces(n),
        typed_quantity: n,
        unit: Unit::Retail,
        selling_value: Money::new(10_000 * n),
        cost_value: Money::new(8_000 * n),
        sold_value: Money::ZERO,
    }
}

/// On hand and reserved of a product in the first distributor's main warehouse.
async fn balance(t: &TestApp, product: ProductId) -> (i64, i64) {
    let mut c = t.database.owner().await;
    sqlx::query_as("select on_hand, reserved from stock_items where warehouse_id = $1 and product_id = $2")
        .bind(world::MAIN1.uuid())
        .bind(product.uuid())
        .fetch_optional(&mut c)
        .await
        .unwrap()
        .unwrap_or_default()
}

/// What the verification finds.
async fn findings(t: &TestApp) -> Vec<String> {
    let mut tx = t.app.db.begin(&db::Context::system("test")).await.unwrap();
    inventory::verify(&mut tx).await.unwrap().iter().map(ToString::to_string).collect()
}
