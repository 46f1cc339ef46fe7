use chrono::{DateTime, NaiveDate, Utc};
use customers::model::CustomerStatus;
use db::Context;
use domain::visit::{VisitPolicy, VisitType};
use domain::{Coordinates, CustomerId, DistributorId, EventId, OrgUnitId, RouteId, UserId, VisitId};
use platform::{First, Scope};
use routes::plan_cache::PlanVersion;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// What a check-in asks about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ArrivalOf {
    pub visit: VisitId,
    pub customer: CustomerId,
    pub user: UserId,
    pub at: DateTime<Utc>,
}

/// What is known when a rep arrives.
pub(crate) struct Arriving {
    pub distributor: DistributorId,
    pub customer_name: String,
    pub customer_type: String,
    pub status: CustomerStatus,
    /// Where it stood at that instant.
    pub outlet: Option<Coordinates>,
    /// Whether it has no place now and may be given one.
    pub placeable: bool,
    /// Of the policies and units, see [`super::Master`].
    pub master_version: Uuid,
    /// Of the day's plan.
    pub plan_version: PlanVersion,
    /// The visit with this id.
    pub known: Option<Known>,
    /// The visit that the user hasn't ended.
    pub open: Option<OpenVisit>,
    /// What was answered to the same request before.
    pub first_answer: Option<First>,
}

/// A visit that came before.
pub(crate) struct Known {
    pub user: UserId,
    pub customer: CustomerId,
    pub at: DateTime<Utc>,
    pub distance_metres: Option<i32>,
    pub out_of_range: bool,
    pub visit_type: VisitType,
    pub route: Option<RouteId>,
    pub placed_outlet: bool,
    pub accuracy: Option<f64>,
    pub policy: Option<VisitPolicy>,
}

/// See [`Arriving::open`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenVisit {
    pub id: VisitId,
    pub customer: CustomerId,
    pub since: DateTime<Utc>,
}

/// One statement for all that a check-in reads. With a key, it also looks for the first answer to the user's request
/// with it. None when there is no such outlet for the caller's distributors.
pub(crate) async fn find_arriving(
    c: &mut PgConnection,
    of: &ArrivalOf,
    key: Option<&str>,
) -> Result<Option<Arriving>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select cu.distributor_id as "distributor: DistributorId", cu.name, cu.customer_type, cu.status as "status: CustomerStatus",
             l.latitude as "latitude?", l.longitude as "longitude?",
             (cu.latitude is null and not cu.location_locked) as "placeable!",
             (select version from master_versions where name = 'visits') as "master_version!",
             (select version from plan_versions where distributor_id = cu.distributor_id) as own_plans,
             (select version from plan_versions where distributor_id is null) as company_plans,
             v.id as "known?: VisitId", v.user_id as "known_user?: UserId", v.customer_id as "known_customer?: CustomerId",
             v.check_in_at as "known_at?", v.distance_m as known_distance, v.out_of_range as "known_far?",
             v.visit_type as "known_type?: VisitType", v.route_id as "known_route: RouteId",
             v.placed_outlet as "known_placed?", v.accuracy as "known_accuracy?",
             v.policy as "known_policy: Json<VisitPolicy>",
             o.id as "open?: VisitId", o.check_in_at as "open_since?", o.customer_id as "open_customer?: CustomerId",
             k.operation as "operation?", k.fingerprint as "fingerprint?", k.answer as "answer?"
           from customers cu
           left join lateral (
             select h.latitude, h.longitude from customer_locations h
             where h.distributor_id = cu.distributor_id and h.customer_id = cu.id and h.valid_from <= $3
             order by h.valid_from desc, h.seq desc limit 1) l on true
           left join visits v on v.id = $2
           left join visits o on o.user_id = $4 and o.check_out_at is null and not o.beside_open
           left join idempotency_keys k on k.user_id = $4 and k.key = $5
           where cu.id = $1 and cu.deleted_at is null"#,
        of.customer.uuid(),
        of.visit.uuid(),
        of.at,
        of.user.uuid(),
        key,
    )
    .fetch_optional(c)
    .await?;
    let Some(r) = row else { return Ok(None) };
    let known = match (r.known_user, r.known_customer, r.known_at, r.known_type) {
        (Some(user), Some(customer), Some(at), Some(visit_type)) => Some(Known {
            user,
            customer,
            at,
            distance_metres: r.known_distance,
            out_of_range: r.known_far.unwrap_or_default(),
            visit_type,
            route: r.known_route,
            placed_outlet: r.known_placed.unwrap_or_default(),
            accuracy: r.known_accuracy,
            policy: r.known_policy.map(|policy| policy.0),
        }),
        _ => None,
    };
    Ok(Some(Arriving {
        distributor: r.distributor,
        customer_name: r.name,
        customer_type: r.customer_type,
        status: r.status,
        outlet: place(r.latitude, r.longitude),
        placeable: r.placeable,
        master_version: r.master_version,
        plan_version: PlanVersion { distributor: r.own_plans, company: r.company_plans },
        known,
        open: match (r.open, r.open_since, r.open_customer) {
            (Some(id), Some(since), Some(customer)) => Some(OpenVisit { id, customer, since }),
            _ => None,
        },
        first_answer: match (r.operation, r.fingerprint) {
            (Some(operation), Some(fingerprint)) => Some(First { operation, fingerprint, answer: r.answer }),
            _ => None,
        },
    }))
}

/// The outlet's name, for who reads of it; empty when the caller may not see it.
pub(crate) async fn find_customer_name(
    c: &mut PgConnection,
    customer: CustomerId,
) -> Result<String, sqlx::Error> {
    let name = sqlx::query_scalar!("select name from customers where id = $1", customer.uuid());
    Ok(name.fetch_optional(c).await?.unwrap_or_default())
}

/// Whether the outlet is among those of the scope on the day.
pub(crate) async fn outlet_in_scope(
    c: &mut PgConnection,
    scope: Scope<'_>,
    customer: CustomerId,
    day: NaiveDate,
) -> Result<bool, sqlx::Error> {
    let units = scope.units();
    sqlx::query_scalar!(
        r#"select ($2::uuid is null and $3::uuid[] is null
             or exists (select from customers_in_scope($2, $3, $4) s (id) where s.id = $1)) as "yes!""#,
        customer.uuid(),
        scope.user(),
        units.as_deref(),
        day,
    )
    .fetch_one(c)
    .await
}

/// What the columns hold is a place on earth, or none.
pub(crate) fn place(latitude: Option<f64>, longitude: Option<f64>) -> Option<Coordinates> {
    Coordinates::new(latitude?, longitude?).ok()
}

/// A visit that begins.
pub(crate) struct NewVisit<'a> {
    pub distributor: DistributorId,
    pub id: VisitId,
    pub customer: CustomerId,
    pub user: UserId,
    pub unit: Option<OrgUnitId>,
    pub route: Option<RouteId>,
    pub visit_type: VisitType,
    pub business_date: NaiveDate,
    pub at: DateTime<Utc>,
    pub place: Coordinates,
    pub accuracy: Option<f64>,
    pub distance_metres: Option<i32>,
    pub out_of_range: bool,
    /// Where the outlet was, as measured to.
    pub outlet: Option<Coordinates>,
    pub placed_outlet: bool,
    pub policy: &'a VisitPolicy,
    pub flags: Value,
    pub beside_open: bool,
    /// The distributor whose board the rep is on.
    pub board: Option<DistributorId>,
    pub received_at: DateTime<Utc>,
    /// `VisitStarted`.
    pub event: Value,
    /// The hub groups that hear of it.
    pub audience: Vec<String>,
    pub audited: Value,
    /// The answer to keep for repeats: key, digest of what was asked, answer.
    pub answer: Option<(&'a str, &'a [u8], Value)>,
}

/// Adds the visit with its position, audit row, event and the answer to keep, in one statement. A repeat at the same
/// moment breaks `visits_pkey`, `visits_id_uniq`, `visits_open_uniq` or `idempotency_keys_pkey`.
pub(crate) async fn insert_visit(
    c: &mut PgConnection,
    cx: &Context,
    operation: &str,
    v: &NewVisit<'_>,
) -> Result<(), sqlx::Error> {
    let (key, fingerprint, answer) = match &v.answer {
        Some((key, fingerprint, answer)) => (Some(*key), Some(*fingerprint), Some(answer)),
        None => (None, None, None),
    };
    sqlx::query!(
        r#"with visit as (
             insert into visits (distributor_id, id, customer_id, user_id, unit_id, route_id, visit_type, business_date,
               check_in_at, latitude, longitude, accuracy, distance_m, out_of_range, received_at, outlet_latitude,
               outlet_longitude, placed_outlet, policy, flags, beside_open)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
             returning note_position($22, $4, $5, $9, $10, $11, $12::float8::real)
           ), kept as (
             insert into idempotency_keys (user_id, key, operation, fingerprint, answer, created_at)
             select $4, $23, $24, $25, $26, $15 where $23::text is not null
           ), audited as (
             insert into audit_log (at, distributor_id, actor_id, actor_name, action, entity, entity_id, after, address, trace_id)
             values ($15, $1, $4, $27, 'visits.check_in', 'visit', $2, $28, $29, $30)
           )
           insert into outbox (id, distributor_id, kind, aggregate_id, audience, payload, trace_id, created_at)
           values ($31, $1, 'VisitStarted', $2, $33, $32, $30, $15)"#,
        v.distributor.uuid(),
        v.id.uuid(),
        v.customer.uuid(),
        v.user.uuid(),
        v.unit.map(OrgUnitId::uuid),
        v.route.map(RouteId::uuid),
        v.visit_type.as_str(),
        v.business_date,
        v.at,
        v.place.latitude(),
        v.place.longitude(),
        v.accuracy,
        v.distance_metres,
        v.out_of_range,
        v.received_at,
        v.outlet.map(Coordinates::latitude),
        v.outlet.map(Coordinates::longitude),
        v.placed_outlet,
        Json(v.policy) as _,
        v.flags,
        v.beside_open,
        v.board.map(DistributorId::uuid),
        key,
        operation,
        fingerprint,
        answer,
        cx.name,
        v.audited,
        cx.address,
        cx.trace_id,
        EventId::new(Uuid::now_v7()).uuid(),
        v.event,
        &v.audience,
    )
    .execute(c)
    .await?;
    Ok(())
}
