use domain::DistributorId;
use sqlx::PgConnection;

/// Rows that contradict each other: the rule, whose they are, and what they are about.
pub(crate) async fn list_findings(
    c: &mut PgConnection,
) -> Result<Vec<(String, DistributorId, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select 'attendance.business_date' as "rule!", e.distributor_id as "distributor!: DistributorId",
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
    .await?;
    Ok(rows.into_iter().map(|row| (row.rule, row.distributor, row.subject)).collect())
}
