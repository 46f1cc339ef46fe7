use std::collections::BTreeMap;

use adapters::sms::PhoneNumber;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use chrono::NaiveTime;
use db::PgConnection;
use platform::{ApiError, ApiResult, App, Caller, Checks, Command, Language, Problem, transaction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::language;
use crate::consumer::ways;
use crate::kind::{Channel, Kind};
use crate::quiet::{QuietHours, QuietMode};
use crate::store::preferences::{self, Choice, Settings};

/// Hours in which no phone rings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Quiet {
    /// `HH:MM` in Asia/Ho_Chi_Minh.
    #[schema(example = "21:00")]
    from: String,
    /// `HH:MM`; over midnight when it is earlier than `from`.
    #[schema(example = "06:00")]
    to: String,
    /// What becomes of messages meanwhile: `wait` until the hours are over, or `drop` (the inbox has them).
    mode: String,
}

/// By which ways somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wanted {
    /// In the inbox.
    in_app: bool,
    /// By push message on the devices that registered.
    push: bool,
    /// By SMS.
    sms: bool,
}

impl Wanted {
    fn by(self, channel: Channel) -> bool {
        match channel {
            Channel::InApp => self.in_app,
            Channel::Push => self.push,
            Channel::Sms => self.sms,
        }
    }
}

/// A way, and whether it is there.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelView {
    /// `in_app`, `push` or `sms`.
    channel: &'static str,
    /// Whether messages go out by it.
    available: bool,
    /// Why not.
    reason: Option<&'static str>,
}

/// What somebody can be told of, and how they want it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KindView {
    /// `order_approved`, `issue`, …
    kind: &'static str,
    /// What people call it, in the caller's language.
    name: &'static str,
    /// How.
    #[serde(flatten)]
    wanted: Wanted,
}

/// How the caller wants to be told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Preferences {
    /// The language of messages, `vi` or `en`; the inbox is in that of each request.
    language: String,
    /// Hours in which no phone rings.
    quiet_hours: Option<Quiet>,
    /// The ways there are.
    channels: Vec<ChannelView>,
    /// The number SMS go to, but for its middle; it is changed in the user's data.
    phone: Option<String>,
    /// What there is to choose for the caller's role.
    kinds: Vec<KindView>,
}

/// How the caller wants to be told from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetPreferences {
    /// `vi` or `en`.
    language: String,
    /// None: phones may ring at any time.
    quiet_hours: Option<Quiet>,
    /// By kind; kinds that aren't named stay as they are.
    #[serde(default)]
    kinds: BTreeMap<String, Wanted>,
}

/// How the caller wants to be told, and which ways there are.
#[utoipa::path(
    get,
    path = "/notifications/preferences",
    tag = "notifications",
    operation_id = "getNotificationPreferences",
    responses(
        (status = 200, description = "The preferences", body = Preferences),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn get_notification_preferences(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> ApiResult<Json<Preferences>> {
    let mut tx = app.db.lookup(caller.context()).await?;
    Ok(Json(view(&mut tx, &app, &caller, language(&headers)).await?))
}

/// Sets how the caller wants to be told.
#[utoipa::path(
    put,
    path = "/notifications/preferences",
    tag = "notifications",
    operation_id = "setNotificationPreferences",
    request_body = SetPreferences,
    responses(
        (status = 200, description = "The preferences as they are now", body = Preferences),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn set_notification_preferences(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    cmd: Command<SetPreferences>,
) -> ApiResult<Json<Preferences>> {
    let settings = settings(&cmd.body)?;
    let (named, choices) = choices(&cmd.body)?;
    let now = transaction!(app.db, caller.context(), "notifications.set_preferences", |tx| {
        preferences::upsert(tx, caller.user_id, &settings, (&named, &choices), app.now()).await?;
        Ok(view(tx, &app, &caller, language(&headers)).await?)
    })?;
    Ok(Json(now))
}

fn settings(body: &SetPreferences) -> Result<Settings, ApiError> {
    let mut checks = Checks::default();
    if !matches!(body.language.as_str(), "vi" | "en") {
        checks.wrong("language", "Phải là vi hoặc en", "Must be vi or en");
    }
    let mut time = |field: &str, text: &str| {
        let time = NaiveTime::parse_from_str(text, "%H:%M");
        if time.is_err() {
            checks.wrong(field, "Phải có dạng GG:PP, ví dụ 21:00", "Must be HH:MM, as in 21:00");
        }
        time.unwrap_or_default()
    };
    let quiet = body.quiet_hours.as_ref().map(|quiet| {
        let (from, to) = (time("quietHours.from", &quiet.from), time("quietHours.to", &quiet.to));
        (from, to, QuietMode::parse(&quiet.mode))
    });
    checks.done()?;
    let mut checks = Checks::default();
    if let Some((from, to, mode)) = quiet {
        if mode.is_none() {
            checks.wrong("quietHours.mode", "Phải là wait hoặc drop", "Must be wait or drop");
        }
        if QuietHours::new(from, to, QuietMode::Wait).is_none() {
            checks.wrong("quietHours.to", "Phải khác giờ bắt đầu", "Must differ from the beginning");
        }
    }
    checks.done()?;
    Ok(Settings {
        language: body.language.clone(),
        quiet_from: quiet.map(|(from, ..)| from),
        quiet_to: quiet.map(|(_, to, _)| to),
        quiet_mode: quiet.and_then(|(.., mode)| mode).unwrap_or(QuietMode::Wait).as_str().to_owned(),
    })
}

/// The kinds that are named, and where something else than what is usual is wanted.
fn choices(body: &SetPreferences) -> Result<(Vec<String>, Vec<Choice>), ApiError> {
    let mut checks = Checks::default();
    let (mut named, mut choices) = (Vec::new(), Vec::new());
    for (text, wanted) in &body.kinds {
        let Some(kind) = Kind::parse(text) else {
            checks.wrong(&format!("kinds.{text}"), "Không có loại thông báo này", "No such kind");
            continue;
        };
        named.push(kind.as_str().to_owned());
        for channel in Channel::ALL {
            if wanted.by(channel) != kind.usual(channel) {
                choices.push(Choice {
                    kind: kind.as_str().to_owned(),
                    channel: channel.as_str().to_owned(),
                    wanted: wanted.by(channel),
                });
            }
        }
    }
    checks.done()?;
    Ok((named, choices))
}

async fn view(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    language: Language,
) -> Result<Preferences, sqlx::Error> {
    let settings = preferences::find_settings(c, caller.user_id).await?;
    let chosen = preferences::list_choices(c, caller.user_id).await?;
    let phone = preferences::find_phone(c, caller.user_id).await?;
    let phone = phone.as_deref().and_then(PhoneNumber::parse);
    let wants = |kind: Kind, channel: Channel| {
        chosen
            .iter()
            .find(|choice| choice.kind == kind.as_str() && choice.channel == channel.as_str())
            .map_or_else(|| kind.usual(channel), |choice| choice.wanted)
    };
    let kinds = Kind::ALL
        .iter()
        .filter(|kind| kind.concerns(caller.role))
        .map(|kind| {
            let (vi, en) = kind.names();
            KindView {
                kind: kind.as_str(),
                name: in_language(language, vi, en),
                wanted: Wanted {
                    in_app: wants(*kind, Channel::InApp),
                    push: wants(*kind, Channel::Push),
                    sms: wants(*kind, Channel::Sms),
                },
            }
        })
        .collect();
    let ways = ways(app);
    let off = in_language(language, "Chưa được cấu hình trên hệ thống", "Not set up on this system");
    let no_phone = in_language(
        language,
        "Tài khoản chưa có số điện thoại hợp lệ",
        "The account has no valid telephone number",
    );
    let sms_off = if !ways.sms {
        Some(off)
    } else if phone.is_none() {
        Some(no_phone)
    } else {
        None
    };
    let channel = |channel: Channel, reason: Option<&'static str>| ChannelView {
        channel: channel.as_str(),
        available: reason.is_none(),
        reason,
    };
    let quiet_hours = settings.as_ref().and_then(|settings| {
        Some(Quiet {
            from: settings.quiet_from?.format("%H:%M").to_string(),
            to: settings.quiet_to?.format("%H:%M").to_string(),
            mode: settings.quiet_mode.clone(),
        })
    });
    Ok(Preferences {
        language: settings.map_or_else(|| "vi".to_owned(), |settings| settings.language),
        quiet_hours,
        channels: vec![
            channel(Channel::InApp, None),
            channel(Channel::Push, (!ways.push).then_some(off)),
            channel(Channel::Sms, sms_off),
        ],
        phone: phone.map(|phone| phone.masked()),
        kinds,
    })
}

fn in_language(language: Language, vi: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Vi => vi,
        Language::En => en,
    }
}
