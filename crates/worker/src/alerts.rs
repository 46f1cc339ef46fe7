use chrono::{Days, NaiveDate};
use db::{Context, outbox};
use domain::{DistributorId, EventId, Money, UserId};
use platform::App;
use serde::Serialize;
use uuid::Uuid;

use crate::store::alerts::{self as store, LowItem, NearItem, OverdueCustomer};
use crate::store::report;

/// A lot is near its end so many days before.
pub const NEAR_EXPIRY_DAYS: u32 = 60;
/// An event names so many things; how many there are it says too.
const NAMED: usize = 20;

/// What is told for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Raised {
    /// Products of a warehouse that have become low.
    pub low: usize,
    /// Lots of a warehouse that have come near their end.
    pub near_expiry: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LowStock<'a> {
    distributor_id: DistributorId,
    business_date: NaiveDate,
    count: usize,
    items: &'a [LowItem],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NearExpiry<'a> {
    distributor_id: DistributorId,
    business_date: NaiveDate,
    days: u32,
    count: usize,
    items: &'a [NearItem],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DebtOverdue<'a> {
    distributor_id: DistributorId,
    rep_id: Option<UserId>,
    rep_name: Option<&'a str>,
    business_date: NaiveDate,
    customers: usize,
    amount: Money,
    items: Vec<&'a OverdueCustomer>,
}

fn event<'a, P: Serialize>(
    kind: &'static str,
    distributor: DistributorId,
    payload: &'a P,
) -> outbox::Event<'a, P> {
    outbox::Event {
        id: EventId::new(Uuid::now_v7()),
        kind,
        aggregate: distributor.uuid(),
        distributor: Some(distributor),
        unit: None,
        user: None,
        payload,
    }
}

/// Tells each distributor which goods have become low and which lots have come near their end since the last look: each
/// once, until it is over.
///
/// # Errors
/// When the database refuses; what was told stays so.
pub async fn stock_alerts(app: &App) -> Result<Raised, sqlx::Error> {
    let cx = Context::system("stock alerts");
    let (now, today) = (app.now(), app.today());
    let until = today.checked_add_days(Days::new(u64::from(NEAR_EXPIRY_DAYS))).unwrap_or(NaiveDate::MAX);
    let mut raised = Raised::default();
    for distributor in distributors(app, &cx).await? {
        let mut tx = app.db.begin(&cx).await?;
        store::delete_over(&mut tx, distributor, until).await?;
        let low = store::insert_low(&mut tx, distributor, now).await?;
        if !low.is_empty() {
            let items = &low[..low.len().min(NAMED)];
            let payload =
                LowStock { distributor_id: distributor, business_date: today, count: low.len(), items };
            outbox::push(&mut tx, &cx, now, event("LowStock", distributor, &payload)).await?;
        }
        let near = store::insert_near(&mut tx, distributor, until, now).await?;
        if !near.is_empty() {
            let payload = NearExpiry {
                distributor_id: distributor,
                business_date: today,
                days: NEAR_EXPIRY_DAYS,
                count: near.len(),
                items: &near[..near.len().min(NAMED)],
            };
            outbox::push(&mut tx, &cx, now, event("NearExpiry", distributor, &payload)).await?;
        }
        tx.commit().await?;
        raised.low += low.len();
        raised.near_expiry += near.len();
    }
    Ok(raised)
}

/// Tells each rep, and the distributor, which customers owe something that has become overdue since the last look; gives
/// how many customers there are.
///
/// # Errors
/// When the database refuses; what was told stays so.
pub async fn overdue_debts(app: &App) -> Result<usize, sqlx::Error> {
    let cx = Context::system("overdue debts");
    let (now, today) = (app.now(), app.today());
    let mut customers = 0;
    for distributor in distributors(app, &cx).await? {
        let mut tx = app.db.begin(&cx).await?;
        let overdue = store::insert_overdue(&mut tx, distributor, today, now).await?;
        customers += overdue.len();
        // They come in the order of their reps.
        for of_rep in overdue.chunk_by(|a, b| a.rep_id == b.rep_id) {
            let Some(first) = of_rep.first() else { continue };
            let amount =
                of_rep.iter().fold(0_i64, |sum, customer| sum.saturating_add(customer.amount.dong()));
            let payload = DebtOverdue {
                distributor_id: distributor,
                rep_id: first.rep_id,
                rep_name: first.rep_name.as_deref(),
                business_date: today,
                customers: of_rep.len(),
                amount: Money::new(amount),
                items: of_rep.iter().take(NAMED).collect(),
            };
            let event = outbox::Event { user: first.rep_id, ..event("DebtOverdue", distributor, &payload) };
            outbox::push(&mut tx, &cx, now, event).await?;
        }
        tx.commit().await?;
    }
    Ok(customers)
}

async fn distributors(app: &App, cx: &Context) -> Result<Vec<DistributorId>, sqlx::Error> {
    let mut tx = app.db.lookup(cx).await?;
    report::list_distributors(&mut tx).await
}
