//! Visits that were made without network arrive whole: check-in, photos, check-out. Of those that are as they should be there is
//! nothing to refuse and nothing to flag, and a day of them is read in one statement and written in another.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use customers::model::CustomerStatus;
use domain::business_day::business_date;
use domain::visit::{Arrival, OutletState, VisitFacts, VisitType};
use domain::{Coordinates, RouteId, VisitId};
use platform::{ApiError, App, Caller, Mode};
use routes::plan_cache;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::check_in::{VisitStarted, board_of};
use super::check_out::VisitCompleted;
use super::{CheckIn, CheckOut, NewPhoto};
use crate::model::{Photo, device_time};
use crate::store::{self, Visited, WholeOf, WholeRows};

/// A visit from its beginning to its end, in the order of the phone.
#[derive(Debug, Clone)]
pub struct WholeVisit {
    /// How it began.
    pub check_in: CheckIn,
    /// How the outlet was found.
    pub outlet_state: Option<OutletState>,
    /// What was photographed; nothing of display programs.
    pub photos: Vec<NewPhoto>,
    /// How it ended.
    pub check_out: CheckOut,
}

/// A visit that was written down.
#[derive(Debug, Clone)]
pub struct Written {
    /// The visit.
    pub visit: VisitId,
    /// Metres to the outlet.
    pub distance_metres: i32,
    /// Whether that was too far.
    pub out_of_range: bool,
    /// The route in whose plan the outlet was.
    pub route: RouteId,
    /// Whether it was as the policy wants it.
    pub compliant: bool,
    /// How long it took.
    pub duration_seconds: i64,
}

/// Writes down a person's visits, one after another as they were. None in the place of one that is not as it should be, or was
/// there before: of it nothing was written, and each of its steps must be taken by itself.
///
/// # Errors
/// When the database refuses: whoever was first at the same moment made the visit, or has its id.
pub async fn record_whole_visits(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    visits: &[WholeVisit],
) -> Result<Vec<Option<Written>>, ApiError> {
    let nothing = || visits.iter().map(|_| None).collect();
    // Leave and plans of several distributors are another matter; see `plan_cache`.
    let db::Tenants::Distributors(own) = &caller.tenants else { return Ok(nothing()) };
    let [distributor] = own[..] else { return Ok(nothing()) };
    let now = app.now();
    let times: Vec<Option<Times>> = visits.iter().map(|visit| Times::of(visit, now)).collect();
    let mut ids = BTreeSet::new();
    let all_new = visits.iter().all(|visit| {
        ids.insert(visit.check_in.id.uuid()) && visit.photos.iter().all(|photo| ids.insert(photo.id.uuid()))
    });
    if !all_new || store::has_open_visit(c, caller.user_id).await? {
        return Ok(nothing());
    }
    let asked: Vec<_> = visits
        .iter()
        .zip(&times)
        .filter_map(|(visit, times)| {
            Some((visit.check_in.id, visit.check_in.customer, times.as_ref()?.began))
        })
        .collect();
    let mut found: BTreeMap<VisitId, Visited> = store::find_visited(c, &asked).await?.into_iter().collect();
    let albums: BTreeMap<String, String> = store::list_album_names(c).await?.into_iter().collect();
    let Some(first) = found.values().next() else { return Ok(nothing()) };
    let master = store::master(c, &app.db, first.master_version).await?;

    let mut written = Vec::with_capacity(visits.len());
    let (mut rows, mut photos, mut audits, mut events) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut last: Option<(DateTime<Utc>, Coordinates)> = None;
    let audit =
        |action: &str, visit: VisitId, after: Value| json!({ "action": action, "id": visit, "after": after });
    for (visit, times) in visits.iter().zip(&times) {
        let id = visit.check_in.id;
        written.push(None);
        let (Some(times), Some(at_outlet)) = (times, found.remove(&id)) else { continue };
        let Some(outlet) = at_outlet.outlet else { continue };
        if at_outlet.known
            || at_outlet.displays
            || at_outlet.distributor != distributor
            || at_outlet.status != CustomerStatus::Active
        {
            continue;
        }
        let day = business_date(times.began);
        let (user, version) = (caller.user_id, at_outlet.plan_version);
        let plan = match plan_cache::kept(user, distributor, day, version) {
            Some(plan) => plan,
            None => plan_cache::reckon(c, user, distributor, day, version).await?,
        };
        let Some(route) = plan.route_of(at_outlet.customer) else { continue };
        let policy = master.policy(caller.primary_unit, &at_outlet.customer_type, day);
        let fence = visit.check_in.place.geofence(outlet, policy.radius_metres);
        let arrival = Arrival {
            distance_metres: Some(fence.distance_metres),
            accuracy_metres: visit.check_in.accuracy,
            in_route: true,
        };
        let mut facts = VisitFacts::bare(arrival, visit.check_out.result, times.seconds());
        facts.outlet_state = visit.outlet_state;
        let mut in_albums = Vec::with_capacity(visit.photos.len());
        let mut seen = BTreeSet::new();
        for photo in &visit.photos {
            let key = domain::search_key(&photo.album);
            let album = albums.get(&key).filter(|album| seen.insert((photo.sha256.as_str(), *album)));
            in_albums.extend(album.filter(|_| photo.display_program.is_none()));
            *facts.photos.entry(key).or_default() += 1;
        }
        let (arrived, left) = (policy.arrive(&facts.arrival), policy.leave(&facts));
        let fine = arrived.blockers.is_empty() && left.blockers.is_empty();
        if !fine || in_albums.len() < visit.photos.len() {
            continue;
        }
        let done = Written {
            visit: id,
            distance_metres: i32::try_from(fence.distance_metres).unwrap_or(i32::MAX),
            out_of_range: !policy.in_range(fence.distance_metres, visit.check_in.accuracy),
            route,
            compliant: left.compliant(),
            duration_seconds: times.seconds(),
        };
        audits.push(audit(
            "visits.check_in",
            id,
            json!({
                "customerId": at_outlet.customer, "visitType": VisitType::InRoute, "checkInDistance": done.distance_metres,
                "outOfRange": done.out_of_range,
            }),
        ));
        for ((photo, captured_at), album) in visit.photos.iter().zip(&times.captured).zip(in_albums) {
            photos.push(photo_row(id, photo, album, *captured_at));
            let taken = Photo {
                photo_id: photo.id,
                visit_id: id,
                album_type: album.clone(),
                sha256: photo.sha256.as_str().to_owned(),
                content_type: photo.content_type.clone(),
                size_bytes: photo.size_bytes,
                display_program_id: None,
                latitude: photo.place.map(Coordinates::latitude),
                longitude: photo.place.map(Coordinates::longitude),
                captured_at: *captured_at,
            };
            let taken = serde_json::to_value(taken).map_err(ApiError::internal)?;
            audits.push(audit("visits.add_photo", id, taken));
        }
        let json_of = |value: Result<Value, serde_json::Error>| value.map_err(ApiError::internal);
        rows.push(json!({
            "id": id, "customer_id": at_outlet.customer, "route_id": route, "visit_type": VisitType::InRoute.as_str(),
            "business_date": day, "check_in_at": times.began, "latitude": visit.check_in.place.latitude(),
            "longitude": visit.check_in.place.longitude(), "accuracy": visit.check_in.accuracy,
            "distance_m": done.distance_metres, "out_of_range": done.out_of_range, "outlet_latitude": outlet.latitude(),
            "outlet_longitude": outlet.longitude(), "policy": json_of(serde_json::to_value(&policy))?,
            "check_out_at": times.ended, "check_out_latitude": visit.check_out.place.latitude(),
            "check_out_longitude": visit.check_out.place.longitude(), "result": visit.check_out.result.as_str(),
            "notes": visit.check_out.notes.as_deref().unwrap_or_default(), "compliant": done.compliant,
            "outlet_state": visit.outlet_state.map(OutletState::as_str), "verdict": json_of(serde_json::to_value(&left))?,
        }));
        if let Some(state) = visit.outlet_state {
            audits.push(audit("visits.outlet_state", id, json!({ "outletState": state })));
        }
        audits.push(audit(
            "visits.check_out",
            id,
            json!({ "visitResult": visit.check_out.result, "compliant": done.compliant }),
        ));
        let started = VisitStarted {
            visit_id: id,
            customer_id: at_outlet.customer,
            customer_name: &at_outlet.customer_name,
            user_id: user,
            full_name: &caller.full_name,
            latitude: visit.check_in.place.latitude(),
            longitude: visit.check_in.place.longitude(),
            out_of_range: done.out_of_range,
            at: times.began,
        };
        let completed = VisitCompleted {
            visit_id: id,
            customer_id: at_outlet.customer,
            customer_name: &at_outlet.customer_name,
            user_id: user,
            full_name: &caller.full_name,
            visit_result: visit.check_out.result,
            at: times.ended,
        };
        for (kind, payload) in [
            ("VisitStarted", json_of(serde_json::to_value(&started))?),
            ("VisitCompleted", json_of(serde_json::to_value(&completed))?),
        ] {
            events.push(json!({ "id": Uuid::now_v7(), "kind": kind, "visit_id": id, "payload": payload }));
        }
        if last.is_none_or(|(at, _)| at <= times.ended) {
            last = Some((times.ended, visit.check_out.place));
        }
        if let Some(place) = written.last_mut() {
            *place = Some(done);
        }
    }
    let Some(last) = last else { return Ok(written) };
    let of = WholeOf {
        distributor,
        user: caller.user_id,
        unit: caller.primary_unit,
        audience: caller.audience(distributor),
        received_at: now,
        board: board_of(caller),
        last,
    };
    let rows = WholeRows {
        visits: rows.into(),
        photos: photos.into(),
        audits: audits.into(),
        events: events.into(),
    };
    store::insert_whole(c, caller.context(), &of, &rows).await?;
    Ok(written)
}

/// The instants of a visit, none of them odd.
struct Times {
    began: DateTime<Utc>,
    ended: DateTime<Utc>,
    captured: Vec<DateTime<Utc>>,
}

impl Times {
    fn of(visit: &WholeVisit, now: DateTime<Utc>) -> Option<Times> {
        let fine = |at| device_time(at, now, Mode::Live, &mut Vec::new()).ok();
        let (began, ended) = (fine(visit.check_in.at)?, fine(visit.check_out.at)?);
        let captured =
            visit.photos.iter().map(|photo| fine(photo.captured_at)).collect::<Option<Vec<_>>>()?;
        (ended - began >= TimeDelta::zero()).then_some(Times { began, ended, captured })
    }

    fn seconds(&self) -> i64 {
        (self.ended - self.began).num_seconds()
    }
}

fn photo_row(visit: VisitId, photo: &NewPhoto, album: &str, captured_at: DateTime<Utc>) -> Value {
    json!({
        "id": photo.id, "visit_id": visit, "sha256": photo.sha256.as_str(), "content_type": photo.content_type,
        "size_bytes": photo.size_bytes, "album": album, "latitude": photo.place.map(Coordinates::latitude),
        "longitude": photo.place.map(Coordinates::longitude), "captured_at": captured_at,
    })
}
