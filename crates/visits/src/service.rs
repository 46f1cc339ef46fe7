//! What has to be decided in a visit.

use chrono::{DateTime, Utc};
use customers::model::CustomerStatus;
use customers::store::Viewer;
use db::audit::{self, Entry};
use db::outbox::{self, Event};
use domain::business_day::business_date;
use domain::geo::DEFAULT_RADIUS_METRES;
use domain::visit::{VisitFacts, VisitPolicy, VisitResult, check_out_problems, is_compliant};
use domain::{Coordinates, CustomerId, EventId, VisitId};
use platform::{ApiError, App, Caller};
use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::VisitError;
use crate::model::{Photo, Visit};
use crate::store::{self, Ending, NewPhoto, NewVisit};

/// A check-in as it arrives.
#[derive(Debug)]
pub(crate) struct CheckIn {
    pub id: VisitId,
    pub customer: CustomerId,
    pub place: Coordinates,
    pub accuracy: Option<f64>,
    pub at: DateTime<Utc>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VisitStarted<'a> {
    visit_id: VisitId,
    customer_id: CustomerId,
    customer_name: &'a str,
    user_id: domain::UserId,
    full_name: &'a str,
    latitude: f64,
    longitude: f64,
    out_of_range: bool,
    at: DateTime<Utc>,
}

/// Starts a visit; one that came before is answered as it was.
pub(crate) async fn check_in(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    check_in: &CheckIn,
) -> Result<Visit, ApiError> {
    if let Some(known) = store::find_visit(c, caller.scope(), check_in.id).await?
        && known.user_id == caller.user_id
        && known.customer_id == check_in.customer
    {
        return Ok(known);
    }
    let day = business_date(check_in.at);
    let viewer = Viewer::new(caller.scope(), day);
    let missing =
        || ApiError::not_found().field("customerId", "Không tìm thấy khách hàng", "No such customer");
    let customer = customers::store::find(c, &viewer, check_in.customer).await?.ok_or_else(missing)?;
    if customer.data.status != CustomerStatus::Active {
        return Err(VisitError::CustomerNotActive(customer.data.status).into());
    }
    if let Some(open) = store::find_open_visit(c, caller.user_id).await? {
        return Err(VisitError::OpenVisit {
            visit: open.id,
            customer_name: open.customer_name,
            since: open.since,
        }
        .into());
    }
    let outlet = match (customer.data.latitude, customer.data.longitude) {
        (Some(latitude), Some(longitude)) => Coordinates::new(latitude, longitude).ok(),
        _ => None,
    };
    let fence = outlet.map(|outlet| check_in.place.geofence(outlet, DEFAULT_RADIUS_METRES));
    if outlet.is_none() {
        customers::service::place_on_first_visit(
            c,
            caller.context(),
            app.now(),
            customer.distributor_id,
            customer.id,
            check_in.place,
        )
        .await?;
    }
    let visit = NewVisit {
        distributor: customer.distributor_id,
        id: check_in.id,
        customer: customer.id,
        user: caller.user_id,
        unit: caller.primary_unit,
        route: routes::plan::route_of(c, caller.user_id, day, customer.id).await?,
        business_date: day,
        at: check_in.at,
        place: check_in.place,
        accuracy: check_in.accuracy,
        distance_metres: fence.map(|f| i32::try_from(f.distance_metres).unwrap_or(i32::MAX)),
        out_of_range: fence.is_some_and(|f| !f.within),
        received_at: app.now(),
    };
    store::insert_visit(c, &visit).await.map_err(open_meanwhile)?;
    tracking::note_position(c, caller, visit.at, visit.place, visit.accuracy).await?;
    let entry = Entry {
        action: "visits.check_in",
        entity: "visit",
        entity_id: Some(visit.id.uuid()),
        distributor: Some(visit.distributor),
        before: None::<&()>,
        after: Some(&json!({
            "customerId": visit.customer,
            "visitType": visit.visit_type(),
            "checkInDistance": visit.distance_metres,
            "outOfRange": visit.out_of_range,
        })),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    let payload = VisitStarted {
        visit_id: visit.id,
        customer_id: visit.customer,
        customer_name: &customer.data.name,
        user_id: visit.user,
        full_name: &caller.full_name,
        latitude: visit.place.latitude(),
        longitude: visit.place.longitude(),
        out_of_range: visit.out_of_range,
        at: visit.at,
    };
    let event = Event {
        id: EventId::new(Uuid::now_v7()),
        kind: "VisitStarted",
        aggregate: visit.id.uuid(),
        distributor: Some(visit.distributor),
        unit: visit.unit,
        user: Some(visit.user),
        payload: &payload,
    };
    outbox::push(c, caller.context(), app.now(), event).await?;
    get_own(c, caller, visit.id).await
}

/// Two check-ins at once: the second one finds the first only when it is written.
fn open_meanwhile(error: sqlx::Error) -> ApiError {
    ApiError::from(error).on_constraint("visits_open_uniq", || {
        ApiError::conflict(
            "visits.open_visit",
            "Bạn đang ở một điểm bán khác. Hãy check-out ở đó trước.",
            "You are still at another outlet. Check out there first.",
        )
    })
}

/// A check-out as it arrives.
#[derive(Debug)]
pub(crate) struct CheckOut {
    pub place: Coordinates,
    pub result: VisitResult,
    pub notes: Option<String>,
    /// By the device; now when it says none.
    pub at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VisitCompleted<'a> {
    visit_id: VisitId,
    customer_id: CustomerId,
    customer_name: &'a str,
    user_id: domain::UserId,
    full_name: &'a str,
    visit_result: VisitResult,
    at: DateTime<Utc>,
}

/// Ends the caller's visit; the same end again is answered as it was.
pub(crate) async fn check_out(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: VisitId,
    check_out: &CheckOut,
) -> Result<Visit, ApiError> {
    let visit = lock_own(c, caller, id).await?;
    if let Some(ended) = visit.check_out_time {
        let same = visit.visit_result == Some(check_out.result)
            && check_out.at.is_none_or(|at| at == ended)
            && visit.check_out_latitude == Some(check_out.place.latitude())
            && visit.check_out_longitude == Some(check_out.place.longitude());
        return if same { Ok(visit) } else { Err(VisitError::Ended.into()) };
    }
    let at = crate::model::device_time(check_out.at, app.now())?;
    if at < visit.check_in_time {
        return Err(VisitError::TimeOrder.into());
    }
    let done = store::count_photos(c, visit.distributor_id, id).await?;
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let facts = VisitFacts {
        result: check_out.result,
        photos: count(done.photos),
        closed_door_photos: count(done.closed_door_photos),
        in_range: !visit.out_of_range,
        duration_seconds: (at - visit.check_in_time).num_seconds(),
    };
    let policy = VisitPolicy::default();
    let problems = check_out_problems(&policy, &facts);
    if !problems.is_empty() {
        return Err(VisitError::CheckOut(problems).into());
    }
    let ending = Ending {
        at,
        place: check_out.place,
        result: check_out.result,
        notes: check_out.notes.clone(),
        compliant: is_compliant(&policy, &facts),
    };
    store::update_ending(c, visit.distributor_id, id, &ending).await?;
    tracking::note_position(c, caller, at, check_out.place, None).await?;
    let entry = Entry {
        action: "visits.check_out",
        entity: "visit",
        entity_id: Some(id.uuid()),
        distributor: Some(visit.distributor_id),
        before: None::<&()>,
        after: Some(&json!({ "visitResult": ending.result, "compliant": ending.compliant })),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    let payload = VisitCompleted {
        visit_id: id,
        customer_id: visit.customer_id,
        customer_name: &visit.customer_name,
        user_id: visit.user_id,
        full_name: &visit.full_name,
        visit_result: ending.result,
        at,
    };
    let event = Event {
        id: EventId::new(Uuid::now_v7()),
        kind: "VisitCompleted",
        aggregate: id.uuid(),
        distributor: Some(visit.distributor_id),
        unit: visit.unit_id,
        user: Some(visit.user_id),
        payload: &payload,
    };
    outbox::push(c, caller.context(), app.now(), event).await?;
    get_own(c, caller, id).await
}

/// Writes the notes of the caller's visit.
pub(crate) async fn note(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: VisitId,
    notes: &str,
) -> Result<Visit, ApiError> {
    let visit = lock_own(c, caller, id).await?;
    if visit.notes == notes {
        return Ok(visit);
    }
    store::update_notes(c, visit.distributor_id, id, notes).await?;
    let entry = Entry {
        action: "visits.note",
        entity: "visit",
        entity_id: Some(id.uuid()),
        distributor: Some(visit.distributor_id),
        before: Some(&json!({ "notes": visit.notes })),
        after: Some(&json!({ "notes": notes })),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    get_own(c, caller, id).await
}

/// Adds a photo to the caller's visit; one that came before is answered as it was.
pub(crate) async fn add_photo(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    photo: &NewPhoto,
) -> Result<Photo, ApiError> {
    let visit = lock_own(c, caller, photo.visit).await?;
    if let Some(known) = store::find_same_photo(c, visit.distributor_id, photo).await? {
        let same = known.visit_id == photo.visit && known.sha256 == photo.sha256;
        return if same { Ok(known) } else { Err(VisitError::PhotoIdTaken.into()) };
    }
    store::insert_photo(c, visit.distributor_id, photo).await?;
    let kept = Photo {
        photo_id: photo.id,
        visit_id: photo.visit,
        album_type: photo.album.clone(),
        sha256: photo.sha256.clone(),
        content_type: photo.content_type.to_owned(),
        size_bytes: photo.size_bytes,
        latitude: photo.place.map(Coordinates::latitude),
        longitude: photo.place.map(Coordinates::longitude),
        captured_at: photo.captured_at,
    };
    let entry = Entry {
        action: "visits.add_photo",
        entity: "visit",
        entity_id: Some(photo.visit.uuid()),
        distributor: Some(visit.distributor_id),
        before: None::<&()>,
        after: Some(&kept),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok(kept)
}

async fn lock_own(c: &mut PgConnection, caller: &Caller, id: VisitId) -> Result<Visit, ApiError> {
    if !store::lock_own_visit(c, caller.user_id, id).await? {
        return Err(ApiError::not_found());
    }
    get_own(c, caller, id).await
}

/// One's own visit is seen whatever one's units are by now.
async fn get_own(c: &mut PgConnection, caller: &Caller, id: VisitId) -> Result<Visit, ApiError> {
    store::find_visit(c, platform::Scope::Own(caller.user_id), id).await?.ok_or_else(ApiError::not_found)
}
