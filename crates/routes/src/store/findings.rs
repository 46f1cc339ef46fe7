use domain::DistributorId;
use platform::Finding;
use sqlx::PgConnection;

/// Rows that contradict each other.
pub(crate) async fn list_findings(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    sqlx::query_as!(
        Finding,
        r#"select 'routes.one_rep_a_day' as "rule!", a.distributor_id as "distributor_id!: DistributorId",
                  'route ' || a.route_id || ' on ' || greatest(a.valid_from, b.valid_from) as "subject!"
           from route_assignments a
           join route_assignments b on b.distributor_id = a.distributor_id and b.route_id = a.route_id and b.id > a.id
             and (a.valid_to is null or b.valid_from <= a.valid_to) and (b.valid_to is null or b.valid_to >= a.valid_from)
           union all
           select 'routes.one_substitute_a_day', a.distributor_id,
                  'route ' || a.route_id || ' on ' || greatest(a.first_day, b.first_day)
           from route_substitutions a
           join route_substitutions b on b.distributor_id = a.distributor_id and b.route_id = a.route_id and b.id > a.id
             and b.first_day <= a.last_day and b.last_day >= a.first_day and b.cancelled_at is null
           where a.cancelled_at is null
           union all
           select 'leave.once_a_day', a.distributor_id, 'user ' || a.user_id || ' on ' || greatest(a.first_day, b.first_day)
           from leaves a
           join leaves b on b.user_id = a.user_id and b.id > a.id and b.status in ('requested', 'approved')
             and b.first_day <= a.last_day and b.last_day >= a.first_day
           where a.status in ('requested', 'approved')
           order by 1, 2, 3"#
    )
    .fetch_all(c)
    .await
}

/// Every outlet's rhythm with the weekdays of its route, each pair once, and one outlet that has it.
pub(crate) async fn list_rhythms(
    c: &mut PgConnection,
) -> Result<Vec<(DistributorId, String, String, Vec<i16>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select r.distributor_id as "distributor: DistributorId", min(r.code) as "code!", rc.frequency, r.weekdays
           from route_customers rc join routes r on r.distributor_id = rc.distributor_id and r.id = rc.route_id
           where r.deleted_at is null
           group by r.distributor_id, rc.frequency, r.weekdays order by 1, 2"#
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| (row.distributor, row.code, row.frequency, row.weekdays)).collect())
}
