use domain::DistributorId;
use platform::Finding;
use sqlx::PgConnection;

/// Rows that contradict each other.
pub(crate) async fn list_findings(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    sqlx::query_as!(
        Finding,
        r#"select 'attendance.business_date' as "rule!", e.distributor_id as "distributor_id!: DistributorId",
                  'clock event ' || e.id as "subject!"
           from clock_events e where e.business_date <> (e.at at time zone 'Asia/Ho_Chi_Minh')::date
           union all
           select 'attendance.business_date', k.distributor_id, 'correction ' || k.id
           from clock_corrections k where k.business_date <> (k.at at time zone 'Asia/Ho_Chi_Minh')::date
           union all
           select 'attendance.revisions', k.distributor_id, 'corrections of ' || k.event_id
           from clock_corrections k group by k.distributor_id, k.event_id having max(k.revision) <> count(*)
           union all
           select 'attendance.correction_of_nothing', k.distributor_id, 'correction ' || k.id
           from clock_corrections k
           where not exists (select from clock_events e
                             where e.distributor_id = k.distributor_id and e.id = k.event_id and e.user_id = k.user_id)
             and not exists (select from clock_corrections a
                             where a.distributor_id = k.distributor_id and a.id = k.event_id and a.revision = 1
                               and a.event_id = a.id and a.user_id = k.user_id)
           order by 1, 2, 3"#
    )
    .fetch_all(c)
    .await
}
