//! Documents as pages to print, all in one look: whose paper it is, the title, what it is about, a table that goes on
//! over several pages, amounts in words, signatures.
//!
//! A capability says what stands on the [`Page`]; all its text is escaped when it is written, so that a name can't
//! become a part of the page. A page needs nothing from elsewhere and runs nothing, which its policy also says.

mod html;
mod table;

use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

pub use table::{Cell, Column, Sum, Table};

/// On which paper.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct PaperQuery {
    /// `a4` or `a5`, for the printable page.
    #[serde(default)]
    #[param(inline)]
    pub paper: Paper,
}

/// A size of paper.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Paper {
    /// 210 × 297 mm.
    #[default]
    A4,
    /// 148 × 210 mm, as most delivery notes.
    A5,
}

/// Whose paper it is.
#[derive(Debug, Clone, Default)]
pub struct Issuer {
    /// As on VAT invoices.
    pub name: String,
    /// As on VAT invoices.
    pub address: String,
    /// Mã số thuế.
    pub tax_code: String,
    /// Telephone.
    pub phone: String,
    /// The account and the bank, where the paper asks for money.
    pub account: String,
}

/// A form of the Ministry of Finance. Its number is the same whichever circular an enterprise keeps its books by.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// `01 - VT`
    pub number: &'static str,
    /// Whether it has room for the accounts it is booked on.
    pub accounts: bool,
}

/// Who signs.
#[derive(Debug, Clone)]
pub struct Signature {
    /// As what: Thủ kho, Kế toán trưởng …
    pub who: &'static str,
    /// The name, where it is known.
    pub name: String,
}

/// Who signs: as what, and the name where it is known.
pub fn signed<const N: usize>(by: [(&'static str, &str); N]) -> Vec<Signature> {
    by.into_iter().map(|(who, name)| Signature { who, name: name.to_owned() }).collect()
}

/// A document as it is printed.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Whose paper it is.
    pub issuer: Issuer,
    /// The form of the Ministry of Finance it follows.
    pub form: Option<Form>,
    /// What it is.
    pub title: &'static str,
    /// Its number; empty when it has none.
    pub number: String,
    /// Its day.
    pub date: NaiveDate,
    /// What must not be overlooked: that it is cancelled, and why.
    pub stamp: Option<String>,
    /// What it is about, by name; what is empty is a line to write on.
    pub facts: Vec<(&'static str, String)>,
    /// The lines.
    pub table: Option<Table>,
    /// What follows from the lines, by name: the amount in words, remarks.
    pub closing: Vec<(&'static str, String)>,
    /// Who signs.
    pub signatures: Vec<Signature>,
}

/// What a page may do: show itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

impl Page {
    /// The page on this paper.
    pub fn answer(&self, paper: Paper) -> Response {
        ([(CONTENT_SECURITY_POLICY, POLICY)], Html(self.html(paper))).into_response()
    }
}

/// `Ngày 06 tháng 08 năm 2026`
pub fn day(date: NaiveDate) -> String {
    date.format("Ngày %d tháng %m năm %Y").to_string()
}

/// `06/08/2026`, or nothing.
pub fn short_day(date: Option<NaiveDate>) -> String {
    date.map(domain::business_day::format_vn_date).unwrap_or_default()
}
