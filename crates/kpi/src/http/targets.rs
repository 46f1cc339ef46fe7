use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{Datelike as _, NaiveDate};
use domain::kpi::{Hundredths, InvalidSpan, Span};
use domain::permission::KpiManage;
use domain::{KpiTargetId, Month, OrgUnitId, UserId};
use platform::{
    ApiResult, App, Authorized, Caller, Checks, Command, PageQuery, Pagination, Path, Problem, Query,
    transaction, transaction_once,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::model::{Amounts, FocusKind, Target};
use crate::store::targets::{self as store, Filter};
use crate::targets::{self, Copied, Setting};

/// The years for which anything can be asked.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;
const MOST_FOCUS: usize = 50;

/// Which month, and whose. `search` looks at names.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct TargetQuery {
    /// `2026-08`; the present month when absent.
    #[param(value_type = Option<String>)]
    month: Option<Month>,
    /// The person; everybody one may see when absent.
    user_id: Option<UserId>,
    /// People of this unit and those below it.
    unit_id: Option<OrgUnitId>,
}

/// A page of targets.
#[derive(Debug, Serialize, ToSchema)]
pub struct KpiTargetList {
    /// By unit, name and day.
    data: Vec<Target>,
    pagination: Pagination,
}

/// What is asked of the people one may see in a month: of reps their own.
#[utoipa::path(
    get,
    path = "/kpi/targets",
    tag = "kpi",
    operation_id = "listKpiTargets",
    params(PageQuery, TargetQuery),
    responses(
        (status = 200, description = "A page of targets", body = KpiTargetList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_targets(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<TargetQuery>,
) -> ApiResult<Json<KpiTargetList>> {
    let page = page.checked()?;
    let month = query.month.unwrap_or_else(|| Month::of(app.today()));
    check_month(month)?;
    let filter = Filter {
        id: None,
        first: Some(month.first_day()),
        last: Some(month.last_day()),
        user: query.user_id,
        unit: query.unit_id,
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = store::list_targets(&mut tx, caller.scope(), &filter, Some(&page)).await?;
    Ok(Json(KpiTargetList { data, pagination: page.of(total) }))
}

/// A product, brand or category to ask for by itself: pieces, đồng, or both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetKpiFocus {
    /// What `id` is.
    kind: FocusKind,
    /// The product, brand or category.
    id: Uuid,
    /// Retail pieces of a whole month.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    quantity: Option<i64>,
    /// đồng of a whole month.
    #[schema(minimum = 0, maximum = 10_000_000_000_000_i64)]
    revenue: Option<i64>,
}

/// What is asked of a rep: for a `month`, or from a day until another one, or until the end of the month. Each amount is
/// that of a whole month and counts for these days; what is absent isn't asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetKpiTargets {
    /// Made by the client, so that a repeat is known.
    id: Option<KpiTargetId>,
    /// The rep, or supervisor, of a distributor.
    user_id: UserId,
    /// All days of this month; or `from`.
    #[schema(value_type = Option<String>)]
    month: Option<Month>,
    /// The first day; or `month`.
    from: Option<NaiveDate>,
    /// The last day, in the same month; the last of the month when absent.
    to: Option<NaiveDate>,
    /// Visits.
    #[schema(minimum = 0, maximum = 1_000_000)]
    visits: Option<i64>,
    /// New outlets.
    #[schema(minimum = 0, maximum = 1_000_000)]
    new_customers: Option<i64>,
    /// Orders.
    #[schema(minimum = 0, maximum = 1_000_000)]
    orders: Option<i64>,
    /// Value of orders with VAT (doanh số), in đồng.
    #[schema(minimum = 0, maximum = 10_000_000_000_000_i64)]
    sales: Option<i64>,
    /// Value of goods issued less returns, with VAT (doanh thu), in đồng.
    #[schema(minimum = 0, maximum = 10_000_000_000_000_i64)]
    revenue: Option<i64>,
    /// Retail pieces issued less returned.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    volume: Option<i64>,
    /// Different products in an order, on average; two decimals.
    skus_per_order: Option<Hundredths>,
    /// Working time, in minutes.
    #[schema(minimum = 0, maximum = 44_640)]
    work_minutes: Option<i64>,
    /// Products, brands and categories by themselves; each once.
    #[serde(default)]
    #[schema(max_items = 50)]
    focus: Vec<SetKpiFocus>,
}

/// Sets what is asked of a rep for some days of a month. What was asked for these days before ends, begins later, or is
/// split; what was reached stays.
#[utoipa::path(
    post,
    path = "/kpi/targets",
    tag = "kpi",
    operation_id = "setKpiTargets",
    request_body = SetKpiTargets,
    responses(
        (status = 201, description = "The targets", body = Target),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No kpi.manage", body = Problem),
        (status = 404, description = "No such rep, product, brand or category", body = Problem),
        (status = 409, description = "Something else has the id", body = Problem),
    )
)]
pub async fn set_targets(
    State(app): State<App>,
    caller: Authorized<KpiManage>,
    cmd: Command<SetKpiTargets>,
) -> ApiResult<(StatusCode, Json<Target>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let span = span(&mut checks, body);
    let amounts = amounts(&mut checks, body);
    check_focus(&mut checks, &body.focus);
    checks.done()?;
    let setting = Setting {
        id: body.id.unwrap_or_else(|| KpiTargetId::new(Uuid::now_v7())),
        user: body.user_id,
        span,
        amounts,
        focus: body.focus.iter().map(|f| (f.kind, f.id, f.quantity, f.revenue)).collect(),
    };
    let once = cmd.once(body.id.map(KpiTargetId::uuid));
    let target = transaction_once!(app, caller.context(), once, "kpi.targets.set", |tx| {
        targets::set(tx, &caller, app.now(), &setting).await
    })?;
    Ok((StatusCode::CREATED, Json(target)))
}

/// Takes a target away: nothing is asked for its days any more.
#[utoipa::path(
    delete,
    path = "/kpi/targets/{id}",
    tag = "kpi",
    operation_id = "deleteKpiTarget",
    params(("id" = KpiTargetId, Path, description = "The target")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No kpi.manage", body = Problem),
        (status = 404, description = "No such target", body = Problem),
    )
)]
pub async fn delete_target(
    State(app): State<App>,
    caller: Authorized<KpiManage>,
    Path(id): Path<KpiTargetId>,
) -> ApiResult<StatusCode> {
    transaction!(app.db, caller.context(), "kpi.targets.delete", |tx| {
        targets::remove(tx, &caller, app.now(), id).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// From which month to which.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CopyKpiTargets {
    /// `2026-08`.
    #[schema(value_type = String)]
    from_month: Month,
    /// `2026-09`.
    #[schema(value_type = String)]
    to_month: Month,
    /// Only people of this unit and those below it; all one may see when absent.
    unit_id: Option<OrgUnitId>,
}

/// Copies what was last asked of each active rep in a month to the whole of another month, for those of whom nothing is
/// asked there.
#[utoipa::path(
    post,
    path = "/kpi/targets/copy",
    tag = "kpi",
    operation_id = "copyKpiTargets",
    request_body = CopyKpiTargets,
    responses(
        (status = 200, description = "How many", body = Copied),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No kpi.manage", body = Problem),
    )
)]
pub async fn copy_targets(
    State(app): State<App>,
    caller: Authorized<KpiManage>,
    cmd: Command<CopyKpiTargets>,
) -> ApiResult<Json<Copied>> {
    let CopyKpiTargets { from_month, to_month, unit_id } = cmd.body;
    let mut checks = Checks::default();
    for (field, month) in [("fromMonth", from_month), ("toMonth", to_month)] {
        check_year(&mut checks, field, month.first_day());
    }
    if from_month == to_month {
        checks.wrong("toMonth", "Phải khác tháng nguồn", "Must not be the month to copy from");
    }
    checks.done()?;
    let copied = transaction_once!(app, caller.context(), cmd.once(None), "kpi.targets.copy", |tx| {
        targets::copy(tx, &caller, app.now(), from_month, to_month, unit_id).await
    })?;
    Ok(Json(copied))
}

/// A month of a query, within the years for which anything is asked.
pub(super) fn check_month(month: Month) -> ApiResult<()> {
    let mut checks = Checks::default();
    check_year(&mut checks, "month", month.first_day());
    checks.done()
}

fn check_year(checks: &mut Checks, field: &str, day: NaiveDate) {
    checks.range(
        &format!("{field}.year"),
        i64::from(day.year()),
        i64::from(*YEARS.start())..=i64::from(*YEARS.end()),
    );
}

/// The days; any when they are wrong, which the checks know.
fn span(checks: &mut Checks, body: &SetKpiTargets) -> Span {
    let whole = |day| Span::of_month(Month::of(day));
    match (body.month, body.from, body.to) {
        (Some(month), None, None) => {
            check_year(checks, "month", month.first_day());
            Span::of_month(month)
        }
        (None, Some(from), to) => {
            check_year(checks, "from", from);
            let to = to.unwrap_or_else(|| Month::of(from).last_day());
            Span::new(from, to).unwrap_or_else(|error| {
                match error {
                    InvalidSpan::Backwards => {
                        checks.wrong("to", "Phải từ ngày đầu trở đi", "Must not be before `from`");
                    }
                    InvalidSpan::TwoMonths => checks.wrong(
                        "to",
                        "Phải cùng tháng với ngày đầu; hãy đặt chỉ tiêu riêng cho từng tháng",
                        "Must be in the month of `from`; set each month's targets by themselves",
                    ),
                }
                whole(from)
            })
        }
        (_, from, _) => {
            checks.wrong(
                "month",
                "Chọn tháng, hoặc ngày bắt đầu (from)",
                "Name either the month or the first day (`from`)",
            );
            whole(from.unwrap_or_default())
        }
    }
}

const COUNT: i64 = 1_000_000;
const PIECES: i64 = 1_000_000_000;
const DONG: i64 = 10_000_000_000_000;
const SKUS: i64 = 1_000;
const MINUTES: i64 = 31 * 24 * 60;

fn amounts(checks: &mut Checks, body: &SetKpiTargets) -> Amounts {
    for (field, value, most) in [
        ("visits", body.visits, COUNT),
        ("newCustomers", body.new_customers, COUNT),
        ("orders", body.orders, COUNT),
        ("sales", body.sales, DONG),
        ("revenue", body.revenue, DONG),
        ("volume", body.volume, PIECES),
        ("workMinutes", body.work_minutes, MINUTES),
    ] {
        if let Some(value) = value {
            checks.range(field, value, 0..=most);
        }
    }
    let skus = body.skus_per_order.map(Hundredths::hundredths);
    if skus.is_some_and(|skus| !(0..=SKUS * 100).contains(&skus)) {
        checks.wrong("skusPerOrder", format!("Phải từ 0 đến {SKUS}"), format!("Must be 0 to {SKUS}"));
    }
    let amounts = Amounts {
        visits: body.visits,
        new_customers: body.new_customers,
        orders: body.orders,
        sales: body.sales,
        revenue: body.revenue,
        volume: body.volume,
        skus_per_order: skus,
        work_minutes: body.work_minutes,
    };
    if amounts == Amounts::default() && body.focus.is_empty() {
        checks.wrong(
            "visits",
            "Nhập ít nhất một chỉ tiêu; muốn bỏ chỉ tiêu thì xóa",
            "Ask for something; to ask for nothing, delete the target",
        );
    }
    amounts
}

fn check_focus(checks: &mut Checks, focus: &[SetKpiFocus]) {
    if focus.len() > MOST_FOCUS {
        checks.wrong("focus", format!("Tối đa {MOST_FOCUS} dòng"), format!("At most {MOST_FOCUS}"));
    }
    let mut seen = std::collections::BTreeSet::new();
    for (at, item) in focus.iter().enumerate() {
        if !seen.insert((item.kind, item.id)) {
            checks.wrong(&format!("focus[{at}].id"), "Bị lặp lại", "Is there twice");
        }
        if item.quantity.is_none() && item.revenue.is_none() {
            checks.wrong(
                &format!("focus[{at}].quantity"),
                "Nhập số lượng hoặc doanh thu",
                "Give a quantity or a revenue",
            );
        }
        for (field, value, most) in [("quantity", item.quantity, PIECES), ("revenue", item.revenue, DONG)] {
            if let Some(value) = value {
                checks.range(&format!("focus[{at}].{field}"), value, 0..=most);
            }
        }
    }
}
