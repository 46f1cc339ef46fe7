use chrono::{DateTime, Utc};
use customers::model::CustomerStatus;
use db::Context;
use domain::{Coordinates, CustomerId, DistributorId, OrgUnitId, UserId, VisitId};
use routes::plan_cache::PlanVersion;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// An outlet where somebody was, as it stood then.
pub(crate) struct Visited {
    pub distributor: DistributorId,
    pub customer: CustomerId,
    pub customer_name: String,
    pub customer_type: String,
    pub status: CustomerStatus,
    pub outlet: Option<Coordinates>,
    pub master_version: Uuid,
    pub plan_version: PlanVersion,
    /// There is a visit with this id already.
    pub known: bool,
    /// Displays are to be photographed there.
    pub displays: bool,
}

/// Whether the user has a visit that isn't ended.
pub(crate) async fn has_open_visit(c: &mut PgConnection, user: UserId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from visits where user_id = $1 and check_out_at is null and not beside_open) as "yes!""#,
        user.uuid(),
    )
    .fetch_one(c)
    .await
}

/// One statement for all that a day's check-ins read; outlets that aren't there for the caller are left out.
pub(crate) async fn find_visited(
    c: &mut PgConnection,
    visits: &[(VisitId, CustomerId, DateTime<Utc>)],
) -> Result<Vec<(VisitId, Visited)>, sqlx::Error> {
    let ids: Vec<Uuid> = visits.iter().map(|(id, ..)| id.uuid()).collect();
    let customers: Vec<Uuid> = visits.iter().map(|(_, customer, _)| customer.uuid()).collect();
    let ats: Vec<DateTime<Utc>> = visits.iter().map(|(.., at)| *at).collect();
    let rows = sqlx::query!(
        r#"select w.id as "id!: VisitId", cu.distributor_id as "distributor: DistributorId", cu.id as "customer: CustomerId", cu.name,
             cu.customer_type, cu.status as "status: CustomerStatus", l.latitude as "latitude?", l.longitude as "longitude?",
             (select version from master_versions where name = 'visits') as "master_version!",
             (select version from plan_versions where distributor_id = cu.distributor_id) as own_plans,
             (select version from plan_versions where distributor_id is null) as company_plans,
             exists (select from visits v where v.id = w.id) as "known!",
             exists (select from display_registrations r where r.distributor_id = cu.distributor_id and r.customer_id = cu.id)
               as "displays!"
           from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as w (id, customer_id, at)
           join customers cu on cu.id = w.customer_id and cu.deleted_at is null
           left join lateral (
             select h.latitude, h.longitude from customer_locations h
             where h.distributor_id = cu.distributor_id and h.customer_id = cu.id and h.valid_from <= w.at
             order by h.valid_from desc, h.seq desc limit 1) l on true"#,
        &ids,
        &customers,
        &ats,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let visited = Visited {
                distributor: r.distributor,
                customer: r.customer,
                customer_name: r.name,
                customer_type: r.customer_type,
                status: r.status,
                outlet: super::place(r.latitude, r.longitude),
                master_version: r.master_version,
                plan_version: PlanVersion { distributor: r.own_plans, company: r.company_plans },
                known: r.known,
                displays: r.displays,
            };
            (r.id, visited)
        })
        .collect())
}

/// The active albums: key, name.
pub(crate) async fn list_album_names(c: &mut PgConnection) -> Result<Vec<(String, String)>, sqlx::Error> {
    let rows = sqlx::query!("select key, name from photo_albums where active").fetch_all(c).await?;
    Ok(rows.into_iter().map(|row| (row.key, row.name)).collect())
}

/// Rows of whole visits, as JSON arrays whose members have the names of the columns.
pub(crate) struct WholeRows {
    pub visits: Value,
    pub photos: Value,
    pub audits: Value,
    pub events: Value,
}

/// What is the same for all of them.
pub(crate) struct WholeOf {
    pub distributor: DistributorId,
    pub user: UserId,
    pub unit: Option<OrgUnitId>,
    pub audience: Vec<String>,
    pub received_at: DateTime<Utc>,
    /// Where the user was last, and on whose board that is shown.
    pub board: Option<DistributorId>,
    pub last: (DateTime<Utc>, Coordinates),
}

/// Adds visits with their photos, audit rows and events, in one statement.
pub(crate) async fn insert_whole(
    c: &mut PgConnection,
    cx: &Context,
    of: &WholeOf,
    rows: &WholeRows,
) -> Result<(), sqlx::Error> {
    let (at, place) = of.last;
    sqlx::query!(
        r#"with written as (
             insert into visits (distributor_id, id, customer_id, user_id, unit_id, route_id, visit_type, business_date, check_in_at,
               latitude, longitude, accuracy, distance_m, out_of_range, received_at, outlet_latitude, outlet_longitude, policy,
               check_out_at, check_out_latitude, check_out_longitude, result, notes, compliant, verdict, outlet_state, version)
             select $1, x.id, x.customer_id, $2, $3, x.route_id, x.visit_type, x.business_date, x.check_in_at, x.latitude, x.longitude,
               x.accuracy, x.distance_m, x.out_of_range, $4, x.outlet_latitude, x.outlet_longitude, x.policy, x.check_out_at,
               x.check_out_latitude, x.check_out_longitude, x.result, x.notes, x.compliant, x.verdict, x.outlet_state, 2
             from jsonb_to_recordset($5) as x (id uuid, customer_id uuid, route_id uuid, visit_type text, business_date date,
               check_in_at timestamptz, latitude float8, longitude float8, accuracy float8, distance_m integer,
               out_of_range boolean, outlet_latitude float8, outlet_longitude float8, policy jsonb, check_out_at timestamptz,
               check_out_latitude float8, check_out_longitude float8, result text, notes text, compliant boolean, verdict jsonb,
               outlet_state text)
           ), photos as materialized (
             select * from jsonb_to_recordset($6) as x (id uuid, visit_id uuid, sha256 text, content_type text, size_bytes bigint,
               album text, latitude float8, longitude float8, captured_at timestamptz)
           ), contents as (
             insert into files as f (distributor_id, sha256, state, referred, created_at)
             select distinct $1::uuid, sha256, 'waiting', true, $4::timestamptz from photos
             on conflict (distributor_id, sha256) do update set referred = true where not f.referred
           ), attached as (
             insert into visit_photos (distributor_id, id, visit_id, sha256, content_type, size_bytes, album, latitude, longitude,
               captured_at, received_at)
             select $1, id, visit_id, sha256, content_type, size_bytes, album, latitude, longitude, captured_at, $4 from photos
           ), audited as (
             insert into audit_log (at, distributor_id, actor_id, actor_name, action, entity, entity_id, after, address, trace_id)
             select $4, $1, $2, $7, x.action, 'visit', x.id, x.after, $8, $9
             from jsonb_to_recordset($10) as x (action text, id uuid, after jsonb)
           ), told as (
             insert into outbox (id, distributor_id, kind, aggregate_id, audience, payload, trace_id, created_at)
             select x.id, $1, x.kind, x.visit_id, $11, x.payload, $9, $4
             from jsonb_to_recordset($12) as x (id uuid, kind text, visit_id uuid, payload jsonb)
           )
           select note_position($13, $2, $3, $14, $15, $16, null) as "done: ()""#,
        of.distributor.uuid(),
        of.user.uuid(),
        of.unit.map(OrgUnitId::uuid),
        of.received_at,
        rows.visits,
        rows.photos,
        cx.name,
        cx.address,
        cx.trace_id,
        rows.audits,
        &of.audience,
        rows.events,
        of.board.map(DistributorId::uuid),
        at,
        place.latitude(),
        place.longitude(),
    )
    .execute(c)
    .await?;
    Ok(())
}
