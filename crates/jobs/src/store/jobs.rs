use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

/// Why a job runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Schedule,
    Request,
    Retry,
    Lost,
}

impl Cause {
    fn as_str(self) -> &'static str {
        match self {
            Cause::Schedule => "schedule",
            Cause::Request => "request",
            Cause::Retry => "retry",
            Cause::Lost => "lost",
        }
    }
}

/// A job whose time has come.
pub(crate) struct Due {
    pub name: String,
    pub next_at: DateTime<Utc>,
    pub requested_at: Option<DateTime<Utc>>,
    pub requested_by: Option<String>,
    pub failures: i32,
    /// The run whose runner died.
    pub lost: Option<Uuid>,
}

/// A run that is ours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claimed {
    pub run: Uuid,
    pub failures: i32,
}

/// Makes a job known. A schedule that has changed counts from now.
pub(crate) async fn upsert(
    c: &mut PgConnection,
    name: &str,
    schedule: &str,
    next_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into jobs as j (name, schedule, next_at) values ($1, $2, $3)
         on conflict (name) do update set schedule = excluded.schedule, next_at = excluded.next_at
         where j.schedule <> excluded.schedule",
        name,
        schedule,
        next_at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The jobs whose time has come, or that somebody asked for, or whose runner died; locked until the transaction ends.
pub(crate) async fn list_due(
    c: &mut PgConnection,
    names: &[&str],
    now: DateTime<Utc>,
) -> Result<Vec<Due>, sqlx::Error> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    sqlx::query_as!(
        Due,
        "select name, next_at, requested_at, requested_by, failures, run_id as lost
         from jobs
         where name = any ($1)
           and (run_id is null and (next_at <= $2 or requested_at is not null) or lease_until < clock_timestamp())
         order by next_at
         for update skip locked",
        &names,
        now,
    )
    .fetch_all(c)
    .await
}

/// Begins a run.
pub(crate) async fn start(
    c: &mut PgConnection,
    name: &str,
    run: Uuid,
    failures: i32,
    next_at: DateTime<Utc>,
    lease: Duration,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update jobs
         set run_id = $2, lease_until = clock_timestamp() + make_interval(secs => $5), failures = $3, next_at = $4,
           requested_at = null, requested_by = null
         where name = $1",
        name,
        run,
        failures,
        next_at,
        lease.as_secs_f64(),
    )
    .execute(c)
    .await?;
    Ok(())
}

pub(crate) async fn insert_run(
    c: &mut PgConnection,
    run: Uuid,
    due: &Due,
    cause: Cause,
    runner: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into job_runs (id, name, cause, scheduled_for, requested_by, runner, started_at) values ($1, $2, $3, $4, $5, $6, $7)",
        run,
        due.name,
        cause.as_str(),
        due.requested_at.unwrap_or(due.next_at.min(now)),
        due.requested_by,
        runner,
        now,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Ends a run, if it hasn't ended.
pub(crate) async fn end_run(
    c: &mut PgConnection,
    run: Uuid,
    outcome: &str,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update job_runs set outcome = $2, detail = $3, ended_at = $4 where id = $1 and ended_at is null",
        run,
        outcome,
        detail,
        now,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The job is free again, if the run is still its own; after a failure it may run before its schedule says so.
pub(crate) async fn finish(
    c: &mut PgConnection,
    name: &str,
    run: Uuid,
    failures: i32,
    again: Option<DateTime<Utc>>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update jobs set run_id = null, lease_until = null, failures = $3, next_at = least(next_at, $4)
         where name = $1 and run_id = $2",
        name,
        run,
        failures,
        again,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The job is free again and waits for its next time.
pub(crate) async fn free(
    c: &mut PgConnection,
    name: &str,
    failures: i32,
    next_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update jobs set run_id = null, lease_until = null, failures = $2, next_at = $3 where name = $1",
        name,
        failures,
        next_at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Says that the run lives; false when it isn't the job's run any more.
pub(crate) async fn renew(
    c: &mut PgConnection,
    name: &str,
    run: Uuid,
    lease: Duration,
) -> Result<bool, sqlx::Error> {
    let renewed = sqlx::query!(
        "update jobs set lease_until = clock_timestamp() + make_interval(secs => $3) where name = $1 and run_id = $2",
        name,
        run,
        lease.as_secs_f64(),
    )
    .execute(c)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Asks for a run as soon as possible; false when no job has this name.
pub(crate) async fn request(
    c: &mut PgConnection,
    name: &str,
    by: &str,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let asked =
        sqlx::query!("update jobs set requested_at = $3, requested_by = $2 where name = $1", name, by, now)
            .execute(c)
            .await?;
    Ok(asked.rows_affected() == 1)
}

/// A job and its last run.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobView {
    /// Its name.
    pub name: String,
    /// When it runs, by the clocks of Asia/Ho_Chi_Minh: `daily at 02:00`.
    pub schedule: String,
    /// Its next time.
    pub next_at: DateTime<Utc>,
    /// Whether it is running.
    pub running: bool,
    /// When somebody asked for a run that hasn't begun.
    pub requested_at: Option<DateTime<Utc>>,
    /// How often it has failed in a row.
    pub failures: i32,
    /// When its last run began.
    pub last_started_at: Option<DateTime<Utc>>,
    /// When its last run ended.
    pub last_ended_at: Option<DateTime<Utc>>,
    /// `running`, `done`, `failed` or `lost`.
    pub last_outcome: Option<String>,
    /// What it did, or why it failed.
    pub last_detail: Option<String>,
}

/// All jobs by name.
///
/// # Errors
/// When the database refuses.
pub async fn list(c: &mut PgConnection) -> Result<Vec<JobView>, sqlx::Error> {
    sqlx::query_as!(
        JobView,
        r#"select j.name, j.schedule, j.next_at, j.run_id is not null as "running!", j.requested_at, j.failures,
             r.started_at as "last_started_at?", r.ended_at as "last_ended_at?", r.outcome as "last_outcome?",
             r.detail as "last_detail?"
           from jobs j
           left join lateral (
             select * from job_runs r where r.name = j.name order by r.started_at desc limit 1
           ) r on true
           order by j.name"#,
    )
    .fetch_all(c)
    .await
}

/// A run of a job.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunView {
    /// The run.
    pub id: Uuid,
    /// Why it ran: `schedule`, `request`, `retry` (after a failure) or `lost` (its runner had died).
    pub cause: String,
    /// When it should have run.
    pub scheduled_for: DateTime<Utc>,
    /// Who asked for it.
    pub requested_by: Option<String>,
    /// The process that ran it.
    pub runner: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// `running`, `done`, `failed` or `lost`.
    pub outcome: String,
    /// What it did, or why it failed.
    pub detail: String,
}

/// The runs of a job, the latest first; none when no job has this name.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn list_runs(
    c: &mut PgConnection,
    name: &str,
    limit: i64,
    offset: i64,
) -> Result<Option<(Vec<RunView>, i64)>, sqlx::Error> {
    let total = sqlx::query_scalar!(
        r#"select (select count(*) from job_runs r where r.name = j.name) as "n!" from jobs j where j.name = $1"#,
        name,
    )
    .fetch_optional(&mut *c)
    .await?;
    let Some(total) = total else { return Ok(None) };
    let runs = sqlx::query_as!(
        RunView,
        "select id, cause, scheduled_for, requested_by, runner, started_at, ended_at, outcome, detail
         from job_runs where name = $1 order by started_at desc, id desc limit $2 offset $3",
        name,
        limit,
        offset,
    )
    .fetch_all(c)
    .await?;
    Ok(Some((runs, total)))
}

/// Deletes runs and messages' marks whose time is over, at most `limit` of each; gives how many.
pub(crate) async fn sweep(
    c: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let runs = sqlx::query!(
        "delete from job_runs where id in (select id from job_runs where started_at < $1 and outcome <> 'running' limit $2)",
        before,
        limit,
    )
    .execute(&mut *c)
    .await?;
    let marks = sqlx::query!(
        "delete from inbox where (consumer, event_id) in (select consumer, event_id from inbox where at < $1 limit $2)",
        before,
        limit,
    )
    .execute(c)
    .await?;
    Ok(runs.rows_affected() + marks.rows_affected())
}
