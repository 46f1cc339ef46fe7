//! What each kind of operation does: the function of the capability it belongs to, as for a record that arrives late.

mod field;
mod together;

use customers::NewOutlet;
use db::PgConnection;
use domain::permission::{
    AttendanceClock, CustomersCreate, OrdersCreate, Permission, ReceivablesManage, VisitsCreate,
};
use domain::{CustomerId, Money, OrderId, ReceiptId, business_date};
use orders::model::CreateOrder;
use platform::{ApiError, ApiResult, App, Caller, Checks, Flag};
use receivables::{Payment, PaymentMethod, Pays};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::lenient;
use super::operation::Operation;

pub(crate) use self::together::together;

/// The newest form of payloads that we know.
const NEWEST_FORM: i32 = 1;

/// What an operation made.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub result: Value,
    pub flags: Vec<Flag>,
    /// It isn't as the phone reckoned; somebody must look at it.
    pub differs: bool,
}

/// What one must be allowed to do it; none for kinds that aren't known.
pub(crate) fn permission(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "order" | "receipt" => OrdersCreate::NAME,
        "clock" | "locations" | "declaration" => AttendanceClock::NAME,
        "check_in" | "check_out" | "outlet_state" | "stock_check" | "photo" | "survey" | "note"
        | "location_proposal" => VisitsCreate::NAME,
        "customer" => CustomersCreate::NAME,
        _ => return None,
    })
}

/// Does what the operation says.
///
/// # Errors
/// What the capability refuses. 400 and 403 end the operation; anything else is for a person to settle.
pub(crate) async fn apply(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    op: &Operation,
) -> ApiResult<Done> {
    if op.version > NEWEST_FORM {
        return Err(ApiError::unprocessable(
            "sync.newer_form",
            "Ứng dụng mới hơn hệ thống; bản ghi được giữ lại đến khi hệ thống được nâng cấp.",
            "The app is newer than the system; the record is kept until the system is brought up to date.",
        ));
    }
    match op.kind.as_str() {
        "order" => order(c, app, caller, op).await,
        "customer" => customer(c, app, caller, op).await,
        "receipt" => receipt(c, app, caller, op).await,
        "clock" => field::clock(c, app, caller, op).await,
        "check_in" => field::check_in(c, app, caller, op).await,
        "check_out" => field::check_out(c, app, caller, op).await,
        "outlet_state" => field::outlet_state(c, app, caller, op).await,
        "stock_check" => field::stock_check(c, app, caller, op).await,
        "photo" => field::photo(c, app, caller, op).await,
        "survey" => field::survey(c, app, caller, op).await,
        "note" => field::note(c, app, caller, op).await,
        "location_proposal" => field::location_proposal(c, app, caller, op).await,
        "declaration" => field::declaration(c, app, caller, op).await,
        "locations" => field::locations(c, app, caller, op).await,
        _ => Err(ApiError::unprocessable(
            "sync.unknown_kind",
            "Hệ thống chưa biết loại thao tác này; bản ghi được giữ lại.",
            "The system doesn't know this kind of operation yet; the record is kept.",
        )),
    }
}

/// The thing that the operation makes.
fn entity(op: &Operation) -> ApiResult<Uuid> {
    op.entity.ok_or_else(|| ApiError::invalid_field("entityId", "Bắt buộc", "Required"))
}

/// Fields that we don't know: the ledger keeps them, nobody has to look.
fn passed_over(unknown: Vec<String>) -> Vec<Flag> {
    if unknown.is_empty() {
        return Vec::new();
    }
    let flag = Flag::new(
        "sync.unknown_fields",
        "Bản ghi có trường hệ thống chưa biết; đã lưu nhưng chưa dùng.",
        "The record has fields the system doesn't know; they are kept, and not used.",
    );
    vec![flag.with(json!({ "fields": unknown }))]
}

async fn order(c: &mut PgConnection, app: &App, caller: &Caller, op: &Operation) -> ApiResult<Done> {
    let (mut body, unknown) = lenient::parse::<CreateOrder>(&op.payload)?;
    body.id = Some(OrderId::new(entity(op)?));
    body.at = None;
    let order = orders::service::place_late(app, c, caller, &body, op.at).await?;
    let differs = order.head.needs_review;
    let mut result = json!({
        "orderId": order.head.order_id,
        "orderNumber": order.head.order_number,
        "status": order.head.status,
        "totalAmount": order.head.total_amount,
    });
    if differs {
        result["differences"] = json!(order.differences);
    }
    Ok(Done { result, flags: passed_over(unknown), differs })
}

async fn customer(c: &mut PgConnection, app: &App, caller: &Caller, op: &Operation) -> ApiResult<Done> {
    let (outlet, unknown) = lenient::parse::<NewOutlet>(&op.payload)?;
    let id = entity(op)?;
    customers::propose(c, app, caller, CustomerId::new(id), outlet, op.at).await?;
    Ok(Done { result: json!({ "customerId": id }), flags: passed_over(unknown), differs: false })
}

/// Money that a rep collected.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Collected {
    customer_id: CustomerId,
    amount: i64,
    method: PaymentMethod,
    #[serde(default)]
    note: String,
}

async fn receipt(c: &mut PgConnection, app: &App, caller: &Caller, op: &Operation) -> ApiResult<Done> {
    let (collected, unknown) = lenient::parse::<Collected>(&op.payload)?;
    let mut checks = Checks::default();
    let amount = checks.range("amount", collected.amount, 1..=1_000_000_000_000);
    let note = checks.text("note", &collected.note, 2000);
    checks.done()?;
    let day = business_date(op.at);
    let viewer = customers::store::Viewer::new(caller.scope(), day);
    if !customers::store::is_in_scope(c, &viewer, collected.customer_id).await? {
        return Err(ApiError::not_found());
    }
    // Cash is theirs to hand over; that money came to the company's account is for the office to say.
    if collected.method != PaymentMethod::Cash && !caller.may::<ReceivablesManage>() {
        return Err(ApiError::unprocessable(
            "sync.cash_only",
            "Ngoài tuyến chỉ ghi thu tiền mặt; khoản chuyển khoản do văn phòng nhà phân phối ghi nhận.",
            "Only cash is received in the field; the distributor's office receives a transfer.",
        ));
    }
    let payment = Payment {
        customer: collected.customer_id,
        amount: Money::new(amount),
        method: collected.method,
        note,
        day,
        booked_on: app.today(),
        collected_by: None,
        pays: Pays::OldestDueFirst,
    };
    let received = receivables::receive(c, app, caller, ReceiptId::new(entity(op)?), &payment).await?;
    let result = json!({
        "receiptId": received.receipt.receipt_id,
        "number": received.receipt.number,
        "balance": received.balance,
    });
    Ok(Done { result, flags: passed_over(unknown), differs: false })
}
