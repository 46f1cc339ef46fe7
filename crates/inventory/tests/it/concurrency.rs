//! Commands at the same time. They run without the repeats that a deadlock would normally get, so a deadlock, or a
//! lock that is waited for too long, fails the test.

use std::sync::Arc;
use std::time::Duration;

use domain::{ProductId, Quantity};
use inventory::Reason;
use inventory::stock::{self, IssueLine, StockError};
use platform::ApiError;
use test_kit::{TestApp, world};
use tokio::task::JoinSet;

use crate::{balance, findings, issue, issue_line, pieces, posting, receive_line, start};

const TASKS: usize = 8;

/// What one command came to: done, or refused because too little is there. Nothing else may happen.
fn done(result: Result<(), StockError>) -> bool {
    match result {
        Ok(()) => true,
        Err(StockError::Short(_)) => false,
        Err(e) => panic!("{e}"),
    }
}

/// Runs the command in a transaction of its own; a refused one leaves nothing.
macro_rules! attempt {
    ($t:expr, |$tx:ident| $body:expr) => {{
        let mut $tx = $t.app.db.begin(&$t.context("npp01")).await.unwrap();
        let result = $body.await;
        match &result {
            Ok(_) => $tx.commit().await.unwrap(),
            Err(_) => $tx.rollback().await.unwrap(),
        }
        result.map(drop)
    }};
}

/// `TASKS` tasks with `rounds` commands each, all at once; tells how many commands were done.
async fn all_at_once<F: Future<Output = bool> + Send + 'static>(
    t: &Arc<TestApp>,
    rounds: usize,
    command: impl Fn(Arc<TestApp>, usize) -> F + Send + Sync + Clone + 'static,
) -> usize {
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let (t, command) = (t.clone(), command.clone());
        tasks.spawn(async move {
            let mut done = 0;
            for round in 0..rounds {
                done += usize::from(command(t.clone(), task * rounds + round).await);
            }
            done
        });
    }
    tokio::time::timeout(Duration::from_secs(60), tasks.join_all())
        .await
        .expect("no task waits for ever")
        .iter()
        .sum()
}

/// The same products, in an order that differs from command to command.
fn products(i: usize) -> [ProductId; 2] {
    if i.is_multiple_of(2) { [world::MILK, world::SOAP] } else { [world::SOAP, world::MILK] }
}

#[tokio::test(flavor = "multi_thread")]
async fn reservations_at_the_same_time_never_promise_more_than_is_there() {
    let t = Arc::new(start().await);
    let reserved = all_at_once(&t, 5, async |t: Arc<TestApp>, i| {
        let wanted = products(i).map(|p| (p, pieces(7)));
        done(attempt!(t, |tx| stock::reserve(&mut tx, world::NPP01, world::MAIN1, &wanted, None)))
    })
    .await;
    // 240 of soap, 7 each.
    assert_eq!(reserved, 34);
    assert_eq!(balance(&t, world::SOAP).await, (240, 238));
    assert_eq!(balance(&t, world::MILK).await, (600, 238));
}

#[tokio::test(flavor = "multi_thread")]
async fn issues_at_the_same_time_never_sell_more_than_is_there() {
    let t = Arc::new(start().await);
    let issued = all_at_once(&t, 5, async |t: Arc<TestApp>, i| {
        let lines = products(i).map(|p| issue_line(1, p, 7));
        done(attempt!(t, |tx| issue(&mut tx, &posting("PX"), &lines)))
    })
    .await;
    assert_eq!(issued, 34);
    assert_eq!(balance(&t, world::SOAP).await, (2, 0));
    assert_eq!(balance(&t, world::MILK).await, (362, 0));
    assert_eq!(findings(&t).await, [""; 0]);
}

/// Receives into new and known lots of products new and known to the warehouse.
async fn receive(t: &TestApp, i: usize, n: i64) -> Result<(), StockError> {
    let products = products(i).into_iter().chain([world::WATER]);
    let lines: Vec<_> = products.map(|p| receive_line(p, &format!("L{n}"), None, n)).collect();
    attempt!(t, |tx| stock::receive(&mut tx, &posting("PN"), Reason::Receipt, &lines))
}

/// Reserves, then issues what was reserved.
async fn order(t: &TestApp, i: usize, n: i64) -> Result<(), StockError> {
    let wanted = products(i).map(|p| (p, pieces(n)));
    attempt!(t, |tx| stock::reserve(&mut tx, world::NPP01, world::MAIN1, &wanted, None))?;
    let lines = wanted.map(|(p, reserved)| IssueLine { reserved, ..issue_line(1, p, n) });
    attempt!(t, |tx| issue(&mut tx, &posting("PX"), &lines))
}

/// Reserves, then gives it back.
async fn withdrawn_order(t: &TestApp, i: usize, n: i64) -> Result<(), StockError> {
    let wanted = products(i).map(|p| (p, pieces(n)));
    attempt!(t, |tx| stock::reserve(&mut tx, world::NPP01, world::MAIN1, &wanted, None))?;
    attempt!(t, |tx| stock::release(&mut tx, world::NPP01, world::MAIN1, &wanted))
}

/// One product in, the other out.
async fn adjust(t: &TestApp, i: usize, n: i64) -> Result<(), StockError> {
    let [incoming, outgoing] = products(i);
    let incoming = [receive_line(incoming, "ADJ", None, n)];
    let outgoing = [receive_line(outgoing, "", None, n * 8)];
    attempt!(t, |tx| stock::adjust(&mut tx, &posting("DC"), Reason::Adjustment, &incoming, &outgoing))
}

#[tokio::test(flavor = "multi_thread")]
async fn after_any_mix_at_the_same_time_the_balances_equal_the_ledger() {
    let t = Arc::new(start().await);
    let did = all_at_once(&t, 8, async |t: Arc<TestApp>, i| {
        let n = i64::try_from(i % 5 + 1).unwrap();
        done(match i / 2 % 4 {
            0 => receive(&t, i, n).await,
            1 => order(&t, i, n * 9).await,
            2 => withdrawn_order(&t, i, n * 11).await,
            _ => adjust(&t, i, n).await,
        })
    })
    .await;
    assert!(did > TASKS, "only {did} commands were done");
    assert_eq!(findings(&t).await, [""; 0]);
    for product in [world::MILK, world::SOAP, world::WATER] {
        let (on_hand, reserved) = balance(&t, product).await;
        assert!(on_hand >= 0 && reserved == 0, "{product}: {on_hand}, {reserved}");
    }
}

#[tokio::test]
async fn a_shortage_tells_what_is_missing_to_the_client() {
    let error = StockError::Short(vec![stock::Shortage {
        product_id: world::MILK,
        wanted: pieces(5),
        available: Quantity::ZERO,
        not_expiring_before: None,
    }]);
    let problem = ApiError::from(error).problem(platform::Language::En, "t");
    assert_eq!(problem.status, 422);
    assert_eq!(
        problem.extra["shortages"],
        serde_json::json!([{ "productId": world::MILK, "wanted": 5, "available": 0 }])
    );
}
