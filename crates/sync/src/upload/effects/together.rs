//! What of a batch is done together instead of one after the other: visits that come whole, and positions.
//!
//! Only what is as it should be is done so. Of the rest each operation is done by itself, with all that there is to say of
//! it; and so is everything again when the database refuses something.

use std::collections::BTreeMap;

use db::PgConnection;
use domain::VisitId;
use domain::visit::{OutletState, VisitType};
use platform::{ApiResult, App, Caller, Mode};
use serde_json::json;
use uuid::Uuid;
use visits::service::{CheckIn, CheckOut, NewPhoto, WholeVisit};

use super::field::{
    done, located, read_check_in, read_check_out, read_locations, read_outlet_state, read_photo,
};
use super::{Done, NEWEST_FORM};
use crate::upload::operation::Operation;

/// Does what can be done together of operations that are well-formed and allowed; gives what was done by the operation.
pub(crate) async fn together(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    operations: &[&Operation],
) -> ApiResult<BTreeMap<Uuid, Done>> {
    let mut finished = BTreeMap::new();
    if operations.iter().all(|op| op.version <= NEWEST_FORM) {
        whole_visits(c, app, caller, operations, &mut finished).await?;
        positions(c, app, caller, operations, &mut finished).await?;
    }
    Ok(finished)
}

async fn positions(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    operations: &[&Operation],
    finished: &mut BTreeMap<Uuid, Done>,
) -> ApiResult<()> {
    let (mut ids, mut batches, mut unknowns) = (Vec::new(), Vec::new(), Vec::new());
    for op in operations.iter().filter(|op| op.kind == "locations") {
        let Ok((batch, unknown)) = read_locations(op) else { return Ok(()) };
        ids.push(op.id);
        batches.push(batch);
        unknowns.push(unknown);
    }
    if batches.len() < 2 {
        return Ok(());
    }
    if let Some(kept) = tracking::service::record_batches(c, app, caller, &batches, Mode::Late).await? {
        let each = ids.into_iter().zip(kept).zip(unknowns);
        finished.extend(each.map(|((id, kept), unknown)| (id, located(kept, unknown))));
    }
    Ok(())
}

/// A visit as its operations tell it.
struct Draft {
    visit: VisitId,
    check_in: Option<(Uuid, CheckIn, Vec<String>)>,
    outlet_state: Option<(Uuid, OutletState, Vec<String>)>,
    photos: Vec<(Uuid, NewPhoto, Vec<String>)>,
    check_out: Option<(Uuid, CheckOut, Vec<String>)>,
    /// There is nothing else to it.
    whole: bool,
}

/// The visits that begin in these operations, in order; none when a visit begins before another has ended.
fn drafts(app: &App, operations: &[&Operation]) -> Option<Vec<Draft>> {
    let mut drafts: Vec<Draft> = Vec::new();
    for op in operations {
        if op.kind == "check_in" {
            if drafts.last().is_some_and(|last| last.check_out.is_none()) {
                return None;
            }
            let check_in = read_check_in(op).ok();
            drafts.push(Draft {
                visit: VisitId::new(op.entity?),
                whole: check_in.is_some(),
                check_in: check_in.map(|(check_in, unknown)| (op.id, check_in, unknown)),
                outlet_state: None,
                photos: Vec::new(),
                check_out: None,
            });
            continue;
        }
        let Some(id) = op.visit() else { continue };
        let Some(at) = drafts.iter().rposition(|draft| draft.visit.uuid() == id) else { continue };
        let current = at + 1 == drafts.len();
        let draft = &mut drafts[at];
        // After its end, or while another goes on, it is something to look at.
        if !current || draft.check_out.is_some() {
            draft.whole = false;
            continue;
        }
        match op.kind.as_str() {
            "photo" => match read_photo(app, op) {
                Ok((_, photo, unknown)) => draft.photos.push((op.id, photo, unknown)),
                Err(_) => draft.whole = false,
            },
            "outlet_state" if draft.outlet_state.is_none() => match read_outlet_state(op) {
                Ok((_, state, unknown)) => draft.outlet_state = Some((op.id, state, unknown)),
                Err(_) => draft.whole = false,
            },
            "check_out" => match read_check_out(op) {
                Ok((check_out, unknown)) => draft.check_out = Some((op.id, check_out, unknown)),
                Err(_) => return None,
            },
            _ => draft.whole = false,
        }
    }
    Some(drafts)
}

async fn whole_visits(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    operations: &[&Operation],
    finished: &mut BTreeMap<Uuid, Done>,
) -> ApiResult<()> {
    let Some(drafts) = drafts(app, operations) else { return Ok(()) };
    let (mut whole, mut told) = (Vec::new(), Vec::new());
    for draft in drafts.into_iter().filter(|draft| draft.whole) {
        let (Some(check_in), Some(check_out)) = (draft.check_in, draft.check_out) else { continue };
        let (mut photos, mut photo_ids) = (Vec::new(), Vec::new());
        for (op, photo, unknown) in draft.photos {
            photo_ids.push((op, json!({ "photoId": photo.id, "sha256": photo.sha256.as_str() }), unknown));
            photos.push(photo);
        }
        let outlet_state = draft.outlet_state.as_ref().map(|(_, state, _)| *state);
        whole.push(WholeVisit { check_in: check_in.1, outlet_state, photos, check_out: check_out.1 });
        told.push((
            (check_in.0, check_in.2),
            draft.outlet_state.map(|(op, _, unknown)| (op, unknown)),
            photo_ids,
            (check_out.0, check_out.2),
        ));
    }
    if whole.is_empty() {
        return Ok(());
    }
    let written = visits::service::record_whole_visits(c, app, caller, &whole).await?;
    for (visit, (check_in, state, photos, check_out)) in written.into_iter().zip(told) {
        let Some(visit) = visit else { continue };
        let began = json!({
            "visitId": visit.visit,
            "checkInDistance": visit.distance_metres,
            "outOfRange": visit.out_of_range,
            "visitType": VisitType::InRoute,
            "routeId": visit.route,
        });
        finished.insert(check_in.0, done(began, Vec::new(), check_in.1));
        if let Some((op, unknown)) = state {
            finished.insert(op, done(json!({ "visitId": visit.visit }), Vec::new(), unknown));
        }
        for (op, taken, unknown) in photos {
            finished.insert(op, done(taken, Vec::new(), unknown));
        }
        let ended = json!({
            "visitId": visit.visit,
            "compliant": visit.compliant,
            "durationSeconds": visit.duration_seconds,
        });
        finished.insert(check_out.0, done(ended, Vec::new(), check_out.1));
    }
    Ok(())
}
