use sqlx::PgConnection;

use crate::service::Album;

/// The albums in their order.
pub(crate) async fn list_albums(c: &mut PgConnection) -> Result<Vec<Album>, sqlx::Error> {
    sqlx::query_as!(Album, "select name, purpose, active from photo_albums order by position, key")
        .fetch_all(c)
        .await
}

/// The active album with this key: its name as it is kept, and what it is for.
pub(crate) async fn find_album(
    c: &mut PgConnection,
    key: &str,
) -> Result<Option<(String, Option<String>)>, sqlx::Error> {
    let row = sqlx::query!("select name, purpose from photo_albums where key = $1 and active", key)
        .fetch_optional(c)
        .await?;
    Ok(row.map(|row| (row.name, row.purpose)))
}

/// Writes albums as (key, name, active) in their order; the others are no longer active.
pub(crate) async fn set_albums(
    c: &mut PgConnection,
    albums: &[(String, String, bool)],
) -> Result<(), sqlx::Error> {
    let keys: Vec<String> = albums.iter().map(|(key, ..)| key.clone()).collect();
    let names: Vec<String> = albums.iter().map(|(_, name, _)| name.clone()).collect();
    let active: Vec<bool> = albums.iter().map(|(.., active)| *active).collect();
    sqlx::query!(
        "update photo_albums set active = false, position = position + 1000 where key <> all ($1)",
        &keys
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!(
        "insert into photo_albums (key, name, position, active)
         select key, name, n, active from unnest($1::text[], $2::text[], $3::bool[]) with ordinality as t (key, name, active, n)
         on conflict (key) do update set name = excluded.name, position = excluded.position, active = excluded.active",
        &keys,
        &names,
        &active,
    )
    .execute(c)
    .await?;
    Ok(())
}
