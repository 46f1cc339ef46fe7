use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use db::Tenants;
use domain::permission::RoutesManage;
use domain::{DisplayProgramId, DistributorId, ProductId};
use platform::{ApiResult, App, Authorized, Checks, Command, Problem, transaction_once};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::Program;
use crate::service::{self, ProgramData};

/// A program to make or to change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetProgram {
    /// Made by the client, so that a repeat is known; only for a new one.
    pub(super) id: Option<DisplayProgramId>,
    /// Whose it is: left out it is the company's for its people, and one's own distributor's for others. Only for a new one.
    pub(super) distributor_id: Option<DistributorId>,
    /// Its code.
    #[schema(min_length = 1, max_length = 50)]
    code: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    /// Its first day.
    valid_from: NaiveDate,
    /// Its last day.
    valid_to: NaiveDate,
    /// Of a program of the company: the distributors that take part; empty is all.
    #[serde(default)]
    distributors: Vec<DistributorId>,
    /// The goods that are to be shown.
    #[serde(default)]
    products: Vec<ProductId>,
    /// How many photos a display takes, 1 to 100.
    #[schema(minimum = 1, maximum = 100)]
    required_photos: i32,
    /// 1: the supervisor's score decides; 2: the area manager confirms it.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 2)]
    levels: i16,
    /// What outlets are told they get.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reward_note: String,
    /// Whether photos are taken for it.
    #[serde(default = "yes")]
    active: bool,
    /// The version that was changed, unless `If-Match` names it.
    pub(super) version: Option<i64>,
}

const fn one() -> i16 {
    1
}

const fn yes() -> bool {
    true
}

impl SetProgram {
    pub(super) fn checked(&self) -> ApiResult<ProgramData> {
        let mut checks = Checks::default();
        let code = checks.required("code", &self.code, 50);
        let name = checks.required("name", &self.name, 300);
        let reward_note = checks.text("rewardNote", &self.reward_note, 2000);
        checks.range("requiredPhotos", self.required_photos.into(), 1..=100);
        checks.range("levels", self.levels.into(), 1..=2);
        for (field, date) in [("validFrom", self.valid_from), ("validTo", self.valid_to)] {
            checks.range(field, chrono::Datelike::year(&date).into(), 2000..=2100);
        }
        if self.valid_to < self.valid_from {
            checks.wrong("validTo", "Phải từ ngày bắt đầu trở đi", "Must not be before the first day");
        }
        for (field, count) in [("distributors", self.distributors.len()), ("products", self.products.len())] {
            checks.range(field, i64::try_from(count).unwrap_or(i64::MAX), 0..=1000);
        }
        checks.done()?;
        let mut distributors = self.distributors.clone();
        distributors.sort_unstable();
        distributors.dedup();
        let mut products = self.products.clone();
        products.sort_unstable();
        products.dedup();
        Ok(ProgramData {
            code,
            name,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            distributors,
            products,
            required_photos: self.required_photos,
            levels: self.levels,
            reward_note,
            active: self.active,
        })
    }
}

/// Makes a display program.
#[utoipa::path(
    post,
    path = "/display-programs",
    tag = "displays",
    operation_id = "createDisplayProgram",
    request_body = SetProgram,
    responses(
        (status = 201, description = "The program", body = Program),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No routes.manage", body = Problem),
        (status = 404, description = "Not the caller's distributor", body = Problem),
        (status = 409, description = "The code is taken", body = Problem),
        (status = 422, description = "An unknown product or distributor", body = Problem),
    )
)]
pub async fn create_program(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    cmd: Command<SetProgram>,
) -> ApiResult<(StatusCode, Json<Program>)> {
    let body = &cmd.body;
    let data = body.checked()?;
    let distributor = match body.distributor_id.or(caller.distributor_id) {
        None if caller.tenants == Tenants::Company => None,
        asked => Some(caller.distributor(asked)?),
    };
    let id = body.id.unwrap_or_else(|| DisplayProgramId::new(Uuid::now_v7()));
    let once = cmd.once(body.id.map(DisplayProgramId::uuid));
    let program = transaction_once!(app, caller.context(), once, "displays.create_program", |tx| {
        service::create_program(tx, &app, &caller, id, distributor, &data).await
    })?;
    Ok((StatusCode::CREATED, Json(program)))
}
