//! A rep's day without network: 20 visits with a photo each, 10 orders of 5 lines, 500 positions; sent when there is
//! network again.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use live_kit::{Client, Server};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::field::{Field, Outlet, Prepared, Rep, crowd, get, send};
use crate::fleet::lost;
use crate::limits::Bound;
use crate::measure::Sample;
use crate::pgbench::psql;

/// Reps whose batch is measured, one after another.
const BATCHES: usize = 200;
const VISITS: usize = 20;
const ORDERS: usize = 10;
/// In so many operations, of 50 positions each.
const WALKS: u32 = 10;

#[expect(clippy::disallowed_methods, reason = "the server under test has the machine's time")]
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(Utc::now().timestamp_millis()).unwrap_or_default()
}

/// Positions of somebody who walks north, one a second.
pub fn walk(from: &Outlet, first: DateTime<Utc>, turn: u32, many: u32) -> Vec<Value> {
    let steps = (0..many).map(|n| (n, turn * many + n));
    steps
        .map(|(n, step)| {
            json!({
                "at": first + TimeDelta::seconds(i64::from(n)), "latitude": from.latitude + f64::from(step) * 0.00001,
                "longitude": from.longitude, "accuracy": 6.5, "speed": 1.1, "bearing": 1.0, "battery": 80.0,
                "activity": "walking", "provider": "fused"
            })
        })
        .collect()
}

/// The day of a rep as the phone sends it.
fn day(rep: &Rep, number: usize, products: &[String], evening: DateTime<Utc>) -> Prepared {
    let mut dice = SmallRng::seed_from_u64(evening.timestamp_millis().unsigned_abs() + number as u64);
    let mut operations: Vec<Value> = Vec::new();
    let mut add = |kind: &str, entity: Uuid, at: DateTime<Utc>, payload: Value| {
        let seq = operations.len() + 1;
        operations.push(json!({
            "opId": Uuid::now_v7(), "seq": seq, "kind": kind, "entityId": entity, "at": at, "payload": payload
        }));
    };
    let mut at = evening - TimeDelta::hours(9);
    for stop in 0..VISITS {
        let outlet = &rep.outlets[stop % rep.outlets.len()];
        let visit = Uuid::now_v7();
        let here = json!({
            "customerId": outlet.id, "latitude": outlet.latitude, "longitude": outlet.longitude, "accuracy": 8.0
        });
        add("check_in", visit, at, here);
        let sha = format!("{:032x}{:032x}", dice.random::<u128>(), dice.random::<u128>());
        let photo = json!({ "visitId": visit, "sha256": sha, "albumType": "Mặt tiền" });
        add("photo", Uuid::now_v7(), at + TimeDelta::minutes(2), photo);
        let sells = stop % 2 == 0 && stop / 2 < ORDERS;
        if sells {
            let first = dice.random_range(0..products.len() - 4);
            let items: Vec<Value> = (0..5)
                .map(|n| json!({ "productId": products[first + n], "quantity": n + 1, "unit": "retail" }))
                .collect();
            let order = json!({
                "orderType": "PreSales", "customerId": outlet.id, "visitId": visit, "items": items, "notes": ""
            });
            add("order", Uuid::now_v7(), at + TimeDelta::minutes(4), order);
        }
        let gone = json!({
            "latitude": outlet.latitude, "longitude": outlet.longitude,
            "visitResult": if sells { "HasOrder" } else { "NoOrder" }, "notes": ""
        });
        add("check_out", visit, at + TimeDelta::minutes(6), gone);
        if stop % 2 == 1 {
            let turn = u32::try_from(stop / 2).unwrap_or_default() % WALKS;
            let points = walk(outlet, at + TimeDelta::minutes(7), turn, 50);
            add("locations", Uuid::now_v7(), at + TimeDelta::minutes(8), json!({ "points": points }));
        }
        at += TimeDelta::minutes(25);
    }
    let body = json!({ "deviceId": format!("field-{number}"), "operations": operations }).to_string();
    Prepared { session: rep.session.clone(), path: "/api/v1/sync/upload", body }
}

/// Every operation of the day took effect.
fn all_applied(answer: &Value, status: &str) -> anyhow::Result<()> {
    let results = answer["results"].as_array().context("no results")?;
    let odd = results.iter().find(|r| r["status"] != status || !r["flags"].is_null());
    ensure!(odd.is_none(), "an operation was not {status}: {odd:?}");
    Ok(())
}

async fn products(server: &Server) -> anyhow::Result<Vec<String>> {
    let mut admin = Client::new(server.port());
    admin.login("admin", "Diligo@2026").await;
    let listed = get(&mut admin, "/api/v1/products?pageSize=50&status=active").await?;
    let ids = listed["data"].as_array().into_iter().flatten();
    Ok(ids.filter_map(|product| Some(product["id"].as_str()?.to_owned())).collect())
}

/// Rows of everything a day leaves behind.
fn rows(socket: &Path) -> anyhow::Result<String> {
    let tables = [
        "visits",
        "visit_photos",
        "files",
        "orders",
        "order_lines",
        "gps_points",
        "sync_operations",
        "sync_strays",
        "sync_cases",
        "audit_log",
        "idempotency_keys",
        "order_history",
        "suspicions",
    ];
    let counts = tables.map(|table| format!("select '{table}', count(*) from {table}")).join(" union all ")
        + " order by 1";
    psql(socket, &["-c", &counts])
}

/// The batch of one rep after another, and each once more.
pub async fn batches(field: &Field<'_>, bounds: &mut Vec<Bound>) -> anyhow::Result<()> {
    let Field { options, server, socket, reps } = *field;
    let products = products(server).await?;
    let many = BATCHES.min(reps.len()).min(options.rounds * 40);
    let days: Vec<Prepared> =
        reps.iter().take(many + 20).enumerate().map(|(n, rep)| day(rep, n, &products, now())).collect();
    let days = Rc::new(days);
    let run = async |range: std::ops::Range<usize>, status: &'static str| {
        let days = days.clone();
        let each = async move |client: &mut Client, n: usize| {
            let answer = send(client, &days[n], 200).await?;
            all_applied(&answer.json(), status)
        };
        crowd(server, 1, range, each).await
    };
    // The first ones warm up.
    run(0..20.min(days.len()), "applied").await?;
    let warm = 20.min(days.len())..days.len();
    let first = run(warm.clone(), "applied").await?;
    let before = rows(socket)?;
    let again = run(warm, "duplicate").await?;
    let after = rows(socket)?;
    ensure!(before == after, "a replay left something behind:\n{before}\n{after}");
    let done = f64::from(u32::try_from(first.micros.len())?);
    let cpu = |spent: &crate::field::Spent| {
        (spent.cpu.dms.as_secs_f64() * 1e3 / done, spent.cpu.postgres.as_secs_f64() * 1e3 / done)
    };
    let (costs, costs_again) = (cpu(&first), cpu(&again));
    let once = Sample::new(done / first.elapsed.as_secs_f64(), first.micros);
    let twice = Sample::new(done / again.elapsed.as_secs_f64(), again.micros);
    bounds.push(Bound::told("offline batch, p50", once.p50, "ms"));
    bounds.push(Bound::at_most("offline batch, p95", once.p95, "ms", 50.0));
    bounds.push(Bound::told("offline batch, CPU of the API", costs.0, "ms"));
    bounds.push(Bound::told("offline batch, CPU of PostgreSQL", costs.1, "ms"));
    bounds.push(Bound::told("replay, p50", twice.p50, "ms"));
    bounds.push(Bound::at_most("replay against the first, time", twice.p50 / once.p50, "", 0.30));
    let ratio = (costs_again.0 + costs_again.1) / (costs.0 + costs.1);
    bounds.push(Bound::at_most("replay against the first, CPU", ratio, "", 0.30));
    Ok(())
}

/// The evening: everybody comes online within a minute, sends the day, and asks what changed.
pub async fn online(field: &Field<'_>, bounds: &mut Vec<Bound>) -> anyhow::Result<()> {
    let Field { server, socket, reps, .. } = *field;
    const WITHIN: Duration = Duration::from_secs(60);
    let products = products(server).await?;
    // In the morning they had network.
    let cursors = Rc::new(RefCell::new(vec![String::new(); reps.len()]));
    let sessions: Rc<Vec<_>> = Rc::new(reps.iter().map(|rep| rep.session.clone()).collect());
    let (into, who) = (cursors.clone(), sessions.clone());
    crowd(server, 4, 0..reps.len(), async move |client: &mut Client, n: usize| {
        client.act_as(&who[n]);
        let cursor = download(client, String::new()).await?;
        into.borrow_mut()[n] = cursor;
        Ok(())
    })
    .await?;
    let days: Vec<Prepared> =
        reps.iter().enumerate().map(|(n, rep)| day(rep, 10_000 + n, &products, now())).collect();
    psql(socket, &["-c", "checkpoint"])?;
    let (before, began) = (server.cpu(), Instant::now());
    let local = tokio::task::LocalSet::new();
    let mut tasks = Vec::new();
    let many = u32::try_from(reps.len())?;
    for (n, day) in days.into_iter().enumerate() {
        let (cursor, port) = (cursors.borrow()[n].clone(), server.port());
        let comes = WITHIN * u32::try_from(n)? / many;
        tasks.push(local.spawn_local(async move {
            tokio::time::sleep_until((began + comes).into()).await;
            let (mut client, arrived) = (Client::new(port), Instant::now());
            client.act_as(&day.session);
            // As a phone does: what is refused for being busy is sent again.
            let answer = loop {
                let answer = client.send_json(day.path, None, day.body.clone().into()).await.map_err(lost)?;
                if answer.status == 503 {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                } else {
                    break answer;
                }
            };
            ensure!(answer.status == 200, "upload: {} {:?}", answer.status, answer.body);
            all_applied(&answer.json(), "applied")?;
            download(&mut client, cursor).await?;
            Ok((u64::try_from(arrived.elapsed().as_micros())?, began.elapsed()))
        }));
    }
    local.await;
    let (mut micros, mut last) = (Vec::new(), Duration::ZERO);
    for task in tasks {
        let (took, ended) = task.await.context("a phone")??;
        micros.push(took);
        last = last.max(ended);
    }
    let cpu = server.cpu().since(before);
    let sample = Sample::new(f64::from(many) / last.as_secs_f64(), micros);
    bounds.push(Bound::at_most(
        format!("{many} reps coming online in 60 s, all synced"),
        last.as_secs_f64(),
        "s",
        75.0,
    ));
    bounds.push(Bound::told("coming online, a rep's own time, p50", sample.p50, "ms"));
    bounds.push(Bound::told("coming online, a rep's own time, p99", sample.p99, "ms"));
    bounds.push(Bound::told("coming online, CPU of the API", cpu.dms.as_secs_f64(), "s"));
    bounds.push(Bound::told("coming online, CPU of PostgreSQL", cpu.postgres.as_secs_f64(), "s"));
    Ok(())
}

/// All that changed since the cursor; gives the next one.
async fn download(client: &mut Client, mut cursor: String) -> anyhow::Result<String> {
    loop {
        let path = if cursor.is_empty() {
            "/api/v1/sync/delta?limit=2000".to_owned()
        } else {
            format!("/api/v1/sync/delta?limit=2000&cursor={cursor}")
        };
        let answer = get(client, &path).await?;
        cursor = answer["cursor"].as_str().context("a cursor")?.to_owned();
        if answer["hasMore"] != true {
            return Ok(cursor);
        }
    }
}
