use std::collections::BTreeSet;

use platform::{ApiError, App, Caller, Checks};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::store;

/// An album that photos of visits go into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Album {
    /// Its name.
    pub name: String,
    /// What rules know it for: `closed_door`, `display`.
    pub purpose: Option<String>,
    /// Whether new photos may go into it.
    pub active: bool,
}

/// An album as it is set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetAlbum {
    /// Its name; case and diacritics don't tell albums apart.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Whether new photos may go into it.
    #[serde(default = "yes")]
    pub active: bool,
}

const fn yes() -> bool {
    true
}

/// Sets the albums in this order. Those left out take no new photos; those that rules know can't be left out.
pub(crate) async fn set_albums(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    albums: &[SetAlbum],
) -> Result<Vec<Album>, ApiError> {
    let mut checks = Checks::default();
    checks.range("albums", i64::try_from(albums.len()).unwrap_or(i64::MAX), 1..=100);
    let mut keys = BTreeSet::new();
    let mut rows = Vec::with_capacity(albums.len());
    for (i, album) in albums.iter().enumerate() {
        let field = format!("albums[{i}].name");
        let name = checks.required(&field, &album.name, 100);
        let key = domain::search_key(&name);
        if !keys.insert(key.clone()) {
            checks.wrong(&field, "Trùng với album khác", "Another album has this name");
        }
        rows.push((key, name, album.active));
    }
    let before = store::list_albums(c).await?;
    for album in before.iter().filter(|album| album.purpose.is_some()) {
        let kept = rows.iter().any(|(key, _, active)| *active && *key == domain::search_key(&album.name));
        if !kept {
            let (vi, en) =
                (format!("Không bỏ được album {}", album.name), format!("{} must stay", album.name));
            checks.wrong("albums", vi, en);
        }
    }
    checks.done()?;
    store::set_albums(c, &rows).await?;
    let after = store::list_albums(c).await?;
    let entry = db::audit::Entry {
        action: "visits.albums",
        entity: "photo_albums",
        entity_id: None,
        distributor: None,
        before: Some(&before),
        after: Some(&after),
    };
    db::audit::record(c, caller.context(), app.now(), entry).await?;
    Ok(after)
}
