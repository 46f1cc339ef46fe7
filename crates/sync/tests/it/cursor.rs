//! Cursors that can't be gone on from.

use test_kit::TestApp;

use crate::phone::{Phone, run};

async fn refused(t: &TestApp, who: &str, cursor: &str) {
    let answer = t.actor(who).get(&format!("/api/v1/sync/delta?cursor={cursor}")).await;
    answer.problem(410, "sync.start_anew");
}

#[tokio::test]
async fn forged_and_foreign_cursors_are_told_from_ones_own() {
    let t = TestApp::start(sync::router()).await;
    let mut phone = Phone::new("nvbh01");
    phone.page(&t, 2).await;
    let half_way = phone.cursor.clone().unwrap();
    phone.sync(&t).await;
    let at_rest = phone.cursor.clone().unwrap();
    for cursor in [&half_way, &at_rest] {
        t.rep1().get(&format!("/api/v1/sync/delta?cursor={cursor}")).await.expect(200);
        // A colleague with the same rights, somebody above, somebody elsewhere.
        for other in ["nvbh02", "gsbh01", "nvbh11"] {
            refused(&t, other, cursor).await;
        }
        let mut forged = cursor.clone();
        let last = if forged.ends_with('A') { "B" } else { "A" };
        forged.replace_range(forged.len() - 1.., last);
        refused(&t, "nvbh01", &forged).await;
    }
    for nonsense in ["", "x", "AAAA", "%F0%9F%98%80", &"A".repeat(5000)] {
        refused(&t, "nvbh01", nonsense).await;
    }
}

#[tokio::test]
async fn after_a_restore_phones_start_anew() {
    let t = TestApp::start(sync::router()).await;
    let mut phone = Phone::new("nvbh01");
    phone.sync(&t).await;
    let mut owner = t.database.owner().await;
    run(&mut owner, "update sync_seal set secret = gen_random_uuid()").await;
    refused(&t, "nvbh01", phone.cursor.as_deref().unwrap()).await;
}

#[tokio::test]
async fn who_was_away_for_longer_than_the_log_starts_anew_and_others_go_on() {
    let t = TestApp::start(sync::router()).await;
    let mut owner = t.database.owner().await;
    let mut away = Phone::new("nvbh01");
    away.sync(&t).await;
    let old = away.cursor.clone().unwrap();
    run(&mut owner, "update customers set name = 'Mới' where id = #7001").await;
    run(&mut owner, "update sync_changes set at = at - interval '20 days'; update sync_company_changes set at = at - interval '20 days'").await;
    let mut system = t.app.db.begin(&db::Context::system("test")).await.unwrap();
    let swept: i64 = sqlx::query_scalar("select sweep_sync_changes(now() - interval '14 days', 1000)")
        .fetch_one(&mut *system)
        .await
        .unwrap();
    system.commit().await.unwrap();
    assert!(swept > 0);
    refused(&t, "nvbh01", &old).await;
    // One that begins on an empty log stands at its horizon.
    let mut again = Phone::new("nvbh01");
    again.sync(&t).await;
    run(&mut owner, "update customers set name = 'Mới nữa' where id = #7001").await;
    // Transactions of other databases on this server count as under way: while one from before the horizon is, the
    // phone can't be sure of the log.
    while again.ask(&t, 500).await.status != 200 {
        tokio::task::yield_now().await;
        again = Phone::new("nvbh01");
        again.sync(&t).await;
    }
    again.sync(&t).await;
    assert_eq!(again.thing("customers", 0x7001)["name"], "Mới nữa");
    again.assert_holds(&again.fresh(&t).await);
}

#[tokio::test]
async fn numbers_given_again_after_a_crash_are_not_passed_over() {
    let t = TestApp::start(sync::router()).await;
    let mut owner = t.database.owner().await;
    run(&mut owner, "update customers set name = 'Cũ' where id = #7001").await;
    let mut phone = Phone::new("nvbh01");
    phone.sync(&t).await;
    // A transaction that was given a number, and of which nothing reached the disk.
    run(&mut owner, "begin; update customers set name = 'Mất' where id = #7001").await;
    let lost: i64 =
        sqlx::query_scalar("select pg_current_xact_id()::text::bigint").fetch_one(&mut owner).await.unwrap();
    run(&mut owner, "rollback").await;
    phone.sync(&t).await;
    // After the crash another transaction gets that number.
    run(
        &mut owner,
        &format!(
            "alter table customers disable trigger sync_log_update; update customers set name = 'Mới' where id = #7001;
             alter table customers enable trigger sync_log_update;
             insert into sync_changes (distributor_id, xid, kind, ids) values (#1001, {lost}, 'customer', array[#7001])"
        ),
    )
    .await;
    phone.sync(&t).await;
    assert_eq!(phone.thing("customers", 0x7001)["name"], "Mới");
}
