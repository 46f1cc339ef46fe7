//! A believable company of our own making, to try the system with: every name, brand, address and number is invented.
//!
//! [`company_scale::fill_if_empty`] makes a company of real size. [`small::fill_if_empty`] fills an empty database: master data in one transaction, then thirty days of work through
//! the same functions that the API uses, so that every ledger adds up. The same day gives the same company, and a run
//! that was interrupted is taken up where it stopped.

mod company;
pub mod company_scale;
mod dice;
mod outlets;
mod photo;
mod products;
pub mod small;
mod store;
mod towns;

use platform::{ApiError, Language};

/// The password of every account.
pub const PASSWORD: &str = "Diligo@2026";

/// The accounts, each with what it is.
pub const ACCOUNTS: &[(&str, &str)] = &[
    ("admin", "quản trị công ty – company admin"),
    ("rsm01", "giám đốc vùng Tây Nam Bộ – regional manager"),
    ("asm01", "quản lý khu vực Cần Thơ – An Giang – area manager"),
    ("npp01", "admin NPP 1, TP. Cần Thơ – distributor admin"),
    ("npp02", "admin NPP 2, Mỹ Tho – distributor admin"),
    ("npp03", "admin NPP 3, Long Xuyên – distributor admin"),
    ("gsbh01", "giám sát bán hàng của NPP 1 – supervisor"),
    ("gsbh02", "giám sát bán hàng của NPP 2 – supervisor"),
    ("nvbh01", "nhân viên bán hàng của NPP 1 – sales rep"),
    ("nvbh02", "nhân viên bán hàng của NPP 1 – sales rep"),
    ("nvbh11", "nhân viên bán hàng của NPP 2 – sales rep"),
    ("nvbh21", "nhân viên bán hàng của NPP 3 – sales rep"),
];

/// An error of the API as one of this crate, with the step that failed.
fn told(step: impl Into<String>) -> impl FnOnce(ApiError) -> anyhow::Error {
    let step = step.into();
    move |error| {
        let cause = error.log_text().map(|text| format!(" ({text})")).unwrap_or_default();
        anyhow::anyhow!("{step}: {}: {}{cause}", error.code(), error.text(Language::En))
    }
}
