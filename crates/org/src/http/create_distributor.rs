use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use db::{Context, Tenants};
use domain::DistributorId;
use domain::permission::{DistributorsCreate, DistributorsManage};
use platform::{ApiResult, App, Authorized, Command, Problem, transaction_once};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::distributors;
use crate::model::{Distributor, DistributorData, DistributorStatus};

/// A new distributor.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateDistributor {
    /// An id made by the client, so that a repeat creates nothing.
    id: Option<DistributorId>,
    /// Its code, unique; made up when empty or absent.
    code: Option<String>,
    /// Its name.
    name: String,
    /// Tax code.
    tax_code: Option<String>,
    /// The name on VAT invoices.
    invoice_name: Option<String>,
    /// The address on VAT invoices.
    invoice_address: Option<String>,
    /// NPP (the default), đại lý, tổng thầu.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Group A–D.
    distributor_group: Option<String>,
    /// Channel: GT (the default), MT, OTC.
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

impl From<CreateDistributor> for DistributorData {
    fn from(body: CreateDistributor) -> Self {
        DistributorData {
            code: body.code.unwrap_or_default(),
            name: body.name,
            tax_code: body.tax_code.unwrap_or_default(),
            invoice_name: body.invoice_name.unwrap_or_default(),
            invoice_address: body.invoice_address.unwrap_or_default(),
            kind: body.kind.unwrap_or_else(|| "NPP".to_owned()),
            distributor_group: body.distributor_group.unwrap_or_default(),
            channel: body.channel.unwrap_or_else(|| "GT".to_owned()),
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

/// Add a distributor
///
/// It waits for approval, unless it is added by one who could approve it.
#[utoipa::path(
    post, path = "/distributors", tag = "distributors", operation_id = "createDistributor",
    request_body = CreateDistributor,
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat with it gets the first answer")),
    responses(
        (status = 201, description = "The distributor", body = Distributor),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 409, description = "`distributors.code_taken`", body = Problem),
    ),
)]
pub async fn create_distributor(
    State(app): State<App>,
    caller: Authorized<DistributorsCreate>,
    cmd: Command<CreateDistributor>,
) -> ApiResult<(StatusCode, Json<Distributor>)> {
    let once = cmd.once(cmd.body.id.map(|id| id.uuid()));
    let id = cmd.body.id.unwrap_or_else(|| DistributorId::new(Uuid::now_v7()));
    let data = DistributorData::from(cmd.body);
    let status = if caller.may::<DistributorsManage>() {
        DistributorStatus::Active
    } else {
        DistributorStatus::Pending
    };
    // A new distributor is none of the caller's, so the system writes it in the caller's name.
    let cx = Context { tenants: Tenants::Company, ..caller.context().clone() };
    let now = app.now();
    let distributor = transaction_once!(app, &cx, once, "distributors.create", |tx| {
        Ok(distributors::create(tx, &cx, now, id, status, &data).await?)
    })?;
    Ok((StatusCode::CREATED, Json(distributor)))
}
