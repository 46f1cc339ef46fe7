//! What there is: products, outlets, routes. Nothing here depends on the database.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, Utc};
use domain::route::{Cadence, Frequency, Rhythm, Schedule, Weekdays};
use domain::{ProductId, RouteId, WarehouseId, business_date};

use super::HISTORY_DAYS;
use crate::company::{self, Person};
use crate::dice::{Dice, id};
use crate::outlets::{self, Outlet};
use crate::products::{self, Product};

/// Stops of a route on a weekday.
const STOPS: usize = 25;
/// Stops of the short route on Sundays.
const SUNDAY_STOPS: usize = 8;

/// The company as it is on the day it is made.
pub struct Company {
    /// The instant of making.
    pub now: DateTime<Utc>,
    /// The business day of making.
    pub today: NaiveDate,
    /// The catalogue.
    pub products: Vec<(ProductId, Product)>,
    /// The outlets of each distributor.
    pub outlets: Vec<Vec<Outlet>>,
    /// The reps of each distributor with their routes.
    pub territories: Vec<Vec<Territory>>,
}

/// A rep and where they sell.
pub struct Territory {
    pub rep: &'static Person,
    /// The outlets, by their place in the distributor's list.
    pub outlets: std::ops::Range<usize>,
    /// One a day of the week, Monday first.
    pub routes: Vec<Route>,
}

/// A route.
pub struct Route {
    pub id: RouteId,
    pub code: String,
    pub name: String,
    pub schedule: Schedule,
    /// Places of outlets in the distributor's list, in the order of the visits.
    pub stops: Vec<(usize, Rhythm)>,
}

/// Who sells where: distributor, user name, outlets, letters of the routes' codes.
const REPS: [(usize, &str, std::ops::Range<usize>); 4] =
    [(0, "nvbh01", 0..50), (0, "nvbh02", 50..100), (1, "nvbh11", 0..100), (2, "nvbh21", 0..100)];

const WEEKDAYS: [&str; 7] = ["Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật"];

impl Company {
    /// As it is at this instant.
    pub fn on(now: DateTime<Utc>) -> Self {
        let today = business_date(now);
        let outlets: Vec<Vec<Outlet>> = (0..company::DISTRIBUTORS.len()).map(outlets::of).collect();
        let mut company = Company {
            now,
            today,
            products: products::all().into_iter().map(|p| (id("product", p.code).into(), p)).collect(),
            territories: outlets.iter().map(|_| Vec::new()).collect(),
            outlets,
        };
        for (distributor, username, range) in REPS {
            if let Some(rep) = company::find(username) {
                let routes = company.routes(distributor, rep, &range);
                company.territories[distributor].push(Territory { rep, outlets: range, routes });
            }
        }
        company
    }

    /// The first day of the history.
    pub fn first_day(&self) -> NaiveDate {
        self.day(-HISTORY_DAYS)
    }

    /// So many days from today.
    pub fn day(&self, from_today: i64) -> NaiveDate {
        self.today + chrono::Duration::days(from_today)
    }

    /// The main warehouse of a distributor.
    pub fn main_warehouse(distributor: usize) -> WarehouseId {
        id("warehouse", &format!("{distributor}/main")).into()
    }

    /// Weeks are counted from a Monday before the history.
    fn route_start(&self) -> NaiveDate {
        let day = self.day(-HISTORY_DAYS - 7);
        day - Days::new(u64::from(day.weekday().num_days_from_monday()))
    }

    fn routes(&self, distributor: usize, rep: &Person, range: &std::ops::Range<usize>) -> Vec<Route> {
        // The outlets in a ring; each weekday takes up where the one before left most of it.
        let ring: Vec<usize> =
            range.clone().filter(|place| self.outlets[distributor][*place].is_active()).collect();
        let number = rep.username.trim_start_matches("nvbh");
        (1..=7_u8)
            .map(|weekday| {
                let before = usize::from(weekday - 1);
                let length = if weekday == 7 { SUNDAY_STOPS } else { STOPS }.min(ring.len());
                let start = before % 6 * ring.len() / 6;
                let mut places: Vec<usize> =
                    (start..start + length).map(|at| ring[at % ring.len()]).collect();
                // Those whose place nobody knows yet come last.
                places.sort_by_key(|place| self.outlets[distributor][*place].data.latitude.is_none());
                let code = format!("T{number}-{weekday}");
                let mut dice = Dice::of(&format!("route/{code}"));
                Route {
                    id: id("route", &format!("{distributor}/{code}")).into(),
                    name: format!(
                        "{} – {}",
                        WEEKDAYS[before], self.outlets[distributor][places[0]].data.ward
                    ),
                    schedule: Schedule {
                        start_date: self.route_start(),
                        weekdays: Weekdays::new([weekday]).unwrap_or_default(),
                    },
                    stops: places
                        .into_iter()
                        .enumerate()
                        .map(|(at, place)| (place, rhythm(at, &mut dice)))
                        .collect(),
                    code,
                }
            })
            .collect()
    }
}

/// Weekly for most; the first stops always, so that no day is without work.
fn rhythm(at: usize, dice: &mut Dice) -> Rhythm {
    let frequency = *dice.weighted(&[(82, Frequency::F4), (11, Frequency::F2), (7, Frequency::F8)]);
    Cadence::Frequency(if at < 5 { Frequency::F4 } else { frequency }).into()
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use domain::route::WeekRule;

    /// 16:30 on a Sunday, in Việt Nam.
    pub fn company() -> Company {
        Company::on("2026-11-22T09:30:00Z".parse().unwrap())
    }

    #[test]
    fn each_rep_has_a_route_a_day_and_every_outlet_is_on_one() {
        let company = company();
        for (distributor, territories) in company.territories.iter().enumerate() {
            let mut visited = std::collections::BTreeSet::new();
            for territory in territories {
                assert_eq!(territory.routes.len(), 7, "{}", territory.rep.username);
                for (weekday, route) in territory.routes.iter().enumerate() {
                    assert_eq!(route.stops.len(), if weekday == 6 { SUNDAY_STOPS } else { STOPS });
                    visited.extend(route.stops.iter().map(|(place, _)| *place));
                }
            }
            let active = company.outlets[distributor].iter().filter(|o| o.is_active()).count();
            assert_eq!(visited.len(), active);
        }
    }

    #[test]
    fn whatever_the_day_the_first_rep_has_somebody_to_visit() {
        for day in 0..35 {
            let company = Company::on(company().now + chrono::Duration::days(day));
            let due = company.territories[0][0].routes.iter().flat_map(|route| {
                route
                    .stops
                    .iter()
                    .filter(|(_, rhythm)| route.schedule.due_on(rhythm, company.today, WeekRule::RouteStart))
            });
            assert!(due.count() >= 5, "{}", company.today);
        }
    }
}
