//! `verify` names what was flipped.

use test_kit::world::SHOP1;

use crate::support::{add_photo, app, sql, visit_shop1};

/// A display program.
const PROGRAM: &str = "
    insert into display_programs (id, code, name, search_key, valid_from, valid_to, photos, created_at, updated_at)
    values ('00000000-0000-0000-0000-00000000d001', 'TB1', 'Trưng bày', '', '2026-01-01', '2026-12-31', 1, now(), now())";

async fn rules(t: &test_kit::TestApp) -> Vec<String> {
    let findings = visits::verify(&mut t.database.owner().await).await.unwrap();
    findings.into_iter().map(|finding| finding.rule).collect()
}

#[tokio::test]
async fn a_customer_that_stands_elsewhere_than_its_history_says_is_found() {
    let t = app().await;
    assert!(rules(&t).await.is_empty());
    sql(
        &t,
        format!(
            "alter table customers disable trigger note_location;
             update customers set latitude = latitude + 0.5 where id = '{SHOP1}'"
        ),
    )
    .await;
    assert_eq!(rules(&t).await, ["customers.location"]);
}

#[tokio::test]
async fn a_display_record_without_its_photos_is_found() {
    let t = app().await;
    sql(&t, PROGRAM).await;
    let visit = visit_shop1(&t).await;
    add_photo(&t, &visit, "Mặt tiền", 1).await;
    sql(&t, "update visit_photos set display_program_id = '00000000-0000-0000-0000-00000000d001'").await;
    assert_eq!(rules(&t).await, ["displays.photos"]);
}
