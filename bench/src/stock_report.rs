//! Stock in and out (XNT) over HTTP: a closed month, the open one, one warehouse; and whether it is the plain sum.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use chrono::{Datelike as _, Days, NaiveDate};
use live_kit::{Client, Server};
use serde_json::Value;

use crate::Options;
use crate::fleet::{PASSWORD, lost};
use crate::limits::Bound;
use crate::measure::Sample;
use crate::pgbench::psql;

pub async fn measure(
    options: &Options,
    server: &Server,
    socket: &Path,
    bounds: &mut Vec<Bound>,
) -> anyhow::Result<()> {
    let month = psql(socket, &["-c", "select coalesce(max(month)::text, '') from stock_snapshots"])?;
    let closed: NaiveDate = month.trim().parse().context("a month that is closed: run `dms snapshots`")?;
    let open = closed.checked_add_months(chrono::Months::new(1)).context("a month")?;
    let today: NaiveDate =
        psql(socket, &["-c", "select max(business_date) from stock_movements"])?.trim().parse()?;
    ensure!(today >= open, "nothing was posted since {closed}");
    let last = open.checked_sub_days(Days::new(1)).context("a day")?;
    let warehouse = psql(
        socket,
        &["-c", "select warehouse_id from stock_snapshots group by 1 order by count(*) desc, 1 limit 1"],
    )?;
    let movements = psql(
        socket,
        &[
            "-c",
            "select sum(c.reltuples)::bigint from pg_partition_tree('stock_movements') t join pg_class c on c.oid = t.relid
             where t.isleaf and c.reltuples > 0",
        ],
    )?;
    let mut client = Client::new(server.port());
    client.login("admin", PASSWORD).await;
    let path = |from: NaiveDate, to: NaiveDate| format!("/api/v1/reports/stock-xnt?from={from}&to={to}");
    let of_one = format!("{}&warehouseId={}", path(open, today), warehouse.trim());
    bounds.push(Bound::told("stock in and out: movements", movements.trim().parse()?, ""));
    for (name, path, limit) in [
        ("a closed month", path(closed, last), 0.25),
        ("the open month", path(open, today), 1.0),
        ("one warehouse, the open month", of_one, 0.06),
    ] {
        let (sample, cells) = times(options, &mut client, &path).await?;
        bounds.push(Bound::at_most(
            format!("stock in and out, {name}, p50"),
            sample.p50 / 1000.0,
            "s",
            limit,
        ));
        bounds.push(Bound::told(format!("stock in and out, {name}, rows"), cells, ""));
    }
    let different = compare(socket, &mut client, &path(open, today), open, today).await?;
    bounds.push(Bound::at_most("stock in and out, rows that are not the plain sum", different, "", 0.0));
    Ok(())
}

/// So many answers warm up: the server's connections take turns, and each has to see the tables once.
const WARM_UP: usize = 8;

/// How long the whole answer takes, and how many rows it has.
async fn times(options: &Options, client: &mut Client, path: &str) -> anyhow::Result<(Sample, f64)> {
    let (mut micros, mut rows) = (Vec::new(), 0);
    for round in 0..WARM_UP + options.rounds {
        let t0 = Instant::now();
        let answer = client.get(path).await.map_err(lost)?;
        let took = t0.elapsed();
        ensure!(answer.status == 200, "{path}: {:?}", answer.body);
        if round >= WARM_UP {
            micros.push(u64::try_from(took.as_micros())?);
        } else if round == 0 {
            rows = answer.json()["rows"].as_array().context("rows")?.len();
        }
    }
    Ok((Sample::new(0.0, micros), f64::from(u32::try_from(rows)?)))
}

/// Rows of the report whose opening, in, out or closing differs from the sum over all postings.
async fn compare(
    socket: &Path,
    client: &mut Client,
    path: &str,
    from: NaiveDate,
    to: NaiveDate,
) -> anyhow::Result<f64> {
    let day = |day: NaiveDate| format!("date '{:04}-{:02}-{:02}'", day.year(), day.month(), day.day());
    let (from, to) = (day(from), day(to));
    let plain = psql(
        socket,
        &[
            "-c",
            &format!(
                "select warehouse_id, product_id,
                   coalesce(sum(quantity) filter (where business_date < {from}), 0),
                   coalesce(sum(quantity) filter (where business_date >= {from} and quantity > 0), 0),
                   coalesce(-sum(quantity) filter (where business_date >= {from} and quantity < 0), 0),
                   coalesce(sum(quantity), 0), coalesce(sum(selling_value), 0)
                 from stock_movements where business_date <= {to} group by 1, 2"
            ),
        ],
    )?;
    let mut sums = HashMap::new();
    for line in plain.lines() {
        let mut words = line.split('|');
        let place =
            (words.next().context("a warehouse")?.to_owned(), words.next().context("a product")?.to_owned());
        let figures = words.map(str::parse).collect::<Result<Vec<i64>, _>>()?;
        if figures.iter().any(|figure| *figure != 0) {
            sums.insert(place, figures);
        }
    }
    let answer = client.get(path).await.map_err(lost)?.json();
    let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let mut different = 0_u32;
    for row in answer["rows"].as_array().context("rows")? {
        let figures: Vec<i64> =
            ["openingQuantity", "inQuantity", "outQuantity", "closingQuantity", "closingValue"]
                .map(|field| row[field].as_i64().unwrap_or(i64::MIN))
                .into();
        let known = sums.remove(&(text(row, "warehouseId"), text(row, "productId")));
        different += u32::from(known.unwrap_or_else(|| vec![0; 5]) != figures);
    }
    Ok(f64::from(different + u32::try_from(sums.len())?))
}
