//! A handler that does nothing but the bare statement: the same web server and driver, without caller, rights, transaction
//! or validation. What stands between it and pgbench, no server on these libraries could win back.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use axum::extract::{Path as Segment, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

/// Connections, as many as the server holds for callers of distributors.
const CONNECTIONS: u32 = 12;

struct Bare {
    pool: PgPool,
    customers: String,
    order: String,
}

/// Who orders what, as the variables of `bench/sql/order.sql`.
#[derive(Serialize, Deserialize)]
pub struct Order {
    pub rep: i32,
    pub customer: i32,
    pub product: i32,
}

#[derive(Serialize, sqlx::FromRow)]
struct Customer {
    id: i64,
    code: String,
    name: String,
    address: String,
    lat: Option<f64>,
    lon: Option<f64>,
    debt: String,
}

/// Serves the handlers in threads of their own until the program ends; gives the port.
pub fn serve(socket: &Path) -> anyhow::Result<u16> {
    let options = PgConnectOptions::new().socket(socket).username("dms").database("dms");
    let (said, port) = std::sync::mpsc::channel();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    std::thread::spawn(move || {
        let outcome: anyhow::Result<()> = runtime.block_on(async {
            let pool = PgPoolOptions::new()
                .max_connections(CONNECTIONS)
                .test_before_acquire(false)
                .connect_with(options)
                .await?;
            let bare = Bare {
                pool,
                customers: statement(include_str!("../sql/customers.sql"), &[(":r", "$1::int")])
                    .replace(",debt ", ",debt::text "),
                order: statement(
                    include_str!("../sql/order.sql"),
                    &[(":r::int", "$1"), (":c::int", "$2"), (":p::int", "$3")],
                ),
            };
            let router = Router::new()
                .route("/customers/{route}", get(customers))
                .route("/orders", post(order))
                .with_state(Arc::new(bare));
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
            said.send(listener.local_addr()?.port())?;
            Ok(axum::serve(listener, router).await?)
        });
        if let Err(error) = outcome {
            eprintln!("the bare handlers: {error:#}");
        }
    });
    port.recv().context("the bare handlers don't start")
}

/// The statement of a pgbench script, with parameters in the place of its variables.
fn statement(script: &str, variables: &[(&str, &str)]) -> String {
    let lines: Vec<&str> = script.lines().filter(|line| !line.starts_with('\\')).collect();
    variables.iter().fold(lines.join(" "), |sql, (name, parameter)| sql.replace(name, parameter))
}

async fn customers(
    State(bare): State<Arc<Bare>>,
    Segment(route): Segment<i32>,
) -> Result<Json<Vec<Customer>>, StatusCode> {
    let found =
        sqlx::query_as(AssertSqlSafe(bare.customers.as_str())).bind(route).fetch_all(&bare.pool).await;
    found.map(Json).map_err(failed)
}

async fn order(State(bare): State<Arc<Bare>>, Json(order): Json<Order>) -> Result<StatusCode, StatusCode> {
    let placed = sqlx::query(AssertSqlSafe(bare.order.as_str()))
        .bind(order.rep)
        .bind(order.customer)
        .bind(order.product)
        .execute(&bare.pool)
        .await;
    placed.map(|_| StatusCode::CREATED).map_err(failed)
}

fn failed(error: sqlx::Error) -> StatusCode {
    eprintln!("a bare statement: {error}");
    StatusCode::INTERNAL_SERVER_ERROR
}
