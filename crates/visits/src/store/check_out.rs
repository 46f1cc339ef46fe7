use chrono::{DateTime, Utc};
use db::Context;
use domain::visit::{
    Arrival, DisplayDue, OutletState, Verdict, VisitFacts, VisitPolicy, VisitResult, VisitType,
};
use domain::{Coordinates, DistributorId, EventId, OrgUnitId, RouteId, UserId, VisitId};
use serde::Deserialize;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::Visit;

/// A visit that is about to end, and what was done in it.
pub(crate) struct Leaving {
    pub visit: Visit,
    pub policy: VisitPolicy,
    /// All that is known but the end itself.
    pub facts: VisitFacts,
}

#[derive(Debug, Deserialize)]
struct Due {
    program: String,
    required: u32,
    taken: u32,
}

/// One statement for all that a check-out reads of the user's visit.
pub(crate) async fn find_leaving(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: VisitId,
) -> Result<Leaving, sqlx::Error> {
    let r = sqlx::query!(
        r#"select v.customer_id as "customer: domain::CustomerId", cu.code, cu.name, cu.address, v.user_id as "user: UserId",
             coalesce(u.full_name, '') as "full_name!", v.unit_id as "unit: OrgUnitId", v.route_id as "route: RouteId",
             v.visit_type as "visit_type: VisitType", v.business_date, v.check_in_at, v.latitude, v.longitude, v.accuracy,
             v.distance_m, v.out_of_range, v.check_out_at, v.check_out_latitude, v.check_out_longitude,
             v.result as "result: VisitResult", v.outlet_state as "outlet_state: OutletState", v.notes, v.compliant,
             v.placed_outlet, v.corrected_distance_m, v.corrected_out_of_range, v.corrected_compliant, v.version,
             v.policy as "policy: Json<VisitPolicy>",
             array(select p.album from visit_photos p
                   where p.distributor_id = v.distributor_id and p.visit_id = v.id) as "albums!",
             (select count(*) from orders o where o.distributor_id = v.distributor_id and o.visit_id = v.id
                and o.status not in ('Draft', 'Cancelled')) as "orders!",
             exists (select from visit_stock_checks s
                     where s.distributor_id = v.distributor_id and s.visit_id = v.id) as "counted!",
             array(select distinct s.code from survey_answers a join surveys s on s.id = a.survey_id
                   where a.distributor_id = v.distributor_id and a.visit_id = v.id) as "surveys!",
             (select jsonb_agg(jsonb_build_object('program', p.code, 'required', p.photos, 'taken',
                (select count(*) from visit_photos ph where ph.distributor_id = v.distributor_id and ph.visit_id = v.id
                   and ph.display_program_id = p.id)) order by p.code)
              from display_registrations r join display_programs p on p.id = r.program_id
              where r.distributor_id = v.distributor_id and r.customer_id = v.customer_id and p.status = 'active'
                and v.business_date between p.valid_from and p.valid_to and r.valid_from <= v.business_date
                and (r.valid_to is null or r.valid_to >= v.business_date)) as "displays: Json<Vec<Due>>"
           from visits v
           join customers cu on cu.distributor_id = v.distributor_id and cu.id = v.customer_id
           left join users u on u.id = v.user_id
           where v.distributor_id = $1 and v.id = $2"#,
        distributor.uuid(),
        id.uuid(),
    )
    .fetch_one(c)
    .await?;
    let arrival = Arrival {
        distance_metres: r.distance_m.and_then(|metres| u32::try_from(metres).ok()),
        accuracy_metres: r.accuracy,
        in_route: r.visit_type == VisitType::InRoute,
    };
    let mut facts = VisitFacts::bare(arrival, VisitResult::NoOrder, 0);
    for album in &r.albums {
        *facts.photos.entry(domain::search_key(album)).or_default() += 1;
    }
    facts.outlet_state = r.outlet_state;
    facts.shelf_counted = r.counted;
    facts.surveys = r.surveys.into_iter().collect();
    facts.placed_outlet = r.placed_outlet;
    let due = |due: Due| DisplayDue { program: due.program, required: due.required, taken: due.taken };
    facts.displays = r.displays.map(|all| all.0.into_iter().map(due).collect()).unwrap_or_default();
    let visit = Visit {
        visit_id: id,
        distributor_id: distributor,
        customer_id: r.customer,
        customer_code: r.code,
        customer_name: r.name,
        customer_address: r.address,
        user_id: r.user,
        full_name: r.full_name,
        unit_id: r.unit,
        route_id: r.route,
        visit_type: r.visit_type,
        business_date: r.business_date,
        check_in_time: r.check_in_at,
        latitude: r.latitude,
        longitude: r.longitude,
        accuracy: r.accuracy,
        check_in_distance: r.distance_m,
        out_of_range: r.out_of_range,
        check_out_time: r.check_out_at,
        check_out_latitude: r.check_out_latitude,
        check_out_longitude: r.check_out_longitude,
        duration_seconds: r.check_out_at.map(|end| (end - r.check_in_at).num_seconds()),
        visit_result: r.result,
        outlet_state: r.outlet_state,
        notes: r.notes,
        compliant: r.compliant,
        placed_outlet: r.placed_outlet,
        corrected_distance: r.corrected_distance_m,
        corrected_out_of_range: r.corrected_out_of_range,
        corrected_compliant: r.corrected_compliant,
        photo_count: i64::try_from(r.albums.len()).unwrap_or(i64::MAX),
        order_count: r.orders,
        version: r.version,
    };
    Ok(Leaving { visit, policy: r.policy.map(|policy| policy.0).unwrap_or_default(), facts })
}

/// How a visit ends.
pub(crate) struct Ending<'a> {
    pub at: DateTime<Utc>,
    pub place: Coordinates,
    pub result: VisitResult,
    /// Earlier ones stay when there are none.
    pub notes: Option<&'a str>,
    pub verdict: &'a Verdict,
    /// The same, measured to the outlet's corrected place; none when that wasn't corrected.
    pub corrected_compliant: Option<bool>,
    pub flags: Value,
    pub board: Option<DistributorId>,
    pub event: Value,
    pub audited: Value,
    pub now: DateTime<Utc>,
}

/// Ends the visit, with its position, audit row and event, in one statement.
pub(crate) async fn update_ending(
    c: &mut PgConnection,
    cx: &Context,
    visit: &Visit,
    e: &Ending<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"with ended as (
             update visits set check_out_at = $3, check_out_latitude = $4, check_out_longitude = $5, result = $6,
               notes = coalesce($7, notes), compliant = $8, verdict = $9, corrected_compliant = $10,
               flags = flags || $11::jsonb, version = version + 1
             where distributor_id = $1 and id = $2
             returning note_position($12, user_id, unit_id, $3, $4, $5, null)
           ), audited as (
             insert into audit_log (at, distributor_id, actor_id, actor_name, action, entity, entity_id, after, address, trace_id)
             values ($13, $1, $14, $15, 'visits.check_out', 'visit', $2, $16, $17, $18)
           )
           insert into outbox (id, distributor_id, kind, aggregate_id, audience, payload, trace_id, created_at)
           values ($19, $1, 'VisitCompleted', $2, event_audience($1, $20, $14), $21, $18, $13)"#,
        visit.distributor_id.uuid(),
        visit.visit_id.uuid(),
        e.at,
        e.place.latitude(),
        e.place.longitude(),
        e.result.as_str(),
        e.notes,
        e.verdict.compliant(),
        Json(e.verdict) as _,
        e.corrected_compliant,
        e.flags,
        e.board.map(DistributorId::uuid),
        e.now,
        visit.user_id.uuid(),
        cx.name,
        e.audited,
        cx.address,
        cx.trace_id,
        EventId::new(Uuid::now_v7()).uuid(),
        visit.unit_id.map(OrgUnitId::uuid),
        e.event,
    )
    .execute(c)
    .await?;
    Ok(())
}
