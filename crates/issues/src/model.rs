//! What issues are made of.

use chrono::{DateTime, Utc};
use domain::issue::{IssueState, PostKind};
use domain::{CustomerId, DistributorId, IssueId, IssuePostId, OrgUnitId, UserId, VisitId};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;

/// Who is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Recipient {
    /// A person; or else
    pub user_id: Option<UserId>,
    /// a unit, with all above it.
    pub unit_id: Option<OrgUnitId>,
    /// Their name.
    pub name: String,
}

/// A thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Issue {
    /// The thread.
    pub issue_id: IssueId,
    /// The distributor it is about.
    pub distributor_id: DistributorId,
    /// The outlet it is about.
    pub customer_id: Option<CustomerId>,
    /// Its code.
    pub customer_code: Option<String>,
    /// Its name.
    pub customer_name: Option<String>,
    /// The visit in which it was raised.
    pub visit_id: Option<VisitId>,
    /// What it is about; the beginning of the first post when nothing else was said.
    pub subject: String,
    /// Where it stands.
    pub state: IssueState,
    /// Who asked.
    pub opened_by: UserId,
    /// Their name.
    pub opened_by_name: String,
    /// Their unit.
    pub unit_id: Option<OrgUnitId>,
    /// When.
    pub opened_at: DateTime<Utc>,
    /// When somebody answered first.
    pub answered_at: Option<DateTime<Utc>>,
    /// When it was done.
    pub resolved_at: Option<DateTime<Utc>>,
    /// When somebody wrote last.
    pub last_post_at: DateTime<Utc>,
    /// How much was written.
    pub post_count: i64,
    /// Who is asked.
    #[schema(value_type = Vec<Recipient>)]
    pub recipients: Json<Vec<Recipient>>,
    /// Goes up with every change.
    pub version: i64,
}

/// What somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Post {
    /// The post.
    pub post_id: IssuePostId,
    /// What it is.
    pub kind: PostKind,
    /// Who wrote it.
    pub author_id: UserId,
    /// Their name.
    pub author_name: String,
    /// The words.
    pub body: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A thread with all that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Thread {
    /// The thread.
    #[serde(flatten)]
    pub issue: Issue,
    /// From the first on.
    pub posts: Vec<Post>,
}
