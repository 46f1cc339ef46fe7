//! What `verify` finds when rows were changed behind the program's back.

use test_kit::world::{NPP01, REP1, SUPERVISOR};

use crate::support::{app, august, clock, findings, sql};

#[tokio::test]
async fn rows_that_contradict_each_other_are_named() {
    let t = app().await;
    let event = clock(&t, "in", august("5 08:00")).await;
    assert_eq!(findings(&t).await, Vec::<String>::new());
    let correction = |event: &str, revision: u8| {
        format!(
            "insert into clock_corrections (distributor_id, id, event_id, revision, user_id, kind, at, business_date, reason,
                                            corrected_by, corrected_at)
             values ('{NPP01}', gen_random_uuid(), {event}, {revision}, '{REP1}', 'in', '2026-08-05T01:00Z', '2026-08-05', 'x',
                     '{SUPERVISOR}', now());"
        )
    };
    sql(
        &t,
        format!(
            "insert into clock_events (distributor_id, id, user_id, kind, at, business_date, received_at)
             values ('{NPP01}', gen_random_uuid(), '{REP1}', 'in', '2026-08-05T18:00Z', '2026-08-05', now());
             {} {}",
            correction(&format!("'{event}'"), 2),
            correction("gen_random_uuid()", 1),
        ),
    )
    .await;
    let found = findings(&t).await;
    let rules: Vec<&str> = found.iter().filter_map(|line| line.split(':').next()).collect();
    let expected = ["attendance.business_date", "attendance.correction_of_nothing", "attendance.revisions"];
    assert_eq!(rules, expected, "{found:?}");
}
