//! What must be in the database when the day is over, and what is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, ensure};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

use crate::phone::{Fate, Op};

/// Rows by table and key.
pub(crate) type Rows = BTreeMap<&'static str, BTreeMap<String, Value>>;

/// Of each table: what identifies a row, and what of it phones determine.
const TABLES: [(&str, &str); 11] = [
    (
        "visits",
        "select v.id::text, jsonb_build_object('customer', v.customer_id, 'user', u.username, 'in', (extract(epoch from v.check_in_at) * 1000)::bigint, 'out', (extract(epoch from v.check_out_at) * 1000)::bigint, 'result', v.result) from visits v join users u on u.id = v.user_id",
    ),
    ("photos", "select id::text, jsonb_build_object('visit', visit_id, 'sha256', sha256) from visit_photos"),
    (
        "shelves",
        "select check_id || '/' || line_no, jsonb_build_object('product', product_id, 'quantity', quantity) from visit_stock_lines",
    ),
    (
        "clocks",
        "select e.id::text, jsonb_build_object('user', u.username, 'kind', e.kind, 'at', (extract(epoch from e.at) * 1000)::bigint) from clock_events e join users u on u.id = e.user_id",
    ),
    (
        "orders",
        "select o.id::text, jsonb_build_object('customer', o.customer_id, 'visit', o.visit_id, 'user', u.username, 'items', (select jsonb_agg(jsonb_build_array(l.product_id, l.quantity) order by l.line_no) from order_lines l where l.distributor_id = o.distributor_id and l.order_id = o.id and not l.is_free)) from orders o join users u on u.id = o.rep_id",
    ),
    (
        "receipts",
        "select id::text, jsonb_build_object('customer', customer_id, 'amount', amount) from receipts",
    ),
    ("debts", "select document_id::text, to_jsonb(sum(amount)) from receivable_entries group by document_id"),
    ("outlets", "select id::text, jsonb_build_object('name', name, 'status', status) from customers"),
    (
        "points",
        "select u.username || '/' || (extract(epoch from p.at) * 1000)::bigint, to_jsonb(round(p.latitude * 1000000)::bigint) from gps_points p join users u on u.id = p.user_id",
    ),
    // The same picture at two distributors is two rows.
    ("files", "select distinct sha256, to_jsonb(state) from files"),
    (
        "ledger",
        "select op_id::text, to_jsonb(case when status = 'differs' then 'applied' else status end) from sync_operations",
    ),
];

/// Everything the tables hold now.
pub(crate) async fn read(socket: &Path) -> anyhow::Result<Rows> {
    let options = PgConnectOptions::new().socket(socket).username("dms").database("dms");
    let mut c = PgConnection::connect_with(&options).await.context("the server's database")?;
    let mut rows = Rows::new();
    for (table, sql) in TABLES {
        let mut of_table = BTreeMap::new();
        for row in sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(&mut c).await.context(table)? {
            let (key, value): (String, Value) = (row.try_get(0)?, row.try_get(1)?);
            ensure!(of_table.insert(key.clone(), value).is_none(), "{table}: {key} is there twice");
        }
        rows.insert(table, of_table);
    }
    Ok(rows)
}

/// The time of an operation; of a clock that was off only about that.
fn millis(op: &Op) -> Value {
    let millis = op.at.timestamp_millis();
    if op.exact { json!(millis) } else { json!({ "about": millis }) }
}

/// A clock is set right by when its time came, so that a slow line shifts it.
const ABOUT: i64 = 600_000;

/// Whether what is there is what should be.
fn fits(there: &Value, should: &Value) -> bool {
    match (there, should) {
        (Value::Object(there), Value::Object(should)) => {
            there.len() == should.len()
                && should.iter().all(|(name, value)| there.get(name).is_some_and(|found| fits(found, value)))
        }
        (found, Value::Object(should)) if should.contains_key("either") => {
            should["either"].as_array().is_some_and(|either| either.contains(found))
        }
        (found, Value::Object(about)) => match (found.as_i64(), about.get("about").and_then(Value::as_i64)) {
            (Some(found), Some(about)) => (found - about).abs() <= ABOUT,
            _ => false,
        },
        (there, should) => there == should,
    }
}

/// The photos that were taken have come.
pub(crate) fn expect_files(rows: &mut Rows, taken: &[String]) {
    let files = rows.entry("files").or_default();
    files.extend(taken.iter().map(|sha256| (sha256.clone(), json!("stored"))));
}

/// The rows that an operation makes.
pub(crate) fn expect(rows: &mut Rows, user: &str, op: &Op) {
    let fate = match op.fate {
        Fate::Applied => "applied",
        Fate::Rejected => "rejected",
        Fate::Held => "held",
        Fate::Waiting => "waiting",
    };
    let mut put = |table: &'static str, key: String, value: Value| {
        rows.entry(table).or_default().insert(key, value);
    };
    put("ledger", op.id.to_string(), json!(fate));
    if op.fate != Fate::Applied {
        return;
    }
    let (entity, payload) = (op.entity.to_string(), &op.payload);
    match op.kind {
        "check_in" => put(
            "visits",
            entity,
            json!({ "customer": payload["customerId"], "user": user, "in": millis(op), "out": null, "result": null }),
        ),
        "check_out" => {
            if let Some(visit) = rows.entry("visits").or_default().get_mut(&entity) {
                visit["out"] = millis(op);
                visit["result"] = payload["visitResult"].clone();
            }
        }
        "photo" => {
            let sha256 = payload["sha256"].as_str().unwrap_or_default().to_owned();
            put("photos", entity, json!({ "visit": payload["visitId"], "sha256": sha256 }));
            put("files", sha256, json!("waiting"));
        }
        "stock_check" => {
            for (i, line) in payload["lines"].as_array().into_iter().flatten().enumerate() {
                let value = json!({ "product": line["productId"], "quantity": line["quantity"] });
                put("shelves", format!("{entity}/{}", i + 1), value);
            }
        }
        "clock" => put("clocks", entity, json!({ "user": user, "kind": payload["kind"], "at": millis(op) })),
        "order" => {
            let items: Vec<Value> = payload["items"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|item| json!([item["productId"], item["quantity"]]))
                .collect();
            let value = json!({ "customer": payload["customerId"], "visit": payload["visitId"], "user": user, "items": items });
            put("orders", entity, value);
        }
        "receipt" => {
            put(
                "receipts",
                entity.clone(),
                json!({ "customer": payload["customerId"], "amount": payload["amount"] }),
            );
            put("debts", entity, json!(-payload["amount"].as_i64().unwrap_or_default()));
        }
        "customer" => put("outlets", entity, json!({ "name": payload["name"], "status": "pending" })),
        "locations" => {
            for point in payload["points"].as_array().into_iter().flatten() {
                let at: Option<DateTime<Utc>> = point["at"].as_str().and_then(|at| at.parse().ok());
                let key = format!("{user}/{}", at.map_or(0, |at| at.timestamp_millis()));
                // The last digit of a float is nobody's.
                let latitude = point["latitude"].as_f64().unwrap_or_default() * 1e6;
                // Two phones of a person may be at two places at once: whichever came first stays.
                let points = rows.entry("points").or_default();
                let either = points.entry(key).or_insert_with(|| json!({ "either": [] }));
                if let Some(either) = either["either"].as_array_mut() {
                    either.push(json!(latitude.round() as i64));
                }
            }
        }
        _ => {}
    }
}

/// Compares all that is there with all that should be.
pub(crate) fn compare(expected: &Rows, found: &Rows) -> anyhow::Result<usize> {
    let mut count = 0;
    for (table, rows) in found {
        let none = BTreeMap::new();
        let expected = expected.get(table).unwrap_or(&none);
        let keys: BTreeSet<&String> = rows.keys().chain(expected.keys()).collect();
        count += keys.len();
        let mut wrong = Vec::new();
        for key in keys {
            let (there, should) = (rows.get(key).map(plain), expected.get(key).map(plain));
            let fine = matches!((&there, &should), (Some(there), Some(should)) if fits(there, should));
            if !fine {
                wrong.push(format!("{key}: there is {there:?}, should be {should:?}"));
            }
        }
        ensure!(
            wrong.is_empty(),
            "{table}: {} rows are wrong:\n{}",
            wrong.len(),
            wrong[..wrong.len().min(10)].join("\n")
        );
    }
    Ok(count)
}

/// 5 and 5.0 are the same.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (None, Some(float)) if float.fract() == 0.0 => json!(float as i64),
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), plain(value))).collect())
        }
        other => other.clone(),
    }
}
