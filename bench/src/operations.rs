//! What is measured.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use live_kit::{Client, Server};
use rand::Rng as _;
use rand::rngs::SmallRng;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Options;
use crate::bare;
use crate::fleet::{Fleet, Office, lost};
use crate::load::{self, Turn};
use crate::measure::{Sample, median};
use crate::pgbench;
use crate::table::Row;

/// An operation of ours, the bare statement it is measured against, and the least ratio that satisfies.
///
/// An order's rows alone (with its history, audit, event, answer to keep, number, rights) are written by pgbench in one
/// statement: what PostgreSQL takes for them when nobody asks, prices or answers. The bare handlers are what a web server
/// and the driver take for the bare statement ([`bare`]).
const OPERATIONS: [(&str, &str, Option<f64>); 8] = [
    ("order of 5 lines", "order", Some(0.60)),
    ("order of 5 lines, its rows alone", "order", None),
    ("order of 5 lines, bare handler", "order", None),
    ("order, fulfil", "order_confirm", Some(1700.0 / 3700.0)),
    ("order, approve, invoice, issue", "order_confirm", Some(1700.0 / 3700.0)),
    ("van sale of 5 lines", "order_confirm", None),
    ("customers of a route", "customers", Some(0.40)),
    ("customers of a route, bare handler", "customers", None),
];

pub async fn measure_all(
    options: &Options,
    server: &Server,
    socket: &Path,
    fleet: &Arc<Fleet>,
) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    let bare = bare::serve(socket)?;
    for (name, script, goal) in OPERATIONS {
        if !name.contains(&options.only) {
            continue;
        }
        if name.starts_with("van sale") && fleet.offices.iter().all(|office| office.van.is_none()) {
            eprintln!("{name}: nobody has a van in this company");
            continue;
        }
        let size = (options.clients, options.seconds, usize::MAX);
        let (ours, bare) = by_turns(options, server, socket, (name, script), async || match (script, name) {
            (_, "order of 5 lines, its rows alone") => {
                timed(options, server, socket, "order_rows", &pgbench::as_rep(socket)?)
            }
            ("order", "order of 5 lines, bare handler") => {
                load::run_at(bare, server, fleet, size, async |turn: Turn<'_>| place_bare(turn).await).await
            }
            ("customers", "customers of a route, bare handler") => {
                load::run_at(bare, server, fleet, size, async |turn: Turn<'_>| customers_bare(turn).await)
                    .await
            }
            ("order", _) => load::run(server, fleet, size, async |turn: Turn<'_>| place(turn).await).await,
            (_, "order, fulfil") => {
                load::run(server, fleet, size, async |turn: Turn<'_>| cycle(turn).await).await
            }
            (_, "van sale of 5 lines") => {
                load::run(server, fleet, size, async |turn: Turn<'_>| sell(turn).await).await
            }
            ("order_confirm", _) => {
                load::run(server, fleet, size, async |turn: Turn<'_>| by_steps(turn).await).await
            }
            _ => load::run(server, fleet, size, async |turn: Turn<'_>| customers(turn).await).await,
        })
        .await?;
        rows.push(Row { operation: name.into(), ours, against: Some(bare), goal });
    }
    if "issue, hot warehouse".contains(&options.only) {
        rows.push(hot_warehouse(options, server, fleet).await?);
    }
    Ok(rows)
}

/// Rounds of `ours`, by turns with the bare statement of a script; the first round warms up.
pub async fn by_turns(
    options: &Options,
    server: &Server,
    socket: &Path,
    (name, script): (&str, &str),
    mut ours: impl AsyncFnMut() -> anyhow::Result<Sample>,
) -> anyhow::Result<(Sample, Sample)> {
    let (mut samples, mut bare) = (Vec::new(), Vec::new());
    for round in 0..=options.rounds {
        let theirs = timed(options, server, socket, script, "")?;
        let sample = ours().await?;
        eprintln!("{name}, round {round}: {:.0}/s, bare {:.0}/s", sample.per_second, theirs.per_second);
        if round > 0 {
            samples.push(sample);
            bare.push(theirs);
        }
    }
    Ok((median(&samples), median(&bare)))
}

/// A script by pgbench, with the CPU time it took; `acting` as for [`pgbench::run`].
pub fn timed(
    options: &Options,
    server: &Server,
    socket: &Path,
    script: &str,
    acting: &str,
) -> anyhow::Result<Sample> {
    let before = server.cpu();
    let mut sample = pgbench::run(socket, script, acting, options.clients, options.seconds)?;
    let cpu = server.cpu().since(before);
    let done = sample.per_second * std::time::Duration::from_secs(options.seconds).as_secs_f64();
    sample.postgres_cpu = cpu.postgres.as_secs_f64() * 1e6 / done;
    Ok(sample)
}

/// Issues from one warehouse against issues spread over all: the ratio is what the crowd in one place costs.
async fn hot_warehouse(options: &Options, server: &Server, fleet: &Arc<Fleet>) -> anyhow::Result<Row> {
    let (mut hot, mut spread) = (Vec::new(), Vec::new());
    for round in 0..=options.rounds {
        for offices in [1, fleet.offices.len()] {
            let issue = issuer(options, server, fleet, offices).await?;
            let sample =
                load::run(server, fleet, (options.clients, 60, issue.each), async move |turn: Turn<'_>| {
                    issue.next(turn).await
                })
                .await?;
            eprintln!("issue from {offices} warehouses, round {round}: {:.0}/s", sample.per_second);
            if round > 0 {
                if offices == 1 { hot.push(sample) } else { spread.push(sample) }
            }
        }
    }
    Ok(Row {
        operation: "issue, hot warehouse (bare: spread)".into(),
        ours: median(&hot),
        against: Some(median(&spread)),
        goal: Some(0.80),
    })
}

/// Invoices ready to be issued.
#[derive(Clone)]
struct Issuer {
    each: usize,
    ready: std::rc::Rc<std::cell::RefCell<Vec<(usize, String)>>>,
}

impl Issuer {
    async fn next(&self, turn: Turn<'_>) -> anyhow::Result<()> {
        let next = self.ready.borrow_mut().pop();
        let (office, invoice) = next.context("an invoice that is ready")?;
        turn.client.act_as(&turn.fleet.offices[office].session);
        issue(turn.client, &invoice).await
    }
}

async fn issuer(options: &Options, server: &Server, fleet: &Fleet, offices: usize) -> anyhow::Result<Issuer> {
    let each = 100;
    let mut client = Client::new(server.port());
    let mut dice = <SmallRng as rand::SeedableRng>::seed_from_u64(7);
    let mut ready = Vec::new();
    for n in 0..each * options.clients {
        let office = n % offices;
        client.act_as(&fleet.offices[office].session);
        let order = order_body(&fleet.offices[office], &fleet.products, &mut dice);
        let order = post(&mut client, "/api/v1/orders", &order, 201).await?;
        ready.push((office, invoice(&mut client, &order).await?));
    }
    Ok(Issuer { each, ready: std::rc::Rc::new(std::cell::RefCell::new(ready)) })
}

async fn place(turn: Turn<'_>) -> anyhow::Result<()> {
    let office = &turn.fleet.offices[turn.dice.random_range(0..turn.fleet.offices.len())];
    turn.client.act_as(&office.session);
    let body = order_body(office, &turn.fleet.products, turn.dice);
    post(turn.client, "/api/v1/orders", &body, 201).await?;
    Ok(())
}

/// Places an order; the office then confirms and ships it at once.
async fn cycle(turn: Turn<'_>) -> anyhow::Result<()> {
    let office = &turn.fleet.offices[turn.dice.random_range(0..turn.fleet.offices.len())];
    turn.client.act_as(&office.session);
    let body = order_body(office, &turn.fleet.products, turn.dice);
    let order = post(turn.client, "/api/v1/orders", &body, 201).await?;
    let id = order["orderId"].as_str().context("an order id")?;
    post(turn.client, &format!("/api/v1/orders/{id}/fulfil"), &json!({}), 200).await?;
    Ok(())
}

/// The same by four hands: placed, approved, invoiced, issued.
async fn by_steps(turn: Turn<'_>) -> anyhow::Result<()> {
    let office = &turn.fleet.offices[turn.dice.random_range(0..turn.fleet.offices.len())];
    turn.client.act_as(&office.session);
    let body = order_body(office, &turn.fleet.products, turn.dice);
    let order = post(turn.client, "/api/v1/orders", &body, 201).await?;
    let invoice = invoice(turn.client, &order).await?;
    issue(turn.client, &invoice).await
}

/// Sells from a van: order, invoice, issue, debt and payment at once.
async fn sell(turn: Turn<'_>) -> anyhow::Result<()> {
    let vans: Vec<_> = turn.fleet.offices.iter().filter_map(|office| office.van.as_ref()).collect();
    ensure!(!vans.is_empty(), "nobody has a van");
    let (session, customers) = vans[turn.dice.random_range(0..vans.len())];
    turn.client.act_as(session);
    let customer = &customers[turn.dice.random_range(0..customers.len())];
    let body = json!({
        "id": Uuid::now_v7(), "orderType": "VanSales", "customerId": customer, "notes": "",
        "items": items(&turn.fleet.products, turn.dice), "paymentMethod": "cash", "amountPaid": 1000
    });
    post(turn.client, "/api/v1/orders", &body, 201).await?;
    Ok(())
}

async fn customers(turn: Turn<'_>) -> anyhow::Result<()> {
    let office = &turn.fleet.offices[turn.dice.random_range(0..turn.fleet.offices.len())];
    turn.client.act_as(&office.session);
    let route = &office.routes[turn.dice.random_range(0..office.routes.len())];
    let answer = turn.client.get(&format!("/api/v1/routes/{route}/customers")).await.map_err(lost)?;
    ensure!(answer.status == 200, "route: {:?}", answer.body);
    Ok(())
}

async fn place_bare(turn: Turn<'_>) -> anyhow::Result<()> {
    let order = bare::Order {
        rep: turn.dice.random_range(1..=2000),
        customer: turn.dice.random_range(1..=100_000),
        product: turn.dice.random_range(1..=296),
    };
    let answer = turn.client.post("/orders", None, &serde_json::to_value(order)?).await.map_err(lost)?;
    ensure!(answer.status == 201, "bare order: {}", answer.status);
    Ok(())
}

async fn customers_bare(turn: Turn<'_>) -> anyhow::Result<()> {
    let route = turn.dice.random_range(1..=2000);
    let answer = turn.client.get(&format!("/customers/{route}")).await.map_err(lost)?;
    ensure!(answer.status == 200, "bare route: {}", answer.status);
    Ok(())
}

/// Five neighbouring products, 1 to 5 pieces of them.
fn items(products: &[String], dice: &mut SmallRng) -> Vec<Value> {
    let first = dice.random_range(0..products.len() - 4);
    (1..=5).map(|n| json!({"productId": products[first + n - 1], "quantity": n, "unit": "retail"})).collect()
}

fn order_body(office: &Office, products: &[String], dice: &mut SmallRng) -> Value {
    let customer = &office.customers[dice.random_range(0..office.customers.len())];
    let items = items(products, dice);
    json!({"id": Uuid::now_v7(), "orderType": "PreSales", "customerId": customer, "items": items, "notes": ""})
}

/// Approves and invoices an order.
async fn invoice(client: &mut Client, order: &Value) -> anyhow::Result<String> {
    let id = order["orderId"].as_str().context("an order id")?;
    post(client, &format!("/api/v1/orders/{id}/approve"), &json!({}), 200).await?;
    let made =
        post(client, "/api/v1/invoices", &json!({"id": Uuid::now_v7(), "orderIds": [id]}), 201).await?;
    Ok(made["invoiceId"].as_str().context("an invoice id")?.to_owned())
}

async fn issue(client: &mut Client, invoice: &str) -> anyhow::Result<()> {
    post(client, &format!("/api/v1/invoices/{invoice}/issue"), &json!({}), 200).await?;
    Ok(())
}

async fn post(client: &mut Client, path: &str, body: &Value, expected: u16) -> anyhow::Result<Value> {
    let answer = client.post(path, Some(Uuid::now_v7()), body).await.map_err(lost)?;
    ensure!(answer.status == expected, "{path}: {} {:?}", answer.status, answer.body);
    Ok(answer.json())
}
