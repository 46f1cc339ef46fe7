use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::TimeDelta;
use jobs::runner::{Ended, RunError, register, run_due, run_now};
use jobs::{Job, JobError, Schedule};
use serde_json::Value;
use test_kit::TestApp;
use tokio::sync::Notify;

/// A job that counts its runs.
fn counting(name: &'static str, schedule: Schedule) -> (Job, Arc<AtomicU32>) {
    let runs = Arc::new(AtomicU32::new(0));
    let counter = runs.clone();
    let job = Job::new(name, schedule, move |_| {
        let counter = counter.clone();
        async move { Ok(format!("run {}", counter.fetch_add(1, Ordering::SeqCst) + 1)) }
    });
    (job, runs)
}

async fn start() -> TestApp {
    TestApp::start(jobs::router()).await
}

async fn runs(t: &TestApp, name: &str) -> Vec<Value> {
    let list = t.admin().get(&format!("/api/v1/admin/jobs/{name}/runs")).await.expect(200);
    list["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_job_runs_at_its_time_by_the_clocks_of_vietnam_and_once_though_many_runners_look() {
    let t = start().await;
    // It is 09:00 of a Thursday.
    let (job, count) = counting("daily", Schedule::daily::<6, 0>());
    let jobs = [job];
    register(&t.app, &jobs).await.unwrap();
    assert_eq!(run_due(&t.app, &jobs).await.unwrap(), 0);
    t.clock.set("2026-08-06T22:59:59Z".parse().unwrap());
    assert_eq!(run_due(&t.app, &jobs).await.unwrap(), 0);
    t.clock.set("2026-08-06T23:00:00Z".parse().unwrap());
    let (a, b, c, d) = tokio::join!(
        run_due(&t.app, &jobs),
        run_due(&t.app, &jobs),
        run_due(&t.app, &jobs),
        run_due(&t.app, &jobs)
    );
    assert_eq!(a.unwrap() + b.unwrap() + c.unwrap() + d.unwrap(), 1);
    assert_eq!(count.load(Ordering::SeqCst), 1);
    let runs = runs(&t, "daily").await;
    assert_eq!(runs.len(), 1);
    assert_eq!((runs[0]["outcome"].as_str(), runs[0]["detail"].as_str()), (Some("done"), Some("run 1")));
    assert_eq!(
        (&runs[0]["cause"], &runs[0]["scheduledFor"]),
        (&"schedule".into(), &"2026-08-06T23:00:00Z".into())
    );
}

#[tokio::test]
async fn runs_that_were_missed_are_made_up_for_once() {
    let t = start().await;
    let (job, count) = counting("hourly", Schedule::every::<60>());
    let jobs = [job];
    register(&t.app, &jobs).await.unwrap();
    t.clock.advance(TimeDelta::days(5));
    assert_eq!(run_due(&t.app, &jobs).await.unwrap(), 1);
    assert_eq!(run_due(&t.app, &jobs).await.unwrap(), 0);
    t.clock.advance(TimeDelta::hours(1));
    assert_eq!(run_due(&t.app, &jobs).await.unwrap(), 1);
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_run_whose_runner_died_begins_again() {
    let t = start().await;
    let began = Arc::new(Notify::new());
    let (sign, count) = (began.clone(), Arc::new(AtomicU32::new(0)));
    let counter = count.clone();
    let jobs = [Job::new("long", Schedule::every::<60>(), move |_| {
        let (sign, nth) = (sign.clone(), counter.fetch_add(1, Ordering::SeqCst));
        async move {
            if nth == 0 {
                sign.notify_one();
                std::future::pending::<()>().await;
            }
            Ok("through".to_owned())
        }
    })];
    register(&t.app, &jobs).await.unwrap();
    t.clock.advance(TimeDelta::hours(1));
    let (app, same) = (t.app.clone(), jobs.clone());
    let runner = tokio::spawn(async move { run_due(&app, &same).await });
    began.notified().await;
    runner.abort();
    // As long as the lease lasts nobody takes it over.
    assert_eq!(run_due(&t.app, &jobs).await.unwrap(), 0);
    assert!(matches!(run_now(&t.app, &jobs, "long", "me").await, Err(RunError::Busy)));
    sqlx::query("update jobs set lease_until = clock_timestamp() - interval '1 s'")
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(run_due(&t.app, &jobs).await.unwrap(), 1);
    let runs = runs(&t, "long").await;
    let told: Vec<(&str, &str)> =
        runs.iter().map(|run| (run["cause"].as_str().unwrap(), run["outcome"].as_str().unwrap())).collect();
    assert_eq!(told, [("lost", "done"), ("schedule", "lost")]);
}

#[tokio::test]
async fn a_failure_is_on_record_and_tried_again_a_few_times() {
    let t = start().await;
    let jobs = [Job::new("failing", Schedule::daily::<2, 0>(), |_| async {
        Err::<String, _>(JobError("the disk is full".to_owned()))
    })];
    register(&t.app, &jobs).await.unwrap();
    t.clock.set("2026-08-06T19:00:00Z".parse().unwrap());
    assert_eq!(run_due(&t.app, &jobs).await.unwrap(), 1);
    assert_eq!(run_due(&t.app, &jobs).await.unwrap(), 0);
    let mut ran = 0;
    for _ in 0..12 * 60 {
        t.clock.advance(TimeDelta::minutes(1));
        ran += run_due(&t.app, &jobs).await.unwrap();
    }
    assert_eq!(ran, 4);
    let list = t.admin().get("/api/v1/admin/jobs").await.expect(200);
    let job = &list["data"][0];
    assert_eq!((&job["failures"], &job["lastOutcome"]), (&5.into(), &"failed".into()));
    assert_eq!((&job["lastDetail"], &job["running"]), (&"the disk is full".into(), &false.into()));
    // Its next time is that of its schedule.
    assert_eq!(job["nextAt"], "2026-08-07T19:00:00Z");
}

#[tokio::test]
async fn a_job_runs_on_the_word_of_somebody_who_may_say_so() {
    let t = start().await;
    let (job, count) = counting("daily", Schedule::daily::<6, 0>());
    let jobs = [job];
    register(&t.app, &jobs).await.unwrap();
    t.npp01().post("/api/v1/admin/jobs/daily/run", Value::Null).await.expect(403);
    t.npp01().get("/api/v1/admin/jobs").await.expect(403);
    t.npp01().get("/api/v1/admin/jobs/daily/runs").await.expect(403);
    t.admin().post("/api/v1/admin/jobs/nothing/run", Value::Null).await.expect(404);
    t.admin().get("/api/v1/admin/jobs/nothing/runs").await.expect(404);
    t.admin().post("/api/v1/admin/jobs/daily/run", Value::Null).await.expect(202);
    assert_eq!(run_due(&t.app, &jobs).await.unwrap(), 1);
    assert_eq!(run_due(&t.app, &jobs).await.unwrap(), 0);
    assert_eq!(run_now(&t.app, &jobs, "daily", "me").await.unwrap(), Ended::Done("run 2".to_owned()));
    assert!(matches!(run_now(&t.app, &jobs, "nothing", "me").await, Err(RunError::Unknown)));
    assert_eq!(count.load(Ordering::SeqCst), 2);
    let by: Vec<String> =
        runs(&t, "daily").await.iter().map(|run| run["requestedBy"].as_str().unwrap().to_owned()).collect();
    assert_eq!(by, ["me", "admin"]);
}
