//! The endpoints.

pub(crate) mod adjustments;
pub(crate) mod ageing;
pub(crate) mod alerts;
pub(crate) mod allocations;
pub(crate) mod balances;
pub(crate) mod customer;
pub(crate) mod hand_overs;
pub(crate) mod overdue;
pub(crate) mod policy;
pub(crate) mod print;
pub(crate) mod receipts;
pub(crate) mod refunds;
pub(crate) mod statement;

use domain::{Money, ReceivableEntryId};
use platform::Checks;
use serde::Deserialize;
use sheets::Cell;
use utoipa::ToSchema;

use crate::model::PaymentMethod;

/// The most that is moved at once, in đồng: far above any real payment, far below overflow.
const MAX_AMOUNT: i64 = 1_000_000_000_000;
/// The most debts that are paid at once by hand.
const MAX_ALLOCATIONS: usize = 500;
/// The most rows of a file.
const MOST_ROWS: i64 = 200_000;

/// So much pays this debt.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AllocateTo {
    /// The debt's entry.
    entry_id: ReceivableEntryId,
    /// đồng.
    #[schema(minimum = 1)]
    amount: i64,
}

/// The checked allocations.
fn allocations(checks: &mut Checks, wanted: &[AllocateTo]) -> Vec<(ReceivableEntryId, Money)> {
    if wanted.len() > MAX_ALLOCATIONS {
        checks.wrong(
            "allocations",
            format!("Tối đa {MAX_ALLOCATIONS} dòng"),
            format!("At most {MAX_ALLOCATIONS} lines"),
        );
    }
    let mut checked = Vec::with_capacity(wanted.len().min(MAX_ALLOCATIONS));
    for (index, a) in wanted.iter().enumerate().take(MAX_ALLOCATIONS) {
        let amount = checks.range(&format!("allocations[{index}].amount"), a.amount, 1..=MAX_AMOUNT);
        checked.push((a.entry_id, Money::new(amount)));
    }
    checked
}

const fn method_vi(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Cash => "Tiền mặt",
        PaymentMethod::Transfer => "Chuyển khoản",
    }
}

fn money(amount: Money) -> Cell {
    Cell::Number(amount.dong())
}
