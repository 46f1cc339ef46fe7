//! What displays are made of.

use chrono::{DateTime, NaiveDate, Utc};
use domain::display::DisplayStatus;
use domain::{
    CustomerId, DisplayProgramId, DisplayRecordId, DistributorId, OrgUnitId, PhotoId, ProductId, UserId,
    VisitId,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A display program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Program {
    /// The program.
    pub program_id: DisplayProgramId,
    /// Whose it is; none is the company's.
    pub distributor_id: Option<DistributorId>,
    /// Its code, by which promotions name it.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its first day.
    pub valid_from: NaiveDate,
    /// Its last day.
    pub valid_to: NaiveDate,
    /// Of a program of the company: the distributors that take part; empty is all.
    pub distributors: Vec<DistributorId>,
    /// The goods that are to be shown.
    pub products: Vec<ProductId>,
    /// How many photos a display takes.
    pub required_photos: i32,
    /// 1: the supervisor's score decides; 2: the area manager confirms it.
    pub levels: i16,
    /// What outlets are told they get.
    pub reward_note: String,
    /// `active`, `closed`.
    pub status: String,
    /// Outlets that take part, of those the caller's distributors have.
    pub registered: i64,
    /// Goes up with every change.
    pub version: i64,
}

/// An outlet that takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Registered {
    /// The outlet.
    pub customer_id: CustomerId,
    /// Its code.
    pub customer_code: String,
    /// Its name.
    pub customer_name: String,
    /// Its first day.
    pub valid_from: NaiveDate,
    /// Its last day; none is the program's.
    pub valid_to: Option<NaiveDate>,
    /// Who registered it.
    pub registered_by_name: String,
    /// When.
    pub registered_at: DateTime<Utc>,
}

/// What one visit shows of one program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DisplayRecord {
    /// The record.
    pub display_score_id: DisplayRecordId,
    /// The outlet's distributor.
    pub distributor_id: DistributorId,
    /// The program.
    pub program_id: DisplayProgramId,
    /// Its code.
    pub program_code: String,
    /// Its name.
    pub program_name: String,
    /// How many photos it wants.
    pub required_photos: i32,
    /// How many levels decide.
    pub levels: i16,
    /// The visit.
    pub visit_id: VisitId,
    /// The outlet.
    pub customer_id: CustomerId,
    /// Its code.
    pub customer_code: String,
    /// Its name.
    pub customer_name: String,
    /// Its address.
    pub customer_address: String,
    /// Who took the photos.
    pub user_id: UserId,
    /// Their name.
    pub full_name: String,
    /// Their unit.
    pub unit_id: Option<OrgUnitId>,
    /// The day it counts for.
    pub business_date: NaiveDate,
    /// How many photos there are.
    pub photos: i32,
    /// When the last was taken.
    pub last_photo_at: DateTime<Utc>,
    /// Where it stands.
    pub status: DisplayStatus,
    /// The supervisor's latest score.
    pub first_passed: Option<bool>,
    /// Who gave it.
    pub first_by: Option<UserId>,
    /// Their name.
    pub first_by_name: Option<String>,
    /// When.
    pub first_at: Option<DateTime<Utc>>,
    /// The area manager's latest score.
    pub second_passed: Option<bool>,
    /// Who gave it.
    pub second_by: Option<UserId>,
    /// Their name.
    pub second_by_name: Option<String>,
    /// When.
    pub second_at: Option<DateTime<Utc>>,
    /// What was said with the latest score.
    pub note: String,
    /// Goes up with every change.
    pub version: i64,
}

/// A score that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GivenScore {
    /// 1: supervisor, 2: area manager.
    pub level: i16,
    /// Passed or failed.
    pub passed: bool,
    /// What was said.
    pub note: String,
    /// By whom.
    pub scorer_id: UserId,
    /// Their name.
    pub scorer_name: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A photo of a display; its bytes are under `/visits/{visitId}/photos/{photoId}/content`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DisplayPhoto {
    /// The photo.
    pub photo_id: PhotoId,
    /// The digest of its bytes.
    pub sha256: String,
    /// When it was taken.
    pub captured_at: DateTime<Utc>,
    /// How many photos of other visits show the same.
    pub twins: i64,
}

/// A record with its photos and all its scores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecordDetails {
    /// The record.
    #[serde(flatten)]
    pub record: DisplayRecord,
    /// As they were taken.
    pub photo_list: Vec<DisplayPhoto>,
    /// From the first on.
    pub scores: Vec<GivenScore>,
}
