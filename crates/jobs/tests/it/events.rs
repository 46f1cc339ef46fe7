use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::TimeDelta;

use crate::support::{
    Ears, Notes, Process, WARM_UP, assert_each_once_in_order, count, noted, push, push_kind, push_together,
    start, start_and_warm_up, until, until_noted,
};

#[tokio::test]
async fn each_event_takes_effect_once_for_each_consumer_in_order_though_several_processes_are_at_it() {
    let t = start().await;
    let consumers = [Notes::new("orders"), Notes::new("notifications")];
    let other = t.database.pools().await;
    let _processes =
        [Process::start(&t, &t.app.db, &consumers, None), Process::start(&t, &other, &consumers, None)];
    for n in 0..400 {
        push(&t, n as u128 % 20, n, "").await;
    }
    for consumer in ["orders", "notifications"] {
        assert_each_once_in_order(&until_noted(&t.database, consumer, 400).await, 400);
    }
    for table in ["select count(*) from outbox", "select count(*) from deliveries"] {
        until("nothing is left", async || count(&t.database, table).await == 0).await;
    }
}

#[tokio::test]
async fn listeners_hear_everything_in_order_and_only_what_is_wanted_is_kept() {
    let t = start().await;
    for n in 0..30 {
        push_kind(&t, if n % 3 == 0 { "TestHappened" } else { "LocationUpdated" }, 1, n, "").await;
    }
    let ears = Arc::new(Ears::default());
    let consumers = [Notes::new("orders")];
    let process = Process::with_ears(&t, &t.app.db, &consumers, None, vec![ears.clone()]);
    until_noted(&t.database, "orders", 10).await;
    assert_eq!(*ears.0.lock(), (0..30).collect::<Vec<i64>>());
    process.stop().await;
}

#[tokio::test]
async fn a_failure_holds_up_its_own_aggregate_and_nobody_else() {
    let t = start().await;
    let consumer = Notes::new("orders");
    let failing = push(&t, 1, 1, "fails").await;
    push(&t, 1, 2, "").await;
    push(&t, 2, 3, "").await;
    push(&t, 2, 4, "breaks").await;
    push(&t, 3, 5, "panics").await;
    let _process = Process::start(&t, &t.app.db, std::slice::from_ref(&consumer), None);
    until("the three have failed", async || {
        count(&t.database, "select count(*) from deliveries where error is not null").await == 3
    })
    .await;
    // Of what they did before they failed nothing is left.
    assert_eq!(until_noted(&t.database, "orders", 1).await, [(2, 3)]);
    let mut errors: Vec<String> =
        sqlx::query_scalar("select error from deliveries where error is not null order by seq")
            .fetch_all(&mut t.database.owner().await)
            .await
            .unwrap();
    assert!(errors[1].contains("division by zero"), "{errors:?}");
    assert_eq!(
        (errors.remove(2).as_str(), errors.remove(0).as_str()),
        ("it panicked: out of my mind", "not today")
    );

    // Not before its time.
    let tries = consumer.tries(failing);
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    assert_eq!(consumer.tries(failing), tries);

    consumer.sick.store(false, Ordering::SeqCst);
    t.clock.advance(TimeDelta::seconds(2));
    let noted = until_noted(&t.database, "orders", 5).await;
    assert_each_once_in_order(&noted, 5);
}

#[tokio::test]
async fn a_consumer_that_is_killed_half_way_has_done_nothing_and_does_it_again() {
    let t = start().await;
    let consumer = Notes::new("orders");
    for n in 0..5 {
        push(&t, n as u128, n, if n == 2 { "kills" } else { "" }).await;
    }
    let process = Process::start(&t, &t.app.db, std::slice::from_ref(&consumer), None);
    consumer.dying.notified().await;
    process.kill().await;
    consumer.sick.store(false, Ordering::SeqCst);
    let _next = Process::start(&t, &t.app.db, std::slice::from_ref(&consumer), None);
    assert_each_once_in_order(&until_noted(&t.database, "orders", 5).await, 5);
}

#[tokio::test]
async fn an_event_that_kills_its_process_each_time_is_given_up() {
    let t = start().await;
    let consumer = Notes::new("orders");
    let deadly = push(&t, 1, 1, "kills").await;
    push(&t, 1, 2, "").await;
    let dead = "select count(*) from dead_letters";
    loop {
        let process = Process::start(&t, &t.app.db, std::slice::from_ref(&consumer), None);
        let given_up = tokio::select! {
            () = consumer.dying.notified() => false,
            () = until("it is given up", async || count(&t.database, dead).await == 1) => true,
        };
        process.kill().await;
        if given_up {
            break;
        }
    }
    // The first may not count: it had looked once, and found nothing to be careful with.
    assert!((8..=9).contains(&consumer.tries(deadly)), "{}", consumer.tries(deadly));
    // What follows goes on without it.
    let _process = Process::start(&t, &t.app.db, std::slice::from_ref(&consumer), None);
    assert_eq!(until_noted(&t.database, "orders", 1).await, [(1, 2)]);
    let error: String = sqlx::query_scalar("select error from dead_letters")
        .fetch_one(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(error, "the process died on it");
}

/// Forty events of four things; the twentieth is in this mood.
fn forty(mood: &str) -> Vec<(u128, i64, &str)> {
    (0..40).map(|n| (n as u128 % 4, n, if n == 20 { mood } else { "" })).collect()
}

/// What was noted of them.
async fn noted_of_forty(t: &test_kit::TestApp) -> Vec<(u128, i64)> {
    let mut noted = noted(&t.database, "orders").await;
    noted.retain(|(aggregate, _)| *aggregate != WARM_UP);
    noted
}

#[tokio::test]
async fn a_poison_event_in_the_middle_of_a_batch_is_dead_and_all_others_are_done() {
    for mood in ["never", "fails", "breaks", "panics"] {
        let t = start().await;
        let consumer = Notes::new("orders");
        let (_process, before) = start_and_warm_up(&t, &consumer).await;
        let ids = push_together(&t, "TestHappened", &forty(mood)).await;
        // What is dead lets the rest of its aggregate pass; what is tried again holds up the four that follow.
        let done = if mood == "never" { 39 } else { 35 };
        until_noted(&t.database, "orders", before + done).await;
        let poison = "select count(*) from dead_letters";
        let waiting = "select count(*) from deliveries where attempts = 1 and error is not null";
        until("the poison is put aside", async || {
            count(&t.database, if mood == "never" { poison } else { waiting }).await == 1
        })
        .await;
        assert_eq!(
            count(&t.database, "select count(*) from deliveries").await,
            if mood == "never" { 0 } else { 5 }
        );
        assert!(consumer.batches.lock().contains(&40), "they came at once: {:?}", consumer.batches.lock());
        let noted = noted_of_forty(&t).await;
        assert!(!noted.iter().any(|(_, n)| *n == 20), "{noted:?}");
        assert!(
            consumer.tries(ids[21]) <= 2,
            "what is in order was handled with the rest, or once more by itself"
        );
        if mood != "never" {
            consumer.sick.store(false, Ordering::SeqCst);
            t.clock.advance(TimeDelta::seconds(2));
            until_noted(&t.database, "orders", before + 40).await;
            assert_each_once_in_order(&noted_of_forty(&t).await, 40);
        }
    }
}

#[tokio::test]
async fn a_batch_that_is_killed_half_way_has_no_effect_and_is_done_again() {
    let t = start().await;
    let consumer = Notes::new("orders");
    let (process, before) = start_and_warm_up(&t, &consumer).await;
    push_together(&t, "TestHappened", &forty("kills")).await;
    consumer.dying.notified().await;
    assert_eq!(consumer.batches.lock().last(), Some(&40));
    process.kill().await;
    assert_eq!(noted_of_forty(&t).await, []);
    assert_eq!(count(&t.database, "select count(*) from deliveries where attempts = 0").await, 40);
    consumer.sick.store(false, Ordering::SeqCst);
    let _next = Process::start(&t, &t.app.db, std::slice::from_ref(&consumer), None);
    until_noted(&t.database, "orders", before + 40).await;
    assert_each_once_in_order(&noted_of_forty(&t).await, 40);
}

#[tokio::test]
async fn a_batch_in_which_much_fails_does_the_rest_in_order() {
    let t = start().await;
    let consumer = Notes::new("orders");
    let (_process, before) = start_and_warm_up(&t, &consumer).await;
    let moods = ["", "fails", "", "never", "breaks"];
    let events: Vec<(u128, i64, &str)> =
        (0..200).map(|n| (n as u128 % 23, n, moods[n as usize % moods.len()])).collect();
    let dead = events.iter().filter(|(_, _, mood)| *mood == "never").count();
    push_together(&t, "TestHappened", &events).await;
    until("each thing has failed", async || {
        count(&t.database, "select count(distinct aggregate_id) from deliveries where error is not null")
            .await
            == 23
    })
    .await;
    consumer.sick.store(false, Ordering::SeqCst);
    until("all is done", async || {
        t.clock.advance(TimeDelta::seconds(2));
        count(&t.database, "select count(*) from deliveries").await == 0
    })
    .await;
    let buried = count(&t.database, "select count(*) from dead_letters").await as usize;
    assert!(buried > 0 && buried <= dead, "{buried} of {dead}");
    assert_eq!(noted(&t.database, "orders").await.len(), before + 200 - buried);
    let noted = noted_of_forty(&t).await;
    assert_each_once_in_order(&noted, 200 - buried);
}
