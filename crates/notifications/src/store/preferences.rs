use chrono::{DateTime, NaiveTime, Utc};
use domain::UserId;
use sqlx::PgConnection;

/// What somebody has set.
#[derive(Debug)]
pub(crate) struct Settings {
    pub language: String,
    pub quiet_from: Option<NaiveTime>,
    pub quiet_to: Option<NaiveTime>,
    pub quiet_mode: String,
}

/// What somebody has set, if they have.
pub(crate) async fn find_settings(
    c: &mut PgConnection,
    user: UserId,
) -> Result<Option<Settings>, sqlx::Error> {
    sqlx::query_as!(
        Settings,
        "select language, quiet_from, quiet_to, quiet_mode from notification_settings where user_id = $1",
        user.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// What somebody chose for a kind and a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub kind: String,
    pub channel: String,
    pub wanted: bool,
}

/// Where somebody wants something else than what is usual.
pub(crate) async fn list_choices(c: &mut PgConnection, user: UserId) -> Result<Vec<Choice>, sqlx::Error> {
    sqlx::query_as!(
        Choice,
        "select kind, channel, wanted from notification_choices where user_id = $1",
        user.uuid()
    )
    .fetch_all(c)
    .await
}

/// The number SMS go to.
pub(crate) async fn find_phone(c: &mut PgConnection, user: UserId) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!("select phone from users where id = $1", user.uuid()).fetch_optional(c).await
}

/// Puts settings and choices in the place of what there was. Choices about kinds that aren't named stay: they are of another
/// version of the program, or don't concern the person's present role.
pub(crate) async fn upsert(
    c: &mut PgConnection,
    user: UserId,
    settings: &Settings,
    (named, choices): (&[String], &[Choice]),
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into notification_settings (user_id, language, quiet_from, quiet_to, quiet_mode, updated_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (user_id) do update set language = excluded.language, quiet_from = excluded.quiet_from,
           quiet_to = excluded.quiet_to, quiet_mode = excluded.quiet_mode, updated_at = excluded.updated_at",
        user.uuid(),
        settings.language,
        settings.quiet_from,
        settings.quiet_to,
        settings.quiet_mode,
        at,
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!(
        "delete from notification_choices where user_id = $1 and kind = any ($2)",
        user.uuid(),
        named
    )
    .execute(&mut *c)
    .await?;
    let kinds: Vec<String> = choices.iter().map(|choice| choice.kind.clone()).collect();
    let channels: Vec<String> = choices.iter().map(|choice| choice.channel.clone()).collect();
    let wanted: Vec<bool> = choices.iter().map(|choice| choice.wanted).collect();
    sqlx::query!(
        "insert into notification_choices (user_id, kind, channel, wanted)
         select $1, * from unnest($2::text[], $3::text[], $4::boolean[])
         on conflict (user_id, kind, channel) do update set wanted = excluded.wanted",
        user.uuid(),
        &kinds,
        &channels,
        &wanted,
    )
    .execute(c)
    .await?;
    Ok(())
}
