//! What people see of what they were told.

use chrono::{DateTime, Utc};
use domain::{DistributorId, NotificationId};
use platform::Language;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::store::inbox::Row;

/// Something somebody was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// Its id.
    pub notification_id: NotificationId,
    /// `order_approved`, `issue` and so on; as in the preferences.
    pub kind: String,
    /// In the caller's language.
    pub title: String,
    /// In the caller's language; names and what people wrote as they are.
    pub body: String,
    /// What to open: the order, the issue, …
    pub about_id: Option<Uuid>,
    /// Ids and figures, by kind.
    #[schema(value_type = Object)]
    pub data: Value,
    /// Whose work it is about; none for what concerns the company.
    pub distributor_id: Option<DistributorId>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
}

impl Notification {
    pub(crate) fn of(row: Row, language: Language) -> Notification {
        let (title, body) = match language {
            Language::Vi => (row.title_vi, row.body_vi),
            Language::En => (row.title_en, row.body_en),
        };
        Notification {
            notification_id: row.id,
            kind: row.kind,
            title,
            body,
            about_id: row.about_id,
            data: row.data,
            distributor_id: row.distributor_id,
            created_at: row.created_at,
            read_at: row.read_at,
        }
    }
}
