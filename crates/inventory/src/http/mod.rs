//! The endpoints.

pub(crate) mod adjustments;
pub(crate) mod counts;
pub(crate) mod movements;
pub(crate) mod print;
pub(crate) mod receipts;
pub(crate) mod stock;
pub(crate) mod transfers;
pub(crate) mod warehouses;

use std::ops::RangeInclusive;

use chrono::{Datelike as _, NaiveDate};
use domain::{ProductId, TypedQuantity, Unit};
use platform::Checks;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::service::TypedLine;

/// The most lines of a receipt or an adjustment.
const MAX_LINES: usize = 500;
/// The most of one unit on a line: far above any real delivery, far below overflow.
const MAX_QUANTITY: i64 = 10_000_000;

/// Years in which goods may expire; others are typing errors.
const EXPIRY_YEARS: RangeInclusive<i32> = 2000..=2100;

/// A line of goods.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct GoodsLine {
    /// The product.
    product_id: ProductId,
    /// The number printed on the goods.
    #[schema(max_length = 50)]
    lot_number: Option<String>,
    /// The expiry date, if the goods have one.
    expiry: Option<NaiveDate>,
    /// How many of the unit.
    quantity: i64,
    /// Cases or pieces.
    unit: Unit,
}

/// Not without lines, and not too many.
fn line_count(checks: &mut Checks, lines: usize) {
    if lines == 0 || lines > MAX_LINES {
        checks.wrong(
            "lines",
            format!("Phải có từ 1 đến {MAX_LINES} dòng"),
            format!("Must have 1 to {MAX_LINES} lines"),
        );
    }
}

/// The lines, checked; an adjustment may have quantities below zero.
fn typed_lines(checks: &mut Checks, lines: &[GoodsLine], lowest: i64) -> Vec<TypedLine> {
    line_count(checks, lines.len());
    let mut typed = Vec::with_capacity(lines.len().min(MAX_LINES));
    for (index, line) in lines.iter().enumerate().take(MAX_LINES) {
        let quantity =
            checks.range(&format!("lines[{index}].quantity"), line.quantity, lowest..=MAX_QUANTITY);
        if quantity == 0 && lowest < 0 {
            checks.wrong(&format!("lines[{index}].quantity"), "Phải khác 0", "Must not be 0");
        }
        if line.expiry.is_some_and(|expiry| !EXPIRY_YEARS.contains(&expiry.year())) {
            let field = format!("lines[{index}].expiry");
            checks.wrong(&field, "Hạn dùng không hợp lý", "Not a plausible expiry date");
        }
        let number = line.lot_number.as_deref().unwrap_or_default();
        typed.push(TypedLine {
            product_id: line.product_id,
            lot_number: checks.text(&format!("lines[{index}].lotNumber"), number, 50),
            expiry: line.expiry,
            typed: TypedQuantity { quantity, unit: line.unit },
        });
    }
    typed
}
