//! Debts against a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod ageing;
mod balances;
mod concurrency;
mod hand_overs;
mod history;
mod lists;
mod money;
mod posting;
mod prints;
mod receipts;
mod verify;

use chrono::{Days, NaiveDate};
use domain::{CustomerId, DocumentId, Money, ReceivableEntryId};
use receivables::EntryKind;
use receivables::ledger::{self, Charge, Credit};
use test_kit::{TestApp, world};
use uuid::Uuid;

async fn start() -> TestApp {
    TestApp::start(receivables::router()).await
}

/// The day so many days after the world's.
fn day(offset: i64) -> NaiveDate {
    let days = Days::new(offset.unsigned_abs());
    if offset < 0 { world::today() - days } else { world::today() + days }
}

/// An invoice of the first distributor's first outlet, of today, due in so many days.
fn invoice(number: &str, amount: i64, due_in: i64) -> Charge<'_> {
    Charge {
        distributor: world::NPP01,
        customer: world::SHOP1,
        kind: EntryKind::Invoice,
        amount: Money::new(amount),
        document_id: DocumentId::new(Uuid::now_v7()),
        number,
        business_date: world::today(),
        due_date: day(due_in),
        at: world::now(),
        actor: world::NPP01_ADMIN,
    }
}

/// Goods of the first outlet that came back today.
fn returned(number: &str, amount: i64) -> Credit<'_> {
    Credit {
        distributor: world::NPP01,
        customer: world::SHOP1,
        kind: EntryKind::Return,
        amount: Money::new(amount),
        document_id: DocumentId::new(Uuid::now_v7()),
        number,
        business_date: world::today(),
        at: world::now(),
        actor: world::NPP01_ADMIN,
    }
}

/// Posts the invoices as the distributor's admin; gives their entries.
async fn post(t: &TestApp, charges: &[Charge<'_>]) -> Vec<ReceivableEntryId> {
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let mut entries = Vec::new();
    for charge in charges {
        entries.push(ledger::charge(&mut tx, charge).await.unwrap().entry_id);
    }
    tx.commit().await.unwrap();
    entries
}

/// What a customer owes.
async fn balance(t: &TestApp, customer: CustomerId) -> i64 {
    sqlx::query_scalar("select balance from customer_balances where customer_id = $1")
        .bind(customer.uuid())
        .fetch_optional(&mut t.database.owner().await)
        .await
        .unwrap()
        .unwrap_or_default()
}

/// What the verification finds.
async fn findings(t: &TestApp) -> Vec<String> {
    let mut tx = t.app.db.begin(&db::Context::system("test")).await.unwrap();
    receivables::verify(&mut tx).await.unwrap().iter().map(ToString::to_string).collect()
}
