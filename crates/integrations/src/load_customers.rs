//! Outlets together with their routes, and outlets on routes.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use db::{Context, PgConnection};
use domain::DistributorId;
use platform::{ApiError, Loaded, RowError};
use routes::import::{Load, Outcome, StopRow};

use crate::kinds::{customers::Rows, routes as kind};
use crate::store;

/// Loads outlets, and puts them on the routes that the file names.
pub async fn load(
    c: &mut PgConnection,
    cx: &Context,
    distributor: DistributorId,
    today: NaiveDate,
    at: DateTime<Utc>,
    rows: &Rows,
    errors: &mut Vec<RowError>,
) -> Result<Loaded, ApiError> {
    let (mut loaded, placed) =
        customers::import::load(c, cx, at, distributor, &rows.customers, errors).await?;
    let mut stops = Vec::new();
    for (place, routes) in placed.iter().zip(&rows.routes) {
        let Some(place) = place else { continue };
        stops.extend(routes.iter().map(|route| StopRow {
            row: place.row,
            customer: place.id,
            code: route.code.clone(),
            name: route.name.clone(),
            team: route.team.clone(),
            rep_username: None,
            rep_name: route.rep.clone(),
            weekdays: None,
            start: None,
            sequence: None,
            cadence: None,
            days: None,
        }));
    }
    let load = Load { distributor, today, at, rep_header: kind::REP.name, days_header: kind::DAYS.name };
    let outcomes = routes::import::load(c, cx, load, &stops, errors).await?;
    // An outlet that only came onto a route was changed too.
    let moved: BTreeSet<u32> = outcomes
        .into_iter()
        .filter(|(_, outcome)| *outcome != Outcome::Unchanged)
        .map(|(row, _)| row)
        .collect();
    let also = placed.iter().flatten().filter(|place| place.unchanged && moved.contains(&place.row)).count();
    let also = u32::try_from(also).unwrap_or(u32::MAX);
    loaded.unchanged -= also;
    loaded.updated += also;
    Ok(loaded)
}

/// Puts outlets on routes; unknown outlets go to `errors`.
pub async fn load_routes(
    c: &mut PgConnection,
    cx: &Context,
    distributor: DistributorId,
    today: NaiveDate,
    at: DateTime<Utc>,
    rows: &[kind::RouteRow],
    errors: &mut Vec<RowError>,
) -> Result<Loaded, ApiError> {
    let codes: Vec<String> = rows.iter().map(|row| row.customer_code.clone()).collect();
    let customers: HashMap<String, _> = store::find_customers(c, distributor, &codes).await?;
    let mut stops = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(customer) = customers.get(&row.customer_code) else {
            let (vi, en) = ("Nhà phân phối không có khách hàng này", "The distributor has no such customer");
            errors.push(RowError::new(row.row, kind::CUSTOMER.name, row.customer_code.clone(), vi, en));
            continue;
        };
        stops.push(StopRow {
            row: row.row,
            customer: *customer,
            code: row.code.clone(),
            name: row.name.clone(),
            team: row.team.clone(),
            rep_username: row.rep_username.clone(),
            rep_name: row.rep_name.clone(),
            weekdays: row.weekdays.clone(),
            start: row.start,
            sequence: row.sequence,
            cadence: row.cadence.clone(),
            days: row.days.clone(),
        });
    }
    let load = Load { distributor, today, at, rep_header: kind::REP.name, days_header: kind::DAYS.name };
    let mut loaded = Loaded::default();
    for (_, outcome) in routes::import::load(c, cx, load, &stops, errors).await? {
        match outcome {
            Outcome::Added => loaded.created += 1,
            Outcome::Changed => loaded.updated += 1,
            Outcome::Unchanged => loaded.unchanged += 1,
        }
    }
    Ok(loaded)
}
