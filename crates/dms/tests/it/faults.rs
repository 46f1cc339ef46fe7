//! The whole cycle under many clients while the server and its database are killed again and again: what was
//! acknowledged exists exactly once, and every ledger agrees.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use live_kit::{Answer, Client, Server, Session};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

const CLIENTS: u64 = 32;
/// How long the clients go on; `DMS_FAULT_SECONDS` says otherwise.
const SECONDS: u64 = 60;

/// Few products and customers, so that the clients get into each other's way.
struct World {
    warehouse: String,
    van: String,
    customers: Vec<String>,
    products: Vec<String>,
}

/// Documents the server said it has made: id → number, by kind.
type Acknowledged = BTreeMap<&'static str, BTreeMap<String, String>>;

/// Someone who does the whole cycle, and asks again with the same key until there is an answer.
struct Worker {
    client: Client,
    office: Session,
    rep: Session,
    world: Arc<World>,
    dice: SmallRng,
    repeats: Arc<AtomicU64>,
    made: Acknowledged,
    refused: BTreeMap<String, u64>,
}

impl Worker {
    /// An answer that says whether it took effect: not a broken connection, not a server that is down.
    async fn post(&mut self, path: &str, body: &Value) -> Answer {
        let key = Uuid::now_v7();
        loop {
            match self.client.post(path, Some(key), body).await {
                Ok(answer) if answer.status < 500 && answer.status != 429 => return answer,
                Ok(_) | Err(_) => {
                    self.repeats.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    /// Creates a document under an id of our own.
    async fn create(
        &mut self,
        kind: &'static str,
        path: &str,
        mut body: Value,
        number: &str,
    ) -> Option<Value> {
        let id = Uuid::now_v7().to_string();
        body["id"] = json!(id);
        let answer = self.post(path, &body).await;
        if answer.status != 201 {
            self.refuse(path, &answer);
            return None;
        }
        let made = answer.json();
        let document = json!({"id": id, "number": made[number]});
        self.acknowledge(kind, &document, "id", "number");
        Some(made)
    }

    /// Business may say no: stock is short, for one. It must say so in its own words.
    fn refuse(&mut self, path: &str, answer: &Answer) {
        let code = answer.json()["code"].as_str().unwrap_or("none").to_owned();
        assert!([409, 422].contains(&answer.status), "{path}: {} {:?}", answer.status, answer.body);
        *self.refused.entry(format!("{path} {code}")).or_default() += 1;
    }

    async fn round(&mut self) {
        match self.dice.random_range(0..8) {
            0 => self.receive_goods(200).await,
            1 => self.move_goods().await,
            2 => self.sell_from_the_van().await,
            _ => self.sell().await,
        }
    }

    /// To the van, or back.
    async fn move_goods(&mut self) {
        let (mut from, mut to) = (&self.world.warehouse, &self.world.van);
        if self.dice.random_ratio(1, 4) {
            (from, to) = (to, from);
        }
        let product = pick(&mut self.dice, &self.world.products);
        let line =
            json!({"productId": product, "quantity": self.dice.random_range(1..=40), "unit": "retail"});
        let two_step = self.dice.random_ratio(1, 2);
        let body = json!({"fromWarehouseId": from, "toWarehouseId": to, "twoStep": two_step, "note": "", "lines": [line]});
        let made = self.create("transfers", "/api/v1/inventory/transfers", body, "number").await;
        if let Some(transfer) = made.filter(|_| two_step) {
            let id = transfer["transferId"].as_str().expect("an id");
            let answer = self.post(&format!("/api/v1/inventory/transfers/{id}/receive"), &json!({})).await;
            assert_eq!(answer.status, 200, "{:?}", answer.body);
        }
    }

    /// Order, invoice, issue, debt and payment at once.
    async fn sell_from_the_van(&mut self) {
        let body = json!({
            "orderType": "VanSales", "customerId": pick(&mut self.dice, &self.world.customers), "notes": "",
            "items": [{"productId": pick(&mut self.dice, &self.world.products), "quantity": self.dice.random_range(1..=6), "unit": "retail"}],
            "paymentMethod": "cash", "amountPaid": self.dice.random_range(0..=5) * 1000,
        });
        self.client.act_as(&self.rep);
        let sold = self.create("orders", "/api/v1/orders", body, "orderNumber").await;
        self.client.act_as(&self.office);
        if let Some(order) = sold {
            self.acknowledge("invoices", &order["invoices"][0], "invoiceId", "invoiceNumber");
            if !order["receipt"].is_null() {
                self.acknowledge("receipts", &order["receipt"], "receiptId", "receiptNumber");
            }
        }
    }

    fn acknowledge(&mut self, kind: &'static str, made: &Value, id: &str, number: &str) {
        let text =
            |field: &str| made[field].as_str().unwrap_or_else(|| panic!("{field} of {made}")).to_owned();
        let earlier = self.made.entry(kind).or_default().insert(text(id), text(number));
        assert_eq!(earlier, None, "an id that was given before");
    }

    /// Goods of an invoice that come back.
    async fn take_back(&mut self, customer: &str, invoice: &Value) {
        let line = &invoice["items"][0];
        let body = json!({
            "invoiceId": invoice["invoiceId"], "customerId": customer, "reason": "thử",
            "lines": [{"invoiceLineNo": line["lineNo"], "quantity": 1, "unit": "retail", "condition": "saleable"}],
        });
        let Some(made) = self.create("returns", "/api/v1/returns", body, "returnNumber").await else {
            return;
        };
        let id = made["returnId"].as_str().expect("an id").to_owned();
        for step in ["approve", "receive"] {
            let answer = self.post(&format!("/api/v1/returns/{id}/{step}"), &json!({})).await;
            assert_eq!(answer.status, 200, "{:?}", answer.body);
        }
    }

    async fn sell(&mut self) {
        let customer = pick(&mut self.dice, &self.world.customers);
        let items: Vec<Value> = (0..self.dice.random_range(1..=3))
            .map(|_| {
                let product = pick(&mut self.dice, &self.world.products);
                json!({"productId": product, "quantity": self.dice.random_range(1..=12), "unit": "retail"})
            })
            .collect();
        let order = json!({"orderType": "PreSales", "customerId": customer, "items": items, "notes": ""});
        let Some(order) = self.create("orders", "/api/v1/orders", order, "orderNumber").await else { return };
        let id = order["orderId"].as_str().expect("an id").to_owned();
        if self.dice.random_ratio(1, 10) {
            let answer = self.post(&format!("/api/v1/orders/{id}/reject"), &json!({"reason": "thử"})).await;
            assert_eq!(answer.status, 200, "{:?}", answer.body);
            return;
        }
        let answer = self.post(&format!("/api/v1/orders/{id}/approve"), &json!({})).await;
        if answer.status != 200 {
            self.refuse("approve", &answer);
            return;
        }
        if self.dice.random_ratio(1, 10) {
            let answer = self.post(&format!("/api/v1/orders/{id}/cancel"), &json!({"reason": "thử"})).await;
            assert_eq!(answer.status, 200, "{:?}", answer.body);
            return;
        }
        let body = json!({"orderIds": [id]});
        let Some(invoice) = self.create("invoices", "/api/v1/invoices", body, "invoiceNumber").await else {
            return;
        };
        let invoice = invoice["invoiceId"].as_str().expect("an id").to_owned();
        let answer = self.post(&format!("/api/v1/invoices/{invoice}/issue"), &json!({})).await;
        if answer.status != 200 {
            self.refuse("issue", &answer);
            return;
        }
        if self.dice.random_ratio(1, 5) {
            self.take_back(&customer, &answer.json()).await;
        }
        let total = answer.json()["totalAmount"].as_i64().expect("a total");
        if total > 1 && self.dice.random_ratio(2, 3) {
            let amount = self.dice.random_range(1..=total);
            let body = json!({"customerId": customer, "amount": amount, "method": "cash", "note": ""});
            self.create("receipts", "/api/v1/receivables/receipts", body, "number").await;
        }
    }

    async fn receive_goods(&mut self, quantity: i64) {
        let product = pick(&mut self.dice, &self.world.products);
        let lot = format!("L{}", self.dice.random_range(1..=3));
        let line = json!({"productId": product, "lotNumber": lot, "expiry": "2028-12-31", "quantity": quantity, "unit": "retail"});
        let body = json!({"warehouseId": self.world.warehouse, "note": "", "lines": [line]});
        self.create("goods", "/api/v1/inventory/receipts", body, "number").await;
    }
}

fn pick(dice: &mut SmallRng, from: &[String]) -> String {
    from[dice.random_range(0..from.len())].clone()
}

async fn read(client: &mut Client, path: &str) -> Value {
    let answer = client.get(path).await.expect("an answer");
    assert_eq!(answer.status, 200, "{path}: {:?}", answer.body);
    answer.json()
}

/// Every document of a list: id → number.
async fn all(client: &mut Client, path: &str, id: &str, number: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rows = 0;
    for page in 1.. {
        let list = read(client, &format!("{path}?page={page}&pageSize=100")).await;
        let data = list["data"].as_array().expect("a list").clone();
        rows += data.len();
        for row in &data {
            found.insert(
                row[id].as_str().expect("an id").to_owned(),
                row[number].as_str().expect("a number").to_owned(),
            );
        }
        if data.len() < 100 {
            break;
        }
    }
    assert_eq!(found.len(), rows, "{path} names a document twice");
    found
}

const LISTS: [(&str, &str, &str, &str); 6] = [
    ("returns", "/api/v1/returns", "returnId", "returnNumber"),
    ("transfers", "/api/v1/inventory/transfers", "transferId", "number"),
    ("orders", "/api/v1/orders", "orderId", "orderNumber"),
    ("invoices", "/api/v1/invoices", "invoiceId", "invoiceNumber"),
    ("receipts", "/api/v1/receivables/receipts", "receiptId", "number"),
    ("goods", "/api/v1/inventory/receipts", "receiptId", "number"),
];

async fn world(client: &mut Client) -> (World, String) {
    let warehouses = read(client, "/api/v1/warehouses").await;
    let of_kind = |kind: &str| {
        let mut rows = warehouses["data"].as_array().unwrap().iter();
        rows.find(|w| w["kind"] == kind).unwrap().clone()
    };
    let (main, van) = (of_kind("main"), of_kind("van"));
    let users = read(client, "/api/v1/users?pageSize=100").await;
    let driver =
        users["data"].as_array().unwrap().iter().find(|u| u["userId"] == van["repId"]).unwrap().clone();
    let rep = driver["username"].as_str().unwrap().to_owned();
    let id = |warehouse: &Value| warehouse["warehouseId"].as_str().unwrap().to_owned();
    let (warehouse, van) = (id(&main), id(&van));
    let products = read(client, "/api/v1/products?pageSize=4").await;
    let products =
        products["data"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap().to_owned()).collect();
    // The rep sells to outlets that the rep has found.
    let mut finder = client.twin();
    finder.login(&rep, "Diligo@2026").await;
    let mut customers = Vec::new();
    for name in ["Một", "Hai", "Ba"] {
        let body = json!({"name": format!("Tạp hóa {name}"), "creditLimit": null});
        let made = finder.post("/api/v1/customers", Some(Uuid::now_v7()), &body).await.unwrap();
        assert_eq!(made.status, 201, "{:?}", made.body);
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let approved = client
            .post(&format!("/api/v1/customers/{id}/approve"), Some(Uuid::now_v7()), &json!({}))
            .await
            .unwrap();
        assert!([200, 409].contains(&approved.status), "{:?}", approved.body);
        customers.push(id);
    }
    (World { warehouse, van, customers, products }, rep)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_while_the_server_is_killed_again_and_again() {
    let seconds = std::env::var("DMS_FAULT_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(SECONDS);
    let mut server = Server::start(env!("CARGO_BIN_EXE_dms")).await;
    let mut office = Client::new(server.port());
    office.login("npp01", "Diligo@2026").await;
    let (world, driver) = world(&mut office).await;
    let world = Arc::new(world);
    let mut rep = office.twin();
    rep.login(&driver, "Diligo@2026").await;
    let mut before = BTreeMap::new();
    for (kind, path, id, number) in LISTS {
        before.insert(kind, all(&mut office, path, id, number).await);
    }

    let repeats = Arc::new(AtomicU64::new(0));
    let (stop, stopped) = watch::channel(false);
    let workers: Vec<_> = (0..CLIENTS)
        .map(|seed| {
            let mut worker = Worker {
                client: office.twin(),
                office: office.session(),
                rep: rep.session(),
                world: world.clone(),
                dice: SmallRng::seed_from_u64(seed),
                repeats: repeats.clone(),
                made: BTreeMap::new(),
                refused: BTreeMap::new(),
            };
            let stopped = stopped.clone();
            tokio::spawn(async move {
                worker.receive_goods(5_000).await;
                // What was begun is brought to its end, so that no outcome is unknown.
                while !*stopped.borrow() {
                    worker.round().await;
                }
                (worker.made, worker.refused)
            })
        })
        .collect();

    let mut dice = SmallRng::seed_from_u64(99);
    let (mut kills, mut database_kills) = (0, 0);
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(dice.random_range(1_500..4_500))).await;
        if dice.random_ratio(1, 4) {
            server.kill_database();
            database_kills += 1;
        } else {
            server.kill();
            server.restart().await;
            kills += 1;
        }
    }
    stop.send(true).unwrap();
    let mut made = Acknowledged::new();
    let mut refused: BTreeMap<String, u64> = BTreeMap::new();
    for worker in workers {
        let (documents, no) = worker.await.unwrap();
        for (kind, numbers) in documents {
            made.entry(kind).or_default().extend(numbers);
        }
        for (why, times) in no {
            *refused.entry(why).or_default() += times;
        }
    }

    for (kind, path, id, number) in LISTS {
        let mut expected = before.remove(kind).unwrap();
        expected.extend(made.remove(kind).unwrap_or_default());
        let found = all(&mut office, path, id, number).await;
        let lost: Vec<_> = expected.iter().filter(|(id, number)| found.get(*id) != Some(*number)).collect();
        let extra: Vec<_> = found.keys().filter(|id| !expected.contains_key(*id)).collect();
        assert!(lost.is_empty() && extra.is_empty(), "{kind}: lost {lost:?}, not acknowledged {extra:?}");
        println!("{kind}: {} acknowledged, each there once", found.len());
    }
    println!(
        "{kills} kills of the server, {database_kills} of its database, {} requests sent again, refused: {refused:?}",
        repeats.load(Ordering::Relaxed)
    );
    assert!(kills + database_kills > 0, "nothing was killed");
    server.stop();
    let verified = server.command(&["verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}
