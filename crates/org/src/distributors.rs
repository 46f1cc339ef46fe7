//! Creating and changing distributors: in the caller's transaction, which must be the company's (`Tenants::Company`).

use chrono::{DateTime, Utc};
use db::{Context, PgConnection, audit};
use domain::{Coordinates, DistributorId, PhotoId};
use files::photos::{Fit, NewPhoto};
use serde_json::{Value, json};

use crate::DistributorError;
use crate::model::{Distributor, DistributorData, DistributorPhoto, DistributorPhotoKind, DistributorStatus};
use crate::store::{distributors, photos};

/// The longest reason of a decision.
const MAX_REASON: usize = 2000;

/// The distributor with this code.
///
/// # Errors
/// When the database refuses.
pub async fn find_by_code(c: &mut PgConnection, code: &str) -> Result<Option<Distributor>, sqlx::Error> {
    distributors::find_by_code(c, code).await
}

/// Adds a distributor; one without a code gets one.
///
/// # Errors
/// When a value is not allowed or the code is taken; see [`DistributorError`].
pub async fn create(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: DistributorId,
    status: DistributorStatus,
    data: &DistributorData,
) -> Result<Distributor, DistributorError> {
    let mut data = checked(data)?;
    if data.code.is_empty() {
        data.code = distributors::next_code(c).await?;
    }
    distributors::insert(c, id, status, &data, at).await.map_err(code_taken)?;
    let after = with_status(&data, status)?;
    record(c, cx, at, "distributors.create", id, None, Some(after)).await?;
    distributors::find(c, id).await?.ok_or(DistributorError::NotFound)
}

/// Changes a distributor; `version` is the one that was seen, if it must be the present one. A code left empty stays.
/// With a status, switches it on or off.
///
/// # Errors
/// [`DistributorError::Stale`] for another version; [`DistributorError::Pending`] for the status of one that waits for
/// approval; the rest as [`create`].
pub async fn update(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: DistributorId,
    version: Option<i64>,
    data: &DistributorData,
    status: Option<DistributorStatus>,
) -> Result<Distributor, DistributorError> {
    let mut data = checked(data)?;
    let old = lock(c, id, version).await?;
    if data.code.is_empty() {
        data.code.clone_from(&old.data.code);
    }
    let status = status.unwrap_or(old.status);
    if status != old.status
        && (status == DistributorStatus::Pending || old.status == DistributorStatus::Pending)
    {
        return Err(DistributorError::Pending);
    }
    let changes = audit::changes(&with_status(&old.data, old.status)?, &with_status(&data, status)?)?;
    let Some((before, after)) = changes else { return Ok(old) };
    distributors::update(c, id, status, &data, at).await.map_err(code_taken)?;
    record(c, cx, at, "distributors.update", id, Some(before), Some(after)).await?;
    distributors::find(c, id).await?.ok_or(DistributorError::NotFound)
}

/// Decides on a distributor that waits: approved it is active, rejected, for a reason, inactive.
///
/// # Errors
/// [`DistributorError::NotPending`] when it was decided before; [`DistributorError::ReasonRequired`].
pub async fn decide(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: DistributorId,
    approve: bool,
    reason: &str,
) -> Result<Distributor, DistributorError> {
    let reason = reason.trim();
    check_length("reason", reason, 0, MAX_REASON)?;
    if !approve && reason.is_empty() {
        return Err(DistributorError::ReasonRequired);
    }
    let old = lock(c, id, None).await?;
    if old.status != DistributorStatus::Pending {
        return Err(DistributorError::NotPending);
    }
    let (status, action) = if approve {
        (DistributorStatus::Active, "distributors.approve")
    } else {
        (DistributorStatus::Inactive, "distributors.reject")
    };
    distributors::update(c, id, status, &old.data, at).await?;
    let (before, after) = (json!({"status": old.status}), json!({"status": status, "reason": reason}));
    record(c, cx, at, action, id, Some(before), Some(after)).await?;
    distributors::find(c, id).await?.ok_or(DistributorError::NotFound)
}

/// Adds a photo, whose bytes are here; one that came before is answered as it was.
///
/// # Errors
/// [`DistributorError::PhotoIdTaken`], [`DistributorError::TooManyPhotos`].
pub(crate) async fn add_photo(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: DistributorId,
    kind: DistributorPhotoKind,
    photo: &NewPhoto,
) -> Result<DistributorPhoto, DistributorError> {
    lock(c, id, None).await?;
    match photo.fit(photos::list(c, id).await?) {
        Fit::Known(kept) => return Ok(kept),
        Fit::IdTaken => return Err(DistributorError::PhotoIdTaken),
        Fit::TooMany => return Err(DistributorError::TooManyPhotos),
        Fit::New => {}
    }
    files::store::register(c, id, &photo.content, at).await?;
    photos::insert(c, id, kind, photo, at).await.map_err(photo_id_taken)?;
    let kept = find_photo(c, id, photo.id).await?;
    record(c, cx, at, "distributors.add_photo", id, None, Some(json!(kept))).await?;
    Ok(kept)
}

/// Takes a photo away.
///
/// # Errors
/// [`DistributorError::NotFound`].
pub(crate) async fn remove_photo(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: DistributorId,
    photo: PhotoId,
) -> Result<(), DistributorError> {
    lock(c, id, None).await?;
    let kept = find_photo(c, id, photo).await?;
    photos::delete(c, id, photo).await?;
    files::store::release(c, id, &kept.photo.sha256, at).await?;
    record(c, cx, at, "distributors.remove_photo", id, Some(json!(kept)), None).await?;
    Ok(())
}

async fn find_photo(
    c: &mut PgConnection,
    id: DistributorId,
    photo: PhotoId,
) -> Result<DistributorPhoto, DistributorError> {
    let photos = photos::list(c, id).await?;
    photos.into_iter().find(|kept| kept.photo.photo_id == photo).ok_or(DistributorError::NotFound)
}

async fn lock(
    c: &mut PgConnection,
    id: DistributorId,
    version: Option<i64>,
) -> Result<Distributor, DistributorError> {
    let distributor = distributors::lock(c, id).await?.ok_or(DistributorError::NotFound)?;
    if version.is_some_and(|v| v != distributor.version) {
        return Err(DistributorError::Stale);
    }
    Ok(distributor)
}

/// Trimmed and within bounds.
fn checked(data: &DistributorData) -> Result<DistributorData, DistributorError> {
    let mut data = data.clone();
    data.code = data.code.trim().to_owned();
    data.name = data.name.trim().to_owned();
    check_length("name", &data.name, 1, 300)?;
    for (field, text, max) in [
        ("code", &data.code, 100),
        ("taxCode", &data.tax_code, 50),
        ("invoiceName", &data.invoice_name, 300),
        ("invoiceAddress", &data.invoice_address, 500),
        ("type", &data.kind, 50),
        ("distributorGroup", &data.distributor_group, 50),
        ("channel", &data.channel, 50),
        ("area", &data.area, 200),
        ("province", &data.province, 200),
        ("deliveryPlace", &data.delivery_place, 300),
        ("deliveryAddress", &data.delivery_address, 500),
        ("contactPerson", &data.contact_person, 200),
        ("legalRepresentative", &data.legal_representative, 200),
        ("officeAddress", &data.office_address, 500),
        ("warehouseAddress", &data.warehouse_address, 500),
        ("email", &data.email, 200),
        ("phone", &data.phone, 100),
        ("bankName", &data.bank_name, 300),
        ("bankAccount", &data.bank_account, 100),
        ("licenceNumber", &data.licence_number, 100),
    ] {
        check_length(field, text, 0, max)?;
    }
    match (data.latitude, data.longitude) {
        (None, None) => {}
        (Some(latitude), Some(longitude)) if Coordinates::new(latitude, longitude).is_ok() => {}
        _ => return Err(DistributorError::Place),
    }
    Ok(data)
}

fn check_length(field: &'static str, text: &str, min: usize, max: usize) -> Result<(), DistributorError> {
    if (min..=max).contains(&text.chars().count()) {
        Ok(())
    } else {
        Err(DistributorError::Length { field, min, max })
    }
}

fn code_taken(error: sqlx::Error) -> DistributorError {
    match &error {
        sqlx::Error::Database(d) if d.constraint() == Some("distributors_code_uniq") => {
            DistributorError::CodeTaken
        }
        _ => DistributorError::Database(error),
    }
}

fn photo_id_taken(error: sqlx::Error) -> DistributorError {
    match &error {
        sqlx::Error::Database(d) if d.constraint() == Some("distributor_photos_id_uniq") => {
            DistributorError::PhotoIdTaken
        }
        _ => DistributorError::Database(error),
    }
}

fn with_status(data: &DistributorData, status: DistributorStatus) -> Result<Value, sqlx::Error> {
    let mut value = serde_json::to_value(data).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    value["status"] = json!(status);
    Ok(value)
}

async fn record(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    action: &'static str,
    id: DistributorId,
    before: Option<Value>,
    after: Option<Value>,
) -> Result<(), sqlx::Error> {
    let entry = audit::Entry {
        action,
        entity: "distributor",
        entity_id: Some(id.uuid()),
        distributor: Some(id),
        before: before.as_ref(),
        after: after.as_ref(),
    };
    audit::record(c, cx, at, entry).await
}
