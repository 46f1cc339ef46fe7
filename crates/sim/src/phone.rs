//! A phone: what is stored on it, and what its owner does.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng as _;
use rand::rngs::SmallRng;
use rand::seq::IteratorRandom as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

use crate::picture;

/// What must become of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// It takes effect.
    Applied,
    /// It never does.
    Rejected,
    /// A person must settle it.
    Held,
    /// What it depends on is held.
    Waiting,
}

/// Something that was done.
#[derive(Debug, Clone)]
pub(crate) struct Op {
    pub id: Uuid,
    pub kind: &'static str,
    pub entity: Uuid,
    pub at: DateTime<Utc>,
    pub payload: Value,
    pub fate: Fate,
    /// As it is sent.
    pub sent: Value,
    /// Whether the phone's clock was right: else the time is what the server makes of it.
    pub exact: bool,
}

/// A photo whose bytes are still on the phone.
#[derive(Debug, Clone)]
pub(crate) struct Shot {
    pub sha256: String,
    pub bytes: Arc<Vec<u8>>,
}

/// What survives when the app is killed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    /// Operations that were not answered yet, in order.
    pub outbox: VecDeque<Op>,
    /// Photos that were not sent yet.
    pub shots: Vec<Shot>,
    pub seq: i64,
    pub cursor: Option<String>,
    pub contents: BTreeMap<String, BTreeMap<String, Value>>,
}

impl Store {
    /// Stores an answer to a download; whether there is more.
    pub fn take(&mut self, answer: &Value) -> bool {
        for (kind, part) in answer["changes"].as_object().into_iter().flatten() {
            let things = self.contents.entry(kind.clone()).or_default();
            for thing in part["upserted"].as_array().into_iter().flatten() {
                let key = match kind.as_str() {
                    "stock" => format!("{}/{}", thing["warehouseId"], thing["productId"]),
                    _ => thing["id"].as_str().unwrap_or_default().to_owned(),
                };
                things.insert(key, thing.clone());
            }
            for id in part["deleted"].as_array().into_iter().flatten() {
                things.remove(id.as_str().unwrap_or_default());
            }
        }
        self.contents.retain(|_, things| !things.is_empty());
        self.cursor = answer["cursor"].as_str().map(str::to_owned);
        answer["hasMore"] == true
    }

    /// So many different ones.
    fn some(&self, kind: &str, many: usize, dice: &mut SmallRng) -> Vec<Value> {
        self.contents[kind].values().choose_multiple(dice, many).into_iter().cloned().collect()
    }

    /// An outlet that may be visited: new ones wait for their approval.
    fn outlet(&self, dice: &mut SmallRng) -> Value {
        let open = self.contents["customers"].values().filter(|outlet| outlet["status"] == "active");
        open.choose(dice).cloned().unwrap_or(Value::Null)
    }
}

/// A phone and its owner.
pub(crate) struct Phone {
    pub user: String,
    pub device: String,
    pub token: String,
    pub store: Store,
    /// An old copy of the store, that may come back.
    pub backup: Option<Store>,
    pub visits_left: usize,
    pub walks_left: usize,
    /// Whether photos have bytes.
    pub with_bytes: bool,
    /// The owner's time.
    pub clock: DateTime<Utc>,
    /// How far the phone's clock is ahead of that.
    pub skew: TimeDelta,
    pub done: Vec<Op>,
    /// The photos that were taken.
    pub taken: Vec<String>,
}

/// The same ids for the same dice.
pub(crate) fn id(dice: &mut SmallRng) -> Uuid {
    Builder::from_random_bytes(dice.random()).into_uuid()
}

impl Phone {
    /// There is something to do or to send.
    pub fn is_busy(&self) -> bool {
        self.visits_left > 0
            || self.walks_left > 0
            || !self.store.outbox.is_empty()
            || !self.store.shots.is_empty()
    }

    fn passes(&mut self, dice: &mut SmallRng) -> DateTime<Utc> {
        self.clock += TimeDelta::milliseconds(dice.random_range(500..4_000));
        self.clock
    }

    fn add(&mut self, dice: &mut SmallRng, kind: &'static str, entity: Uuid, payload: Value, fate: Fate) {
        let (id, at) = (id(dice), self.passes(dice));
        self.store.seq += 1;
        let sent = json!({
            "opId": id, "seq": self.store.seq, "kind": kind, "entityId": entity, "at": at + self.skew, "payload": payload
        });
        let exact = self.skew.is_zero();
        let op = Op { id, kind, entity, at, payload, fate, sent, exact };
        self.store.outbox.push_back(op.clone());
        self.done.push(op);
    }

    /// The owner begins or ends the day.
    pub fn clocks(&mut self, dice: &mut SmallRng, kind: &'static str) {
        let event = id(dice);
        self.add(
            dice,
            "clock",
            event,
            json!({ "kind": kind, "latitude": 10.77, "longitude": 106.7 }),
            Fate::Applied,
        );
    }

    /// The owner goes to an outlet, and does there what is to do.
    pub fn visits(&mut self, dice: &mut SmallRng) {
        self.visits_left -= 1;
        let outlet = self.store.outlet(dice);
        // One in twelve is an outlet that nobody knows.
        let lost = dice.random_ratio(1, 12);
        let customer = if lost { json!(id(dice)) } else { outlet["id"].clone() };
        let (fate, visit) = (if lost { Fate::Waiting } else { Fate::Applied }, id(dice));
        let place =
            (outlet["latitude"].as_f64().unwrap_or(10.77), outlet["longitude"].as_f64().unwrap_or(106.7));
        let here =
            json!({ "customerId": customer, "latitude": place.0, "longitude": place.1, "accuracy": 8.0 });
        self.add(dice, "check_in", visit, here, if lost { Fate::Held } else { Fate::Applied });
        for _ in 0..dice.random_range(1..=2) {
            let (photo, sha) = (id(dice), self.shoots(dice));
            let taken = json!({ "visitId": visit, "sha256": sha, "albumType": "Mặt tiền" });
            self.add(dice, "photo", photo, taken, fate);
        }
        if dice.random_ratio(2, 3) {
            let many = dice.random_range(1..=3);
            let lines: Vec<Value> = self
                .store
                .some("products", many, dice)
                .iter()
                .map(|p| json!({ "productId": p["id"], "quantity": dice.random_range(0..20), "unit": "retail" }))
                .collect();
            let check = id(dice);
            self.add(dice, "stock_check", check, json!({ "visitId": visit, "lines": lines }), fate);
        }
        if dice.random_ratio(1, 10) {
            let thing = id(dice);
            self.add(dice, "teleport", thing, json!({ "to": "moon" }), Fate::Held);
        }
        if dice.random_ratio(3, 5) {
            let malformed = dice.random_ratio(1, 10);
            let many = dice.random_range(1..=5);
            let items: Vec<Value> = self
                .store
                .some("products", many, dice)
                .iter()
                .map(|p| json!({ "productId": p["id"], "quantity": dice.random_range(1..12), "unit": "retail" }))
                .collect();
            let items = if malformed { json!("none") } else { json!(items) };
            let sale = json!({ "orderType": "PreSales", "customerId": customer, "visitId": visit, "items": items, "notes": "" });
            let order = id(dice);
            self.add(dice, "order", order, sale, if malformed && !lost { Fate::Rejected } else { fate });
        }
        let result = if dice.random_ratio(1, 2) { "HasOrder" } else { "NoOrder" };
        let gone = json!({ "latitude": place.0, "longitude": place.1, "visitResult": result, "notes": "" });
        self.add(dice, "check_out", visit, gone, fate);
    }

    /// Takes a photo; gives the digest of its bytes.
    fn shoots(&mut self, dice: &mut SmallRng) -> String {
        if !self.with_bytes {
            return format!("{:032x}{:032x}", dice.random::<u128>(), dice.random::<u128>());
        }
        // Some are sent in parts.
        let side = if dice.random_ratio(1, 8) { 300 } else { 48 };
        let bytes = picture::noise(dice, side);
        let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        self.taken.push(sha256.clone());
        self.store.shots.push(Shot { sha256: sha256.clone(), bytes: Arc::new(bytes) });
        sha256
    }

    /// The phone has gathered positions.
    pub fn walks(&mut self, dice: &mut SmallRng) {
        self.walks_left -= 1;
        let mut at = self.clock - TimeDelta::milliseconds(400);
        let points: Vec<Value> = (0..dice.random_range(3..=12))
            .map(|i| {
                at += TimeDelta::milliseconds(20);
                json!({ "latitude": 10.7 + f64::from(i) / 10_000.0, "longitude": 106.7, "accuracy": 5.0, "at": at })
            })
            .collect();
        let batch = id(dice);
        self.add(dice, "locations", batch, json!({ "points": points }), Fate::Applied);
    }

    /// The owner finds a new outlet.
    pub fn finds(&mut self, dice: &mut SmallRng) {
        let outlet = id(dice);
        let name = format!("Quán {}", dice.random_range(0..1_000_000));
        self.add(
            dice,
            "customer",
            outlet,
            json!({ "name": name, "latitude": 10.77, "longitude": 106.7 }),
            Fate::Applied,
        );
    }

    /// The owner is paid.
    pub fn collects(&mut self, dice: &mut SmallRng) {
        let (receipt, outlet) = (id(dice), self.store.outlet(dice));
        let amount = dice.random_range(1..100) * 1000;
        self.add(
            dice,
            "receipt",
            receipt,
            json!({ "customerId": outlet["id"], "amount": amount, "method": "cash" }),
            Fate::Applied,
        );
    }
}
