use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::permission::InventoryManage;
use domain::{CustomerId, DistributorId, DocumentId, PromotionId, WarehouseId};
use platform::{
    ApiResult, App, Authorized, Caller, Checks, Command, ListFormat, PageQuery, Pagination, Path, Problem,
    Query, transaction_once,
};
use serde::{Deserialize, Serialize};
use sheets::{Field, List};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::hand_out::{Asked, hand_out};
use crate::model::OwedGoods;
use crate::store::{self, OwedFilter};

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct OwedQuery {
    /// Only what this distributor owes.
    distributor_id: Option<DistributorId>,
    /// Only of this promotion.
    promotion_id: Option<PromotionId>,
    /// Only to this customer.
    customer_id: Option<CustomerId>,
    /// Only goods of which something is left to hand out (`true`), or nothing (`false`).
    open: Option<bool>,
    /// `json`, or `xlsx` for all that the filter finds, at most 20,000.
    #[serde(default)]
    #[param(inline)]
    format: ListFormat,
}

/// A page of goods that settlements gave.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwedGoodsList {
    data: Vec<OwedGoods>,
    pagination: Pagination,
}

/// The goods that settlements gave to customers one may see, the latest first: what is owed, handed out, and left.
/// `search` finds by promotion and customer.
#[utoipa::path(
    get, path = "/promotions/settlements", tag = "promotions", operation_id = "listOwedGoods",
    params(PageQuery, OwedQuery),
    responses(
        (status = 200, description = "A page of goods, or the file", body = OwedGoodsList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 422, description = "Too many for a file", body = Problem),
    )
)]
pub(crate) async fn list_owed(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<OwedQuery>,
) -> ApiResult<Response> {
    let page = page.checked()?;
    let filter = OwedFilter {
        scope: caller.scope(),
        today: app.today(),
        distributor: query.distributor_id,
        promotion: query.promotion_id,
        customer: query.customer_id,
        open: query.open,
    };
    let mut tx = app.db.read(caller.context()).await?;
    let part = sheets::part(query.format, page.clone());
    let (data, total) = store::list_owed(&mut tx, &filter, &part).await?;
    drop(tx);
    match query.format {
        ListFormat::Json => Ok(Json(OwedGoodsList { data, pagination: page.of(total) }).into_response()),
        ListFormat::Xlsx => {
            FILE.file(&data, total, format!("Ngày {}", app.today().format("%d/%m/%Y")), app.today()).await
        }
    }
}

const FILE: List<OwedGoods> = List {
    name: "Hàng thưởng",
    title: "HÀNG THƯỞNG KHUYẾN MẠI PHẢI TRẢ",
    file: "hang-thuong",
    fields: &[
        Field::text("Mã NPP", 12.0, |o| o.distributor_code.clone()),
        Field::text("Mã khách hàng", 14.0, |o| o.customer_code.clone()),
        Field::text("Khách hàng", 30.0, |o| o.customer_name.clone()),
        Field::text("Mã khuyến mại", 14.0, |o| o.promotion_code.clone()),
        Field::text("Khuyến mại", 30.0, |o| o.promotion_name.clone()),
        Field::text("Tháng", 10.0, |o| {
            o.month.map(|month| month.format("%m/%Y").to_string()).unwrap_or_default()
        }),
        Field::day("Ngày quyết toán", |o| Some(o.settled_on)),
        Field::text("Mã sản phẩm", 14.0, |o| o.product_code.clone()),
        Field::text("Tên sản phẩm", 30.0, |o| o.product_name.clone()),
        Field::text("ĐVT", 10.0, |o| o.unit_name.clone()),
        Field::number("Phải trả", |o| o.quantity),
        Field::number("Đã trả", |o| o.handed_out),
        Field::number("Còn lại", |o| o.left),
    ],
};

/// Goods to hand out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct HandOutGoods {
    /// Made by the client, so that a repeat is known; the adjustment of stock gets it.
    id: Option<DocumentId>,
    /// Where the goods come from; the distributor's warehouse for promotions, or else the main one, when absent.
    warehouse_id: Option<WarehouseId>,
    /// How many of the unit in which they are owed; all that is left when absent.
    #[schema(minimum = 1)]
    quantity: Option<i64>,
    /// A remark.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// Hands out goods that a settlement gave to a customer: they leave stock by an adjustment, by first expiry among those that
/// are good for long enough for the customer.
#[utoipa::path(
    post, path = "/promotions/settlements/{id}/hand-out", tag = "promotions", operation_id = "handOutGoods",
    params(("id" = DocumentId, Path, description = "The settlement")),
    request_body = HandOutGoods,
    responses(
        (status = 201, description = "What is owed now", body = OwedGoods),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "No such settlement of goods, or the warehouse is not the distributor's", body = Problem),
        (status = 409, description = "Nothing is left to hand out, or the id is taken", body = Problem),
        (status = 422, description = "More than is owed, too little stock, or a closed or counted warehouse", body = Problem),
    )
)]
pub(crate) async fn hand_out_goods(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Path(settlement): Path<DocumentId>,
    cmd: Command<HandOutGoods>,
) -> ApiResult<(StatusCode, Json<OwedGoods>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let asked = Asked {
        id: body.id.unwrap_or_else(|| Uuid::now_v7().into()),
        warehouse: body.warehouse_id,
        quantity: body.quantity.map(|quantity| checks.range("quantity", quantity, 1..=i64::MAX)),
        note: checks.text("note", &body.note, 2000),
    };
    checks.done()?;
    let once = cmd.once(body.id.map(DocumentId::uuid));
    let owed = transaction_once!(app, caller.context(), once, "promotions.hand_out", |tx| {
        hand_out(tx, &app, &caller, settlement, &asked).await
    })?;
    Ok((StatusCode::CREATED, Json(owed)))
}
