//! Runs jobs at their time: one runner among many for each, as long as it says that it lives.
//!
//! A run that was missed is made up for once, however many were missed; one whose runner died begins again with the next that
//! looks. A failure is tried again after a while, a few times, and otherwise waits for the next time of its schedule.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use db::{Context, Db};
use futures_util::FutureExt as _;
use platform::App;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use tracing::field::Empty;
use uuid::Uuid;

use crate::store::jobs::{self as store, Cause, Claimed};
use crate::{Job, JobError};

const LOOK: Duration = Duration::from_secs(1);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);
/// A runner that is silent for so long has died.
pub(crate) const LEASE: Duration = Duration::from_secs(60);
const RENEW_EVERY: Duration = Duration::from_secs(15);
/// A failed run is tried again after this, doubled each time, so often.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(5);
const AGAIN: i32 = 4;
/// When told to stop, runs in hand get this long.
const DRAIN: Duration = Duration::from_secs(15);

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It did this.
    Done(String),
    /// It failed for this reason.
    Failed(String),
}

/// A job can't be run by hand.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No job has this name.
    #[error("there is no job of this name")]
    Unknown,
    /// It is being run.
    #[error("it is running already")]
    Busy,
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] sqlx::Error),
}

/// Runs the jobs at their times until told to stop.
pub async fn run(app: App, jobs: Vec<Job>, stop: CancellationToken) {
    let me = format!("{}/{}", host(), std::process::id());
    let mut running: JoinSet<()> = JoinSet::new();
    let mut known = false;
    while !stop.is_cancelled() {
        let looked = async {
            if !known {
                register(&app, &jobs).await?;
                start_counting(&jobs);
                known = true;
            }
            claim_due(&app, &jobs, &me).await
        };
        let pause = match looked.await {
            Ok(claimed) => {
                for (job, claimed) in claimed {
                    let (app, cut_off) = (app.clone(), stop.clone());
                    running.spawn(async move {
                        attend(&app, &job, claimed, Some(cut_off)).await;
                    });
                }
                LOOK
            }
            Err(error) => {
                tracing::warn!(%error, "jobs can't be looked at; trying again");
                PAUSE_AFTER_FAILURE
            }
        };
        while running.try_join_next().is_some() {}
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => {}
        }
    }
    while running.join_next().await.is_some() {}
}

/// Makes the jobs known, so that they are listed before they have run. A new one runs at its next time.
///
/// # Errors
/// When the database refuses.
pub async fn register(app: &App, jobs: &[Job]) -> Result<(), sqlx::Error> {
    let now = app.now();
    let mut tx = app.db.begin(&Context::system("jobs")).await?;
    for job in jobs {
        store::upsert(&mut tx, job.name, &job.schedule.to_string(), job.schedule.next(now)).await?;
    }
    tx.commit().await
}

/// Runs what is due and waits until it is done; gives how many runs there were. For tests and small machines.
///
/// # Errors
/// When the database refuses.
pub async fn run_due(app: &App, jobs: &[Job]) -> Result<usize, sqlx::Error> {
    let claimed = claim_due(app, jobs, &host()).await?;
    let count = claimed.len();
    for (job, claimed) in claimed {
        attend(app, &job, claimed, None).await;
    }
    Ok(count)
}

/// Runs one job now, here, on somebody's word.
///
/// # Errors
/// See [`RunError`].
pub async fn run_now(app: &App, jobs: &[Job], name: &str, by: &str) -> Result<Ended, RunError> {
    let job = jobs.iter().find(|job| job.name == name).ok_or(RunError::Unknown)?;
    register(app, std::slice::from_ref(job)).await?;
    let mut tx = app.db.begin(&Context::system("jobs")).await?;
    store::request(&mut tx, name, by, app.now()).await?;
    let claimed = store::list_due(&mut tx, &[name], app.now()).await?.pop().ok_or(RunError::Busy)?;
    let claimed = claim(&mut tx, job, claimed, app.now(), &host()).await?.ok_or(RunError::Busy)?;
    tx.commit().await?;
    Ok(attend(app, job, claimed, None).await)
}

/// Prometheus sees a counter grow only when it has seen it before: without this the first failure of each process would not
/// count.
fn start_counting(jobs: &[Job]) {
    for job in jobs {
        for outcome in ["done", "failed"] {
            metrics::counter!("job_runs_total", "job" => job.name, "outcome" => outcome).absolute(0);
        }
    }
}

fn host() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map_or_else(|_| "-".to_owned(), |name| name.trim().to_owned())
}

async fn claim_due(app: &App, jobs: &[Job], me: &str) -> Result<Vec<(Job, Claimed)>, sqlx::Error> {
    let by_name: HashMap<&str, &Job> = jobs.iter().map(|job| (job.name, job)).collect();
    let names: Vec<&str> = by_name.keys().copied().collect();
    let now = app.now();
    let mut tx = app.db.begin(&Context::system("jobs")).await?;
    let mut claimed = Vec::new();
    for due in store::list_due(&mut tx, &names, now).await? {
        if let Some(job) = by_name.get(due.name.as_str())
            && let Some(run) = claim(&mut tx, job, due, now, me).await?
        {
            claimed.push(((*job).clone(), run));
        }
    }
    tx.commit().await?;
    Ok(claimed)
}

/// Begins a run in the books.
async fn claim(
    c: &mut db::PgConnection,
    job: &Job,
    due: store::Due,
    now: DateTime<Utc>,
    me: &str,
) -> Result<Option<Claimed>, sqlx::Error> {
    let next = job.schedule.next(now);
    let mut failures = due.failures;
    if let Some(lost) = due.lost {
        tracing::error!(job = job.name, run = %lost, "the runner of a job died");
        store::end_run(c, lost, "lost", "its runner gave no sign of life any more", now).await?;
        failures += 1;
        if failures > AGAIN && due.requested_by.is_none() {
            // It may be the job that kills them.
            store::free(c, job.name, failures, next).await?;
            return Ok(None);
        }
    }
    let cause = if due.requested_by.is_some() {
        Cause::Request
    } else if due.lost.is_some() {
        Cause::Lost
    } else if due.failures > 0 {
        Cause::Retry
    } else {
        Cause::Schedule
    };
    let run = Uuid::now_v7();
    let next_at = if due.next_at <= now { next } else { due.next_at };
    store::start(c, job.name, run, failures, next_at, LEASE).await?;
    store::insert_run(c, run, &due, cause, me, now).await?;
    Ok(Some(Claimed { run, failures }))
}

/// Runs it, in a trace of its own.
async fn attend(app: &App, job: &Job, claimed: Claimed, stop: Option<CancellationToken>) -> Ended {
    let span = tracing::error_span!(
        parent: None,
        "job",
        otel.kind = "internal",
        otel.name = format!("job {}", job.name),
        otel.status_code = Empty,
        dms.job = job.name,
    );
    telemetry::join(&span, None);
    let ended = run_and_note(app, job, claimed, stop).instrument(span.clone()).await;
    if matches!(ended, Ended::Failed(_)) {
        span.record("otel.status_code", "ERROR");
    }
    ended
}

/// Runs it, renews its lease meanwhile, and notes how it ended.
async fn run_and_note(app: &App, job: &Job, claimed: Claimed, stop: Option<CancellationToken>) -> Ended {
    let began = Instant::now();
    tracing::info!(job = job.name, "a job begins");
    let work = AssertUnwindSafe(job.start(app.clone())).catch_unwind();
    let outcome = tokio::select! {
        outcome = work => match outcome {
            Ok(outcome) => outcome,
            Err(_) => Err(JobError("it panicked".to_owned())),
        },
        () = lease_is_lost(&app.db, job.name, claimed.run) => {
            Err(JobError("its lease was lost; another runner may have taken it over".to_owned()))
        }
        () = cut_off(stop) => Err(JobError("cut off: the process was told to stop".to_owned())),
    };
    let seconds = began.elapsed().as_secs_f64();
    metrics::histogram!("job_duration_seconds", "job" => job.name).record(seconds);
    let (word, detail) = match &outcome {
        Ok(detail) => ("done", detail.as_str()),
        Err(JobError(why)) => ("failed", why.as_str()),
    };
    metrics::counter!("job_runs_total", "job" => job.name, "outcome" => word).increment(1);
    match &outcome {
        Ok(_) => {
            metrics::gauge!("job_last_success_timestamp_seconds", "job" => job.name)
                .set(app.now().timestamp_millis() as f64 / 1e3);
            tracing::info!(job = job.name, seconds, detail, "a job is done");
        }
        Err(_) => tracing::error!(job = job.name, seconds, error = detail, "a job failed"),
    }
    if let Err(error) = note_end(app, job, claimed, word, detail).await {
        // The lease ends by itself, and the job runs again.
        tracing::error!(job = job.name, %error, "the end of a job can't be noted");
    }
    match outcome {
        Ok(detail) => Ended::Done(detail),
        Err(JobError(why)) => Ended::Failed(why),
    }
}

async fn note_end(
    app: &App,
    job: &Job,
    claimed: Claimed,
    word: &str,
    detail: &str,
) -> Result<(), sqlx::Error> {
    let now = app.now();
    let detail: String = detail.chars().take(2_000).collect();
    let mut tx = app.db.begin(&Context::system("jobs")).await?;
    store::end_run(&mut tx, claimed.run, word, &detail, now).await?;
    if word == "done" {
        store::finish(&mut tx, job.name, claimed.run, 0, None).await?;
    } else {
        let failures = claimed.failures + 1;
        let again = (failures <= AGAIN).then(|| now + AGAIN_AFTER * (1 << (failures - 1).clamp(0, AGAIN)));
        store::finish(&mut tx, job.name, claimed.run, failures, again).await?;
    }
    tx.commit().await
}

/// Renews the lease as long as it can; returns when it is another's.
async fn lease_is_lost(db: &Db, name: &str, run: Uuid) {
    let mut renewed = Instant::now();
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        let renew = async {
            let mut tx = db.begin(&Context::system("jobs")).await?;
            let ours = store::renew(&mut tx, name, run, LEASE).await?;
            tx.commit().await?;
            Ok::<bool, sqlx::Error>(ours)
        };
        match renew.await {
            Ok(true) => renewed = Instant::now(),
            Ok(false) => return,
            Err(error) => tracing::warn!(job = name, %error, "the lease of a job can't be renewed"),
        }
        if renewed.elapsed() > LEASE {
            return;
        }
    }
}

async fn cut_off(stop: Option<CancellationToken>) {
    match stop {
        Some(stop) => {
            stop.cancelled().await;
            tokio::time::sleep(DRAIN).await;
        }
        None => std::future::pending().await,
    }
}
