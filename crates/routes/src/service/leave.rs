use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use db::audit::{self, Entry};
use domain::attendance::{HalfDay, LeaveKind, LeaveStatus};
use domain::permission::AttendanceManage;
use domain::{DistributorId, LeaveId, SubstitutionId, UserId};
use platform::{ApiError, App, Caller};
use sqlx::PgConnection;
use uuid::Uuid;

use super::substitute::NewSubstitute;
use super::{Notice, Told, tell};
use crate::error::RouteError;
use crate::model::Leave;
use crate::plan::day_before;
use crate::store::{self, NewLeave};

/// How many days back leave may be written: an illness is told afterwards.
const OLDEST: u64 = 31;

/// Leave that is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub id: LeaveId,
    pub user: Option<UserId>,
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub half: Option<HalfDay>,
    pub kind: LeaveKind,
    pub reason: String,
}

/// Asks for one's own leave, or records that of somebody one leads: then it holds at once.
pub(crate) async fn request_leave(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    request: &Request,
) -> Result<Leave, ApiError> {
    let user = request.user.unwrap_or(caller.user_id);
    let own = user == caller.user_id;
    if !own && !caller.may::<AttendanceManage>() {
        return Err(ApiError::not_found());
    }
    let missing = || ApiError::not_found().field("userId", "Không tìm thấy nhân viên", "No such person");
    let person = store::find_walker(c, caller.scope(), user).await?.ok_or_else(missing)?;
    let distributor = if own {
        own_distributor(caller)?
    } else {
        person.distributor.map_or_else(|| caller.distributor(None), Ok)?
    };
    if request.first < app.today().checked_sub_days(Days::new(OLDEST)).unwrap_or(request.first) {
        return Err(RouteError::Past(request.first).into());
    }
    store::lock_leaves_of(c, user).await?;
    if store::has_leave(c, user, request.first, request.last, request.half, false).await? {
        return Err(RouteError::LeaveOverlaps.into());
    }
    let new = NewLeave {
        distributor,
        id: request.id,
        user,
        unit: person.unit,
        first: request.first,
        last: request.last,
        half: request.half,
        kind: request.kind,
        reason: request.reason.clone(),
        requested_by: caller.user_id,
        at: app.now(),
        approved: !own,
    };
    store::insert_leave(c, &new).await?;
    let made = find(c, caller, request.id).await?;
    record(c, app, caller, if own { "leave.request" } else { "leave.record" }, None, &made).await?;
    Ok(made)
}

/// What somebody decides.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub note: String,
    /// Who walks the routes of the person meanwhile.
    pub substitute: Option<UserId>,
}

/// Approves a leave; the substitute gets all routes the person has on its days, from today on.
pub(crate) async fn approve_leave(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: LeaveId,
    decision: &Decision,
) -> Result<Leave, ApiError> {
    let leave = requested(c, caller, id, decision.substitute).await?;
    if leave.half.is_some() && decision.substitute.is_some() {
        return Err(ApiError::invalid_field(
            "substituteId",
            "Nghỉ nửa ngày thì không có người đi thay",
            "For half a day nobody stands in",
        ));
    }
    decide(c, app, caller, &leave, LeaveStatus::Approved, leave.last_day, &decision.note).await?;
    if let Some(substitute) = decision.substitute {
        let first = leave.first_day.max(app.today());
        for walked in store::list_walked(c, leave.user_id, first, leave.last_day).await? {
            let new = NewSubstitute {
                id: SubstitutionId::new(Uuid::now_v7()),
                rep: substitute,
                first: walked.first,
                last: walked.last,
                note: decision.note.clone(),
                leave: (walked.distributor == leave.distributor_id).then_some(id),
            };
            super::substitute(c, app, caller, walked.route, &new).await?;
        }
    }
    let after = find(c, caller, id).await?;
    record(c, app, caller, "leave.approve", Some(&leave), &after).await?;
    Ok(after)
}

/// Rejects a leave.
pub(crate) async fn reject_leave(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: LeaveId,
    reason: &str,
) -> Result<Leave, ApiError> {
    let leave = requested(c, caller, id, None).await?;
    decide(c, app, caller, &leave, LeaveStatus::Rejected, leave.last_day, reason).await?;
    let after = find(c, caller, id).await?;
    record(c, app, caller, "leave.reject", Some(&leave), &after).await?;
    Ok(after)
}

/// Calls a leave off: the person while nobody has decided, those who decide from today on. What has begun ends
/// yesterday.
pub(crate) async fn cancel_leave(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: LeaveId,
    note: &str,
) -> Result<Leave, ApiError> {
    let leave = find(c, caller, id).await?;
    store::lock_leaves_of(c, leave.user_id).await?;
    let leave = find(c, caller, leave.leave_id).await?;
    let own = leave.user_id == caller.user_id;
    let today = app.today();
    match leave.status {
        LeaveStatus::Cancelled => return Ok(leave),
        LeaveStatus::Requested if own || caller.may::<AttendanceManage>() => {}
        LeaveStatus::Approved if !own && caller.may::<AttendanceManage>() => {
            if leave.last_day < today {
                return Err(RouteError::Past(leave.last_day).into());
            }
        }
        LeaveStatus::Approved if own => return Err(RouteError::OwnLeave.into()),
        LeaveStatus::Rejected => return Err(RouteError::LeaveStatus(leave.status).into()),
        LeaveStatus::Requested | LeaveStatus::Approved => return Err(ApiError::not_found()),
    }
    let begun = leave.status == LeaveStatus::Approved && leave.first_day < today;
    let (status, last) = if begun {
        (LeaveStatus::Approved, day_before(today))
    } else {
        (LeaveStatus::Cancelled, leave.last_day)
    };
    decide(c, app, caller, &leave, status, last, note).await?;
    store::end_substitutions_of(c, leave.distributor_id, id, today, caller.user_id, app.now()).await?;
    let after = find(c, caller, id).await?;
    record(c, app, caller, "leave.cancel", Some(&leave), &after).await?;
    Ok(after)
}

/// The leave while nobody has decided, locked together with that of whoever stands in; in the order of people, so that two
/// who stand in for each other don't wait for each other.
async fn requested(
    c: &mut PgConnection,
    caller: &Caller,
    id: LeaveId,
    substitute: Option<UserId>,
) -> Result<Leave, ApiError> {
    let leave = find(c, caller, id).await?;
    if leave.user_id == caller.user_id {
        return Err(RouteError::OwnLeave.into());
    }
    let people: BTreeSet<UserId> = substitute.into_iter().chain([leave.user_id]).collect();
    for person in people {
        store::lock_leaves_of(c, person).await?;
    }
    let leave = find(c, caller, id).await?;
    match leave.status {
        LeaveStatus::Requested => Ok(leave),
        other => Err(RouteError::LeaveStatus(other).into()),
    }
}

async fn decide(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    leave: &Leave,
    status: LeaveStatus,
    last: NaiveDate,
    note: &str,
) -> Result<(), ApiError> {
    let done = store::decide_leave(c, leave, status, last, note, caller.user_id, app.now()).await?;
    if done { Ok(()) } else { Err(ApiError::stale()) }
}

async fn find(c: &mut PgConnection, caller: &Caller, id: LeaveId) -> Result<Leave, ApiError> {
    store::find_leave(c, caller.scope(), id).await?.ok_or_else(ApiError::not_found)
}

/// The distributor whose book somebody's own leave is in: theirs, else the first of those they work for.
fn own_distributor(caller: &Caller) -> Result<DistributorId, ApiError> {
    let first = match &caller.tenants {
        db::Tenants::Distributors(ids) => ids.iter().min().copied(),
        db::Tenants::Company => None,
    };
    caller.distributor_id.or(first).map_or_else(|| caller.distributor(None), Ok)
}

async fn record(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    action: &'static str,
    before: Option<&Leave>,
    after: &Leave,
) -> Result<(), sqlx::Error> {
    let entry = Entry {
        action,
        entity: "leave",
        entity_id: Some(after.leave_id.uuid()),
        distributor: Some(after.distributor_id),
        before,
        after: Some(after),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    // Who asks tells those above, who decides tells the person.
    let told = if after.user_id == caller.user_id {
        Told::Above(after.unit_id)
    } else {
        Told::Person(after.user_id)
    };
    let notice = Notice::Leave {
        leave_id: after.leave_id,
        user_id: after.user_id,
        full_name: &after.full_name,
        status: after.status,
        first_day: after.first_day,
        last_day: after.last_day,
        note: &after.decision_note,
    };
    tell(c, app, caller, after.distributor_id, after.leave_id.uuid(), told, &notice).await
}
