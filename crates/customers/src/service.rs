//! The rules of changing outlets. Each function works in the caller's transaction.

use chrono::{DateTime, Utc};
use db::{Context, audit};
use domain::{Coordinates, CustomerId, DistributorId, PhotoId};
use files::photos::{Fit, NewPhoto, RecordPhoto};
use platform::ApiError;
use serde::Serialize;
use sqlx::PgConnection;

use crate::error::CustomerError;
use crate::model::{Customer, CustomerData, CustomerStatus};
use crate::store::{self, Viewer};

/// Adds an outlet that was found at that time; a code is made up when it has none.
///
/// # Errors
/// 409 when another outlet of the distributor has the code.
pub async fn create(
    c: &mut PgConnection,
    cx: &Context,
    found_at: DateTime<Utc>,
    now: DateTime<Utc>,
    distributor: DistributorId,
    id: CustomerId,
    mut data: CustomerData,
) -> Result<(), ApiError> {
    if data.customer_code.is_empty() {
        data.customer_code = store::code(store::next_code_number(c, distributor).await?);
    }
    store::insert(c, distributor, id, &data, cx.user.map(|u| u.uuid()), found_at)
        .await
        .map_err(code_taken)?;
    let entry = audit::Entry {
        action: "customers.create",
        entity: ENTITY,
        entity_id: Some(id.uuid()),
        distributor: Some(distributor),
        before: None::<&()>,
        after: Some(&data),
    };
    Ok(audit::record(c, cx, now, entry).await?)
}

/// What the audit log calls an outlet.
pub(crate) const ENTITY: &str = "customer";

fn code_taken(error: sqlx::Error) -> ApiError {
    ApiError::from(error).on_constraint("customers_code_uniq", || CustomerError::CodeTaken.into())
}

/// Locks the outlet and checks that the client saw its present version, where the client must have seen it.
async fn lock(
    c: &mut PgConnection,
    viewer: &Viewer,
    id: CustomerId,
    version: Option<i64>,
) -> Result<Customer, ApiError> {
    let customer = store::lock(c, viewer, id).await?.ok_or(CustomerError::NotFound)?;
    match version {
        Some(version) if version != customer.version => Err(CustomerError::Stale.into()),
        _ => Ok(customer),
    }
}

/// Writes what changed, if anything did, with its audit entry.
async fn save(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    customer: &Customer,
    data: &CustomerData,
    action: &'static str,
    reason: Option<&str>,
) -> Result<(), ApiError> {
    let Some((before, mut after)) = audit::changes(&customer.data, data)? else { return Ok(()) };
    store::update(c, customer.distributor_id, customer.id, data, at).await.map_err(code_taken)?;
    if let (Some(reason), Some(after)) = (reason, after.as_object_mut()) {
        after.insert("reason".to_owned(), reason.into());
    }
    record(c, cx, at, customer, action, Some(&before), Some(&after)).await
}

async fn record(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    customer: &Customer,
    action: &'static str,
    before: Option<&impl Serialize>,
    after: Option<&impl Serialize>,
) -> Result<(), ApiError> {
    let entry = audit::Entry {
        action,
        entity: ENTITY,
        entity_id: Some(customer.id.uuid()),
        distributor: Some(customer.distributor_id),
        before,
        after,
    };
    Ok(audit::record(c, cx, at, entry).await?)
}

/// Changes an outlet's data: `change` gets the present data and gives the new.
///
/// # Errors
/// 404, 412; 409 when the code is taken; 422 when a lock or the status forbids it; whatever `change` refuses.
pub async fn update(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    viewer: &Viewer,
    id: CustomerId,
    version: i64,
    change: impl FnOnce(CustomerData) -> Result<CustomerData, ApiError>,
) -> Result<(), ApiError> {
    let customer = lock(c, viewer, id, Some(version)).await?;
    let old = &customer.data;
    let new = change(old.clone())?;
    if new == *old {
        return Ok(());
    }
    // Who lifts a lock may change the rest along with it.
    if old.record_locked && new.record_locked {
        return Err(CustomerError::RecordLocked.into());
    }
    let moved = (old.latitude, old.longitude) != (new.latitude, new.longitude);
    if moved && old.location_locked && new.location_locked {
        return Err(CustomerError::LocationLocked.into());
    }
    if old.status != new.status
        && (old.status == CustomerStatus::Pending || new.status == CustomerStatus::Pending)
    {
        return Err(CustomerError::StatusChange.into());
    }
    save(c, cx, at, &customer, &new, "customers.update", None).await
}

/// Moves an outlet to another place.
///
/// # Errors
/// 404, 412; 422 when its location or its data is locked.
pub async fn relocate(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    viewer: &Viewer,
    id: CustomerId,
    version: Option<i64>,
    place: Coordinates,
) -> Result<(), ApiError> {
    let customer = lock(c, viewer, id, version).await?;
    if customer.data.location_locked {
        return Err(CustomerError::LocationLocked.into());
    }
    if customer.data.record_locked {
        return Err(CustomerError::RecordLocked.into());
    }
    let data = CustomerData {
        latitude: Some(place.latitude()),
        longitude: Some(place.longitude()),
        ..customer.data.clone()
    };
    save(c, cx, at, &customer, &data, "customers.relocate", None).await
}

/// Lets a proposed outlet be visited and sold to.
///
/// # Errors
/// 404; 409 when it is not pending.
pub async fn approve(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    viewer: &Viewer,
    id: CustomerId,
) -> Result<(), ApiError> {
    decide(c, cx, at, viewer, id, CustomerStatus::Active, "customers.approve", None).await
}

/// Refuses a proposed outlet.
///
/// # Errors
/// 404; 409 when it is not pending.
pub async fn reject(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    viewer: &Viewer,
    id: CustomerId,
    reason: &str,
) -> Result<(), ApiError> {
    decide(c, cx, at, viewer, id, CustomerStatus::Inactive, "customers.reject", Some(reason)).await
}

#[expect(clippy::too_many_arguments, reason = "the two decisions differ in the last three only")]
async fn decide(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    viewer: &Viewer,
    id: CustomerId,
    status: CustomerStatus,
    action: &'static str,
    reason: Option<&str>,
) -> Result<(), ApiError> {
    let customer = lock(c, viewer, id, None).await?;
    if customer.data.status != CustomerStatus::Pending {
        return Err(CustomerError::NotPending.into());
    }
    let data = CustomerData { status, ..customer.data.clone() };
    save(c, cx, at, &customer, &data, action, reason).await
}

/// Adds a photo, whose bytes are here, to an outlet; one that came before is answered as it was.
///
/// # Errors
/// 404; 409 when another photo has the id; 422 when the data is locked, or the outlet has too many.
pub(crate) async fn add_photo(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    viewer: &Viewer,
    id: CustomerId,
    photo: &NewPhoto,
) -> Result<RecordPhoto, ApiError> {
    let customer = lock(c, viewer, id, None).await?;
    let known = store::list_photos(c, customer.distributor_id, id).await?;
    match photo.fit(known) {
        Fit::Known(kept) => return Ok(kept),
        Fit::IdTaken => return Err(CustomerError::PhotoIdTaken.into()),
        Fit::New | Fit::TooMany if customer.data.record_locked => {
            return Err(CustomerError::RecordLocked.into());
        }
        Fit::TooMany => return Err(CustomerError::TooManyPhotos.into()),
        Fit::New => {}
    }
    files::store::register(c, customer.distributor_id, &photo.content, at).await?;
    store::insert_photo(c, customer.distributor_id, id, photo, at).await.map_err(|error| {
        let taken = || CustomerError::PhotoIdTaken.into();
        let error = ApiError::from(error).on_constraint("customer_photos_pkey", taken);
        error.on_constraint("customer_photos_id_uniq", taken)
    })?;
    let photos = store::list_photos(c, customer.distributor_id, id).await?;
    let kept = photos.into_iter().find(|kept| kept.photo_id == photo.id);
    let kept = kept.ok_or(CustomerError::NotFound)?;
    record(c, cx, at, &customer, "customers.add_photo", None::<&()>, Some(&kept)).await?;
    Ok(kept)
}

/// Takes a photo of an outlet away.
///
/// # Errors
/// 404; 422 when the data is locked.
pub(crate) async fn remove_photo(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    viewer: &Viewer,
    id: CustomerId,
    photo: PhotoId,
) -> Result<(), ApiError> {
    let customer = lock(c, viewer, id, None).await?;
    let photos = store::list_photos(c, customer.distributor_id, id).await?;
    let kept = photos.into_iter().find(|kept| kept.photo_id == photo).ok_or(CustomerError::NotFound)?;
    if customer.data.record_locked {
        return Err(CustomerError::RecordLocked.into());
    }
    store::delete_photo(c, customer.distributor_id, photo).await?;
    files::store::release(c, customer.distributor_id, &kept.sha256, at).await?;
    record(c, cx, at, &customer, "customers.remove_photo", Some(&kept), None::<&()>).await
}

/// Gives an outlet without location the place of its first visit. One that has a location, or whose location is
/// locked, stays where it is; tells whether it was placed.
///
/// # Errors
/// When the database refuses.
pub async fn place_on_first_visit(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    distributor: DistributorId,
    id: CustomerId,
    place: Coordinates,
) -> Result<bool, sqlx::Error> {
    if !store::update_missing_location(c, distributor, id, place, at).await? {
        return Ok(false);
    }
    let entry = audit::Entry {
        action: "customers.relocate",
        entity: ENTITY,
        entity_id: Some(id.uuid()),
        distributor: Some(distributor),
        before: None::<&()>,
        after: Some(&place),
    };
    audit::record(c, cx, at, entry).await?;
    Ok(true)
}
