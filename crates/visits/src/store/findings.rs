use domain::DistributorId;
use platform::Finding;
use sqlx::PgConnection;

/// Rows that contradict each other.
pub(crate) async fn list_findings(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    sqlx::query_as!(
        Finding,
        r#"select 'customers.location' as "rule!", cu.distributor_id as "distributor_id!: DistributorId",
                  'customer ' || cu.id as "subject!"
           from customers cu
           left join lateral (
             select l.latitude, l.longitude from customer_locations l
             where l.distributor_id = cu.distributor_id and l.customer_id = cu.id
             order by l.valid_from desc, l.seq desc limit 1) l on true
           where (cu.latitude, cu.longitude) is distinct from (l.latitude, l.longitude)
           union all
           select 'displays.photos', coalesce(r.distributor_id, p.distributor_id),
                  'program ' || coalesce(r.program_id, p.program_id) || ' in visit ' || coalesce(r.visit_id, p.visit_id)
           from display_records r
           full join (
             select distributor_id, display_program_id as program_id, visit_id, count(*) as photos, min(captured_at) as first_at,
               max(captured_at) as last_at
             from visit_photos where display_program_id is not null group by 1, 2, 3
           ) p on p.distributor_id = r.distributor_id and p.program_id = r.program_id and p.visit_id = r.visit_id
           where (r.photos, r.first_photo_at, r.last_photo_at) is distinct from (p.photos, p.first_at, p.last_at)
           order by 1, 2, 3"#
    )
    .fetch_all(c)
    .await
}
