use axum::Json;
use axum::extract::State;
use domain::DistributorId;
use domain::permission::DistributorsManage;
use platform::{ApiError, ApiResult, App, Authorized, Caller, Command, IfMatch, Path, Problem, transaction};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::model::{Distributor, DistributorData, DistributorStatus};
use crate::{distributors, store};

/// What is said of a distributor from now on; what is left out becomes empty, but the code and the status stay.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateDistributor {
    /// The version that was loaded, if not in `If-Match`.
    version: Option<i64>,
    /// `active` or `inactive`; one that waits is approved or rejected instead.
    status: Option<DistributorStatus>,
    /// Its code, unique.
    code: Option<String>,
    /// Its name.
    name: String,
    /// Tax code.
    tax_code: Option<String>,
    /// The name on VAT invoices.
    invoice_name: Option<String>,
    /// The address on VAT invoices.
    invoice_address: Option<String>,
    /// NPP, đại lý, tổng thầu.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Group A–D.
    distributor_group: Option<String>,
    /// Channel: GT, MT, OTC.
    channel: Option<String>,
    /// Area.
    area: Option<String>,
    /// Province or city.
    province: Option<String>,
    /// The name of the delivery place.
    delivery_place: Option<String>,
    /// Its address.
    delivery_address: Option<String>,
    /// Contact person.
    contact_person: Option<String>,
    /// Legal representative.
    legal_representative: Option<String>,
    /// The address of the office.
    office_address: Option<String>,
    /// The address of the warehouse.
    warehouse_address: Option<String>,
    /// E-mail or fax.
    email: Option<String>,
    /// Telephone.
    phone: Option<String>,
    /// The bank.
    bank_name: Option<String>,
    /// The bank account.
    bank_account: Option<String>,
    /// The number of the business licence.
    licence_number: Option<String>,
    /// Degrees north.
    latitude: Option<f64>,
    /// Degrees east.
    longitude: Option<f64>,
}

impl From<UpdateDistributor> for DistributorData {
    fn from(body: UpdateDistributor) -> Self {
        DistributorData {
            code: body.code.unwrap_or_default(),
            name: body.name,
            tax_code: body.tax_code.unwrap_or_default(),
            invoice_name: body.invoice_name.unwrap_or_default(),
            invoice_address: body.invoice_address.unwrap_or_default(),
            kind: body.kind.unwrap_or_default(),
            distributor_group: body.distributor_group.unwrap_or_default(),
            channel: body.channel.unwrap_or_default(),
            area: body.area.unwrap_or_default(),
            province: body.province.unwrap_or_default(),
            delivery_place: body.delivery_place.unwrap_or_default(),
            delivery_address: body.delivery_address.unwrap_or_default(),
            contact_person: body.contact_person.unwrap_or_default(),
            legal_representative: body.legal_representative.unwrap_or_default(),
            office_address: body.office_address.unwrap_or_default(),
            warehouse_address: body.warehouse_address.unwrap_or_default(),
            email: body.email.unwrap_or_default(),
            phone: body.phone.unwrap_or_default(),
            bank_name: body.bank_name.unwrap_or_default(),
            bank_account: body.bank_account.unwrap_or_default(),
            licence_number: body.licence_number.unwrap_or_default(),
            latitude: body.latitude,
            longitude: body.longitude,
        }
    }
}

/// Get a distributor
#[utoipa::path(
    get, path = "/distributors/{id}", tag = "distributors", operation_id = "getDistributor",
    params(("id" = DistributorId, Path)),
    responses(
        (status = 200, description = "The distributor", body = Distributor),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such distributor, or not the caller's to see", body = Problem),
    ),
)]
pub async fn get_distributor(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<DistributorId>,
) -> ApiResult<Json<Distributor>> {
    let mut tx = app.db.read(caller.context()).await?;
    store::distributors::find(&mut tx, id).await?.map(Json).ok_or_else(ApiError::not_found)
}

/// Change a distributor
#[utoipa::path(
    put, path = "/distributors/{id}", tag = "distributors", operation_id = "updateDistributor",
    request_body = UpdateDistributor,
    params(("id" = DistributorId, Path), ("If-Match" = Option<String>, Header, description = "The version that was loaded")),
    responses(
        (status = 200, description = "The distributor", body = Distributor),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such distributor", body = Problem),
        (status = 409, description = "`distributors.code_taken`, `distributors.pending`", body = Problem),
        (status = 412, description = "Changed meanwhile", body = Problem),
    ),
)]
pub async fn update_distributor(
    State(app): State<App>,
    caller: Authorized<DistributorsManage>,
    Path(id): Path<DistributorId>,
    if_match: IfMatch,
    cmd: Command<UpdateDistributor>,
) -> ApiResult<Json<Distributor>> {
    let version = if_match.version(cmd.body.version)?;
    let status = cmd.body.status;
    if status == Some(DistributorStatus::Pending) {
        return Err(ApiError::invalid_field(
            "status",
            "Chỉ nhận active hoặc inactive",
            "Must be active or inactive",
        ));
    }
    let data = DistributorData::from(cmd.body);
    let now = app.now();
    let distributor = transaction!(app.db, caller.context(), "distributors.update", |tx| {
        Ok(distributors::update(tx, caller.context(), now, id, Some(version), &data, status).await?)
    })?;
    Ok(Json(distributor))
}
