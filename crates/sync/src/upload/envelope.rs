//! What an upload and its answer look like.

use chrono::{DateTime, Utc};
use platform::{ApiError, ApiResult, Flag, Language};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use super::ledger::{Fate, Reason, Settled};
use super::operation::Stray;

/// What a phone sends. Unknown members are no mistake: a newer app may know more than we do.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Upload {
    pub device_id: String,
    #[serde(default)]
    pub app_version: Option<String>,
    #[serde(default)]
    pub sent_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub queue: Option<QueueState>,
    pub operations: Vec<Box<RawValue>>,
}

/// What is still on the phone.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueState {
    /// Operations that were not answered yet, these included.
    pub length: u32,
    /// When the oldest of them was done.
    #[serde(default)]
    pub oldest_at: Option<DateTime<Utc>>,
}

/// The form of an upload, for the documentation.
#[derive(Debug, ToSchema)]
#[schema(as = SyncUpload)]
#[expect(dead_code, reason = "describes what is parsed by hand, so that nothing sent is lost")]
pub struct UploadDocument {
    /// Names the phone; made once by the app.
    #[schema(rename = "deviceId", min_length = 1, max_length = 200)]
    device_id: String,
    /// The app's version; `X-App-Version` when absent.
    #[schema(rename = "appVersion")]
    app_version: Option<String>,
    /// The phone's time now: tells how far its clock is off.
    #[schema(rename = "sentAt")]
    sent_at: Option<DateTime<Utc>>,
    /// What is still on the phone.
    queue: Option<QueueState>,
    /// Up to 500, in the order in which they were done; none is a sign of life.
    operations: Vec<OperationDocument>,
}

/// One thing that somebody did.
#[derive(Debug, ToSchema)]
#[schema(as = SyncOperation)]
#[expect(dead_code, reason = "describes what is parsed by hand, so that nothing sent is lost")]
pub struct OperationDocument {
    /// Made on the phone (UUIDv7), once for each thing that was done.
    #[schema(rename = "opId")]
    op_id: Uuid,
    /// Counts the phone's operations.
    #[schema(minimum = 0)]
    seq: i64,
    /// `clock`, `check_in`, `outlet_state`, `stock_check`, `photo`, `survey`, `note`, `check_out`, `order`, `receipt`,
    /// `customer`, `location_proposal`, `declaration`, `locations`. One that isn't known is kept until it is.
    kind: String,
    /// The thing it makes or changes, made on the phone: the visit of a check-in and check-out, the photo, the order.
    #[schema(rename = "entityId")]
    entity_id: Option<Uuid>,
    /// When, by the phone's clock.
    at: DateTime<Utc>,
    /// Operations without which it makes no sense. What belongs to a visit waits for its check-in without being told.
    #[schema(rename = "dependsOn")]
    depends_on: Option<Vec<Uuid>>,
    /// The version of the payload's form; 1 when absent.
    #[schema(minimum = 1)]
    v: Option<i32>,
    /// What was done; as the kind's own endpoint takes it.
    #[schema(value_type = Object)]
    payload: Value,
}

/// What became of an upload.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Uploaded {
    /// Our time.
    pub server_time: DateTime<Utc>,
    /// One for each operation, in the order in which they were sent.
    pub results: Vec<OperationResult>,
}

/// What became of an operation, as the phone needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ResultStatus {
    /// It took effect now.
    Applied,
    /// It took effect before; `result` is the answer it got then.
    Duplicate,
    /// It took effect, not just as the phone reckoned; a person will look at it.
    Differs,
    /// It took no effect. It is kept; `held` says that a person will settle it.
    Rejected,
}

/// What became of an operation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperationResult {
    /// The operation; null when it has no valid id.
    pub op_id: Option<Uuid>,
    /// What became of it.
    pub status: ResultStatus,
    /// Why, stable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Why, in the language of `Accept-Language`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Of a rejected one: whether it may take effect when it is sent again, just as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retryable: Option<bool>,
    /// Of a rejected one: whether the server has it and sees to it; the phone needn't send it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<bool>,
    /// What it made: ids, numbers, totals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub result: Option<Value>,
    /// What is odd about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
}

impl OperationResult {
    /// Of a settled operation; `repeated` when it had been settled before.
    pub(crate) fn of(id: Uuid, settled: &Settled, repeated: bool, language: Language) -> Self {
        let status = match settled.fate {
            Fate::Applied | Fate::Differs if repeated => ResultStatus::Duplicate,
            Fate::Applied => ResultStatus::Applied,
            Fate::Differs => ResultStatus::Differs,
            Fate::Rejected | Fate::Held | Fate::Waiting | Fate::Dismissed => ResultStatus::Rejected,
        };
        let refused = status == ResultStatus::Rejected;
        let reason = settled.reason.as_ref();
        OperationResult {
            op_id: Some(id),
            status,
            code: reason.map(|reason| reason.code.clone()),
            message: reason.map(|reason| text(reason, language)),
            retryable: refused.then_some(settled.fate == Fate::Waiting),
            held: refused.then_some(matches!(settled.fate, Fate::Held | Fate::Waiting)),
            result: settled.result.clone(),
            flags: settled.flags.clone(),
        }
    }

    /// Of one that has the id of another.
    pub(crate) fn reused(id: Uuid, language: Language) -> Self {
        OperationResult::refused(Some(id), &id_reused(), language)
    }

    /// Of what is no operation.
    pub(crate) fn stray(stray: Option<&Stray>, reason: &Reason, language: Language) -> Self {
        let id = stray.and_then(|stray| stray.op_id.as_deref()).and_then(|id| id.parse().ok());
        OperationResult::refused(id, reason, language)
    }

    /// Of one that got no answer though the batch did.
    pub(crate) fn unsettled(id: Uuid, language: Language) -> Self {
        let reason = Reason::new("unavailable", "Hãy gửi lại.", "Send it again.");
        OperationResult {
            retryable: Some(true),
            held: Some(false),
            ..OperationResult::refused(Some(id), &reason, language)
        }
    }

    fn refused(op_id: Option<Uuid>, reason: &Reason, language: Language) -> Self {
        OperationResult {
            op_id,
            status: ResultStatus::Rejected,
            code: Some(reason.code.clone()),
            message: Some(text(reason, language)),
            retryable: Some(false),
            held: Some(false),
            result: None,
            flags: Vec::new(),
        }
    }
}

fn text(reason: &Reason, language: Language) -> String {
    match language {
        Language::Vi => reason.vi.clone(),
        Language::En => reason.en.clone(),
    }
}

/// Another operation has the id.
pub(crate) fn id_reused() -> Reason {
    Reason::new(
        "sync.op_id_reused",
        "Mã thao tác này đã dùng cho nội dung khác; bản ghi được lưu lại để xem nhưng không có hiệu lực.",
        "This operation id was used for something else; the record was kept, without effect.",
    )
}

/// Reads the batch.
pub(crate) fn parse(bytes: &[u8]) -> ApiResult<Upload> {
    let upload: Upload = serde_json::from_slice(bytes).map_err(|error| {
        ApiError::bad_request(
            "sync.malformed_batch",
            format!("Gói dữ liệu không đọc được ({error}); đã lưu lại để xem."),
            format!("The batch can't be read ({error}); it was kept."),
        )
    })?;
    let device = upload.device_id.trim();
    if device.is_empty() || device.chars().count() > 200 || device.chars().any(char::is_control) {
        return Err(ApiError::invalid_field(
            "deviceId",
            "Phải có từ 1 đến 200 ký tự",
            "Must have 1 to 200 characters",
        ));
    }
    if upload.operations.len() > super::MOST_OPERATIONS {
        return Err(ApiError::invalid_field("operations", "Tối đa 500 thao tác", "At most 500 operations"));
    }
    Ok(upload)
}

impl Upload {
    /// As the body or the header says.
    pub(crate) fn app_version(&self, header: Option<&str>) -> String {
        let told = self.app_version.as_deref().or(header).unwrap_or_default();
        told.chars().filter(|c| !c.is_control()).take(50).collect()
    }
}
