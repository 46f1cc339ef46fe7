//! Who stands where in a month: a person, or a unit with what is below it.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use db::{PgConnection, Tenants};
use domain::kpi::{Goal, Hundredths, Metric, Span};
use domain::{Month, OrgUnitId, Role, UserId};
use platform::{ApiError, Caller, Scope};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::KpiError;
use crate::model::{Actuals, Amounts, FocusKind, Goals, Measure, Measures, Who, goals};
use crate::store::performance::{self as store, FocusPart, Sight, Unit};

/// Somebody's month.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KpiPerson)]
pub struct Person {
    /// The person.
    pub user_id: UserId,
    /// Their log-in name.
    pub username: String,
    /// Their name.
    pub full_name: String,
    /// The unit they belong to first of all, now.
    pub unit_id: Option<OrgUnitId>,
    /// Its name.
    pub unit_name: Option<String>,
    /// What they reached.
    pub metrics: Measures,
}

/// A unit's month: all its people and those of the units below it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KpiUnit)]
pub struct UnitRow {
    /// The unit.
    pub unit_id: OrgUnitId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How many people.
    pub people: usize,
    /// What they reached together.
    pub metrics: Measures,
}

/// A product, brand or category that is asked for by itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KpiFocus)]
pub struct FocusRow {
    /// What `id` is.
    pub kind: FocusKind,
    /// The product, brand or category.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Retail pieces issued less returned.
    pub quantity: Measure,
    /// Their value with VAT, in đồng.
    pub revenue: Measure,
}

/// What somebody reached on a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KpiDay)]
pub struct DayRow {
    /// The day.
    pub date: NaiveDate,
    /// Visits.
    pub visits: i64,
    /// New outlets.
    pub new_customers: i64,
    /// Orders.
    pub orders: i64,
    /// Their value with VAT, in đồng.
    pub sales: i64,
    /// Value of goods issued less returns, with VAT, in đồng.
    pub revenue: i64,
    /// Retail pieces issued less returned.
    pub volume: i64,
    /// Different products in an order, on average; none without orders.
    pub skus_per_order: Option<Hundredths>,
    /// Working time, in minutes.
    pub work_minutes: i64,
}

/// A month of a person, or of a unit, or of all that one sees.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KpiPerformance)]
pub struct Performance {
    /// The month.
    #[schema(value_type = String)]
    pub month: Month,
    /// How many days it has.
    pub days_in_month: i64,
    /// How many of them have come, today included.
    pub days_elapsed: i64,
    /// Up to when documents are in the figures; absent as long as some were never looked at.
    pub as_of: Option<DateTime<Utc>>,
    /// The person, when it is one's month; without their figures, which are in `metrics`.
    pub user_id: Option<UserId>,
    /// Their name.
    pub full_name: Option<String>,
    /// The unit: the person's, or the one whose month it is. Absent when it is several units'.
    pub unit_id: Option<OrgUnitId>,
    /// Its name.
    pub unit_name: Option<String>,
    /// All together.
    pub metrics: Measures,
    /// The units right below, each with all below it.
    pub units: Vec<UnitRow>,
    /// The people of the unit itself; not when it is a person's month.
    pub people: Vec<Person>,
    /// What is asked of the person by itself.
    pub focus: Vec<FocusRow>,
    /// The person's days on which there was anything.
    pub days: Vec<DayRow>,
}

/// Whose month.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose {
    User(UserId),
    Unit(OrgUnitId),
    /// All that one sees.
    Mine,
}

/// Somebody with all their figures.
#[derive(Debug)]
pub(crate) struct Figures {
    pub who: Who,
    pub actuals: Actuals,
    pub goals: Goals,
}

/// What the caller sees of people and units.
pub(crate) fn sight(caller: &Caller) -> Sight<'_> {
    let distributors = match (caller.role, &caller.tenants) {
        (Role::DistributorAdmin, Tenants::Distributors(ids)) => Some(ids.as_slice()),
        _ => None,
    };
    Sight { scope: caller.scope(), distributors }
}

/// The month of whom it is asked for.
///
/// # Errors
/// 404 for a person or unit out of the caller's sight; 422 when sums are out of range.
pub(crate) async fn performance(
    c: &mut PgConnection,
    caller: &Caller,
    month: Month,
    whose: Whose,
    today: NaiveDate,
) -> Result<Performance, ApiError> {
    let whose = match (whose, caller.scope()) {
        (Whose::Mine, Scope::Own(user)) => Whose::User(user),
        (Whose::Unit(_), Scope::Own(_)) => return Err(ApiError::not_found()),
        (whose, _) => whose,
    };
    let span = Span::of_month(month);
    let empty = Performance {
        month,
        days_in_month: span.days(),
        days_elapsed: span.elapsed(today),
        as_of: store::find_as_of(c).await?,
        user_id: None,
        full_name: None,
        unit_id: None,
        unit_name: None,
        metrics: Measures::of(&Actuals::default(), &Goals::new()),
        units: Vec::new(),
        people: Vec::new(),
        focus: Vec::new(),
        days: Vec::new(),
    };
    match whose {
        Whose::User(user) => of_person(c, caller, month, user, today, empty).await,
        Whose::Unit(unit) => of_unit(c, caller, month, Some(unit), today, empty).await,
        Whose::Mine => of_unit(c, caller, month, None, today, empty).await,
    }
}

async fn of_person(
    c: &mut PgConnection,
    caller: &Caller,
    month: Month,
    user: UserId,
    today: NaiveDate,
    empty: Performance,
) -> Result<Performance, ApiError> {
    let who = store::find_person(c, &sight(caller), user).await?.ok_or_else(ApiError::not_found)?;
    let span = Span::of_month(month);
    let targets: Vec<(Span, Amounts)> =
        store::list_amounts(c, span, Some(user)).await?.into_iter().map(|(_, span, of)| (span, of)).collect();
    let days = store::list_days(c, span, user).await?;
    let actuals = days.iter().try_fold(Actuals::default(), |sum, (_, day)| sum.plus(day))?;
    let parts = store::list_focus(c, span, user).await?;
    Ok(Performance {
        user_id: Some(user),
        full_name: Some(who.full_name),
        unit_id: who.unit_id,
        unit_name: who.unit_name,
        metrics: Measures::of(&actuals, &goals(month, &targets, today)?),
        focus: focus(month, &parts, today)?,
        days: days.into_iter().map(|(date, day)| day_row(date, &day)).collect(),
        ..empty
    })
}

fn day_row(date: NaiveDate, day: &Actuals) -> DayRow {
    DayRow {
        date,
        visits: day.visits,
        new_customers: day.new_customers,
        orders: day.orders,
        sales: day.sales,
        revenue: day.revenue,
        volume: day.volume,
        skus_per_order: Hundredths::average(day.order_skus, day.orders),
        work_minutes: day.work_minutes,
    }
}

/// One row for all parts of the month that ask for the same thing; they come one after the other.
fn focus(month: Month, parts: &[FocusPart], today: NaiveDate) -> Result<Vec<FocusRow>, KpiError> {
    let of_one = |of: &[FocusPart]| {
        let part = of.first()?;
        let goal = |metric, amount: fn(&FocusPart) -> Option<i64>| {
            let asked: Vec<(Span, i64)> =
                of.iter().filter_map(|part| Some((part.span, amount(part)?))).collect();
            Goal::of(metric, month, &asked, today)
        };
        let row = || {
            Ok(FocusRow {
                kind: part.kind,
                id: part.id,
                code: part.code.clone(),
                name: part.name.clone(),
                quantity: Measure::of(part.pieces_reached, goal(Metric::Volume, |part| part.quantity)?),
                revenue: Measure::of(part.revenue_reached, goal(Metric::Revenue, |part| part.revenue)?),
            })
        };
        Some(row())
    };
    parts.chunk_by(|a, b| (a.kind, a.id) == (b.kind, b.id)).filter_map(of_one).collect()
}

async fn of_unit(
    c: &mut PgConnection,
    caller: &Caller,
    month: Month,
    unit: Option<OrgUnitId>,
    today: NaiveDate,
    empty: Performance,
) -> Result<Performance, ApiError> {
    let units = store::list_units(c, &sight(caller)).await?;
    let top = top(&units, unit)?;
    let people = figures(c, caller, month, top.map(|unit| unit.id), today, None).await?;
    let below: Vec<&Unit> = match top {
        Some(top) => units.iter().filter(|unit| unit.parent == Some(top.id)).collect(),
        None => roots(&units).collect(),
    };
    let places: HashMap<Uuid, usize> = below.iter().zip(0..).map(|(unit, at)| (unit.id.uuid(), at)).collect();
    let mut of_units: Vec<Vec<&Figures>> = vec![Vec::new(); below.len()];
    let mut of_top = Vec::new();
    for person in &people {
        match person
            .who
            .ancestors
            .iter()
            .find_map(|unit| places.get(unit))
            .and_then(|at| of_units.get_mut(*at))
        {
            Some(of_unit) => of_unit.push(person),
            None => of_top.push(person),
        }
    }
    let rows = below.iter().zip(&of_units).map(|(unit, people)| {
        Ok(UnitRow {
            unit_id: unit.id,
            code: unit.code.clone(),
            name: unit.name.clone(),
            people: people.len(),
            metrics: together(people.iter().copied())?,
        })
    });
    Ok(Performance {
        unit_id: top.map(|unit| unit.id),
        unit_name: top.map(|unit| unit.name.clone()),
        metrics: together(&people)?,
        units: rows.collect::<Result<_, KpiError>>()?,
        people: of_top.into_iter().map(Figures::row).collect(),
        ..empty
    })
}

/// The unit that is asked for; without one, the only one that stands above all others, if there is one.
fn top(units: &[Unit], asked: Option<OrgUnitId>) -> Result<Option<&Unit>, ApiError> {
    if let Some(asked) = asked {
        return units.iter().find(|unit| unit.id == asked).map(Some).ok_or_else(ApiError::not_found);
    }
    let mut roots = roots(units);
    Ok(roots.next().filter(|_| roots.next().is_none()))
}

/// Units whose parents one doesn't see.
fn roots(units: &[Unit]) -> impl Iterator<Item = &Unit> {
    let known: HashSet<OrgUnitId> = units.iter().map(|unit| unit.id).collect();
    units.iter().filter(move |unit| unit.parent.is_none_or(|parent| !known.contains(&parent)))
}

/// All people within sight, in or below the unit, with their figures; by unit and name. Or one person.
pub(crate) async fn figures(
    c: &mut PgConnection,
    caller: &Caller,
    month: Month,
    unit: Option<OrgUnitId>,
    today: NaiveDate,
    user: Option<UserId>,
) -> Result<Vec<Figures>, ApiError> {
    let span = Span::of_month(month);
    let mut targets: HashMap<UserId, Vec<(Span, Amounts)>> = HashMap::new();
    for (user, span, amounts) in store::list_amounts(c, span, user).await? {
        targets.entry(user).or_default().push((span, amounts));
    }
    let reached: HashMap<UserId, Actuals> = store::list_actuals(c, span, user).await?.into_iter().collect();
    // Who only brought in customers, by an import say, is nobody who sells.
    let sells = |of: &Actuals| Actuals { new_customers: 0, ..*of } != Actuals::default();
    let selling = reached.iter().filter(|(_, of)| sells(of)).map(|(user, _)| user);
    let with_figures: Vec<Uuid> = targets.keys().chain(selling).map(|user| user.uuid()).collect();
    let people = match user {
        Some(user) => store::find_person(c, &sight(caller), user).await?.into_iter().collect(),
        None => store::list_people(c, &sight(caller), unit, &with_figures).await?,
    };
    let figures = people.into_iter().map(|who| {
        let goals = match targets.get(&who.user_id) {
            Some(targets) => goals(month, targets, today)?,
            None => Goals::new(),
        };
        let actuals = reached.get(&who.user_id).copied().unwrap_or_default();
        Ok(Figures { who, actuals, goals })
    });
    Ok(figures.collect::<Result<_, KpiError>>()?)
}

impl Figures {
    fn row(&self) -> Person {
        let Who { user_id, username, full_name, unit_id, unit_name, .. } = self.who.clone();
        Person { user_id, username, full_name, unit_id, unit_name, metrics: self.measures() }
    }

    pub(crate) fn measures(&self) -> Measures {
        Measures::of(&self.actuals, &self.goals)
    }
}

/// What people reached together against what is asked of them together.
pub(crate) fn together<'a>(people: impl IntoIterator<Item = &'a Figures>) -> Result<Measures, KpiError> {
    let mut actuals = Actuals::default();
    let mut all: BTreeMap<Metric, Vec<Goal>> = BTreeMap::new();
    for person in people {
        actuals = actuals.plus(&person.actuals)?;
        for (metric, goal) in &person.goals {
            all.entry(*metric).or_default().push(*goal);
        }
    }
    let mut goals = Goals::new();
    for (metric, each) in all {
        if let Some(goal) = Goal::together(metric, each)? {
            goals.insert(metric, goal);
        }
    }
    Ok(Measures::of(&actuals, &goals))
}
