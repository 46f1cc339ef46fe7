//! A distributor's warehouses, outlets and year, in one transaction.

use std::collections::BTreeSet;

use db::Context;
use platform::App;

use super::{Company, Size, people};
use crate::outlets::{self, Outlet};
use crate::store::{self, Year};
use crate::told;
use crate::towns::TOWNS;

/// Lives the year unless it is lived already.
pub(super) async fn live(app: &App, company: &Company, distributor: u32) -> anyhow::Result<()> {
    let size = &company.size;
    let cx = Context::system("demo");
    let outlets = outlets(distributor, Size::share(size.outlets, size.distributors, distributor));
    let year = Year {
        place: i32::try_from(distributor)?,
        distributor: people::distributor_id(distributor),
        office: people::office(distributor),
        supervisor: people::supervisor(distributor),
        warehouses: if distributor < size.second_warehouses { 2 } else { 1 },
        first_day: company.first_day(),
        today: company.today(),
        set_up: company.set_up(),
        orders: i64::from(Size::share(size.orders, size.distributors, distributor)),
    };
    platform::transaction!(app.db, &cx, "demo.year", |tx| {
        if !store::year_is_lived(tx, year.distributor).await? {
            store::insert_year(tx, &year, &outlets).await?;
        }
        Ok(())
    })
    .map_err(told("living a year"))
}

/// The outlets of a distributor, with the wards and streets of a town of the small company, moved to its own place.
fn outlets(distributor: u32, count: u32) -> Vec<Outlet> {
    let (town, province, latitude, longitude) = people::town(distributor);
    let town = &TOWNS[town];
    let (count, mut names) = (count as usize, BTreeSet::new());
    let numbers = distributor as usize;
    let key = format!("company/{distributor}");
    (0..count)
        .map(|place| {
            let mut outlet = outlets::in_town(town, key.clone(), numbers, (place, count), &mut names);
            let moved =
                |own: Option<f64>, from: f64, to: f64| own.map(|own| ((own - from + to) * 1e6).round() / 1e6);
            outlet.data.latitude = moved(outlet.data.latitude, town.wards[0].latitude, latitude);
            outlet.data.longitude = moved(outlet.data.longitude, town.wards[0].longitude, longitude);
            province.clone_into(&mut outlet.data.province);
            outlet
        })
        .collect()
}
