//! Forms that bring a photo.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use platform::{ApiError, ApiResult, body};

use crate::MAX_BYTES;
use crate::error::FileError;

/// A photo and what the form around it takes, in bytes.
pub const MAX_FORM: usize = MAX_BYTES + 1024 * 1024;

/// A photo and the texts beside it.
#[derive(Debug)]
pub struct Form {
    /// Never empty.
    pub photo: Bytes,
    texts: BTreeMap<String, String>,
}

impl Form {
    /// Reads a form that holds a `photo`, and perhaps these texts.
    ///
    /// # Errors
    /// 400 when it is no form, lacks the photo or has fields of other names; 408; 413.
    pub async fn read(
        headers: &HeaderMap,
        form: Result<Multipart, MultipartRejection>,
        texts: &[&str],
    ) -> ApiResult<Form> {
        body::fits(headers, MAX_FORM).map_err(|_| FileError::TooLarge)?;
        let form = form.map_err(|_| not_a_form())?;
        body::in_time(body::UPLOAD_TIME_LIMIT, read(form, texts)).await?
    }

    /// The text of this name; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", |text| text.trim())
    }

    /// The value of this name; an empty one is one that isn't there.
    ///
    /// # Errors
    /// 400 when it isn't one.
    pub fn parsed<T: FromStr>(&self, name: &str) -> ApiResult<Option<T>> {
        match self.text(name) {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| ApiError::invalid_field(name, "Giá trị không hợp lệ", "Not a valid value")),
        }
    }
}

async fn read(mut form: Multipart, known: &[&str]) -> ApiResult<Form> {
    let (mut photo, mut texts) = (Bytes::new(), BTreeMap::new());
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "photo" {
            photo = field.bytes().await.map_err(unreadable)?;
        } else if known.contains(&&*name) {
            texts.insert(name, field.text().await.map_err(unreadable)?);
        } else {
            return Err(ApiError::invalid_field(&name, "Trường không được hỗ trợ", "Unknown field"));
        }
    }
    if photo.is_empty() {
        return Err(ApiError::invalid_field("photo", "Bắt buộc", "Required"));
    }
    Ok(Form { photo, texts })
}

fn not_a_form() -> ApiError {
    ApiError::bad_request(
        "malformed_form",
        "Nội dung phải là multipart/form-data.",
        "The body must be multipart/form-data.",
    )
}

fn unreadable(error: MultipartError) -> ApiError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { FileError::TooLarge.into() } else { not_a_form() }
}
