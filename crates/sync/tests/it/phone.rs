//! A phone that keeps what it downloads, as the app does.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _};
use test_kit::{Answer, TestApp};

/// What is on the phone: kind → id → thing.
pub type Contents = BTreeMap<String, BTreeMap<String, Value>>;

/// A phone signed in as somebody.
#[derive(Clone)]
pub struct Phone {
    who: String,
    pub contents: Contents,
    pub cursor: Option<String>,
}

impl Phone {
    pub fn new(who: &str) -> Phone {
        Phone { who: who.to_owned(), contents: Contents::new(), cursor: None }
    }

    pub async fn ask(&self, t: &TestApp, limit: usize) -> Answer {
        let mut path = format!("/api/v1/sync/delta?limit={limit}");
        if let Some(cursor) = &self.cursor {
            path.push_str(&format!("&cursor={cursor}"));
        }
        t.actor(&self.who).get(&path).await
    }

    /// One answer; whether there is more.
    pub async fn page(&mut self, t: &TestApp, limit: usize) -> bool {
        let answer = self.ask(t, limit).await.expect(200);
        if std::env::var_os("DMS_SYNC_TRACE").is_some() {
            println!("{} {limit} {:?}: {answer}", self.who, self.cursor);
        }
        self.take(&answer)
    }

    /// Stores an answer.
    pub fn take(&mut self, answer: &Value) -> bool {
        for (kind, part) in answer["changes"].as_object().unwrap() {
            let things = self.contents.entry(kind.clone()).or_default();
            for thing in part["upserted"].as_array().into_iter().flatten() {
                let id = match kind.as_str() {
                    "stock" => format!("{}/{}", thing["warehouseId"], thing["productId"]),
                    _ => thing["id"].as_str().unwrap().to_owned(),
                };
                things.insert(id, thing.clone());
            }
            for id in part["deleted"].as_array().into_iter().flatten() {
                things.remove(id.as_str().unwrap());
            }
        }
        for id in answer["changes"]["warehouses"]["deleted"].as_array().into_iter().flatten() {
            if let Some(stock) = self.contents.get_mut("stock") {
                stock.retain(|_, row| row["warehouseId"] != *id);
            }
        }
        self.contents.retain(|_, things| !things.is_empty());
        self.cursor = Some(answer["cursor"].as_str().unwrap().to_owned());
        answer["hasMore"].as_bool().unwrap()
    }

    /// Until there is no more.
    pub async fn sync(&mut self, t: &TestApp) {
        while self.page(t, 500).await {}
    }

    /// What a new phone of the same person holds now.
    pub async fn fresh(&self, t: &TestApp) -> Contents {
        let mut fresh = Phone::new(&self.who);
        fresh.sync(t).await;
        fresh.contents
    }

    /// Holds what a new phone would hold.
    #[track_caller]
    pub fn assert_holds(&self, fresh: &Contents) {
        for kind in self.contents.keys().chain(fresh.keys()) {
            let none = BTreeMap::new();
            let (mine, theirs) = (self.contents.get(kind).unwrap_or(&none), fresh.get(kind).unwrap_or(&none));
            let left: Vec<_> = mine.iter().filter(|(id, thing)| theirs.get(*id) != Some(*thing)).collect();
            let missing: Vec<_> = theirs.iter().filter(|(id, thing)| mine.get(*id) != Some(*thing)).collect();
            assert!(
                left.is_empty() && missing.is_empty(),
                "{}: {kind}: has {left:?}, should have {missing:?}",
                self.who
            );
        }
    }

    pub fn ids(&self, kind: &str) -> Vec<String> {
        self.contents.get(kind).map(|things| things.keys().cloned().collect()).unwrap_or_default()
    }

    /// The last digits of the ids: the numbers of the test's world.
    pub fn short(&self, kind: &str) -> Vec<String> {
        self.ids(kind).iter().map(|id| id[id.len() - 4..].to_owned()).collect()
    }

    pub fn thing(&self, kind: &str, number: u128) -> &Value {
        &self.contents[kind][&id(number)]
    }
}

/// An id of the test's world.
pub fn id(number: u128) -> String {
    uuid::Uuid::from_u128(number).to_string()
}

/// Runs SQL as the owner; `#7001` is an id of the test's world.
pub async fn run(c: &mut PgConnection, sql: &str) {
    c.execute(AssertSqlSafe(with_ids(sql))).await.unwrap_or_else(|e| panic!("{e}: {sql}"));
}

fn with_ids(sql: &str) -> String {
    let mut parts = sql.split('#');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(part.len());
        let number = u128::from_str_radix(&part[..end], 16).unwrap();
        out.push_str(&format!("'{}'::uuid{}", id(number), &part[end..]));
    }
    out
}
