//! Who does the work, and with what: the offices of the distributors, their customers and the products.

use anyhow::{Context as _, ensure};
use live_kit::{Client, Server, Session};
use serde_json::{Value, json};
use uuid::Uuid;

/// Of everybody in the made-up company.
pub const PASSWORD: &str = "Diligo@2026";
/// Offices that take part; a login takes its time.
const OFFICES: usize = 40;
/// So many customers of each.
const CUSTOMERS: usize = 100;
/// Outlets on a route that is read, as many as the least of the same reads.
const STOPS: usize = 50;

/// A distributor's office.
pub struct Office {
    /// Its admin's session.
    pub session: Session,
    /// Active customers without credit limit.
    pub customers: Vec<String>,
    /// Some of its routes, each with [`STOPS`] outlets.
    pub routes: Vec<String>,
    /// The session of a rep with a van, and outlets without credit limit that the rep has opened.
    pub van: Option<(Session, Vec<String>)>,
}

/// All of them.
pub struct Fleet {
    /// The offices.
    pub offices: Vec<Office>,
    /// Products that are in stock everywhere.
    pub products: Vec<String>,
}

impl Fleet {
    /// Signs in and fills the warehouses.
    pub async fn gather(server: &Server) -> anyhow::Result<std::sync::Arc<Fleet>> {
        let mut admin = Client::new(server.port());
        admin.login("admin", PASSWORD).await;
        let users = data(&mut admin, "/api/v1/users?role=distributor_admin&pageSize=100").await?;
        let mut products = Vec::new();
        for page in 1.. {
            let more = data(&mut admin, &format!("/api/v1/products?pageSize=100&page={page}")).await?;
            products.extend(texts(&more, "id"));
            if more.len() < 100 {
                break;
            }
        }
        let mut offices = Vec::new();
        for user in users.iter().take(OFFICES) {
            let name = user["username"].as_str().context("a user name")?;
            let mut client = Client::new(server.port());
            client.login(name, PASSWORD).await;
            let warehouses = data(&mut client, "/api/v1/warehouses").await?;
            let main = warehouses.iter().find(|w| w["kind"] == "main").context("a main warehouse")?;
            let warehouse = main["warehouseId"].as_str().context("an id")?.to_owned();
            stock(&mut client, &warehouse, &products).await?;
            let mut customers = data(&mut client, "/api/v1/customers?status=active&pageSize=100").await?;
            customers.retain(|c| c["creditLimit"].is_null() && c["recordLocked"] != true);
            let mut customers = texts(&customers, "id");
            // Those that a credit limit would stop are left out; new ones take their place.
            while customers.len() < CUSTOMERS {
                let shop = open_shop(&mut client).await?;
                approve_shop(&mut client, &shop).await?;
                customers.push(shop);
            }
            let van = man_van(&mut client, &warehouses, &warehouse, &products).await?;
            let mut routes = texts(&data(&mut client, "/api/v1/routes?pageSize=2").await?, "routeId");
            routes.truncate(customers.len() / STOPS);
            for (route, stops) in routes.iter().zip(customers.chunks(STOPS)) {
                lay(&mut admin, route, stops).await?;
            }
            offices.push(Office { session: client.session(), customers, routes, van });
        }
        ensure!(!offices.is_empty(), "no distributor's admin is known");
        Ok(std::sync::Arc::new(Fleet { offices, products }))
    }

    /// How many customers take part.
    pub fn customers(&self) -> usize {
        self.offices.iter().map(|office| office.customers.len()).sum()
    }
}

/// Enough of everything that no order finds its goods short.
async fn stock(client: &mut Client, warehouse: &str, products: &[String]) -> anyhow::Result<()> {
    let lines: Vec<Value> = products
        .iter()
        .map(|product| {
            json!({"productId": product, "lotNumber": "BENCH", "expiry": "2031-12-31", "quantity": 9_000_000, "unit": "retail"})
        })
        .collect();
    let body = json!({"warehouseId": warehouse, "note": "", "lines": lines});
    let answer =
        client.post("/api/v1/inventory/receipts", Some(Uuid::now_v7()), &body).await.map_err(lost)?;
    ensure!(answer.status == 201, "goods receipt: {:?}", answer.body);
    Ok(())
}

/// Puts these outlets on a route.
async fn lay(admin: &mut Client, route: &str, stops: &[String]) -> anyhow::Result<()> {
    let stops: Vec<Value> = stops.iter().map(|stop| json!({"customerId": stop})).collect();
    let path = format!("/api/v1/routes/{route}/customers");
    let laid = admin.put(&path, &json!({"customers": stops})).await.map_err(lost)?;
    ensure!(laid.status == 200, "route: {:?}", laid.body);
    Ok(())
}

/// Loads a van, and signs its rep in; nothing where there is none.
async fn man_van(
    client: &mut Client,
    warehouses: &[Value],
    main: &str,
    products: &[String],
) -> anyhow::Result<Option<(Session, Vec<String>)>> {
    let Some(van) = warehouses.iter().find(|w| w["kind"] == "van" && w["repId"].is_string()) else {
        return Ok(None);
    };
    let lines: Vec<Value> = products
        .iter()
        .map(|product| json!({"productId": product, "quantity": 4_000_000, "unit": "retail"}))
        .collect();
    let body = json!({
        "fromWarehouseId": main, "toWarehouseId": van["warehouseId"], "twoStep": false, "note": "", "lines": lines
    });
    let moved =
        client.post("/api/v1/inventory/transfers", Some(Uuid::now_v7()), &body).await.map_err(lost)?;
    ensure!(moved.status == 201, "transfer: {:?}", moved.body);
    let users = data(client, "/api/v1/users?pageSize=100").await?;
    let driver = users.iter().find(|u| u["userId"] == van["repId"]).context("the van's rep")?;
    let mut rep = client.twin();
    rep.login(driver["username"].as_str().context("a user name")?, PASSWORD).await;
    // The made-up outlets on the rep's routes all have a credit limit.
    let mut customers = Vec::new();
    while customers.len() < CUSTOMERS {
        let shop = open_shop(&mut rep).await?;
        approve_shop(client, &shop).await?;
        customers.push(shop);
    }
    Ok(Some((rep.session(), customers)))
}

async fn open_shop(client: &mut Client) -> anyhow::Result<String> {
    let body = json!({"name": "Tạp hóa Đo", "customerType": "Tạp hóa", "creditLimit": null});
    let made = client.post("/api/v1/customers", Some(Uuid::now_v7()), &body).await.map_err(lost)?;
    ensure!(made.status == 201, "customer: {:?}", made.body);
    Ok(made.json()["id"].as_str().context("an id")?.to_owned())
}

async fn approve_shop(office: &mut Client, id: &str) -> anyhow::Result<()> {
    let path = format!("/api/v1/customers/{id}/approve");
    let approved = office.post(&path, Some(Uuid::now_v7()), &json!({})).await.map_err(lost)?;
    ensure!([200, 409].contains(&approved.status), "customer: {:?}", approved.body);
    Ok(())
}

async fn data(client: &mut Client, path: &str) -> anyhow::Result<Vec<Value>> {
    let answer = client.get(path).await.map_err(lost)?;
    ensure!(answer.status == 200, "{path}: {:?}", answer.body);
    Ok(answer.json()["data"].as_array().context("a list")?.clone())
}

fn texts(rows: &[Value], field: &str) -> Vec<String> {
    rows.iter().filter_map(|row| Some(row[field].as_str()?.to_owned())).collect()
}

pub fn lost(error: live_kit::Lost) -> anyhow::Error {
    anyhow::anyhow!("no answer: {}", error.0)
}
