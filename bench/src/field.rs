//! What people in the field do all day: check-ins, positions, and a day that was worked without network.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use live_kit::{Client, Cpu, Server, Session};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::fleet::{PASSWORD, lost};
use crate::limits::Bound;
use crate::measure::Sample;
use crate::pgbench::psql;
use crate::table::Row;
use crate::{Options, field_day, operations};

/// A rep with a route.
pub struct Rep {
    pub session: Session,
    /// The outlets of the route, with their places.
    pub outlets: Vec<Outlet>,
}

/// An outlet as its phone knows it.
#[derive(Clone)]
pub struct Outlet {
    pub id: String,
    pub latitude: f64,
    pub longitude: f64,
}

/// What is measured, and with whom.
pub struct Field<'a> {
    pub options: &'a Options,
    pub server: &'a Server,
    pub socket: &'a Path,
    pub reps: &'a [Rep],
}

/// Measures all of the field; rows that have a bare statement beside them go into `rows`.
pub async fn measure_all(
    options: &Options,
    server: &Server,
    socket: &Path,
    rows: &mut Vec<Row>,
    bounds: &mut Vec<Bound>,
) -> anyhow::Result<()> {
    let wanted = |name: &str| name.contains(&options.only);
    let names = ["positions", "check-in", "offline batch", "coming online"];
    if !names.into_iter().any(wanted) {
        return Ok(());
    }
    psql(socket, &["-f", "bench/sql/reps.sql"])?;
    let reps = gather(server, socket).await?;
    eprintln!("{} reps", reps.len());
    let field = Field { options, server, socket, reps: &reps };
    if wanted("positions") {
        positions(&field, rows, bounds).await?;
    }
    if wanted("check-in") {
        check_ins(&field, rows, bounds).await?;
    }
    if wanted("offline batch") {
        field_day::batches(&field, bounds).await?;
    }
    if wanted("coming online") {
        field_day::online(&field, bounds).await?;
    }
    Ok(())
}

/// Signs everybody in.
async fn gather(server: &Server, socket: &Path) -> anyhow::Result<Vec<Rep>> {
    let routes = psql(
        socket,
        &[
            "-c",
            "select u.username, rc.customer_id, c.latitude, c.longitude from users u
             join route_assignments a on a.user_id = u.id join route_customers rc on rc.route_id = a.route_id
             join customers c on c.id = rc.customer_id
             where u.username ~ '^do[0-9]' order by u.username, rc.sequence",
        ],
    )?;
    let mut people: Vec<(String, Vec<Outlet>)> = Vec::new();
    for line in routes.lines() {
        let row = <[&str; 4]>::try_from(line.split('|').collect::<Vec<_>>());
        let [name, id, latitude, longitude] = row.ok().context("a row of a route")?;
        let outlet = Outlet { id: id.to_owned(), latitude: latitude.parse()?, longitude: longitude.parse()? };
        match people.last_mut() {
            Some((last, outlets)) if last == name => outlets.push(outlet),
            _ => people.push((name.to_owned(), vec![outlet])),
        }
    }
    let reps = Rc::new(RefCell::new(Vec::new()));
    let into = reps.clone();
    crowd(server, 4, people, async move |client: &mut Client, (name, outlets): (String, Vec<Outlet>)| {
        client.login(&name, PASSWORD).await;
        into.borrow_mut().push(Rep { session: client.session(), outlets });
        Ok(())
    })
    .await?;
    let reps = reps.take();
    ensure!(!reps.is_empty(), "there are no reps to measure with");
    Ok(reps)
}

/// How long some work took, all in all and each part of it, and what it cost.
pub struct Spent {
    pub elapsed: Duration,
    /// µs of each.
    pub micros: Vec<u64>,
    pub cpu: Cpu,
}

/// So many clients share the jobs out among themselves.
pub async fn crowd<T: 'static>(
    server: &Server,
    clients: usize,
    jobs: impl IntoIterator<Item = T>,
    each: impl AsyncFn(&mut Client, T) -> anyhow::Result<()> + Clone + 'static,
) -> anyhow::Result<Spent> {
    let jobs = Rc::new(RefCell::new(jobs.into_iter().collect::<VecDeque<T>>()));
    let (before, began) = (server.cpu(), Instant::now());
    let local = tokio::task::LocalSet::new();
    let mut tasks = Vec::new();
    for _ in 0..clients {
        let (jobs, each, port) = (jobs.clone(), each.clone(), server.port());
        tasks.push(local.spawn_local(async move {
            let (mut client, mut micros) = (Client::new(port), Vec::new());
            loop {
                let Some(job) = jobs.borrow_mut().pop_front() else { break };
                let t0 = Instant::now();
                each(&mut client, job).await?;
                micros.push(u64::try_from(t0.elapsed().as_micros())?);
            }
            anyhow::Ok(micros)
        }));
    }
    local.await;
    let elapsed = began.elapsed();
    let mut micros = Vec::new();
    for task in tasks {
        micros.extend(task.await.context("a client")??);
    }
    Ok(Spent { elapsed, micros, cpu: server.cpu().since(before) })
}

/// A request that is ready to be sent.
pub struct Prepared {
    pub session: Session,
    pub path: &'static str,
    pub body: String,
}

/// Sends it, and expects this status.
pub async fn send(
    client: &mut Client,
    request: &Prepared,
    expected: u16,
) -> anyhow::Result<live_kit::Answer> {
    client.act_as(&request.session);
    let body = request.body.clone().into();
    let answer = client.send_json(request.path, None, body).await.map_err(lost)?;
    ensure!(answer.status == expected, "{}: {} {:?}", request.path, answer.status, answer.body);
    Ok(answer)
}

/// Parts of rounds, put together until they took as long as a round should.
#[derive(Default)]
struct Parts {
    elapsed: Duration,
    micros: Vec<u64>,
    dms: Duration,
    postgres: Duration,
}

impl Parts {
    fn add(&mut self, spent: Spent) {
        self.elapsed += spent.elapsed;
        self.micros.extend(spent.micros);
        self.dms += spent.cpu.dms;
        self.postgres += spent.cpu.postgres;
    }

    fn sample(self) -> anyhow::Result<Sample> {
        let done = f64::from(u32::try_from(self.micros.len())?);
        let mut sample = Sample::new(done / self.elapsed.as_secs_f64(), self.micros);
        sample.api_cpu = self.dms.as_secs_f64() * 1e6 / done;
        sample.postgres_cpu = self.postgres.as_secs_f64() * 1e6 / done;
        Ok(sample)
    }
}

/// Rounds of `part`, by turns with the bare statement; each round takes as many parts as fill its time.
async fn rounds(
    field: &Field<'_>,
    name: &str,
    script: &str,
    mut part: impl AsyncFnMut() -> anyhow::Result<Spent>,
) -> anyhow::Result<(Sample, Sample)> {
    let Field { options, server, socket, .. } = *field;
    operations::by_turns(options, server, socket, (name, script), async || {
        let mut parts = Parts::default();
        while parts.elapsed < Duration::from_secs(options.seconds) {
            parts.add(part().await?);
        }
        parts.sample()
    })
    .await
}

/// Everybody checks in once, again and again; the ends of the visits are not timed.
async fn check_ins(field: &Field<'_>, rows: &mut Vec<Row>, bounds: &mut Vec<Bound>) -> anyhow::Result<()> {
    let mut turn = 0;
    let (ours, bare) = rounds(field, "check-in", "checkin", async || {
        turn += 1;
        let requests = field.reps.iter().map(|rep| {
            let outlet = &rep.outlets[turn % rep.outlets.len()];
            let body = json!({
                "id": Uuid::now_v7(), "customerId": outlet.id, "latitude": outlet.latitude,
                "longitude": outlet.longitude, "accuracy": 8.0
            });
            Prepared { session: rep.session.clone(), path: "/api/v1/visits/check-in", body: body.to_string() }
        });
        let each = async |client: &mut Client, request: Prepared| send(client, &request, 201).await.map(drop);
        let spent = crowd(field.server, field.options.clients, requests, each).await?;
        psql(
            field.socket,
            &[
                "-c",
                "update visits set check_out_at = greatest(check_in_at, now()), result = 'NoOrder', version = version + 1
                 where check_out_at is null",
            ],
        )?;
        Ok(spent)
    })
    .await?;
    bounds.push(Bound::at_most("check-in, p99", ours.p99, "ms", 10.0));
    rows.push(Row { operation: "check-in".into(), ours, against: Some(bare), goal: Some(0.60) });
    rows.push(check_ins_rows(field).await?);
    Ok(())
}

/// What a check-in writes (visit, place on the board, audit, event), by pgbench in one statement: what PostgreSQL takes for
/// it when nobody asks or answers, nor looks whose rows they are.
async fn check_ins_rows(field: &Field<'_>) -> anyhow::Result<Row> {
    let Field { options, server, socket, .. } = *field;
    let name = "check-in, its rows alone";
    let acting = "-c role=dms_system -c plan_cache_mode=force_generic_plan -c jit=off";
    let (ours, bare) = operations::by_turns(options, server, socket, (name, "checkin"), async || {
        operations::timed(options, server, socket, "checkin_rows", acting)
    })
    .await?;
    Ok(Row { operation: name.into(), ours, against: Some(bare), goal: None })
}

/// Positions a batch.
const POINTS: u32 = 50;

/// Batches of positions, each of a rep who walks on from where the last one ended.
async fn positions(field: &Field<'_>, rows: &mut Vec<Row>, bounds: &mut Vec<Bound>) -> anyhow::Result<()> {
    let (began, mut turn) = (field_day::now() - chrono::TimeDelta::hours(11), 0);
    let (ours, bare) = rounds(field, "50 positions", "gps50", async || {
        let first = began + chrono::TimeDelta::seconds(i64::from(turn * POINTS));
        turn += 1;
        let requests = field.reps.iter().map(|rep| {
            let points = field_day::walk(&rep.outlets[0], first, turn, POINTS);
            let body = json!({ "points": points }).to_string();
            Prepared { session: rep.session.clone(), path: "/api/v1/locations", body }
        });
        let each = async |client: &mut Client, request: Prepared| send(client, &request, 200).await.map(drop);
        crowd(field.server, field.options.clients, requests, each).await
    })
    .await?;
    let found = ours.per_second * f64::from(POINTS);
    bounds.push(Bound::at_least("positions, in batches of 50", found, "/s", 50_000.0));
    rows.push(Row { operation: "50 positions".into(), ours, against: Some(bare), goal: None });
    Ok(())
}

/// The answer's JSON.
pub async fn get(client: &mut Client, path: &str) -> anyhow::Result<Value> {
    let answer = client.get(path).await.map_err(lost)?;
    ensure!(answer.status == 200, "{path}: {} {:?}", answer.status, answer.body);
    Ok(answer.json())
}
