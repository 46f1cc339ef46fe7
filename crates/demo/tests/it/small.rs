use chrono::Duration;
use db::Context;
use domain::UserId;
use platform::App;
use sqlx::Executor as _;
use test_kit::TestDatabase;

use crate::support::{app, assert_books_add_up, count, log_in, sunday};

/// What the finished company looks like, for comparison.
async fn shape(database: &TestDatabase) -> Vec<(&'static str, i64)> {
    let mut c = database.owner().await;
    let mut shape = Vec::new();
    for from in [
        "distributors",
        "org_units",
        "users",
        "products",
        "customers",
        "warehouses",
        "routes",
        "price_lists",
        "promotions where status = 'active'",
        "visits",
        "visit_photos",
        "clock_events",
        "gps_points",
        "last_positions",
        "goods_receipts",
        "orders where status = 'Pending'",
        "orders where status = 'Rejected'",
        "orders where status = 'Approved'",
        "orders where status = 'Invoiced'",
        "orders where status = 'Issued'",
        "order_lines where is_free",
        "invoices",
        "goods_issues",
        "receipts",
        "receivable_entries",
        "receivable_open_items where open_amount > 0 and due_date < '2026-11-22'",
        "stock_movements",
        "kpi_targets",
        "outbox",
    ] {
        shape.push((from, count(&mut c, from).await));
    }
    shape
}

fn of(shape: &[(&str, i64)], from: &str) -> i64 {
    shape.iter().find(|(name, _)| *name == from).unwrap_or_else(|| panic!("{from} was counted")).1
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_becomes_a_company_whose_books_add_up() {
    let database = TestDatabase::empty().await;
    let app = app(&database, sunday()).await;
    assert!(demo::small::fill_if_empty(&app).await.unwrap());

    let made = shape(&database).await;
    for (from, expected) in [
        ("distributors", 3),
        ("org_units", 30),
        ("users", 12),
        ("products", 60),
        ("customers", 300),
        ("warehouses", 4),
        ("routes", 28),
        ("price_lists", 2),
        ("promotions where status = 'active'", 3),
        ("last_positions", 4),
        ("goods_receipts", 10),
        ("kpi_targets", 8),
        ("outbox", 0),
    ] {
        assert_eq!(of(&made, from), expected, "{from}");
    }
    for (from, at_least) in [
        ("visits", 800),
        ("visit_photos", 800),
        ("clock_events", 180),
        ("gps_points", 500),
        ("orders where status = 'Pending'", 8),
        ("orders where status = 'Rejected'", 5),
        ("orders where status = 'Approved'", 1),
        ("orders where status = 'Invoiced'", 1),
        ("orders where status = 'Issued'", 300),
        ("order_lines where is_free", 20),
        ("receipts", 200),
        ("receivable_open_items where open_amount > 0 and due_date < '2026-11-22'", 5),
    ] {
        assert!(of(&made, from) >= at_least, "{from}: {}", of(&made, from));
    }
    assert_books_add_up(&app).await;

    for (username, _) in demo::ACCOUNTS {
        assert_eq!(log_in(&app, username).await["user"]["username"], *username);
    }
    assert_first_rep_has_work_every_day(&app).await;
    let mut c = database.owner().await;
    let of_first_rep = "visits where business_date = '2026-11-22'
        and user_id = (select id from users where username = 'nvbh01')";
    assert_eq!(count(&mut c, of_first_rep).await, 0, "their day has not begun");
    assert!(count(&mut c, "visits where business_date = '2026-11-22'").await > 0, "the others' has");

    assert!(!demo::small::fill_if_empty(&app).await.unwrap(), "the second run finds a company");
    assert_eq!(shape(&database).await, made, "and changes nothing");
}

async fn assert_first_rep_has_work_every_day(app: &App) {
    let rep = log_in(app, "nvbh01").await["user"]["userId"].as_str().unwrap().parse::<UserId>().unwrap();
    let mut tx = app.db.read(&Context::system("test")).await.unwrap();
    for ahead in 0..14 {
        let day = app.today() + Duration::days(ahead);
        let plan = routes::plan::day(&mut tx, rep, day).await.unwrap();
        assert!(plan.iter().map(|route| route.stops.len()).sum::<usize>() >= 5, "{day}: {plan:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_is_taken_up_where_it_stopped() {
    let database = TestDatabase::empty().await;
    let mut owner = database.owner().await;
    // The first payment fails: by then each distributor has lived some days.
    owner
        .execute(
            "create function stop() returns trigger language plpgsql as $$ begin raise exception 'the power is out'; end $$;
             create trigger stop before insert on receipts for each row execute function stop()",
        )
        .await
        .unwrap();
    let first = app(&database, sunday()).await;
    let stopped = demo::small::fill_if_empty(&first).await.unwrap_err();
    assert!(stopped.to_string().contains("collecting money"), "{stopped:#}");
    assert!(count(&mut owner, "orders").await > 0);
    owner.execute("drop trigger stop on receipts").await.unwrap();

    // The next day.
    let second = app(&database, sunday() + Duration::hours(20)).await;
    assert!(demo::small::fill_if_empty(&second).await.unwrap());
    assert_books_add_up(&second).await;
    let whole = shape(&database).await;
    assert_eq!(of(&whole, "outbox"), 0);
    let day_it_began = "visits where business_date = '2026-11-22'";
    assert!(
        count(&mut owner, day_it_began).await > 0
            && count(&mut owner, "visits where business_date > '2026-11-22'").await == 0
    );
    for (each, has) in [
        ("visits where result = 'HasOrder'", "orders"),
        ("orders where status in ('Invoiced', 'Issued')", "invoices"),
        ("orders where status = 'Issued'", "goods_issues"),
        ("receipts", "receivable_entries where kind = 'receipt'"),
    ] {
        assert_eq!(count(&mut owner, each).await, count(&mut owner, has).await, "{each} and {has}");
    }
    let forgotten =
        "orders where status in ('Pending', 'Approved', 'Invoiced') and business_date < '2026-11-20'";
    assert_eq!(count(&mut owner, forgotten).await, 0);
}

#[tokio::test]
async fn somebody_elses_company_is_left_alone() {
    let database = TestDatabase::create().await;
    let app = app(&database, test_kit::world::now()).await;
    let before = shape(&database).await;
    assert!(!demo::small::fill_if_empty(&app).await.unwrap());
    assert_eq!(shape(&database).await, before);
}
