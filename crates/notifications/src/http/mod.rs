//! The endpoints. Everybody has an inbox, so none of them needs a permission; nobody sees another's.

pub(crate) mod devices;
pub(crate) mod list;
pub(crate) mod preferences;
pub(crate) mod read;
pub(crate) mod show;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use platform::Language;

fn language(headers: &HeaderMap) -> Language {
    Language::of(headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}
