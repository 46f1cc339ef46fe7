use adapters::blob::BlobId;
use chrono::{DateTime, Utc};
use domain::{Coordinates, DisplayProgramId, PhotoId, VisitId};
use platform::{ApiError, App, Caller, Flag, Mode};
use sqlx::PgConnection;

use crate::error::VisitError;
use crate::model::{Photo, device_time};
use crate::store::{self, PhotoRow};

/// A photo as it arrives; its bytes may come later.
#[derive(Debug, Clone)]
pub struct NewPhoto {
    /// Made by the phone, so that a repeat is known.
    pub id: PhotoId,
    /// The digest of its bytes.
    pub sha256: BlobId,
    /// What the bytes are, when they are here.
    pub content_type: Option<String>,
    /// How many there are.
    pub size_bytes: Option<i64>,
    /// The album by its name; case and diacritics don't matter.
    pub album: String,
    /// The display program that it shows.
    pub display_program: Option<DisplayProgramId>,
    /// Where it was taken.
    pub place: Option<Coordinates>,
    /// By the device; now when it says none.
    pub captured_at: Option<DateTime<Utc>>,
}

/// The album of photos of displays.
const DISPLAY: &str = "display";

/// Adds a photo to the caller's visit, also after its end; one that came before is answered as it was. One of a display
/// program counts for the visit's display record.
///
/// # Errors
/// 404 for a visit that isn't the caller's or an unknown program; 409 when another photo has the id; live, 422 for an
/// unknown album, or a program that doesn't run at the outlet.
pub async fn attach_photo(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    visit: VisitId,
    photo: &NewPhoto,
    mode: Mode,
) -> Result<(Photo, Vec<Flag>), ApiError> {
    let (visit, mut flags) = (super::lock_own(c, caller, visit).await?, Vec::new());
    let key = domain::search_key(&photo.album);
    let (album, purpose) = match store::find_album(c, &key).await? {
        Some(found) => found,
        None => {
            let error = || VisitError::UnknownAlbum(photo.album.clone());
            mode.refuse_or_flag(&mut flags, || error().flag(), error)?;
            (photo.album.clone(), None)
        }
    };
    let row = PhotoRow {
        id: photo.id,
        visit: visit.id,
        sha256: photo.sha256.as_str(),
        content_type: photo.content_type.as_deref(),
        size_bytes: photo.size_bytes,
        album: &album,
        display_program: photo.display_program,
        place: photo.place,
        captured_at: device_time(photo.captured_at, app.now(), mode, &mut flags)?,
        received_at: app.now(),
    };
    if let Some(known) = store::find_same_photo(c, visit.distributor, &row).await? {
        let same = known.visit_id == visit.id && known.sha256 == row.sha256;
        return if same { Ok((known, Vec::new())) } else { Err(VisitError::PhotoIdTaken.into()) };
    }
    if photo.display_program.is_some() && purpose.as_deref() != Some(DISPLAY) {
        mode.refuse_or_flag(&mut flags, || VisitError::DisplayAlbum.flag(), || VisitError::DisplayAlbum)?;
    }
    files::store::register(c, visit.distributor, &photo.sha256, app.now()).await?;
    store::insert_photo(c, visit.distributor, &row).await?;
    if let Some(program) = photo.display_program {
        let shown = displays::Shown {
            distributor: visit.distributor,
            program,
            visit: visit.id,
            customer: visit.customer,
            user: caller.user_id,
            unit: visit.unit,
            business_date: visit.business_date,
            captured_at: row.captured_at,
        };
        displays::add_photo(c, &shown, mode, &mut flags).await?;
    }
    let kept = Photo {
        photo_id: photo.id,
        visit_id: visit.id,
        album_type: album.clone(),
        sha256: row.sha256.to_owned(),
        content_type: photo.content_type.clone(),
        size_bytes: photo.size_bytes,
        display_program_id: photo.display_program,
        latitude: photo.place.map(Coordinates::latitude),
        longitude: photo.place.map(Coordinates::longitude),
        captured_at: row.captured_at,
    };
    super::audit_visit(c, app, caller, &visit, "visits.add_photo", None::<&()>, &kept).await?;
    super::keep_flags(c, &visit, &flags).await?;
    Ok((kept, flags))
}
