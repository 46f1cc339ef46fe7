//! Messages leave the house: push messages and SMS, with attempts until they are taken.
//!
//! Each message is written down by who tells; here it is taken for a while (nobody else gets it meanwhile), handed to its
//! provider, and what became of it is noted. When a process dies in between, another takes it after that while: it may go
//! out twice, which phones show once and SMS providers that know our id, too.

use std::sync::Arc;
use std::time::Duration;

use adapters::SendError;
use adapters::push::{Push, PushMessage};
use adapters::sms::{PhoneNumber, Sms, SmsMessage};
use chrono::{DateTime, TimeDelta, Utc};
use db::Context;
use futures_util::StreamExt as _;
use platform::{App, Wake};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::outcome::{Outcome, Route, after, before};
use crate::quiet::{QuietHours, QuietMode};
use crate::store::deliveries::{Due, Outcomes};
use crate::store::{deliveries, devices};

/// Without the bell, messages are looked for so often: those that wait for their next attempt, or of other processes.
const LOOK: Duration = Duration::from_secs(2);
const BATCH: i64 = 100;
/// So many at a time are handed over.
const AT_ONCE: usize = 16;
/// For so long a batch is ours; providers are given up after 10 s each.
const TAKEN: TimeDelta = TimeDelta::minutes(3);

/// Rung when there is something to send.
pub type Bell = Wake;

/// The ways out of the house that are set up.
#[derive(Clone, Default)]
pub struct Providers {
    /// Push messages.
    pub push: Option<Arc<dyn Push>>,
    /// SMS.
    pub sms: Option<Arc<dyn Sms>>,
}

/// Sends until told to stop.
pub async fn run(app: App, providers: Providers, bell: Bell, stop: CancellationToken) {
    let mut sender = Sender::new(app, providers);
    if sender.is_idle() {
        return;
    }
    while !stop.is_cancelled() {
        match sender.send_due().await {
            Ok(sent) if sent >= BATCH as usize => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "messages can't be sent; trying again"),
        }
        tokio::select! {
            () = bell.waited() => {}
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Sends what is due.
pub struct Sender {
    app: App,
    providers: Providers,
    /// When a provider wants to be left alone.
    push_paused: Option<DateTime<Utc>>,
    sms_paused: Option<DateTime<Utc>>,
}

impl Sender {
    /// By these ways.
    pub fn new(app: App, providers: Providers) -> Sender {
        Sender { app, providers, push_paused: None, sms_paused: None }
    }

    fn is_idle(&self) -> bool {
        self.providers.push.is_none() && self.providers.sms.is_none()
    }

    /// Sends one batch of what is due now; gives how many messages were looked at.
    ///
    /// # Errors
    /// When the database refuses; messages that were handed over may go out again.
    pub async fn send_due(&mut self) -> Result<usize, sqlx::Error> {
        let cx = Context::system("messages");
        let now = self.app.now();
        let mut channels = Vec::with_capacity(2);
        if self.providers.push.is_some() && self.push_paused.is_none_or(|until| until <= now) {
            channels.push("push".to_owned());
        }
        if self.providers.sms.is_some() && self.sms_paused.is_none_or(|until| until <= now) {
            channels.push("sms".to_owned());
        }
        if channels.is_empty() {
            return Ok(0);
        }
        let mut tx = self.app.db.begin(&cx).await?;
        let due = deliveries::claim(&mut tx, &channels, now, now + TAKEN, BATCH).await?;
        tx.commit().await?;
        let count = due.len();
        if count == 0 {
            return Ok(0);
        }
        let providers = &self.providers;
        let outcomes: Vec<(Due, Outcome)> = futures_util::stream::iter(due)
            .map(|due| async move {
                let outcome = hand_over(providers, &due, now).await;
                (due, outcome)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for (due, outcome) in &outcomes {
            metrics::counter!("messages_total", "channel" => due.channel.clone(), "outcome" => outcome.name())
                .increment(1);
            let paused = if due.channel == "push" { &mut self.push_paused } else { &mut self.sms_paused };
            if let Outcome::Later { pause: Some(until), .. } = outcome {
                *paused = (*paused).max(Some(*until));
            }
        }
        self.note(&cx, &outcomes).await?;
        Ok(count)
    }

    async fn note(&self, cx: &Context, outcomes: &[(Due, Outcome)]) -> Result<(), sqlx::Error> {
        let now = self.app.now();
        let mut noted = Outcomes::default();
        let mut tx = self.app.db.begin(cx).await?;
        for (due, outcome) in outcomes {
            noted.users.push(due.user_id.uuid());
            noted.ids.push(due.id);
            noted.states.push(outcome.state().to_owned());
            noted.attempts.push(due.attempts - i32::from(!outcome.was_tried()));
            noted.next_at.push(outcome.next_at().unwrap_or(now));
            noted.provider_ids.push(outcome.provider_id().map(str::to_owned));
            noted.reasons.push(outcome.reason().to_owned());
            if let (Outcome::Gone(_), Some(device), Some(token)) = (outcome, due.device_id, &due.token) {
                devices::delete_gone(&mut tx, due.user_id, device, token).await?;
            }
        }
        deliveries::update_outcomes(&mut tx, &noted, now).await?;
        tx.commit().await
    }
}

async fn hand_over(providers: &Providers, due: &Due, now: DateTime<Utc>) -> Outcome {
    let route = match due.channel.as_str() {
        "push" => Route::Push { token: due.token.as_deref() },
        _ => Route::Sms { number: PhoneNumber::parse(&due.phone) },
    };
    if let Some(outcome) = before(due.active, due.read, due.created_at, &route, quiet_hours(due), now) {
        return outcome;
    }
    let attempt = match (route, &providers.push, &providers.sms) {
        (Route::Push { token: Some(token) }, Some(push), _) => {
            push.send(&push_message(due, token, now)).await
        }
        (Route::Sms { number: Some(to) }, _, Some(sms)) => sms.send(&sms_message(due, to)).await,
        _ => Err(SendError::Refused("no provider".to_owned())),
    };
    after(attempt, due.attempts, due.id, now)
}

fn quiet_hours(due: &Due) -> Option<QuietHours> {
    let mode = due.quiet_mode.as_deref().and_then(QuietMode::parse).unwrap_or(QuietMode::Wait);
    QuietHours::new(due.quiet_from?, due.quiet_to?, mode)
}

fn push_message(due: &Due, token: &str, now: DateTime<Utc>) -> PushMessage {
    let mut data = vec![("notificationId", due.notification_id.to_string()), ("kind", due.kind.clone())];
    data.extend(due.about_id.map(|about| ("aboutId", about.to_string())));
    data.push(("data", due.data.to_string()));
    let left = due.created_at + crate::outcome::VALID - now;
    PushMessage {
        token: token.to_owned(),
        title: due.title.clone(),
        body: due.body.clone(),
        collapse: due.collapse.clone(),
        data,
        valid: left.to_std().unwrap_or_default(),
    }
}

/// SMS are paid by their length.
const SMS_LENGTH: usize = 160;

fn sms_message(due: &Due, to: PhoneNumber) -> SmsMessage {
    let text = if due.body.is_empty() { due.title.clone() } else { format!("{}. {}", due.title, due.body) };
    SmsMessage { id: due.id, to, text: text.chars().take(SMS_LENGTH).collect() }
}

/// A number from 0 to `most` that is another for each message and attempt: not all come back at the same moment.
pub(crate) fn spread(id: Uuid, attempt: i32, most: u64) -> u64 {
    let mixed = id.as_u128() as u64 ^ u64::from(attempt.unsigned_abs()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed % (most + 1)
}
