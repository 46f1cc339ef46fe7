//! What a rep does on a day: clock in, visits with orders, clock out. Drawn by lot, the same each time.

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, NaiveTime, Utc, Weekday};
use domain::business_day::instant_of;
use domain::geo::DEFAULT_RADIUS_METRES;
use domain::route::{Schedule, WeekRule};
use domain::visit::{Arrival, VisitFacts, VisitPolicy};
use domain::{Coordinates, RouteId, VisitId, VisitResult};
use uuid::Uuid;

use super::HISTORY_DAYS;
use super::plan::{self, OrderPlan};
use super::shape::{Company, Territory};
use crate::company::Person;
use crate::dice::{Dice, id};
use crate::photo::Scene;

/// Kinds of pictures: so many of each.
pub const PICTURES: usize = 4;

/// A rep's day.
pub struct RepDay {
    pub rep: &'static Person,
    pub date: NaiveDate,
    pub clock_in: Clock,
    /// None while the day lasts.
    pub clock_out: Option<Clock>,
    pub calls: Vec<Call>,
}

/// A clock event.
pub struct Clock {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub place: Coordinates,
}

/// A visit.
pub struct Call {
    pub id: VisitId,
    /// Place in the distributor's list of outlets.
    pub outlet: usize,
    pub route: Option<RouteId>,
    pub check_in: DateTime<Utc>,
    pub check_out: DateTime<Utc>,
    pub place: Coordinates,
    pub accuracy: f64,
    pub distance_metres: u32,
    pub out_of_range: bool,
    pub result: VisitResult,
    pub compliant: bool,
    pub notes: &'static str,
    pub photos: Vec<Photo>,
    pub order: Option<OrderPlan>,
}

/// A photo.
pub struct Photo {
    pub id: Uuid,
    pub scene: Scene,
    pub number: usize,
    pub album: &'static str,
    pub at: DateTime<Utc>,
}

/// The days of all reps of a distributor, day by day.
pub fn all(company: &Company, distributor: usize) -> Vec<RepDay> {
    (-HISTORY_DAYS..=0)
        .flat_map(|n| {
            let date = company.day(n);
            company.territories[distributor].iter().filter_map(move |t| of(company, distributor, t, date))
        })
        .collect()
}

fn of(company: &Company, distributor: usize, territory: &Territory, date: NaiveDate) -> Option<RepDay> {
    let rep = territory.rep;
    let key = format!("{}/{date}", rep.username);
    let mut dice = Dice::of(&format!("day/{key}"));
    let sunday = date.weekday() == Weekday::Sun;
    let off = dice.percent(if sunday { 50 } else { 3 });
    let today = date == company.today;
    // The first rep's day has not begun: it is for whoever tries the system.
    if (today && rep.username == "nvbh01") || (off && !today) {
        return None;
    }
    let outlets = stops(company, distributor, territory, date, sunday, &mut dice);
    let begin = at(date, 7, 40) + Duration::minutes(dice.between(0, 45));
    let mut clock = Walk { at: begin, lunch: false, date, gap: gap(outlets.len(), sunday) };
    let first = company.outlets[distributor].get(outlets.first()?.0)?;
    let office = Coordinates::new(first.data.latitude? + 0.004, first.data.longitude? + 0.003).ok()?;
    let clock_in = Clock { id: id("clock-in", &key), at: clock.at, place: office };
    clock.at += Duration::minutes(dice.between(8, 20));
    let mut calls = Vec::new();
    for (number, (outlet, route)) in outlets.into_iter().enumerate() {
        clock.travel(&mut dice);
        if clock.at > at(date, 16, 30) {
            break;
        }
        calls.extend(call(
            company,
            distributor,
            &format!("{key}/{number}"),
            outlet,
            route,
            &mut clock.at,
            &mut dice,
        ));
    }
    let end = if sunday { clock.at + Duration::minutes(10) } else { clock.at.max(at(date, 16, 45)) };
    let clock_out =
        Clock { id: id("clock-out", &key), at: end + Duration::minutes(dice.between(0, 35)), place: office };
    calls.retain(|call: &Call| call.check_out < company.now);
    if clock_in.at >= company.now {
        return None;
    }
    let clock_out = Some(clock_out).filter(|out| out.at < company.now);
    Some(RepDay { rep, date, clock_in, clock_out, calls })
}

/// Minutes from one visit to the next, so that the visits fill the day; only the morning on Sundays.
fn gap(visits: usize, sunday: bool) -> i64 {
    let working = if sunday { 170 } else { 390 };
    (working / i64::try_from(visits).unwrap_or(1).max(1) - 8).clamp(8, 45)
}

/// The rep's watch.
struct Walk {
    at: DateTime<Utc>,
    lunch: bool,
    date: NaiveDate,
    gap: i64,
}

impl Walk {
    fn travel(&mut self, dice: &mut Dice) {
        let minutes = dice.between(self.gap * 6 / 10, self.gap * 13 / 10);
        self.at += Duration::minutes(minutes) + Duration::seconds(dice.between(0, 59));
        if !self.lunch && self.at > at(self.date, 11, 40) {
            self.lunch = true;
            self.at = at(self.date, 13, 5) + Duration::minutes(dice.between(0, 15));
        }
    }
}

/// A time of a day in Việt Nam.
pub fn at(date: NaiveDate, hour: u32, minute: u32) -> DateTime<Utc> {
    instant_of(date, NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default())
}

/// Some of the outlets that are due, in order, and now and then one that isn't.
fn stops(
    company: &Company,
    distributor: usize,
    territory: &Territory,
    date: NaiveDate,
    sunday: bool,
    dice: &mut Dice,
) -> Vec<(usize, Option<RouteId>)> {
    let outlets = &company.outlets[distributor];
    let days_ago = (company.today - date).num_days();
    let visited = |place: usize| {
        let outlet = &outlets[place];
        let buys = outlet.bad_payer.is_none_or(|(from, to)| (to..=from).contains(&days_ago));
        outlet.is_active() && outlet.data.latitude.is_some() && buys
    };
    let mut due = Vec::new();
    for route in &territory.routes {
        let of_route = |schedule: &Schedule, (place, rhythm): &(usize, _)| {
            schedule.due_on(rhythm, date, WeekRule::RouteStart).then_some(*place)
        };
        due.extend(
            route
                .stops
                .iter()
                .filter_map(|stop| of_route(&route.schedule, stop))
                .map(|p| (p, Some(route.id))),
        );
    }
    due.retain(|(place, _)| visited(*place));
    let wanted = if sunday { dice.between(4, 6) } else { dice.between(8, 14) };
    while due.len() > usize::try_from(wanted).unwrap_or(8) {
        let left_out = dice.below(due.len());
        due.remove(left_out);
    }
    if dice.percent(40) && !due.is_empty() {
        let other = territory.outlets.start + dice.below(territory.outlets.len());
        let planned = territory.routes.iter().any(|route| {
            route.schedule.runs_on(date) && route.stops.iter().any(|(place, _)| *place == other)
        });
        if visited(other) && !planned {
            let place = dice.below(due.len());
            due[place] = (other, None);
        }
    }
    due
}

fn call(
    company: &Company,
    distributor: usize,
    key: &str,
    outlet: usize,
    route: Option<RouteId>,
    clock: &mut DateTime<Utc>,
    dice: &mut Dice,
) -> Option<Call> {
    let shop = company.outlets[distributor].get(outlet)?;
    let there = Coordinates::new(shop.data.latitude?, shop.data.longitude?).ok()?;
    // Within some forty metres; now and then from across the quarter.
    let away = if dice.percent(4) { 0.003 } else { 0.0 };
    let place = Coordinates::new(
        there.latitude() + away + dice.around(0.000_25),
        there.longitude() + dice.around(0.000_25),
    )
    .ok()?;
    let fence = place.geofence(there, DEFAULT_RADIUS_METRES);
    let drawn = *dice.weighted(&[
        (34, VisitResult::HasOrder),
        (51, VisitResult::NoOrder),
        (8, VisitResult::Closed),
        (7, VisitResult::OwnerAway),
    ]);
    let result = if shop.bad_payer.is_some() { VisitResult::HasOrder } else { drawn };
    let check_in = *clock;
    let minutes = match result {
        VisitResult::HasOrder => dice.between(8, 19),
        VisitResult::NoOrder => dice.between(4, 10),
        VisitResult::Closed | VisitResult::OwnerAway => dice.between(1, 4),
    };
    let duration = Duration::minutes(minutes) + Duration::seconds(dice.between(0, 59));
    let check_out = check_in + duration;
    *clock = check_out;
    let photos = photos(key, result, check_in, duration, dice);
    let order = (result == VisitResult::HasOrder)
        .then(|| plan::order(company, shop, key, check_in + duration * 3 / 4, dice));
    let accuracy = dice.between(4, 25) as f64;
    let arrival = Arrival {
        distance_metres: Some(fence.distance_metres),
        accuracy_metres: Some(accuracy),
        in_route: route.is_some(),
    };
    let mut facts = VisitFacts::bare(arrival, result, duration.num_seconds());
    for photo in &photos {
        *facts.photos.entry(domain::search_key(photo.album)).or_default() += 1;
    }
    Some(Call {
        id: id("visit", key).into(),
        outlet,
        route,
        check_in,
        check_out,
        place,
        accuracy,
        distance_metres: fence.distance_metres,
        out_of_range: !fence.within,
        result,
        compliant: VisitPolicy::default().leave(&facts).compliant(),
        notes: notes(result, dice),
        photos,
        order,
    })
}

fn photos(
    key: &str,
    result: VisitResult,
    from: DateTime<Utc>,
    during: Duration,
    dice: &mut Dice,
) -> Vec<Photo> {
    let scenes: &[(Scene, &str)] = match result {
        VisitResult::Closed => &[(Scene::ClosedDoor, "Đóng cửa")],
        VisitResult::HasOrder if dice.percent(35) => {
            &[(Scene::Shelf, "Trưng bày"), (Scene::Front, "Mặt tiền")]
        }
        VisitResult::OwnerAway => &[(Scene::Front, "Mặt tiền")],
        _ => &[(Scene::Shelf, "Trưng bày")],
    };
    let photo = |(n, &(scene, album)): (usize, &(Scene, &'static str))| Photo {
        id: id("photo", &format!("{key}/{n}")),
        scene,
        number: dice.below(PICTURES),
        album,
        at: from + during / 3 + Duration::seconds(20 * i64::try_from(n).unwrap_or(0)),
    };
    scenes.iter().enumerate().map(photo).collect()
}

fn notes(result: VisitResult, dice: &mut Dice) -> &'static str {
    let said: &[&'static str] = match result {
        VisitResult::NoOrder => &["", "Còn hàng, hẹn tuần sau", "Chờ chương trình mới", "", "Khách chê giá"],
        VisitResult::OwnerAway => &["Chủ tiệm đi vắng", "Hẹn quay lại buổi chiều"],
        VisitResult::HasOrder => &["", "", "", "Giao buổi sáng", "Cần thêm kệ trưng bày"],
        VisitResult::Closed => &[""],
    };
    dice.pick::<&str>(said)
}

#[cfg(test)]
mod tests {
    use super::super::shape::tests::company;
    use super::*;

    #[test]
    fn thirty_days_of_visits_in_order_and_within_the_day() {
        let company = company();
        let mut orders = 0;
        for distributor in 0..3 {
            for day in all(&company, distributor) {
                let end = day.clock_out.as_ref().map_or(company.now, |out| out.at);
                let mut last = day.clock_in.at;
                assert!(day.calls.len() <= 15);
                for call in &day.calls {
                    assert!(last < call.check_in && call.check_in < call.check_out && call.check_out < end);
                    assert_eq!(domain::business_date(call.check_in), day.date);
                    assert_eq!(call.order.is_some(), call.result == VisitResult::HasOrder);
                    assert!(!call.photos.is_empty());
                    last = call.check_out;
                    orders += usize::from(call.order.is_some());
                }
            }
        }
        assert!((300..450).contains(&orders), "{orders} orders");
    }

    #[test]
    fn the_first_rep_has_not_begun_today_and_the_others_have() {
        let company = company();
        let today: Vec<_> = (0..3)
            .flat_map(|d| all(&company, d))
            .filter(|day| day.date == company.today)
            .map(|day| day.rep.username)
            .collect();
        assert_eq!(today, ["nvbh02", "nvbh11", "nvbh21"]);
    }
}
