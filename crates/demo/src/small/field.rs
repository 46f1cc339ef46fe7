//! The reps' history as rows: clock events, visits with photos, and where they were in the last days.

use anyhow::Context as _;
use chrono::{DateTime, Duration, Utc};
use domain::{Coordinates, OrgUnitId};
use platform::App;

use super::day::{Call, PICTURES, RepDay};
use super::{HISTORY_DAYS, told};
use crate::company::DISTRIBUTORS;
use crate::dice::Dice;
use crate::photo::{self, Scene};
use crate::store::{self, NewClock, NewPhoto, NewPoint, NewVisit};
use crate::{outlets, small::shape::Company};

/// Positions are kept of the last so many days.
const TRACKED_DAYS: i64 = 3;
/// The phone tells its position so often.
const EVERY: Duration = Duration::minutes(5);

/// The pictures in the file store.
pub struct Photos(Vec<(Scene, usize, String, i64)>);

impl Photos {
    /// Digest and size of a picture.
    fn find(&self, scene: Scene, number: usize) -> Option<(&str, i64)> {
        let found = self.0.iter().find(|(s, n, ..)| (*s, *n) == (scene, number));
        found.map(|(_, _, sha256, size)| (sha256.as_str(), *size))
    }
}

/// Puts the pictures into the file store.
pub async fn store_photos(app: &App) -> anyhow::Result<Photos> {
    let mut stored = Vec::new();
    for scene in [Scene::Shelf, Scene::Front, Scene::ClosedDoor] {
        for number in 0..PICTURES {
            let bytes = photo::jpeg(scene, number)?;
            let size = i64::try_from(bytes.len())?;
            let blob = app.blobs.put(bytes.into()).await.context("the photos can't be stored")?;
            stored.push((scene, number, blob.as_str().to_owned(), size));
        }
    }
    Ok(Photos(stored))
}

/// Writes the days of a distributor's reps in one transaction.
pub async fn write(
    app: &App,
    company: &Company,
    distributor: usize,
    days: &[RepDay],
    photos: &Photos,
) -> anyhow::Result<()> {
    let cx = db::Context::system("demo");
    let d = DISTRIBUTORS[distributor].id();
    let rows = Rows::of(company, distributor, days, photos);
    platform::transaction!(app.db, &cx, "demo.field", |tx| {
        store::insert_clocks(tx, d, &rows.clocks).await?;
        store::insert_visits(tx, d, &rows.visits).await?;
        store::insert_photos(tx, d, &rows.photos).await?;
        store::insert_points(tx, d, &rows.points).await?;
        Ok(())
    })
    .map_err(told("writing visits"))
}

#[derive(Default)]
struct Rows {
    clocks: Vec<NewClock>,
    visits: Vec<NewVisit>,
    photos: Vec<NewPhoto>,
    points: Vec<NewPoint>,
}

impl Rows {
    fn of(company: &Company, distributor: usize, days: &[RepDay], photos: &Photos) -> Rows {
        let mut rows = Rows::default();
        for day in days {
            let unit = day.rep.unit_ids().first().copied();
            for (kind, clock) in [("in", Some(&day.clock_in)), ("out", day.clock_out.as_ref())] {
                rows.clocks.extend(clock.map(|clock| NewClock {
                    id: clock.id,
                    user: day.rep.id(),
                    unit,
                    kind,
                    at: clock.at,
                    date: day.date,
                    latitude: clock.place.latitude(),
                    longitude: clock.place.longitude(),
                }));
            }
            for call in &day.calls {
                rows.visits.push(visit(day, call, unit, &company.outlets[distributor][call.outlet]));
                rows.photos.extend(call.photos.iter().filter_map(|photo| {
                    let (sha256, size) = photos.find(photo.scene, photo.number)?;
                    Some(NewPhoto {
                        id: photo.id,
                        visit: call.id.uuid(),
                        sha256: sha256.to_owned(),
                        size,
                        album: photo.album,
                        latitude: call.place.latitude(),
                        longitude: call.place.longitude(),
                        at: photo.at,
                    })
                }));
            }
            if day.date > company.day(-TRACKED_DAYS.min(HISTORY_DAYS)) {
                rows.points.extend(path(company, day, unit));
            }
        }
        rows
    }
}

fn visit(day: &RepDay, call: &Call, unit: Option<OrgUnitId>, outlet: &outlets::Outlet) -> NewVisit {
    NewVisit {
        id: call.id.uuid(),
        customer: outlet.id.uuid(),
        user: day.rep.id(),
        unit,
        route: call.route.map(|route| route.uuid()),
        date: day.date,
        check_in: call.check_in,
        check_out: call.check_out,
        latitude: call.place.latitude(),
        longitude: call.place.longitude(),
        accuracy: call.accuracy,
        distance_metres: i32::try_from(call.distance_metres).unwrap_or(i32::MAX),
        out_of_range: call.out_of_range,
        result: call.result.as_str(),
        notes: call.notes,
        compliant: call.compliant,
    }
}

/// The way of a day: standing at the outlets, going straight from one to the next.
fn path(company: &Company, day: &RepDay, unit: Option<OrgUnitId>) -> Vec<NewPoint> {
    let mut known: Vec<(DateTime<Utc>, Coordinates)> = vec![(day.clock_in.at, day.clock_in.place)];
    known.extend(
        day.calls.iter().flat_map(|call| [(call.check_in, call.place), (call.check_out, call.place)]),
    );
    known.extend(day.clock_out.as_ref().map(|out| (out.at, out.place)));
    let end = day.clock_out.as_ref().map_or(company.now, |out| out.at);
    let mut dice = Dice::of(&format!("path/{}/{}", day.rep.username, day.date));
    let mut points = Vec::new();
    let mut at = day.clock_in.at;
    while at <= end {
        let next = known.partition_point(|(known_at, _)| *known_at <= at);
        let (from_at, from) = known[next.saturating_sub(1)];
        let (to_at, to) = known.get(next).copied().unwrap_or((end, from));
        let metres = from.distance_metres(to);
        let elapsed = (at - from_at).num_seconds() as f64;
        // Rides take most of the time between two visits; over lunch and before going home one also rests.
        let ride = ((to_at - from_at).num_seconds() as f64 * 0.8).clamp(1.0, 1_200.0);
        let rides = metres > 30.0 && elapsed < ride;
        let part = (elapsed / ride).min(1.0);
        let between = |a: f64, b: f64| a + (b - a) * part;
        points.push(NewPoint {
            user: day.rep.id(),
            unit,
            at,
            latitude: between(from.latitude(), to.latitude()) + dice.around(0.000_06),
            longitude: between(from.longitude(), to.longitude()) + dice.around(0.000_06),
            accuracy: dice.between(4, 30) as f32,
            speed: if rides { dice.between(3, 9) as f32 } else { 0.0 },
            battery: i16::try_from(98 - (at - day.clock_in.at).num_minutes() / 8).unwrap_or(50).max(15),
            activity: if rides { "driving" } else { "still" },
        });
        at += EVERY;
    }
    points
}

#[cfg(test)]
mod tests {
    use super::super::day;
    use super::super::shape::tests::company;
    use super::*;

    #[test]
    fn a_path_has_a_point_every_five_minutes_and_passes_the_outlets() {
        let company = company();
        let days = day::all(&company, 0);
        let day = days.iter().rev().find(|day| day.clock_out.is_some()).unwrap();
        let points = path(&company, day, None);
        let minutes = (day.clock_out.as_ref().unwrap().at - day.clock_in.at).num_minutes();
        assert_eq!(points.len() as i64, minutes / 5 + 1);
        for call in &day.calls {
            let nearest = points
                .iter()
                .map(|p| Coordinates::new(p.latitude, p.longitude).unwrap().distance_metres(call.place))
                .fold(f64::MAX, f64::min);
            assert!(nearest < 1_500.0, "{nearest}");
        }
    }
}
