//! Papers of money and debts.

use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use domain::business_day::format_vn_date;
use domain::permission::ReceivablesManage;
use domain::{AdjustmentId, CustomerId, HandOverId, Money, ReceiptId, RefundId};
use papers::{Column, Form, Issuer, Page, PaperQuery, Sum, Table, short_day, signed};
use platform::{ApiError, ApiResult, App, Authorized, Caller, Path, Problem, Query};
use serde::Deserialize;
use utoipa::IntoParams;

use super::adjustments::kind_vi;
use super::method_vi;
use super::statement::{meaning, period};
use crate::error::LedgerError;
use crate::model::{
    CashHandOver, CustomerBalance, DebtAdjustment, MoneyReceipt, MoneyRefund, PaymentMethod, StatementLine,
    StatementSums,
};
use crate::store::{self, Contact};

/// The most entries of a statement on paper: some fifty pages.
const MOST_ENTRIES: i64 = 2_000;

/// A receipt's page to print (phiếu thu).
#[utoipa::path(
    get,
    path = "/receivables/receipts/{id}/print",
    tag = "receivables",
    operation_id = "printReceipt",
    params(("id" = ReceiptId, Path, description = "The receipt"), PaperQuery),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to receive money", body = Problem),
        (status = 404, description = "No such receipt", body = Problem),
    )
)]
pub(crate) async fn print_receipt(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    Path(id): Path<ReceiptId>,
    Query(query): Query<PaperQuery>,
) -> ApiResult<Response> {
    let mut tx = app.db.read(caller.context()).await?;
    let receipt = store::find_receipt(&mut tx, id).await?.ok_or_else(ApiError::not_found)?;
    let issuer = store::find_issuer(&mut tx, receipt.distributor_id).await?;
    let contact = store::find_contact(&mut tx, receipt.distributor_id, receipt.customer_id).await?;
    drop(tx);
    Ok(receipt_page(receipt, issuer, contact).answer(query.paper))
}

/// A refund's page to print (phiếu chi).
#[utoipa::path(
    get,
    path = "/receivables/refunds/{id}/print",
    tag = "receivables",
    operation_id = "printRefund",
    params(("id" = RefundId, Path, description = "The refund"), PaperQuery),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No receivables.manage", body = Problem),
        (status = 404, description = "No such refund", body = Problem),
    )
)]
pub(crate) async fn print_refund(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    Path(id): Path<RefundId>,
    Query(query): Query<PaperQuery>,
) -> ApiResult<Response> {
    let mut tx = app.db.read(caller.context()).await?;
    let refund = store::find_refund(&mut tx, id).await?.ok_or_else(ApiError::not_found)?;
    let issuer = store::find_issuer(&mut tx, refund.distributor_id).await?;
    let contact = store::find_contact(&mut tx, refund.distributor_id, refund.customer_id).await?;
    drop(tx);
    Ok(refund_page(refund, issuer, contact).answer(query.paper))
}

/// An adjustment's page to print (phiếu điều chỉnh công nợ).
#[utoipa::path(
    get,
    path = "/receivables/adjustments/{id}/print",
    tag = "receivables",
    operation_id = "printDebtAdjustment",
    params(("id" = AdjustmentId, Path, description = "The adjustment"), PaperQuery),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No receivables.manage", body = Problem),
        (status = 404, description = "No such adjustment", body = Problem),
    )
)]
pub(crate) async fn print_adjustment(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    Path(id): Path<AdjustmentId>,
    Query(query): Query<PaperQuery>,
) -> ApiResult<Response> {
    let mut tx = app.db.read(caller.context()).await?;
    let adjustment = store::find_adjustment(&mut tx, id).await?.ok_or_else(ApiError::not_found)?;
    let issuer = store::find_issuer(&mut tx, adjustment.distributor_id).await?;
    let contact = store::find_contact(&mut tx, adjustment.distributor_id, adjustment.customer_id).await?;
    drop(tx);
    Ok(adjustment_page(adjustment, issuer, contact).map_err(LedgerError::from)?.answer(query.paper))
}

/// A hand-over's page to print (phiếu nộp tiền). Reps see their own.
#[utoipa::path(
    get,
    path = "/receivables/hand-overs/{id}/print",
    tag = "receivables",
    operation_id = "printHandOver",
    params(("id" = HandOverId, Path, description = "The hand-over"), PaperQuery),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such hand-over for the caller", body = Problem),
    )
)]
pub(crate) async fn print_hand_over(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<HandOverId>,
    Query(query): Query<PaperQuery>,
) -> ApiResult<Response> {
    let mut tx = app.db.read(caller.context()).await?;
    let made =
        store::find_visible_hand_over(&mut tx, caller.scope(), id).await?.ok_or_else(ApiError::not_found)?;
    let issuer = store::find_issuer(&mut tx, made.distributor_id).await?;
    drop(tx);
    Ok(hand_over_page(made, issuer).map_err(LedgerError::from)?.answer(query.paper))
}

/// Which period.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct PrintedPeriod {
    /// The first business day; the first of the month when left out.
    from: Option<NaiveDate>,
    /// The last business day; today when left out.
    to: Option<NaiveDate>,
}

/// A customer's statement of account as a page to print and sign (biên bản đối chiếu công nợ).
#[utoipa::path(
    get,
    path = "/customers/{id}/statement/print",
    tag = "receivables",
    operation_id = "printCustomerStatement",
    params(("id" = CustomerId, Path, description = "The customer"), PrintedPeriod, PaperQuery),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such customer", body = Problem),
        (status = 422, description = "Too many entries for a paper", body = Problem),
    )
)]
pub(crate) async fn print_statement(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<CustomerId>,
    Query(query): Query<PrintedPeriod>,
    Query(paper): Query<PaperQuery>,
) -> ApiResult<Response> {
    let today = app.today();
    let days = period(query.from, query.to, today)?;
    if days.1 > today {
        return Err(ApiError::invalid_field("to", "Không được sau hôm nay", "Must not be after today"));
    }
    // Its lines and its sums must agree.
    let mut tx = app.db.snapshot(caller.context()).await?;
    let customer =
        store::find_balance(&mut tx, caller.scope(), id, today).await?.ok_or_else(ApiError::not_found)?;
    let distributor = customer.distributor_id;
    let (sums, entries) = store::sum_statement(&mut tx, distributor, id, days).await?;
    if entries > MOST_ENTRIES {
        return Err(ApiError::unprocessable(
            "receivables.statement_too_long",
            format!("Có {entries} dòng, bản in chứa tối đa {MOST_ENTRIES}. Hãy chọn khoảng ngày ngắn hơn."),
            format!("There are {entries} entries; a paper holds {MOST_ENTRIES}. Choose a shorter period."),
        ));
    }
    let lines = store::list_statement(&mut tx, distributor, id, days, (MOST_ENTRIES, 0)).await?;
    let issuer = store::find_issuer(&mut tx, distributor).await?;
    let contact = store::find_contact(&mut tx, distributor, id).await?;
    drop(tx);
    let page = statement_page(customer, contact, issuer, (today, days), sums, lines);
    Ok(page.map_err(LedgerError::from)?.answer(paper.paper))
}

fn customer(code: &str, name: &str) -> String {
    format!("{code} – {name}")
}

const CASHIER: (&str, &str) = ("Thủ quỹ", "");

/// Where the amount is confirmed in words when the money went through the till; what went by bank has its paper there, and no
/// cashier signs, who could book it again.
fn confirmed(cash: bool) -> Vec<(&'static str, String)> {
    if cash {
        vec![("Đã nhận đủ số tiền (viết bằng chữ)", String::new())]
    } else {
        Vec::new()
    }
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> String {
    if text.is_empty() { otherwise } else { text }.to_owned()
}

const PAID: &[Column] = &[Column::text("Trả cho chứng từ"), Column::number("Số tiền")];

fn receipt_page(receipt: MoneyReceipt, issuer: Issuer, contact: Contact) -> Page {
    let paid = (!receipt.allocations.is_empty()).then(|| Table {
        columns: PAID,
        rows: receipt
            .allocations
            .iter()
            .map(|a| vec![a.document_number.as_str().into(), a.amount.into()])
            .collect(),
        sums: vec![Sum::of("Chưa trừ vào chứng từ nào", receipt.unallocated)],
    });
    let cash = receipt.method == PaymentMethod::Cash;
    let [director, accountant, payer, maker] =
        [("Giám đốc", ""), ("Kế toán trưởng", ""), ("Người nộp tiền", ""), ("Người lập phiếu", "")];
    let signatures = if cash {
        signed([director, accountant, payer, maker, CASHIER])
    } else {
        signed([director, accountant, payer, maker])
    };
    Page {
        issuer,
        form: cash.then_some(Form { number: "01 - TT", accounts: true }),
        title: if cash { "PHIẾU THU" } else { "PHIẾU THU CHUYỂN KHOẢN" },
        number: receipt.number,
        date: receipt.business_date,
        stamp: receipt.cancelled_at.map(|_| format!("ĐÃ HỦY: {}", receipt.cancel_reason)),
        facts: vec![
            ("Họ và tên người nộp tiền", customer(&receipt.customer_code, &receipt.customer_name)),
            ("Địa chỉ", contact.address),
            ("Lý do nộp", or(&receipt.note, "Trả tiền hàng")),
            ("Số tiền", receipt.amount.to_string()),
            ("Viết bằng chữ", receipt.amount.in_words()),
            ("Hình thức", method_vi(receipt.method).to_owned()),
            ("Người thu", receipt.collected_by_name),
            ("Kèm theo (chứng từ gốc)", String::new()),
        ],
        table: paid,
        closing: confirmed(cash),
        signatures,
    }
}

fn refund_page(refund: MoneyRefund, issuer: Issuer, contact: Contact) -> Page {
    let cash = refund.method == PaymentMethod::Cash;
    let maker = ("Người lập phiếu", refund.created_by_name.as_str());
    let [director, accountant, payee] = [("Giám đốc", ""), ("Kế toán trưởng", ""), ("Người nhận tiền", "")];
    let signatures = if cash {
        signed([director, accountant, CASHIER, maker, payee])
    } else {
        signed([director, accountant, maker, payee])
    };
    Page {
        issuer,
        form: cash.then_some(Form { number: "02 - TT", accounts: true }),
        title: if cash { "PHIẾU CHI" } else { "PHIẾU CHI CHUYỂN KHOẢN" },
        number: refund.number,
        date: refund.business_date,
        facts: vec![
            ("Họ và tên người nhận tiền", customer(&refund.customer_code, &refund.customer_name)),
            ("Địa chỉ", contact.address),
            ("Lý do chi", or(&refund.note, "Hoàn tiền cho khách hàng")),
            ("Số tiền", refund.amount.to_string()),
            ("Viết bằng chữ", refund.amount.in_words()),
            ("Hình thức", method_vi(refund.method).to_owned()),
            ("Kèm theo (chứng từ gốc)", String::new()),
        ],
        closing: confirmed(cash),
        signatures,
        ..Page::default()
    }
}

fn adjustment_page(
    adjustment: DebtAdjustment,
    issuer: Issuer,
    contact: Contact,
) -> Result<Page, domain::Overflow> {
    let (name, amount) = if adjustment.amount.is_negative() {
        ("Ghi giảm nợ", Money::ZERO.checked_sub(adjustment.amount)?)
    } else {
        ("Ghi tăng nợ", adjustment.amount)
    };
    let mut facts = vec![
        ("Khách hàng", customer(&adjustment.customer_code, &adjustment.customer_name)),
        ("Địa chỉ", contact.address),
        ("Loại điều chỉnh", kind_vi(adjustment.kind).to_owned()),
        ("Lý do", adjustment.reason),
        (name, amount.to_string()),
        ("Viết bằng chữ", amount.in_words()),
    ];
    if adjustment.due_date.is_some() {
        facts.push(("Hạn thanh toán", short_day(adjustment.due_date)));
    }
    Ok(Page {
        issuer,
        title: "PHIẾU ĐIỀU CHỈNH CÔNG NỢ",
        number: adjustment.number,
        date: adjustment.business_date,
        facts,
        signatures: signed([
            ("Người lập phiếu", &adjustment.created_by_name),
            ("Khách hàng", ""),
            ("Kế toán trưởng", ""),
            ("Giám đốc", ""),
        ]),
        ..Page::default()
    })
}

fn hand_over_page(made: CashHandOver, issuer: Issuer) -> Result<Page, domain::Overflow> {
    // Below zero the office gives back what was handed over too much.
    let (title, amount, signers) = if made.amount.is_negative() {
        ("PHIẾU TRẢ LẠI TIỀN NỘP THỪA", Money::ZERO.checked_sub(made.amount)?, ["Thủ quỹ", "Người nhận tiền"])
    } else {
        ("PHIẾU NỘP TIỀN", made.amount, ["Người nộp tiền", "Thủ quỹ"])
    };
    let mut facts = vec![
        ("Nhân viên", made.rep_name),
        ("Tiền thu của ngày", format_vn_date(made.date)),
        ("Số tiền", amount.to_string()),
        ("Viết bằng chữ", amount.in_words()),
    ];
    if made.difference != Money::ZERO {
        facts.push(("Chênh lệch (âm là thiếu)", made.difference.to_string()));
        facts.push(("Lý do chênh lệch", made.reason));
    }
    facts.push(("Ghi chú", made.note));
    Ok(Page {
        issuer,
        title,
        number: made.number,
        date: domain::business_day::business_date(made.created_at),
        facts,
        signatures: signed([
            ("Người lập phiếu", &made.created_by_name),
            (signers[0], ""),
            (signers[1], ""),
            ("Kế toán trưởng", ""),
        ]),
        ..Page::default()
    })
}

const ENTRIES: &[Column] = &[
    Column::code("Ngày"),
    Column::code("Số chứng từ"),
    Column::text("Diễn giải"),
    Column::code("Hạn thanh toán"),
    Column::number("Nợ").under("Phát sinh"),
    Column::number("Có").under("Phát sinh"),
    Column::number("Còn nợ"),
];

fn statement_page(
    buyer: CustomerBalance,
    contact: Contact,
    issuer: Issuer,
    (today, (from, to)): (NaiveDate, (NaiveDate, NaiveDate)),
    sums: StatementSums,
    lines: Vec<StatementLine>,
) -> Result<Page, domain::Overflow> {
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines {
        let (debit, credit) = if line.amount.is_negative() {
            (None, Some(Money::ZERO.checked_sub(line.amount)?))
        } else {
            (Some(line.amount), None)
        };
        rows.push(vec![
            format_vn_date(line.date).into(),
            line.document_number.into(),
            meaning(line.kind, line.amount).into(),
            short_day(line.due_date).into(),
            debit.into(),
            credit.into(),
            line.balance.into(),
        ]);
    }
    let (name, owed) = if sums.closing.is_negative() {
        ("Bên A còn phải trả Bên B", Money::ZERO.checked_sub(sums.closing)?)
    } else {
        ("Bên B còn nợ Bên A", sums.closing)
    };
    Ok(Page {
        title: "BIÊN BẢN ĐỐI CHIẾU CÔNG NỢ",
        date: today,
        facts: vec![
            ("Bên A (bên bán)", issuer.name.clone()),
            ("Bên B (bên mua)", customer(&buyer.customer_code, &buyer.customer_name)),
            ("Địa chỉ", contact.address),
            ("Đại diện", format!("{} – ĐT: {}", contact.contact_person, contact.phone)),
            (
                "Hai bên cùng đối chiếu công nợ",
                format!("từ ngày {} đến ngày {}", format_vn_date(from), format_vn_date(to)),
            ),
            ("Số dư đầu kỳ", sums.opening.to_string()),
        ],
        table: Some(Table {
            columns: ENTRIES,
            rows,
            sums: vec![Sum {
                label: "Cộng phát sinh và số dư cuối kỳ".to_owned(),
                values: vec![sums.debit.into(), sums.credit.into(), sums.closing.into()],
                strong: true,
            }],
        }),
        closing: vec![
            ("Tính đến hết ngày", format_vn_date(to)),
            (name, owed.to_string()),
            ("Bằng chữ", owed.in_words()),
            ("Biên bản", "được lập thành hai bản có giá trị như nhau, mỗi bên giữ một bản".to_owned()),
        ],
        signatures: signed([("Đại diện Bên A", ""), ("Đại diện Bên B", "")]),
        issuer,
        ..Page::default()
    })
}
