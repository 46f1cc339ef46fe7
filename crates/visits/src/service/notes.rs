use chrono::{DateTime, Utc};
use domain::{IssueId, OrgUnitId, UserId, VisitId};
use platform::{ApiError, App, Caller, Flag, Mode};
use serde_json::json;
use sqlx::PgConnection;

use crate::model::device_time;
use crate::store;

/// What a rep notes in a visit.
#[derive(Debug, Clone)]
pub struct Note {
    /// Made by whoever writes, so that a repeat is known; the issue's id, where there are recipients.
    pub id: IssueId,
    /// The words.
    pub text: String,
    /// Who is asked to look at it: people.
    pub users: Vec<UserId>,
    /// Who is asked to look at it: units.
    pub units: Vec<OrgUnitId>,
    /// By the device; now when it says none.
    pub at: Option<DateTime<Utc>>,
}

/// What became of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noted {
    /// The thread that it opened, if it has recipients.
    pub issue: Option<IssueId>,
}

/// Writes the notes of the caller's visit, in place of the earlier ones; a note with recipients opens an issue instead.
///
/// # Errors
/// 404 for a visit that isn't the caller's, and for unknown recipients.
pub async fn record_note(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: VisitId,
    note: &Note,
    mode: Mode,
) -> Result<(Noted, Vec<Flag>), ApiError> {
    let (visit, mut flags) = (super::lock_own(c, caller, id).await?, Vec::new());
    if !note.users.is_empty() || !note.units.is_empty() {
        let at = device_time(note.at, app.now(), mode, &mut flags)?;
        let issue = issues::NewIssue {
            id: note.id,
            distributor: visit.distributor,
            customer: Some(visit.customer),
            visit: Some(id),
            unit: visit.unit,
            subject: None,
            body: &note.text,
            users: &note.users,
            units: &note.units,
            at,
        };
        issues::open(c, app, caller, &issue).await?;
        super::keep_flags(c, &visit, &flags).await?;
        return Ok((Noted { issue: Some(note.id) }, flags));
    }
    if visit.notes != note.text {
        store::update_notes(c, visit.distributor, id, &note.text).await?;
        let (before, after) = (json!({ "notes": visit.notes }), json!({ "notes": note.text }));
        super::audit_visit(c, app, caller, &visit, "visits.note", Some(&before), &after).await?;
    }
    Ok((Noted { issue: None }, flags))
}
