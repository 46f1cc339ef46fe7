//! Phones that work a day without minding the network, a network that drops, doubles, delays and cuts, a server that is
//! killed; and a model that says what must come of it.
//!
//! All decisions are a seed's: which phone does what, which fault hits which request, when the server dies. How far a
//! request got when it was cut is the machine's; what is there in the end must be the same all the same.

mod model;
mod phone;
mod picture;
mod wire;

use anyhow::{Context as _, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use live_kit::{Client, Server};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::model::Rows;
use crate::phone::{Fate, Phone, Store};
use crate::wire::{Fault, Request, exchange};

/// The reps of the small company.
const REPS: [&str; 4] = ["nvbh01", "nvbh02", "nvbh11", "nvbh21"];
/// Everybody's password in the made-up company.
const PASSWORD: &str = "Diligo@2026";

/// How big the days are.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Phones a day; more than the company has reps are second phones.
    pub phones: usize,
    /// Visits a phone.
    pub visits: usize,
    /// Batches of positions a phone.
    pub walks: usize,
    /// Whether photos have bytes, which are sent apart.
    pub bytes: bool,
    /// Of so many phones one has a wrong clock; none has when it is 0.
    pub wrong_clocks: u32,
    /// How often the server is killed in a day.
    pub kills: usize,
}

/// What happened in a day.
#[derive(Debug, Clone, Copy, Default)]
pub struct Report {
    /// Operations that phones did.
    pub operations: usize,
    /// Requests that were sent.
    pub requests: usize,
    /// Requests of which no answer came.
    pub lost: usize,
    /// Kills of the server and of its database.
    pub kills: usize,
    /// Rows that were compared with the model.
    pub rows: usize,
}

/// A company on a server, over several days.
pub struct World {
    server: Server,
    expected: Rows,
}

impl World {
    /// On this server, as it stands.
    ///
    /// # Errors
    /// When its database can't be read.
    pub async fn of(server: Server) -> anyhow::Result<World> {
        let expected = model::read(&server.socket().context("no database")?).await?;
        Ok(World { server, expected })
    }

    /// A day.
    ///
    /// # Errors
    /// When what is there isn't what the phones did; with the seed's number, by which it can be done again.
    pub async fn day(&mut self, seed: u64, size: Size) -> anyhow::Result<Report> {
        let mut day = Day::begin(self, seed, size).await.with_context(|| format!("seed {seed}"))?;
        day.run().await.with_context(|| format!("seed {seed}"))?;
        let mut report = day.report;
        let phones = day.phones;
        for phone in &phones {
            report.operations += phone.done.len();
            for op in &phone.done {
                model::expect(&mut self.expected, &phone.user, op);
            }
            model::expect_files(&mut self.expected, &phone.taken);
        }
        let found = model::read(&self.server.socket().context("no database")?).await?;
        report.rows = model::compare(&self.expected, &found).with_context(|| format!("seed {seed}"))?;
        Ok(report)
    }

    /// Stops the server and has it prove its books.
    ///
    /// # Errors
    /// When they don't agree.
    pub fn verify(mut self) -> anyhow::Result<()> {
        self.server.stop();
        let verified = self.server.command(&["verify"]);
        ensure!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
        Ok(())
    }
}

struct Day<'a> {
    world: &'a mut World,
    dice: SmallRng,
    phones: Vec<Phone>,
    /// Requests that are still on their way though nobody waits for them.
    late: Vec<Request>,
    kills_left: usize,
    report: Report,
}

impl<'a> Day<'a> {
    async fn begin(world: &'a mut World, seed: u64, size: Size) -> anyhow::Result<Day<'a>> {
        let mut dice = SmallRng::seed_from_u64(seed);
        let mut phones = Vec::new();
        let now = now();
        for number in 0..size.phones {
            let user = REPS[number % REPS.len()];
            let mut client = Client::new(world.server.port());
            let session = client.login(user, PASSWORD).await;
            let token = session["accessToken"].as_str().context("no token")?.to_owned();
            // Each phone lives in its own stretch of the last hours: positions of one person have one place at a time.
            let clock =
                now - TimeDelta::hours(3) + TimeDelta::minutes(40) * i32::try_from(number / REPS.len())?;
            let wrong = size.wrong_clocks > 0 && dice.random_ratio(1, size.wrong_clocks);
            let minutes = dice.random_range(10..180) * if dice.random() { 1 } else { -1 };
            phones.push(Phone {
                user: user.to_owned(),
                device: format!("{seed}-{number}"),
                token,
                store: Store::default(),
                backup: None,
                visits_left: size.visits,
                // Positions of a wrong clock have other times than the model knows.
                walks_left: if wrong { 0 } else { size.walks },
                with_bytes: size.bytes,
                clock,
                skew: if wrong { TimeDelta::minutes(minutes) } else { TimeDelta::zero() },
                done: Vec::new(),
                taken: Vec::new(),
            });
        }
        Ok(Day { world, dice, phones, late: Vec::new(), kills_left: size.kills, report: Report::default() })
    }

    async fn run(&mut self) -> anyhow::Result<()> {
        for phone in 0..self.phones.len() {
            self.download(phone, true).await?;
            self.phones[phone].clocks(&mut self.dice, "in");
        }
        while self.phones.iter().any(Phone::is_busy) {
            let phone = self.dice.random_range(0..self.phones.len());
            match self.dice.random_range(0..20) {
                0..=6 if self.phones[phone].visits_left > 0 => self.phones[phone].visits(&mut self.dice),
                0..=8 if self.phones[phone].walks_left > 0 => self.phones[phone].walks(&mut self.dice),
                9 if self.phones[phone].visits_left > 0 && self.dice.random_ratio(1, 3) => {
                    self.phones[phone].finds(&mut self.dice);
                }
                10 if self.phones[phone].visits_left > 0 && self.dice.random_ratio(1, 3) => {
                    self.phones[phone].collects(&mut self.dice);
                }
                11 => self.download(phone, false).await?,
                12 => self.backup(phone),
                13 => self.something_arrives_late().await,
                14..=16 if !self.phones[phone].store.shots.is_empty() => self.send_shot(phone).await?,
                _ => self.upload(phone).await?,
            }
        }
        for phone in 0..self.phones.len() {
            self.phones[phone].clocks(&mut self.dice, "out");
            while !self.phones[phone].store.outbox.is_empty() {
                self.upload(phone).await?;
            }
            while !self.phones[phone].store.shots.is_empty() {
                self.send_shot(phone).await?;
            }
        }
        while !self.late.is_empty() {
            self.something_arrives_late().await;
        }
        for phone in 0..self.phones.len() {
            // To the end of the download it was in, and what came meanwhile.
            self.download(phone, true).await?;
            self.download(phone, true).await?;
            let mut fresh = Store::default();
            std::mem::swap(&mut fresh, &mut self.phones[phone].store);
            self.download(phone, true).await?;
            ensure!(
                fresh.contents == self.phones[phone].store.contents,
                "{} holds something else than a new phone would",
                self.phones[phone].device
            );
        }
        Ok(())
    }

    /// A copy of the phone is made, or an old one comes back. What was done since and is not sent would be lost with the
    /// phone, so that only happens when nothing is.
    fn backup(&mut self, phone: usize) {
        let phone = &mut self.phones[phone];
        match phone.backup.take() {
            Some(old) if phone.store.outbox.is_empty() && phone.store.shots.is_empty() => phone.store = old,
            Some(old) => phone.backup = Some(old),
            None => phone.backup = Some(phone.store.clone()),
        }
    }

    async fn something_arrives_late(&mut self) {
        if !self.late.is_empty() {
            let which = self.dice.random_range(0..self.late.len());
            let request = self.late.swap_remove(which);
            exchange(self.world.server.port(), &request, Fault::None).await;
        }
    }

    /// Sends a request through the network's moods; sometimes the server dies under it.
    async fn send(&mut self, request: Request, calm: bool) -> wire::Reply {
        self.report.requests += 1;
        let port = self.world.server.port();
        let fault = if calm { Fault::None } else { Fault::thrown(&mut self.dice) };
        if !calm && self.kills_left > 0 && self.dice.random_ratio(1, 12) {
            self.kills_left -= 1;
            self.report.kills += 1;
            let wait = std::time::Duration::from_micros(self.dice.random_range(0..20_000));
            let in_flight = request.clone();
            let reply = tokio::spawn(async move { exchange(port, &in_flight, fault).await });
            tokio::time::sleep(wait).await;
            if self.dice.random_ratio(1, 3) {
                self.world.server.kill_database();
            } else {
                self.world.server.kill();
                self.world.server.restart().await;
            }
            return reply.await.ok().flatten();
        }
        let reply = exchange(port, &request, fault).await;
        if fault == Fault::Late {
            self.late.push(request);
        }
        self.report.lost += usize::from(reply.is_none());
        reply
    }

    /// Sends a photo, a large one sometimes in two parts; it stays on the phone until the server has said that it is whole.
    async fn send_shot(&mut self, number: usize) -> anyhow::Result<()> {
        const PART: usize = 65_536;
        let phone = &self.phones[number];
        let Some(shot) = phone.store.shots.choose(&mut self.dice).cloned() else { return Ok(()) };
        let (token, path) = (phone.token.clone(), format!("/api/v1/files/{}", shot.sha256));
        let total = shot.bytes.len();
        let cut = if total > PART && self.dice.random() { PART } else { total };
        let mut whole = None;
        for (first, part) in [(0, &shot.bytes[..cut]), (cut, &shot.bytes[cut..])] {
            if part.is_empty() {
                continue;
            }
            let request = Request::put(self.world.server.port(), &token, &path, part, (first, total));
            match self.send(request, false).await {
                Some((200 | 201, answer)) => whole = Some(answer),
                // The first part is here, or somebody else's parts are: then all of it next time.
                Some((202 | 409, _)) => {}
                Some((503 | 500 | 504, _)) | None => return Ok(()),
                Some((status, answer)) => bail!("a photo was answered {status}: {answer}"),
            }
        }
        if whole.is_some_and(|answer| answer["complete"] == true) && !self.dice.random_ratio(1, 10) {
            self.phones[number].store.shots.retain(|other| other.sha256 != shot.sha256);
        }
        Ok(())
    }

    async fn upload(&mut self, number: usize) -> anyhow::Result<()> {
        let many = *[1, 3, 10, 40, 200].choose(&mut self.dice).unwrap_or(&1);
        let phone = &self.phones[number];
        let sent: Vec<Value> = phone.store.outbox.iter().take(many).map(|op| op.sent.clone()).collect();
        if sent.is_empty() {
            return Ok(());
        }
        let mut body = json!({ "deviceId": phone.device, "operations": sent });
        if !phone.skew.is_zero() {
            body["sentAt"] = json!(now() + phone.skew);
        }
        let request = Request::post(self.world.server.port(), &phone.token, "/api/v1/sync/upload", &body);
        let Some((status, answer)) = self.send(request, false).await else { return Ok(()) };
        if status == 503 || status == 500 || status == 504 {
            return Ok(());
        }
        ensure!(status == 200, "the upload was answered {status}: {answer}");
        let phone = &mut self.phones[number];
        // The app is killed between the answer and storing it.
        if self.dice.random_ratio(1, 10) {
            return Ok(());
        }
        for result in answer["results"].as_array().context("no results")? {
            let id = result["opId"].as_str().unwrap_or_default();
            let Some(at) = phone.store.outbox.iter().position(|op| op.id.to_string() == id) else {
                bail!("an answer to what was not asked: {result}");
            };
            if result["code"] == "unavailable" {
                continue;
            }
            let op = phone.store.outbox.remove(at).context("an operation")?;
            let fate = match (result["status"].as_str(), result["code"].as_str(), result["held"].as_bool()) {
                (Some("applied" | "duplicate" | "differs"), ..) => Fate::Applied,
                (Some("rejected"), Some("sync.waiting"), _) => Fate::Waiting,
                (Some("rejected"), _, Some(true)) => Fate::Held,
                _ => Fate::Rejected,
            };
            ensure!(fate == op.fate, "{} {} should be {:?}: {result}", op.kind, op.sent, op.fate);
        }
        Ok(())
    }

    /// Asks for changes; patiently until there are no more, or as far as it goes.
    async fn download(&mut self, number: usize, patiently: bool) -> anyhow::Result<()> {
        loop {
            let phone = &self.phones[number];
            let limit = self.dice.random_range(20..400);
            let mut path = format!("/api/v1/sync/delta?limit={limit}");
            if let Some(cursor) = &phone.store.cursor {
                path.push_str(&format!("&cursor={cursor}"));
            }
            let request = Request::get(self.world.server.port(), &phone.token, &path);
            match self.send(request, patiently).await {
                Some((200, answer)) => {
                    if !self.phones[number].store.take(&answer) {
                        return Ok(());
                    }
                }
                Some((503 | 500 | 504, _)) | None => {}
                Some((status, answer)) => bail!("the download was answered {status}: {answer}"),
            }
            if !patiently && self.dice.random_ratio(1, 2) {
                return Ok(());
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the server under test has the machine's time")]
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(Utc::now().timestamp_millis()).unwrap_or_default()
}
