//! What the capability works with.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::kpi::{Goal, Hundredths, Metric, Span, Trend};
use domain::{DistributorId, KpiTargetId, Month, OrgUnitId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::KpiError;

/// What is asked for in a whole month; what is absent isn't asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Amounts {
    pub visits: Option<i64>,
    pub new_customers: Option<i64>,
    pub orders: Option<i64>,
    pub sales: Option<i64>,
    pub revenue: Option<i64>,
    pub volume: Option<i64>,
    pub skus_per_order: Option<i64>,
    pub work_minutes: Option<i64>,
}

impl Amounts {
    pub fn get(&self, metric: Metric) -> Option<i64> {
        match metric {
            Metric::Visits => self.visits,
            Metric::NewCustomers => self.new_customers,
            Metric::Orders => self.orders,
            Metric::Sales => self.sales,
            Metric::Revenue => self.revenue,
            Metric::Volume => self.volume,
            Metric::SkusPerOrder => self.skus_per_order,
            Metric::WorkMinutes => self.work_minutes,
        }
    }
}

/// What a focus target is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = KpiFocusKind)]
pub enum FocusKind {
    /// One product.
    Product,
    /// All products of a brand.
    Brand,
    /// All products of a category.
    Category,
}

impl FocusKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            FocusKind::Product => "product",
            FocusKind::Brand => "brand",
            FocusKind::Category => "category",
        }
    }

    pub(crate) fn read(word: &str) -> Result<Self, sqlx::Error> {
        match word {
            "product" => Ok(FocusKind::Product),
            "brand" => Ok(FocusKind::Brand),
            "category" => Ok(FocusKind::Category),
            other => Err(sqlx::Error::Decode(format!("unknown kind of focus {other}").into())),
        }
    }
}

/// A product, brand or category that is asked for by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KpiFocusTarget)]
pub struct FocusTarget {
    /// What `id` is.
    pub kind: FocusKind,
    /// The product, brand or category.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Retail pieces of a whole month.
    pub quantity: Option<i64>,
    /// đồng of a whole month.
    pub revenue: Option<i64>,
}

/// What is asked of a rep in some days of a month. Each amount is that of a whole month and counts for these days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KpiTarget)]
pub struct Target {
    /// The target.
    pub target_id: KpiTargetId,
    /// The rep's distributor.
    pub distributor_id: DistributorId,
    /// The rep.
    pub user_id: UserId,
    /// Their log-in name.
    pub username: String,
    /// Their name.
    pub full_name: String,
    /// The unit they belong to first of all.
    pub unit_id: Option<OrgUnitId>,
    /// Its name.
    pub unit_name: Option<String>,
    /// The first day for which it counts.
    pub from: NaiveDate,
    /// The last, in the same month.
    pub to: NaiveDate,
    /// Visits.
    pub visits: Option<i64>,
    /// New outlets.
    pub new_customers: Option<i64>,
    /// Orders.
    pub orders: Option<i64>,
    /// Value of orders with VAT (doanh số), in đồng.
    pub sales: Option<i64>,
    /// Value of goods issued less returns, with VAT (doanh thu), in đồng.
    pub revenue: Option<i64>,
    /// Retail pieces issued less returned.
    pub volume: Option<i64>,
    /// Different products in an order, on average; two decimals.
    pub skus_per_order: Option<Hundredths>,
    /// Working time, in minutes.
    pub work_minutes: Option<i64>,
    /// Products, brands and categories by themselves.
    pub focus: Vec<FocusTarget>,
    /// When it was set last.
    pub updated_at: DateTime<Utc>,
}

/// Somebody whose figures are shown.
#[derive(Debug, Clone)]
pub(crate) struct Who {
    pub user_id: UserId,
    pub username: String,
    pub full_name: String,
    pub unit_id: Option<OrgUnitId>,
    pub unit_name: Option<String>,
    /// From the root down to the unit.
    pub ancestors: Vec<Uuid>,
}

/// What was reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Actuals {
    pub visits: i64,
    pub new_customers: i64,
    pub orders: i64,
    pub order_skus: i64,
    pub sales: i64,
    pub revenue: i64,
    pub volume: i64,
    pub work_minutes: i64,
}

impl Actuals {
    /// In the metric's own unit; none for an average of nothing.
    pub fn get(&self, metric: Metric) -> Option<i64> {
        Some(match metric {
            Metric::Visits => self.visits,
            Metric::NewCustomers => self.new_customers,
            Metric::Orders => self.orders,
            Metric::Sales => self.sales,
            Metric::Revenue => self.revenue,
            Metric::Volume => self.volume,
            Metric::SkusPerOrder => {
                return Hundredths::average(self.order_skus, self.orders).map(|x| x.hundredths());
            }
            Metric::WorkMinutes => self.work_minutes,
        })
    }

    pub fn plus(self, more: &Self) -> Result<Self, KpiError> {
        let add = |a: i64, b: i64| a.checked_add(b).ok_or(KpiError::Overflow);
        Ok(Self {
            visits: add(self.visits, more.visits)?,
            new_customers: add(self.new_customers, more.new_customers)?,
            orders: add(self.orders, more.orders)?,
            order_skus: add(self.order_skus, more.order_skus)?,
            sales: add(self.sales, more.sales)?,
            revenue: add(self.revenue, more.revenue)?,
            volume: add(self.volume, more.volume)?,
            work_minutes: add(self.work_minutes, more.work_minutes)?,
        })
    }
}

/// What is asked of somebody, by metric.
pub(crate) type Goals = BTreeMap<Metric, Goal>;

/// The goals of a month out of the targets for its days.
pub(crate) fn goals(month: Month, targets: &[(Span, Amounts)], today: NaiveDate) -> Result<Goals, KpiError> {
    let mut goals = Goals::new();
    for metric in Metric::ALL {
        let of_days: Vec<(Span, i64)> =
            targets.iter().filter_map(|(span, amounts)| Some((*span, amounts.get(*metric)?))).collect();
        if let Some(goal) = Goal::of(*metric, month, &of_days, today)? {
            goals.insert(*metric, goal);
        }
    }
    Ok(goals)
}

/// A whole number, and how it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KpiMeasure)]
pub struct Measure {
    /// What was reached.
    pub actual: i64,
    /// What the month asks for.
    pub target: Option<i64>,
    /// Actual ÷ target, in per cent with two decimals.
    pub achievement: Option<Hundredths>,
    /// Against the part of the month that has passed, today included; none before the target begins.
    pub trend: Option<Trend>,
}

impl Measure {
    pub(crate) fn of(actual: i64, goal: Option<Goal>) -> Self {
        Measure {
            actual,
            target: goal.map(Goal::target),
            achievement: goal.and_then(|goal| goal.achievement(actual)),
            trend: goal.and_then(|goal| goal.trend(actual)),
        }
    }
}

/// An average with two decimals, and how it stands against its target itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KpiAverage)]
pub struct Average {
    /// What was reached; none of nothing.
    pub actual: Option<Hundredths>,
    /// What is asked for.
    pub target: Option<Hundredths>,
    /// Actual ÷ target, in per cent with two decimals.
    pub achievement: Option<Hundredths>,
    /// Against the target.
    pub trend: Option<Trend>,
}

/// All metrics of somebody or of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KpiMeasures)]
pub struct Measures {
    /// Visits.
    pub visits: Measure,
    /// New outlets that were not refused.
    pub new_customers: Measure,
    /// Orders that were neither rejected nor withdrawn.
    pub orders: Measure,
    /// Their value with VAT (doanh số), in đồng.
    pub sales: Measure,
    /// Value of goods issued less returns, with VAT (doanh thu), in đồng.
    pub revenue: Measure,
    /// Retail pieces issued less returned.
    pub volume: Measure,
    /// Different products in an order.
    pub skus_per_order: Average,
    /// Working time, in minutes.
    pub work_minutes: Measure,
}

impl Measures {
    pub(crate) fn of(actuals: &Actuals, goals: &Goals) -> Self {
        let whole =
            |metric| Measure::of(actuals.get(metric).unwrap_or_default(), goals.get(&metric).copied());
        let (skus, goal) = (actuals.get(Metric::SkusPerOrder), goals.get(&Metric::SkusPerOrder).copied());
        let both = skus.zip(goal);
        Measures {
            visits: whole(Metric::Visits),
            new_customers: whole(Metric::NewCustomers),
            orders: whole(Metric::Orders),
            sales: whole(Metric::Sales),
            revenue: whole(Metric::Revenue),
            volume: whole(Metric::Volume),
            skus_per_order: Average {
                actual: skus.map(Hundredths::new),
                target: goal.map(|goal| Hundredths::new(goal.target())),
                achievement: both.and_then(|(actual, goal)| goal.achievement(actual)),
                trend: both.and_then(|(actual, goal)| goal.trend(actual)),
            },
            work_minutes: whole(Metric::WorkMinutes),
        }
    }
}
