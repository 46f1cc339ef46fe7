//! Outlets put on routes from files: routes that don't exist are made, reps that are named get them, and nobody is taken
//! off a route. A cell that is empty leaves what is known as it is.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Datelike as _, Days, NaiveDate, Utc};
use db::audit::{self, Change};
use db::{Context, PgConnection};
use domain::route::{Cadence, Frequency, Rhythm, Schedule, Weekdays};
use domain::{CustomerId, DistributorId, OrgUnitId, RouteId, UserId, search_key};
use platform::RowError;
use serde_json::json;
use uuid::Uuid;

use crate::error::rhythm_text;
use crate::model::{NewAssignment, NewRoute, RouteStatus};
use crate::store;

/// A row of the file: an outlet on a route.
#[derive(Debug, Clone)]
pub struct StopRow {
    /// Its number in the file.
    pub row: u32,
    /// The outlet, of the same distributor.
    pub customer: CustomerId,
    /// The route's code, unique in the distributor.
    pub code: String,
    /// The route's name; of a new one the code when absent.
    pub name: Option<String>,
    /// The name of the team; taken where exactly one unit of the distributor has it.
    pub team: Option<String>,
    /// The rep's log-in name; an unknown one is an error.
    pub rep_username: Option<String>,
    /// The rep's name; taken where exactly one rep of the distributor has it.
    pub rep_name: Option<String>,
    /// The weekdays; those in the name of a new route, or Monday to Saturday, when absent.
    pub weekdays: Option<Weekdays>,
    /// The first day of week 1; Monday of this week for a new route when absent.
    pub start: Option<NaiveDate>,
    /// The place on the route; the next free one for a new outlet when absent.
    pub sequence: Option<i32>,
    /// In which weeks; every week for a new outlet when absent.
    pub cadence: Option<Cadence>,
    /// On which of the route's weekdays; as it was with the same cadence, else as the cadence says, when absent.
    pub days: Option<Weekdays>,
}

impl StopRow {
    /// When the outlet is due, in view of when it was.
    fn rhythm(&self, old: Option<&Rhythm>) -> Rhythm {
        let cadence = self.cadence.clone().or_else(|| old.map(|old| old.cadence.clone()));
        let cadence = cadence.unwrap_or(Cadence::Frequency(Frequency::F4));
        let kept = || old.filter(|old| old.cadence == cadence).and_then(|old| old.days.clone());
        Rhythm { days: self.days.clone().or_else(kept), cadence }
    }
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The outlet is new on the route.
    Added,
    /// Its place or its weeks changed, or the route itself did (told of its first row).
    Changed,
    /// It was so already.
    Unchanged,
}

/// Whose routes, and when.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// The distributor.
    pub distributor: DistributorId,
    /// The business day; reps get routes from it on.
    pub today: NaiveDate,
    /// The instant.
    pub at: DateTime<Utc>,
    /// The header that errors about reps name.
    pub rep_header: &'static str,
    /// The header that errors about the weekdays of an outlet name.
    pub days_header: &'static str,
}

/// Brings the routes to what the rows say; gives each row's outcome, by its number. Rows that name an unknown rep go to
/// `errors`. An outlet stands on a route once.
///
/// # Errors
/// When the database refuses.
pub async fn load(
    c: &mut PgConnection,
    cx: &Context,
    load: Load,
    rows: &[StopRow],
    errors: &mut Vec<RowError>,
) -> Result<Vec<(u32, Outcome)>, sqlx::Error> {
    let people = People::read(c, load.distributor).await?;
    let mut by_code: BTreeMap<&str, Vec<&StopRow>> = BTreeMap::new();
    for row in rows {
        match &row.rep_username {
            Some(name) if people.by_username(name).is_none() => {
                let (vi, en) = ("Nhà phân phối không có nhân viên này", "The distributor has no such rep");
                errors.push(RowError::new(row.row, load.rep_header, name.clone(), vi, en));
            }
            _ => by_code.entry(&row.code).or_default().push(row),
        }
    }
    let codes: Vec<String> = by_code.keys().map(|code| (*code).to_owned()).collect();
    let mut known = known_routes(c, load.distributor, &codes).await?;
    let mut outcomes = Vec::with_capacity(rows.len());
    let (mut stops, mut changes) = (Stops::default(), Vec::new());
    for (code, rows) in by_code {
        let wish = Wish::of(&rows, &people);
        let (id, weekdays, before, route_changed) = match known.remove(code) {
            Some(route) => {
                let weekdays = wish.weekdays.clone().map_or_else(|| store::weekdays(&route.weekdays), Ok)?;
                let before = route_stops(c, load.distributor, route.id).await?;
                if let Some(error) = stranded(&before, &rows, &weekdays, load) {
                    errors.push(error);
                    continue;
                }
                (route.id, weekdays, before, change_route(c, load, code, &route, &wish).await?)
            }
            None => {
                let (id, weekdays) = make_route(c, load, code, &wish).await?;
                (id, weekdays, HashMap::new(), true)
            }
        };
        let assigned = match wish.rep {
            Some(rep) => assign(c, load, id, rep, wish.start).await?,
            None => false,
        };
        let mut next = before.values().map(|(sequence, _)| *sequence).max().unwrap_or_default();
        let (mut added, mut changed) = (0, 0);
        let mut told = !(route_changed || assigned);
        for row in rows {
            let old = before.get(&row.customer);
            let rhythm = row.rhythm(old.map(|(_, rhythm)| rhythm));
            if let Err(wrong) = rhythm.fits(&weekdays) {
                let (vi, en) = rhythm_text(&wrong);
                errors.push(RowError::new(row.row, load.days_header, rhythm.to_string(), vi, en));
                continue;
            }
            let sequence = row.sequence.or(old.map(|(sequence, _)| *sequence)).unwrap_or_else(|| {
                next += 1;
                next
            });
            let outcome = match old {
                None => Outcome::Added,
                Some((s, r)) if *s != sequence || *r != rhythm => Outcome::Changed,
                Some(_) if !told => Outcome::Changed,
                Some(_) => Outcome::Unchanged,
            };
            told = true;
            match outcome {
                Outcome::Added => added += 1,
                Outcome::Changed => changed += 1,
                Outcome::Unchanged => {}
            }
            if outcome != Outcome::Unchanged {
                stops.push(id, row.customer, sequence, rhythm.to_string());
            }
            outcomes.push((row.row, outcome));
        }
        if added + changed > 0 || route_changed || assigned {
            let after = json!({"code": code, "added": added, "changed": changed, "repId": wish.rep});
            changes.push(Change { entity_id: id.uuid(), before: None, after });
            store::touch_route(c, load.distributor, id, load.at).await?;
        }
    }
    stops.write(c, load.distributor).await?;
    audit::record_many(c, cx, load.at, "routes.import", "route", Some(load.distributor), &changes).await?;
    Ok(outcomes)
}

/// What the rows of one route say of it.
struct Wish {
    name: Option<String>,
    unit: Option<OrgUnitId>,
    rep: Option<UserId>,
    weekdays: Option<Weekdays>,
    start: Option<NaiveDate>,
}

impl Wish {
    fn of(rows: &[&StopRow], people: &People) -> Self {
        let rep = rows.iter().find_map(|row| match &row.rep_username {
            Some(username) => people.by_username(username),
            None => row.rep_name.as_ref().and_then(|name| people.by_name(name)),
        });
        let unit = rows.iter().find_map(|row| people.unit(row.team.as_ref()?));
        Wish {
            name: rows.iter().find_map(|row| row.name.clone()),
            unit: unit.or_else(|| rep.and_then(|rep| people.unit_of.get(&rep).copied())),
            rep,
            weekdays: rows.iter().find_map(|row| row.weekdays.clone()),
            start: rows.iter().find_map(|row| row.start),
        }
    }
}

async fn make_route(
    c: &mut PgConnection,
    load: Load,
    code: &str,
    wish: &Wish,
) -> Result<(RouteId, Weekdays), sqlx::Error> {
    let id = RouteId::new(Uuid::now_v7());
    let name = wish.name.clone().unwrap_or_else(|| code.to_owned());
    let weekdays = wish.weekdays.clone().unwrap_or_else(|| weekdays_in(&name));
    let monday = load.today - Days::new(load.today.weekday().num_days_from_monday().into());
    let route = NewRoute {
        code: code.to_owned(),
        unit: wish.unit,
        schedule: Schedule { start_date: wish.start.unwrap_or(monday), weekdays: weekdays.clone() },
        name,
        status: RouteStatus::Active,
    };
    store::insert_route(c, load.distributor, id, &route, load.at).await?;
    Ok((id, weekdays))
}

/// Outlets whose chosen weekdays the file takes from their route, without choosing others for them, keep the route as it
/// is.
fn stranded(
    before: &HashMap<CustomerId, (i32, Rhythm)>,
    rows: &[&StopRow],
    weekdays: &Weekdays,
    load: Load,
) -> Option<RowError> {
    let named: HashSet<CustomerId> = rows.iter().map(|row| row.customer).collect();
    let lost = before
        .iter()
        .filter(|(customer, (_, rhythm))| rhythm.fits(weekdays).is_err() && !named.contains(customer));
    let (count, first) = (lost.count(), rows.first()?);
    let vi = format!("{count} khách hàng của tuyến đã chọn thứ mà tuyến không còn chạy");
    let en = format!("{count} outlets of the route have chosen weekdays on which it would not run");
    (count > 0).then(|| RowError::new(first.row, load.days_header, first.code.clone(), vi, en))
}

/// The weekdays that a route's name tells (Thứ 2, T3, Chủ nhật), else Monday to Saturday.
fn weekdays_in(name: &str) -> Weekdays {
    let key = search_key(name);
    let words: Vec<&str> =
        key.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut days = BTreeSet::new();
    for (at, word) in words.iter().enumerate() {
        let number = match *word {
            "thu" => words.get(at + 1).copied(),
            "cn" => Some("8"),
            "chu" if words.get(at + 1) == Some(&"nhat") => Some("8"),
            _ => word.strip_prefix("thu").or_else(|| word.strip_prefix('t')).filter(|rest| rest.len() == 1),
        };
        // Thứ 2 is Monday, which is 1.
        if let Some(day) = number.and_then(|n| n.parse::<u8>().ok()).filter(|day| (2..=8).contains(day)) {
            days.insert(day - 1);
        }
    }
    if days.is_empty() {
        days.extend(1..=6);
    }
    Weekdays::new(days).unwrap_or_default()
}

/// A route that exists.
struct KnownRoute {
    id: RouteId,
    name: String,
    unit: Option<OrgUnitId>,
    weekdays: Vec<i16>,
    start: NaiveDate,
    gone: bool,
}

async fn known_routes(
    c: &mut PgConnection,
    distributor: DistributorId,
    codes: &[String],
) -> Result<HashMap<String, KnownRoute>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: RouteId", code, name, unit_id as "unit: OrgUnitId", weekdays, start_date,
             deleted_at is not null as "gone!"
           from routes where distributor_id = $1 and code = any ($2) order by code for no key update"#,
        distributor.uuid(),
        codes,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let known = KnownRoute {
                id: r.id,
                name: r.name,
                unit: r.unit,
                weekdays: r.weekdays,
                start: r.start_date,
                gone: r.gone,
            };
            (r.code, known)
        })
        .collect())
}

/// Writes what the file says of a known route; tells whether that changed it.
async fn change_route(
    c: &mut PgConnection,
    load: Load,
    code: &str,
    route: &KnownRoute,
    wish: &Wish,
) -> Result<bool, sqlx::Error> {
    let name = wish.name.clone().unwrap_or_else(|| route.name.clone());
    // A team that somebody chose stays, when the file names none.
    let unit = wish.unit.filter(|_| route.unit.is_none()).or(route.unit);
    let weekdays = match &wish.weekdays {
        Some(days) => days.iter().map(i16::from).collect(),
        None => route.weekdays.clone(),
    };
    let start = wish.start.unwrap_or(route.start);
    let same = name == route.name && unit == route.unit && weekdays == route.weekdays && start == route.start;
    if same && !route.gone {
        return Ok(false);
    }
    sqlx::query!(
        "update routes set name = $3, search_key = $4, unit_id = $5, weekdays = $6, start_date = $7,
           deleted_at = null where distributor_id = $1 and id = $2",
        load.distributor.uuid(),
        route.id.uuid(),
        name,
        search_key(&format!("{code} {name}")),
        unit.map(|unit| unit.uuid()),
        &weekdays,
        start,
    )
    .execute(c)
    .await?;
    Ok(true)
}

/// Gives the route to the rep from today on (a new one from its start), unless they have it; tells whether it did.
async fn assign(
    c: &mut PgConnection,
    load: Load,
    route: RouteId,
    rep: UserId,
    start: Option<NaiveDate>,
) -> Result<bool, sqlx::Error> {
    let before = store::assignments(c, load.distributor, route).await?;
    let open = before.iter().find(|assignment| assignment.valid_to.is_none());
    if open.is_some_and(|open| open.rep_id == rep) {
        return Ok(false);
    }
    let from = if before.is_empty() { start.unwrap_or(load.today).min(load.today) } else { load.today };
    // What is planned behind today is somebody's decision; the file doesn't undo it.
    if before.iter().any(|a| a.valid_from > from || a.valid_to.is_some_and(|last| last >= from)) {
        return Ok(false);
    }
    store::end_assignment(c, load.distributor, route, from).await?;
    let new = NewAssignment { rep, from, note: String::new(), by: None };
    store::insert_assignment(c, load.distributor, route, &new).await?;
    Ok(true)
}

/// The outlets on the route, with their place and rhythm.
async fn route_stops(
    c: &mut PgConnection,
    distributor: DistributorId,
    route: RouteId,
) -> Result<HashMap<CustomerId, (i32, Rhythm)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select customer_id as "customer: CustomerId", sequence, frequency from route_customers
           where distributor_id = $1 and route_id = $2"#,
        distributor.uuid(),
        route.uuid(),
    )
    .fetch_all(c)
    .await?;
    rows.into_iter().map(|r| Ok((r.customer, (r.sequence, store::word(&r.frequency)?)))).collect()
}

/// Outlets to be written, as arrays.
#[derive(Default)]
struct Stops {
    route: Vec<Uuid>,
    customer: Vec<Uuid>,
    sequence: Vec<i32>,
    frequency: Vec<String>,
}

impl Stops {
    fn push(&mut self, route: RouteId, customer: CustomerId, sequence: i32, frequency: String) {
        self.route.push(route.uuid());
        self.customer.push(customer.uuid());
        self.sequence.push(sequence);
        self.frequency.push(frequency);
    }

    async fn write(&self, c: &mut PgConnection, distributor: DistributorId) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "insert into route_customers (distributor_id, route_id, customer_id, sequence, frequency)
             select $1, * from unnest($2::uuid[], $3::uuid[], $4::integer[], $5::text[])
             on conflict (distributor_id, route_id, customer_id)
             do update set sequence = excluded.sequence, frequency = excluded.frequency",
            distributor.uuid(),
            &self.route,
            &self.customer,
            &self.sequence,
            &self.frequency,
        )
        .execute(c)
        .await?;
        Ok(())
    }
}

/// The people and teams of a distributor by name; names that several share are none.
struct People {
    usernames: HashMap<String, UserId>,
    names: HashMap<String, Option<UserId>>,
    teams: HashMap<String, Option<OrgUnitId>>,
    unit_of: HashMap<UserId, OrgUnitId>,
}

impl People {
    async fn read(c: &mut PgConnection, distributor: DistributorId) -> Result<Self, sqlx::Error> {
        let mut people = People {
            usernames: HashMap::new(),
            names: HashMap::new(),
            teams: HashMap::new(),
            unit_of: HashMap::new(),
        };
        let users = sqlx::query!(
            r#"select u.id as "id: UserId", u.username, u.full_name, uu.unit_id as "unit?: OrgUnitId"
               from users u left join user_units uu on uu.user_id = u.id and uu.is_primary
               where u.distributor_id = $1 and u.role in ('sales_rep', 'supervisor') and u.status = 'active'
                 and u.deleted_at is null"#,
            distributor.uuid(),
        )
        .fetch_all(&mut *c)
        .await?;
        for user in users {
            people.usernames.insert(user.username, user.id);
            let name = people.names.entry(search_key(&user.full_name)).or_insert(Some(user.id));
            name.take_if(|known| *known != user.id);
            if let Some(unit) = user.unit {
                people.unit_of.insert(user.id, unit);
            }
        }
        let units = sqlx::query!(
            r#"select id as "id: OrgUnitId", name from org_units where distributor_id = $1 and deleted_at is null"#,
            distributor.uuid(),
        )
        .fetch_all(c)
        .await?;
        for unit in units {
            let name = people.teams.entry(search_key(&unit.name)).or_insert(Some(unit.id));
            name.take_if(|known| *known != unit.id);
        }
        Ok(people)
    }

    fn by_username(&self, username: &str) -> Option<UserId> {
        self.usernames.get(&username.trim().to_lowercase()).copied()
    }

    fn by_name(&self, name: &str) -> Option<UserId> {
        self.names.get(&search_key(name)).copied().flatten()
    }

    fn unit(&self, name: &str) -> Option<OrgUnitId> {
        self.teams.get(&search_key(name)).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_s_name_may_tell_its_weekdays() {
        let days = |name: &str| weekdays_in(name).iter().collect::<Vec<_>>();
        assert_eq!(days("Tuyến Thứ 2 - Quận 1"), [1]);
        assert_eq!(days("T3, T5 Bình Thạnh"), [2, 4]);
        assert_eq!(days("Chủ nhật"), [7]);
        assert_eq!(days("Tuyến thu7"), [6]);
        assert_eq!(days("Tuyến 12 Tân Bình"), [1, 2, 3, 4, 5, 6]);
        assert_eq!(days("Tuyến T01"), [1, 2, 3, 4, 5, 6]);
    }
}
