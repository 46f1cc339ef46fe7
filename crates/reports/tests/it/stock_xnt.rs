//! XNT against the plain sum over postings, with and without snapshots.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use chrono::{DateTime, Days, NaiveDate, TimeZone as _, Utc};
use db::Context;
use serde_json::{Value, json};
use test_kit::{Actor, TestApp, world};
use uuid::Uuid;

use crate::start;

const PATH: &str = "/api/v1/reports/stock-xnt";

/// A posting of the test.
#[derive(Debug, Clone, Copy)]
struct Posting {
    warehouse: Uuid,
    product: Uuid,
    day: NaiveDate,
    quantity: i64,
    typed: i64,
    whole: bool,
    selling: i64,
    cost: i64,
    sold: i64,
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn post(t: &TestApp, postings: &[Posting]) {
    let mut tx = t.app.db.begin(&Context::system("test")).await.unwrap();
    for p in postings {
        let distributor = if p.warehouse == world::MAIN2.uuid() { world::NPP02 } else { world::NPP01 };
        sqlx::query(
            "insert into stock_movements (distributor_id, id, warehouse_id, product_id, lot_id, business_date, posted_at,
               quantity, typed_quantity, typed_unit, selling_value, cost_value, sold_value, reason, document_id,
               document_number, actor_id)
             values ($1, gen_random_uuid(), $2, $3, $3, $4, now(), $5, $6, $7, $8, $9, $10, 'adjustment', $3, 'X', $3)",
        )
        .bind(distributor.uuid())
        .bind(p.warehouse)
        .bind(p.product)
        .bind(p.day)
        .bind(p.quantity)
        .bind(p.typed)
        .bind(if p.whole { "whole" } else { "retail" })
        .bind(p.selling)
        .bind(p.cost)
        .bind(p.sold)
        .execute(&mut *tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
}

/// Splitmix64: small, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }

    fn posting(&mut self) -> Posting {
        let warehouses = [world::MAIN1.uuid(), world::MAIN2.uuid(), Uuid::from_u128(0x5009)];
        let products = [world::MILK.uuid(), world::SOAP.uuid(), world::WATER.uuid()];
        let pick = |n: u64| usize::try_from(n).unwrap();
        let whole = self.roll(2) == 0;
        let sign = if self.roll(2) == 0 { 1 } else { -1 };
        let typed = sign * (i64::try_from(self.roll(20)).unwrap() + 1);
        let quantity = if whole { typed * 12 } else { typed };
        Posting {
            warehouse: warehouses[pick(self.roll(3))],
            product: products[pick(self.roll(3))],
            day: day("2026-02-10") + Days::new(self.roll(178)),
            quantity,
            typed,
            whole,
            selling: quantity * 1_000,
            cost: quantity * 700,
            sold: if sign < 0 { quantity * 930 } else { 0 },
        }
    }
}

/// The figures of the report, each by its plain definition.
fn plain(postings: &[Posting], from: NaiveDate, to: NaiveDate) -> BTreeMap<(String, String), Value> {
    let mut sums: BTreeMap<(String, String), [i64; 18]> = BTreeMap::new();
    for p in postings.iter().filter(|p| p.day <= to) {
        let s = sums.entry((p.warehouse.to_string(), p.product.to_string())).or_default();
        let (whole, retail) = if p.whole { (p.typed, 0) } else { (0, p.typed) };
        let four = [p.quantity, whole, retail, p.selling];
        let mut add = |at: usize, values: &[i64], sign: i64| {
            for (place, value) in values.iter().enumerate() {
                s[at + place] += sign * value;
            }
        };
        if p.day < from {
            add(0, &four, 1);
        } else if p.quantity > 0 {
            add(4, &four, 1);
            add(8, &[p.cost], 1);
        } else {
            add(9, &four, -1);
            add(13, &[p.sold], -1);
        }
        add(14, &four, 1);
    }
    let keys = [
        "openingQuantity",
        "openingWhole",
        "openingRetail",
        "openingValue",
        "inQuantity",
        "inWhole",
        "inRetail",
        "inValue",
        "inCost",
        "outQuantity",
        "outWhole",
        "outRetail",
        "outValue",
        "outSold",
        "closingQuantity",
        "closingWhole",
        "closingRetail",
        "closingValue",
    ];
    sums.into_iter()
        .filter(|(_, s)| s.iter().any(|figure| *figure != 0))
        .map(|(key, s)| (key, keys.iter().zip(s).map(|(k, v)| ((*k).to_owned(), json!(v))).collect()))
        .collect()
}

async fn report(actor: &Actor<'_>, query: &str) -> Value {
    actor.get(&format!("{PATH}?{query}")).await.expect(200)
}

fn rows(report: &Value) -> BTreeMap<(String, String), Value> {
    let of = |row: &Value| {
        let mut row = row.as_object().unwrap().clone();
        let key = |row: &mut serde_json::Map<String, Value>, name: &str| {
            row.remove(name).unwrap().as_str().unwrap().to_owned()
        };
        let ids = (key(&mut row, "warehouseId"), key(&mut row, "productId"));
        for name in ["warehouseCode", "warehouseName", "productCode", "productName", "unit"] {
            row.remove(name).unwrap();
        }
        (ids, Value::Object(row))
    };
    report["rows"].as_array().unwrap().iter().map(of).collect()
}

async fn agrees(t: &TestApp, postings: &[Posting], when: &str) {
    for (from, to) in [
        ("2026-08-01", "2026-08-06"),
        ("2026-07-01", "2026-07-31"),
        ("2026-02-01", "2026-02-28"),
        ("2026-03-01", "2026-06-30"),
        ("2026-02-15", "2026-08-06"),
        ("2026-05-10", "2026-05-20"),
        ("2026-04-10", "2026-07-31"),
        ("2026-01-01", "2026-01-31"),
        ("2026-01-05", "2026-04-30"),
    ] {
        let found = report(&t.admin(), &format!("from={from}&to={to}")).await;
        assert_eq!(rows(&found), plain(postings, day(from), day(to)), "{when}: {from} to {to}");
    }
}

/// Hours after a month has ended in Việt Nam.
fn after(month_end: &str) -> DateTime<Utc> {
    Utc.from_utc_datetime(&day(month_end).and_hms_opt(20, 0, 0).unwrap())
}

async fn wrong(t: &TestApp) -> Vec<String> {
    let mut tx = t.app.db.begin(&Context::system("test")).await.unwrap();
    reports::verify(&mut tx).await.unwrap().iter().map(ToString::to_string).collect()
}

async fn empty(t: &TestApp) {
    sqlx::raw_sql("alter table stock_movements disable trigger append_only; delete from stock_movements;
        alter table stock_movements enable trigger append_only;
        insert into warehouses (distributor_id, id, code, name, kind, created_at)
        select distributor_id, '00000000-0000-0000-0000-000000005009', 'KHO09', 'Kho 9', 'promotion', now() from warehouses where id = '00000000-0000-0000-0000-000000005001'")
        .execute(&mut t.database.owner().await).await.unwrap();
}

async fn any_period_equals_the_plain_sum(seed: u64) {
    let t = start().await;
    empty(&t).await;
    let mut dice = Dice(seed);
    let mut postings: Vec<Posting> = (0..150).map(|_| dice.posting()).collect();
    post(&t, &postings).await;
    agrees(&t, &postings, "without snapshots").await;

    let (db, some) = (&t.app.db, after("2026-04-30"));
    assert!(reports::build_missing_snapshots(db, some).await.unwrap() >= 2);
    agrees(&t, &postings, "with snapshots of some months").await;
    assert_eq!(wrong(&t).await, [""; 0]);

    // Late ones: in closed months, in a month before the first snapshot, of pairs that had none, and of today.
    let mut late: Vec<Posting> = (0..40).map(|_| dice.posting()).collect();
    late.push(Posting { day: day("2026-01-20"), ..dice.posting() });
    post(&t, &late).await;
    postings.extend(late);
    agrees(&t, &postings, "with late postings").await;
    assert_eq!(wrong(&t).await, [""; 0]);

    assert_eq!(reports::build_missing_snapshots(db, after("2026-07-31")).await.unwrap(), 3);
    assert_eq!(reports::build_missing_snapshots(db, after("2026-07-31")).await.unwrap(), 0);
    agrees(&t, &postings, "with all snapshots").await;
    assert_eq!(wrong(&t).await, [""; 0]);

    // Building a month again changes nothing.
    let built = "select md5(string_agg(s::text, ',' order by s::text)) from stock_snapshots s";
    let mut owner = t.database.owner().await;
    let before: String = sqlx::query_scalar(built).fetch_one(&mut owner).await.unwrap();
    for month in ["2026-02-01", "2026-05-01"] {
        sqlx::query("select build_stock_snapshot($1)").bind(day(month)).execute(&mut owner).await.unwrap();
    }
    let again: String = sqlx::query_scalar(built).fetch_one(&mut owner).await.unwrap();
    assert_eq!(again, before);
    agrees(&t, &postings, "built again").await;
}

#[tokio::test]
async fn any_period_equals_the_plain_sum_1() {
    any_period_equals_the_plain_sum(1).await;
}

#[tokio::test]
async fn any_period_equals_the_plain_sum_2() {
    any_period_equals_the_plain_sum(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn late_postings_while_a_month_is_built_are_in_it() {
    let t = start().await;
    empty(&t).await;
    let mut dice = Dice(7);
    let mut postings: Vec<Posting> = (0..60).map(|_| dice.posting()).collect();
    post(&t, &postings).await;
    let late: Vec<Vec<Posting>> = (0..6).map(|_| (0..10).map(|_| dice.posting()).collect()).collect();
    let posting = async {
        for part in &late {
            post(&t, part).await;
        }
    };
    let now = after("2026-07-31");
    let (built, ()) = tokio::join!(reports::build_missing_snapshots(&t.app.db, now), posting);
    built.unwrap();
    postings.extend(late.into_iter().flatten());
    assert_eq!(wrong(&t).await, [""; 0]);
    agrees(&t, &postings, "after both").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_builds_at_a_time_and_building_again_changes_nothing() {
    let t = start().await;
    empty(&t).await;
    let mut dice = Dice(9);
    let mut postings: Vec<Posting> = (0..30).map(|_| dice.posting()).collect();
    postings.push(Posting { day: day("2026-03-10"), ..dice.posting() });
    postings.retain(|p| p.day >= day("2026-03-01"));
    post(&t, &postings).await;
    let (db, now) = (&t.app.db, after("2026-07-31"));
    // Another process is building: this one leaves it to it.
    let mut other = t.database.owner().await;
    sqlx::query("select pg_advisory_lock(7306611)").execute(&mut other).await.unwrap();
    assert_eq!(reports::build_missing_snapshots(db, now).await.unwrap(), 0);
    // Who was told to build waits for its turn.
    let mut months = Vec::new();
    let waiting = reports::build_snapshots(db, now, false, |month, _| months.push(month.to_string()));
    let release = async {
        sqlx::query("select pg_advisory_unlock(7306611)").execute(&mut other).await.unwrap();
    };
    let (built, ()) = tokio::join!(waiting, release);
    built.unwrap();
    assert_eq!(months, ["2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01"]);
    assert_eq!(reports::build_missing_snapshots(db, now).await.unwrap(), 0);

    let rows = "select md5(string_agg(s::text, ',' order by s::text)) from stock_snapshots s";
    let before: String = sqlx::query_scalar(rows).fetch_one(&mut other).await.unwrap();
    let mut again = 0;
    reports::build_snapshots(db, now, true, |_, _| again += 1).await.unwrap();
    assert_eq!(again, 5);
    assert_eq!(sqlx::query_scalar::<_, String>(rows).fetch_one(&mut other).await.unwrap(), before);
    assert_eq!(wrong(&t).await, [""; 0]);
    let racing = tokio::join!(
        reports::build_snapshots(db, after("2026-08-31"), false, |_, _| ()),
        reports::build_snapshots(db, after("2026-08-31"), false, |_, _| ()),
    );
    assert!(racing.0.is_ok() && racing.1.is_ok());
    assert_eq!(wrong(&t).await, [""; 0]);
    agrees(&t, &postings, "after all").await;
}

#[tokio::test]
async fn a_wrong_snapshot_is_named() {
    let t = start().await;
    empty(&t).await;
    let p = Posting {
        warehouse: world::MAIN1.uuid(),
        product: world::MILK.uuid(),
        day: day("2026-03-10"),
        quantity: 24,
        typed: 2,
        whole: true,
        selling: 5,
        cost: 4,
        sold: 0,
    };
    post(&t, &[p]).await;
    reports::build_missing_snapshots(&t.app.db, after("2026-05-31")).await.unwrap();
    assert_eq!(wrong(&t).await, [""; 0]);
    let mut owner = t.database.owner().await;
    sqlx::query("update stock_snapshots set in_cost = 3 where month = '2026-03-01'")
        .execute(&mut owner)
        .await
        .unwrap();
    sqlx::query("update stock_snapshots set pieces = 25 where month = '2026-05-01'")
        .execute(&mut owner)
        .await
        .unwrap();
    let npp = world::NPP01;
    assert_eq!(
        wrong(&t).await,
        [
            format!("stock.snapshot: KHO01 SP001 2026-03 in cost of distributor {npp}: expected 4, found 3"),
            format!("stock.snapshot: KHO01 SP001 2026-05 pieces of distributor {npp}: expected 0, found 1"),
        ]
    );
    sqlx::query("delete from stock_snapshots where month = '2026-05-01'").execute(&mut owner).await.unwrap();
    assert!(wrong(&t).await.iter().any(|line| line.contains("SP001 2026-04 months")));
}

#[tokio::test]
async fn a_month_that_runs_is_not_built() {
    let t = start().await;
    let mut owner = t.database.owner().await;
    let running =
        "select build_stock_snapshot(date_trunc('month', now() at time zone 'Asia/Ho_Chi_Minh')::date)";
    assert!(sqlx::query(running).execute(&mut owner).await.is_err());
    assert!(sqlx::query("select build_stock_snapshot('2026-03-02')").execute(&mut owner).await.is_err());
    // Half an hour after midnight the last day's postings may still be under way.
    let soon = Utc.from_utc_datetime(&day("2026-07-31").and_hms_opt(17, 30, 0).unwrap());
    let built = reports::build_missing_snapshots(&t.app.db, soon).await.unwrap();
    let last: Option<NaiveDate> = sqlx::query_scalar("select max(month) from stock_snapshot_months")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert!(last.is_none_or(|month| month < day("2026-07-01")), "{built} {last:?}");
}

#[tokio::test]
async fn one_sees_the_stock_of_ones_own_distributors() {
    let t = start().await;
    empty(&t).await;
    let mut dice = Dice(3);
    let postings: Vec<Posting> = (0..80).map(|_| dice.posting()).collect();
    post(&t, &postings).await;
    reports::build_missing_snapshots(&t.app.db, after("2026-07-31")).await.unwrap();
    let own = |mine: bool| -> Vec<Posting> {
        postings.iter().filter(|p| (p.warehouse == world::MAIN2.uuid()) != mine).copied().collect()
    };
    for (from, to) in [("2026-07-01", "2026-07-31"), ("2026-08-01", "2026-08-06")] {
        let query = format!("from={from}&to={to}");
        assert_eq!(rows(&report(&t.npp01(), &query).await), plain(&own(true), day(from), day(to)));
        assert_eq!(rows(&report(&t.npp02(), &query).await), plain(&own(false), day(from), day(to)));
        let foreign = format!("{query}&distributorId={}", world::NPP02);
        assert_eq!(report(&t.npp01(), &foreign).await["rows"], json!([]));
        let one = format!("{query}&warehouseId={}&productId={}", world::MAIN1, world::MILK);
        let only: Vec<Posting> = postings
            .iter()
            .filter(|p| p.warehouse == world::MAIN1.uuid() && p.product == world::MILK.uuid())
            .copied()
            .collect();
        assert_eq!(rows(&report(&t.admin(), &one).await), plain(&only, day(from), day(to)));
    }
    t.rep1().get(PATH).await.problem(403, "forbidden");
    t.anonymous().get(PATH).await.expect(401);
}

#[tokio::test]
async fn the_file_has_a_sum_below_each_warehouse() {
    let t = start().await;
    empty(&t).await;
    let mut dice = Dice(5);
    let postings: Vec<Posting> = (0..80).map(|_| dice.posting()).collect();
    post(&t, &postings).await;
    let query = "from=2026-06-01&to=2026-06-30";
    let json = report(&t.admin(), query).await;
    let answer = t.admin().get(&format!("{PATH}?{query}&format=xlsx")).await;
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(answer.bytes.clone())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let sums: Vec<Vec<Data>> =
        sheet.rows().skip(4).filter(|r| r[0] == Data::Empty).map(<[Data]>::to_vec).collect();
    let value = |v: &Value| Data::Float(v.as_i64().unwrap() as f64);
    let subtotals = json["subtotals"].as_array().unwrap();
    assert_eq!(sums.len(), subtotals.len() + 1);
    for (row, sum) in sums.iter().zip(subtotals) {
        assert_eq!(row[1], Data::String(sum["warehouseCode"].as_str().unwrap().to_owned()));
        assert_eq!((&row[6], &row[23]), (&value(&sum["openingQuantity"]), &value(&sum["closingValue"])));
        let rows = json["rows"].as_array().unwrap().iter().filter(|r| r["warehouseId"] == sum["warehouseId"]);
        let closing: i64 = rows.map(|r| r["closingRetail"].as_i64().unwrap()).sum();
        assert_eq!(sum["closingRetail"], closing);
    }
    let last = sums.last().unwrap();
    assert_eq!((&last[2], &last[13]), (&Data::String("Tổng cộng".into()), &value(&json["total"]["inValue"])));
    assert_eq!(sheet.rows().count(), 4 + json["rows"].as_array().unwrap().len() + sums.len());
}
