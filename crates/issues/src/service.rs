//! What happens in a thread. Each function works in the caller's transaction.

use chrono::{DateTime, Utc};
use db::audit::{self, Entry};
use domain::issue::{Doing, IssueState, PostKind, Writer};
use domain::permission::IssuesAnswer;
use domain::{CustomerId, DistributorId, IssueId, IssuePostId, OrgUnitId, UserId, VisitId};
use platform::{ApiError, App, Caller};
use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::IssueError;
use crate::model::{Issue, Thread};
use crate::store::{self, NewPost};

/// A thread to open.
#[derive(Debug, Clone)]
pub struct NewIssue<'a> {
    /// Made by whoever asks, so that a repeat is known.
    pub id: IssueId,
    /// The distributor it is about.
    pub distributor: DistributorId,
    /// The outlet it is about; one that the caller may name.
    pub customer: Option<CustomerId>,
    /// The caller's visit in which it was raised.
    pub visit: Option<VisitId>,
    /// Whose work it is about.
    pub unit: Option<OrgUnitId>,
    /// What it is about; the beginning of the words when absent.
    pub subject: Option<&'a str>,
    /// The words.
    pub body: &'a str,
    /// The people who are asked.
    pub users: &'a [UserId],
    /// The units that are asked.
    pub units: &'a [OrgUnitId],
    /// When, by whoever's device.
    pub at: DateTime<Utc>,
}

/// Opens a thread and tells who is asked; one that came before stays as it is.
///
/// # Errors
/// 404 for an unknown recipient or outlet; 409 when something else has the id.
pub async fn open(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    new: &NewIssue<'_>,
) -> Result<(), ApiError> {
    if let Some(opened_by) = store::find_opener(c, new.id).await? {
        return if opened_by == caller.user_id { Ok(()) } else { Err(IssueError::IdTaken.into()) };
    }
    let (mut users, mut units) = (new.users.to_vec(), new.units.to_vec());
    users.sort_unstable();
    users.dedup();
    units.sort_unstable();
    units.dedup();
    if store::count_recipients(c, &users, &units).await? != users.len() + units.len() {
        return Err(IssueError::Recipient.into());
    }
    if let Some(customer) = new.customer
        && !store::customer_exists(c, new.distributor, customer).await?
    {
        return Err(IssueError::Customer.into());
    }
    let beginning = || new.body.lines().next().unwrap_or_default().chars().take(100).collect::<String>();
    let subject = new.subject.map_or_else(beginning, str::to_owned);
    let post = IssuePostId::new(Uuid::now_v7());
    store::insert_issue(c, new, &subject, post, (caller.user_id, &users, &units), app.now()).await?;
    let after = json!({ "subject": subject, "customerId": new.customer, "users": users, "units": units });
    record(c, app, caller, (new.id, new.distributor), "issues.open", &after).await?;
    let told = Told {
        kind: "issue",
        issue_id: new.id,
        customer_id: new.customer,
        subject: &subject,
        state: IssueState::Open,
        post_kind: PostKind::Question,
        author_id: caller.user_id,
        author_name: &caller.full_name,
        body: new.body,
        at: new.at,
    };
    tell(c, app, caller, new.distributor, &told).await
}

/// `Notice` about a thread, for the inboxes of those it concerns.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    kind: &'static str,
    issue_id: IssueId,
    customer_id: Option<CustomerId>,
    subject: &'a str,
    state: IssueState,
    post_kind: PostKind,
    author_id: UserId,
    author_name: &'a str,
    body: &'a str,
    at: DateTime<Utc>,
}

/// Tells who asked, who is asked and who has written, but not who writes now.
async fn tell(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    distributor: DistributorId,
    told: &Told<'_>,
) -> Result<(), ApiError> {
    let payload = serde_json::to_value(told).map_err(ApiError::internal)?;
    let trace = db::outbox::trace(caller.context());
    Ok(store::insert_event(
        c,
        distributor,
        told.issue_id,
        caller.user_id,
        payload,
        trace.as_deref(),
        app.now(),
    )
    .await?)
}

async fn record(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    (id, distributor): (IssueId, DistributorId),
    action: &'static str,
    after: &impl Serialize,
) -> Result<(), ApiError> {
    let entry = Entry {
        action,
        entity: "issue",
        entity_id: Some(id.uuid()),
        distributor: Some(distributor),
        before: None::<&()>,
        after: Some(after),
    };
    Ok(audit::record(c, caller.context(), app.now(), entry).await?)
}

/// A post that arrives.
#[derive(Debug, Clone)]
pub(crate) struct Writing {
    pub id: IssuePostId,
    pub doing: Doing,
    pub body: String,
}

/// Writes into a thread: a question again by who asked, an answer by anybody else; or ends it, or takes it up again. The
/// same post again is answered with the thread as it is.
pub(crate) async fn write(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: IssueId,
    writing: &Writing,
) -> Result<Thread, ApiError> {
    let issue = store::lock(c, caller, id).await?.ok_or_else(ApiError::not_found)?;
    if let Some(known) = store::find_post_issue(c, writing.id).await? {
        return if known == id { show(c, caller, id).await } else { Err(IssueError::IdTaken.into()) };
    }
    let own = issue.opened_by == caller.user_id;
    let asked = issue.recipients.0.iter().any(|recipient| recipient.user_id == Some(caller.user_id));
    let by = Writer { opener: own, asked, answers: caller.may::<IssuesAnswer>() };
    let (kind, state) = issue.state.step(writing.doing, by).map_err(IssueError::from)?;
    let post =
        NewPost { id: writing.id, issue: &issue, kind, state, body: &writing.body, author: caller.user_id };
    store::insert_post(c, &post, app.now()).await?;
    let action = match kind {
        PostKind::Question | PostKind::Answer => "issues.post",
        PostKind::Resolved => "issues.resolve",
        PostKind::Reopened => "issues.reopen",
    };
    let after = json!({ "postId": writing.id, "kind": kind, "state": state });
    record(c, app, caller, (id, issue.distributor_id), action, &after).await?;
    let told = Told {
        kind: "issue",
        issue_id: id,
        customer_id: issue.customer_id,
        subject: &issue.subject,
        state,
        post_kind: kind,
        author_id: caller.user_id,
        author_name: &caller.full_name,
        body: &writing.body,
        at: app.now(),
    };
    tell(c, app, caller, issue.distributor_id, &told).await?;
    show(c, caller, id).await
}

/// The thread, if the caller may see it.
pub(crate) async fn show(c: &mut PgConnection, caller: &Caller, id: IssueId) -> Result<Thread, ApiError> {
    let issue: Issue = store::find(c, caller, id).await?.ok_or_else(ApiError::not_found)?;
    let posts = store::list_posts(c, issue.distributor_id, id).await?;
    Ok(Thread { issue, posts })
}
