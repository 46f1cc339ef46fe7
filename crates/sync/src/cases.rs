//! Settling what arrived late: lists of operations and cases, and what a person decides about a case.

mod store;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use db::audit::{self, Entry};
use domain::permission::{OrdersApprove, Permission as _};
use domain::{OrderId, UserId};
use platform::{ApiError, ApiResult, App, Caller, Flag, transaction};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::Connection as _;
use utoipa::ToSchema;
use uuid::Uuid;

pub(crate) use self::store::{
    CaseFilter, OperationFilter, find_case, find_operation, list_cases, list_devices, list_operations,
    list_strays,
};
use crate::upload::{self, Fate, Sender};

/// An operation as it is kept.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperationView {
    /// The operation.
    pub op_id: Uuid,
    /// Who did it.
    pub user_id: UserId,
    /// Their name.
    pub full_name: String,
    /// The phone it came from.
    pub device_id: String,
    /// Goes up when an old backup is put on the phone.
    pub incarnation: i32,
    /// The phone's number for it.
    pub seq: i64,
    /// What kind of thing was done.
    pub kind: String,
    /// The thing.
    pub entity_id: Option<Uuid>,
    /// When, by the phone.
    pub device_at: Option<DateTime<Utc>>,
    /// When it counts for, the clock set right.
    pub effective_at: Option<DateTime<Utc>>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The app's version.
    pub app_version: String,
    /// What became of it.
    pub status: Fate,
    /// Why, stable.
    pub code: Option<String>,
    /// Why, in Vietnamese.
    pub vi: Option<String>,
    /// Why, in English.
    pub en: Option<String>,
    /// What a waiting one waits for: an operation or a thing.
    pub waits_for: Option<Uuid>,
    /// What is odd about it.
    pub flags: Vec<Flag>,
    /// What it made.
    #[schema(value_type = Option<Object>)]
    pub result: Option<Value>,
    /// Exactly what was sent.
    #[schema(value_type = Object)]
    pub content: Value,
}

/// Something that came and is no operation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StrayView {
    /// Its id here.
    pub id: Uuid,
    /// Who sent it.
    pub user_id: UserId,
    /// Their name.
    pub full_name: String,
    /// The phone it came from.
    pub device_id: String,
    /// The operation id in it, if there is one.
    pub op_id: Option<String>,
    /// Why it has no effect.
    pub code: String,
    /// The same in Vietnamese.
    pub vi: String,
    /// The same in English.
    pub en: String,
    /// Exactly what was sent.
    pub content: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "camelCase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum CaseStatus {
    /// Somebody must look at it.
    Open,
    /// The operation was tried again, and took effect.
    Applied,
    /// What was odd is all right.
    Accepted,
    /// The operation shall have no effect.
    Dismissed,
}

impl CaseStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            CaseStatus::Open => "open",
            CaseStatus::Applied => "applied",
            CaseStatus::Accepted => "accepted",
            CaseStatus::Dismissed => "dismissed",
        }
    }
}

/// Something that a person must settle.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaseView {
    /// The case.
    pub id: Uuid,
    /// Whose work it is about.
    pub user_id: UserId,
    /// Their name.
    pub full_name: String,
    /// The unit that sees to it.
    pub unit_id: Option<Uuid>,
    /// The operation; `/sync/operations/{opId}` has all of it.
    pub op_id: Uuid,
    /// The phone.
    pub device_id: String,
    /// The kind of operation.
    pub kind: String,
    /// The visit, order, … it is about.
    pub entity_id: Option<Uuid>,
    /// Whether the operation waits for the decision; else it took effect and is only odd.
    pub held: bool,
    /// Why, stable.
    pub code: String,
    /// Why, in Vietnamese.
    pub vi: String,
    /// Why, in English.
    pub en: String,
    /// All that is odd.
    pub flags: Vec<Flag>,
    /// When it happened.
    pub happened_at: Option<DateTime<Utc>>,
    /// When it came.
    pub opened_at: DateTime<Utc>,
    /// Operations that wait for this one.
    pub dependants: i64,
    /// Where it stands.
    pub status: CaseStatus,
    /// When it was settled.
    pub closed_at: Option<DateTime<Utc>>,
    /// Who settled it.
    pub closed_by_name: Option<String>,
    /// What they said.
    pub reason: String,
    /// Goes up with every change.
    pub version: i64,
}

/// A phone as it was last heard of.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeviceView {
    /// Who works with it.
    pub user_id: UserId,
    /// Their name.
    pub full_name: String,
    /// The phone.
    pub device_id: String,
    /// The app's version.
    pub app_version: String,
    /// When it was first heard of.
    pub first_seen: DateTime<Utc>,
    /// When it was last heard of.
    pub last_seen: DateTime<Utc>,
    /// What it said was still on it.
    pub queue_length: i32,
    /// Since when.
    pub oldest_queued_at: Option<DateTime<Utc>>,
    /// How many seconds its oldest record has been waiting.
    pub queue_age_seconds: Option<i64>,
    /// Goes up when an old backup is put on it.
    pub incarnation: i32,
    /// How far its clock is behind ours.
    pub clock_offset_seconds: Option<i64>,
    /// Its operations that are held or waiting.
    pub unsettled: i64,
}

/// What to do about a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CaseDecision)]
#[serde(rename_all = "camelCase")]
pub enum Decision {
    /// Try the held operation again: what was in its way is out of it.
    Apply,
    /// What is odd is all right.
    Accept,
    /// The held operation shall have no effect, nor shall those that wait for it.
    Dismiss,
}

/// Settles a case.
///
/// # Errors
/// 404 for a case the caller may not see, 409 when it is settled already or the decision doesn't fit it; what the
/// capability says when the operation is refused again.
pub(crate) async fn settle(
    app: &App,
    caller: &Caller,
    id: Uuid,
    decision: Decision,
    reason: &str,
) -> ApiResult<CaseView> {
    let mut tx = app.db.read(caller.context()).await?;
    let case = store::find_case(&mut tx, caller.scope(), id).await?.ok_or_else(ApiError::not_found)?;
    if decision == Decision::Accept && case.kind == "order" && !caller.may::<OrdersApprove>() {
        return Err(ApiError::forbidden(OrdersApprove::NAME));
    }
    let sender = match decision {
        Decision::Apply => {
            Some(store::find_identity(&mut tx, case.user_id.uuid()).await?.ok_or_else(|| {
                ApiError::unprocessable(
                    "sync.sender_gone",
                    "Tài khoản gửi bản ghi đã ngừng hoạt động; chỉ có thể bỏ bản ghi.",
                    "The account that sent it is no longer active; the record can only be dismissed.",
                )
            })?)
        }
        Decision::Accept | Decision::Dismiss => None,
    };
    tx.commit().await?;
    let fits = match decision {
        Decision::Apply | Decision::Dismiss => case.held,
        Decision::Accept => !case.held,
    };
    if !fits {
        return Err(ApiError::conflict(
            "sync.decision_does_not_fit",
            "Bản ghi đang giữ thì áp dụng lại hoặc bỏ; bản ghi đã có hiệu lực thì chấp nhận.",
            "A record that is held is applied again or dismissed; one that took effect is accepted.",
        ));
    }
    let sender = sender.map(|identity| {
        Caller::new(
            std::sync::Arc::new(identity),
            caller.context().address.clone(),
            caller.context().trace_id.clone(),
        )
    });
    let done = transaction!(app.db, caller.context(), "sync.settle", |tx| {
        let row = store::lock_case(tx, case.id).await?.ok_or_else(ApiError::not_found)?;
        if row.status != CaseStatus::Open {
            return Err(ApiError::conflict(
                "sync.case_settled",
                "Trường hợp này đã được xử lý.",
                "This case is settled already.",
            ));
        }
        let mut done = Vec::new();
        let status = match (decision, &sender) {
            (Decision::Accept, _) => {
                // The same decision as on the order itself.
                if let (Some(order), Fate::Differs, "order") = (case.entity_id, row.fate, case.kind.as_str())
                {
                    orders::service::accept_differences(tx, app, caller, OrderId::new(order), reason).await?;
                }
                CaseStatus::Accepted
            }
            (Decision::Apply, Some(sender)) => {
                let stored = store::find_stored(tx, &row).await?;
                let op = upload::reread(&stored)
                    .ok_or_else(|| ApiError::internal("a held operation that can't be read"))?;
                let mut savepoint = tx.begin().await?;
                let settled = upload::apply_again(&mut savepoint, app, sender, &op).await?;
                savepoint.commit().await?;
                store::update_operation(tx, &row, &settled, app.now()).await?;
                done.push(op.id);
                done.extend(op.entity);
                CaseStatus::Applied
            }
            _ => {
                store::dismiss_with_dependants(tx, &row, reason, app.now()).await?;
                CaseStatus::Dismissed
            }
        };
        store::close_case(tx, &row, status, caller.user_id.uuid(), reason, app.now()).await?;
        let entry = Entry {
            action: "sync.settle",
            entity: "sync_case",
            entity_id: Some(row.id),
            distributor: Some(row.distributor_id.into()),
            before: Some(&json!({ "status": CaseStatus::Open })),
            after: Some(&json!({ "status": status, "reason": reason, "opId": row.op_id })),
        };
        audit::record(tx, caller.context(), app.now(), entry).await?;
        Ok((row, done))
    });
    let (row, applied) = done?;
    if let (Some(sender), false) = (&sender, applied.is_empty()) {
        let whose = Sender {
            distributor: row.distributor_id,
            user: row.user_id,
            unit: row.unit_id,
            device: row.device_id.clone(),
            app_version: String::new(),
            incarnation: 1,
            received_at: app.now(),
        };
        match upload::revive(app, sender, &whose, applied).await {
            Ok(_) => {}
            // The next upload or decision takes them up.
            Err(error) if error.status() == StatusCode::SERVICE_UNAVAILABLE => {}
            Err(error) => return Err(error),
        }
    }
    app.wake.now();
    let mut tx = app.db.read(caller.context()).await?;
    store::find_case(&mut tx, caller.scope(), id).await?.ok_or_else(ApiError::not_found)
}
