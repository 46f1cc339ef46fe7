//! What people have to do on a day: the rules of [`domain::plan`] and [`domain::route`] over what the database knows.
//!
//! Who walks a route on a day: its substitute if there is one, else the rep who has it; and nobody while that person is
//! on leave.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Days, NaiveDate};
use domain::plan::WorkCalendar;
use domain::route::{Rhythm, Schedule, WeekRule};
use domain::{CustomerId, DistributorId, RouteId, UserId};
use sqlx::PgConnection;

use crate::model::{DayPlan, DayRoute, Stop};
use crate::store::{self, Candidate};

/// What the user has to do on the day for the distributor.
///
/// # Errors
/// When the database refuses.
pub async fn plan_for(
    c: &mut PgConnection,
    distributor: DistributorId,
    user: UserId,
    date: NaiveDate,
) -> Result<DayPlan, sqlx::Error> {
    let mut candidates = store::plan_candidates(c, &[user], date, date, None).await?;
    candidates.retain(|candidate| candidate.distributor_id == distributor.uuid());
    one(&Routes::of(candidates)?, user, date)
}

/// What the user has to do on the day, for whatever distributor.
///
/// # Errors
/// When the database refuses.
pub async fn day_plan(c: &mut PgConnection, user: UserId, date: NaiveDate) -> Result<DayPlan, sqlx::Error> {
    one(&Routes::of(store::plan_candidates(c, &[user], date, date, None).await?)?, user, date)
}

/// The routes the user walks on the day, each with the outlets that are due, in order. An outlet on two of them is
/// due on the first only.
///
/// # Errors
/// When the database refuses.
pub async fn day(c: &mut PgConnection, user: UserId, date: NaiveDate) -> Result<Vec<DayRoute>, sqlx::Error> {
    Ok(day_plan(c, user, date).await?.routes)
}

/// The plans of all these people for all days of the span, by person and day; made of one statement's answer.
///
/// # Errors
/// When the database refuses.
pub async fn plans(
    c: &mut PgConnection,
    users: &[UserId],
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<DayPlan>, sqlx::Error> {
    Ok(Routes::of(store::plan_candidates(c, users, from, to, None).await?)?.plans(users, from, to))
}

/// The route in whose plan for the day the outlet is, if it is in one.
///
/// # Errors
/// When the database refuses.
pub async fn route_of(
    c: &mut PgConnection,
    user: UserId,
    date: NaiveDate,
    customer: CustomerId,
) -> Result<Option<RouteId>, sqlx::Error> {
    let candidates = store::plan_candidates(c, &[user], date, date, Some(customer)).await?;
    Ok(first_with_stops(one(&Routes::of(candidates)?, user, date)?))
}

fn first_with_stops(plan: DayPlan) -> Option<RouteId> {
    plan.routes.into_iter().find(|route| !route.stops.is_empty()).map(|route| route.id)
}

fn one(routes: &Routes, user: UserId, date: NaiveDate) -> Result<DayPlan, sqlx::Error> {
    // One person and one day make one plan.
    routes.plans(&[user], date, date).pop().ok_or(sqlx::Error::RowNotFound)
}

/// The routes behind some plans.
struct Routes {
    /// By code.
    routes: Vec<PlannedRoute>,
    /// The approved leave of those whose plans these are.
    leaves: HashSet<(UserId, NaiveDate, NaiveDate)>,
}

struct PlannedRoute {
    distributor: DistributorId,
    id: RouteId,
    code: String,
    name: String,
    schedule: Schedule,
    weeks: WeekRule,
    calendar: WorkCalendar,
    /// Who has it.
    assigned: Vec<Span>,
    /// Who walks it instead.
    substitutes: Vec<Span>,
    stops: Vec<(CustomerId, i32, Rhythm)>,
}

struct Span {
    user: UserId,
    first: NaiveDate,
    last: NaiveDate,
}

fn on(spans: &[Span], date: NaiveDate) -> Option<UserId> {
    spans.iter().find(|span| (span.first..=span.last).contains(&date)).map(|span| span.user)
}

impl Routes {
    fn of(mut candidates: Vec<Candidate>) -> Result<Self, sqlx::Error> {
        candidates.sort_by(|a, b| (&a.code, a.route_id).cmp(&(&b.code, b.route_id)));
        let mut leaves = HashSet::new();
        let mut routes = Vec::with_capacity(candidates.len());
        // An outlet's rhythm is one of few texts.
        let mut known: HashMap<String, Rhythm> = HashMap::new();
        for candidate in candidates {
            let spans = candidate.leave_froms.iter().zip(&candidate.leave_tos);
            leaves.extend(
                candidate
                    .leave_users
                    .iter()
                    .zip(spans)
                    .map(|(user, (from, to))| (UserId::new(*user), *from, *to)),
            );
            routes.push(PlannedRoute::of(candidate, &mut known)?);
        }
        Ok(Routes { routes, leaves })
    }

    /// By person and day, in the order of `users`.
    fn plans(&self, users: &[UserId], from: NaiveDate, to: NaiveDate) -> Vec<DayPlan> {
        let mut plans: BTreeMap<(usize, NaiveDate), (DayPlan, HashSet<CustomerId>)> = BTreeMap::new();
        let places: HashMap<UserId, usize> = users.iter().enumerate().map(|(at, user)| (*user, at)).collect();
        let days = || from.iter_days().take_while(|day| *day <= to);
        for (user, at) in &places {
            for date in days() {
                let on_leave =
                    self.leaves.iter().any(|(who, from, to)| who == user && (*from..=*to).contains(&date));
                let (holiday, routes, uncovered) = (false, Vec::new(), 0);
                let plan = DayPlan { user: *user, date, holiday, on_leave, routes, uncovered };
                plans.insert((*at, date), (plan, HashSet::new()));
            }
        }
        for route in &self.routes {
            for date in days() {
                let (assigned, substitute) = (on(&route.assigned, date), on(&route.substitutes, date));
                let Some(walker) = substitute.or(assigned) else { continue };
                let Some(place) = places.get(&walker) else { continue };
                let Some((plan, planned)) = plans.get_mut(&(*place, date)) else { continue };
                if route.calendar.holidays.contains(&date) {
                    plan.holiday = true;
                    continue;
                }
                let stops = route.stops_on(date, planned);
                if plan.on_leave {
                    plan.uncovered += stops.len();
                } else if !stops.is_empty() || route.schedule.runs_on(date) {
                    plan.routes.push(DayRoute {
                        distributor: route.distributor,
                        id: route.id,
                        code: route.code.clone(),
                        name: route.name.clone(),
                        week: route.schedule.week_of(date, route.weeks),
                        stands_in: substitute.is_some(),
                        stands_in_for: assigned.filter(|_| substitute.is_some()),
                        stops,
                    });
                }
            }
        }
        plans.into_values().map(|(plan, _)| plan).collect()
    }
}

impl PlannedRoute {
    fn of(candidate: Candidate, known: &mut HashMap<String, Rhythm>) -> Result<Self, sqlx::Error> {
        let (mut assigned, mut substitutes) = (Vec::new(), Vec::new());
        let spans = candidate.walk_froms.iter().zip(&candidate.walk_tos).zip(&candidate.walk_stands_in);
        for (user, ((first, last), stands_in)) in candidate.walk_users.iter().zip(spans) {
            let span = Span { user: UserId::new(*user), first: *first, last: *last };
            if *stands_in { substitutes.push(span) } else { assigned.push(span) }
        }
        let mut stops = Vec::with_capacity(candidate.customers.len());
        let places = candidate.sequences.iter().zip(candidate.rhythms);
        for (customer, (sequence, text)) in candidate.customers.iter().zip(places) {
            let rhythm = match known.get(&text) {
                Some(rhythm) => rhythm.clone(),
                None => {
                    let rhythm: Rhythm = store::word(&text)?;
                    known.insert(text, rhythm.clone());
                    rhythm
                }
            };
            stops.push((CustomerId::new(*customer), *sequence, rhythm));
        }
        Ok(PlannedRoute {
            distributor: DistributorId::new(candidate.distributor_id),
            id: RouteId::new(candidate.route_id),
            code: candidate.code,
            name: candidate.name,
            schedule: Schedule {
                start_date: candidate.start_date,
                weekdays: store::weekdays(&candidate.weekdays)?,
            },
            weeks: store::word(&candidate.week_rule)?,
            calendar: WorkCalendar {
                holidays: candidate.holidays.into_iter().collect(),
                rule: store::word(&candidate.holiday_rule)?,
                working_days: store::weekdays(&candidate.working_days)?,
            },
            assigned,
            substitutes,
            stops,
        })
    }

    /// The outlets walked on the day that are not in `planned` yet, which they get into.
    fn stops_on(&self, date: NaiveDate, planned: &mut HashSet<CustomerId>) -> Vec<Stop> {
        let mut stops = Vec::new();
        for due in self.calendar.walked_on(&self.schedule.weekdays, date) {
            if !self.schedule.runs_on(due) {
                continue;
            }
            for (customer, sequence, rhythm) in &self.stops {
                if self.schedule.due_on(rhythm, due, self.weeks) && planned.insert(*customer) {
                    let moved_from = (due != date).then_some(due);
                    stops.push(Stop { customer: *customer, sequence: *sequence, moved_from });
                }
            }
        }
        stops
    }
}

/// How many days a span has, both ends counted; none when it ends before it begins.
pub(crate) fn days_in(from: NaiveDate, to: NaiveDate) -> Option<u64> {
    u64::try_from(to.signed_duration_since(from).num_days() + 1).ok().filter(|days| *days > 0)
}

/// The day before; the first of all days has none and stays.
pub(crate) fn day_before(date: NaiveDate) -> NaiveDate {
    date.checked_sub_days(Days::new(1)).unwrap_or(date)
}
