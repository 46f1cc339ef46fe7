//! What `verify` finds when rows were changed behind the program's back.

use test_kit::world::{NPP01, REP1, REP2, ROUTE1, SHOP1, SUPERVISOR};

use crate::support::{app, findings, sql};

#[tokio::test]
async fn rows_that_contradict_each_other_are_named() {
    let t = app().await;
    assert_eq!(findings(&t).await, Vec::<String>::new());
    sql(
        &t,
        format!(
            "alter table route_assignments disable trigger guard;
             alter table route_substitutions disable trigger guard;
             insert into route_assignments (distributor_id, id, route_id, user_id, valid_from, valid_to)
             values ('{NPP01}', gen_random_uuid(), '{ROUTE1}', '{REP2}', '2026-03-01', '2026-03-31');
             insert into route_substitutions (distributor_id, id, route_id, user_id, first_day, last_day, created_by, created_at)
             select '{NPP01}', gen_random_uuid(), '{ROUTE1}', '{REP2}', '2026-09-01', '2026-09-02', '{SUPERVISOR}', now()
             from generate_series(1, 2);
             insert into leaves (distributor_id, id, user_id, first_day, last_day, kind, status, requested_by, requested_at)
             select '{NPP01}', gen_random_uuid(), '{REP1}', '2026-09-01', '2026-09-02', 'sick', 'requested', '{REP1}', now()
             from generate_series(1, 2);
             update route_customers set frequency = 'F9' where customer_id = '{SHOP1}'"
        ),
    )
    .await;
    let found = findings(&t).await;
    let rules: Vec<&str> = found.iter().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(
        rules,
        ["leave.once_a_day", "routes.one_rep_a_day", "routes.one_substitute_a_day", "routes.rhythm"],
        "{found:?}"
    );
}
