use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::permission::PromotionsManage;
use domain::pricing::{Finding, Limits, PromotionKind, Used, Weekday};
use domain::{Audience, OrderType, PromotionId};
use platform::{ApiResult, Caller, Checks};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::error::PromotionError;
use crate::model::{Definition, KeptPromotion, PromotionData, PromotionStatus};
use crate::store;

/// A promotion.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PromotionView {
    /// Its id.
    id: PromotionId,
    /// Unique in the company.
    code: String,
    /// As shown to the rep.
    name: String,
    /// The first business day on which it holds.
    valid_from: NaiveDate,
    /// The last one.
    valid_to: NaiveDate,
    /// Where it stands: `ended` when it was ended, and when its last day is past.
    status: PromotionStatus,
    /// The day on which it was ended.
    ended_on: Option<NaiveDate>,
    /// The highest is reckoned first.
    priority: i32,
    /// At most one promotion of a group takes effect in an order; null stacks with all.
    exclusive_group: Option<String>,
    /// Whether it applies by itself, or only when the rep picks it.
    automatic: bool,
    /// Whom it is meant for.
    audience: Audience,
    /// Only for these types of order; empty is all.
    order_types: BTreeSet<OrderType>,
    /// Only on these days of the week; empty is all.
    weekdays: BTreeSet<Weekday>,
    /// Only in a customer's first order.
    first_order_only: bool,
    /// What the company gives at most in all.
    budget: Limits,
    /// What one customer gets at most in all.
    per_customer: Limits,
    /// What it asks for and gives.
    kind: PromotionKind,
    /// What was used of the budget; null without one, and in lists.
    budget_used: Option<Used>,
    /// What looks wrong with it, told when it is written or activated.
    #[serde(default)]
    warnings: Vec<Finding>,
    /// Grows with each change; send it back when you change something.
    version: i64,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl PromotionView {
    /// The promotion as it stands on this day.
    pub fn new(promotion: KeptPromotion, today: NaiveDate) -> Self {
        let status = promotion.stands_on(today);
        let KeptPromotion { id, data, status: _, ended_on, version, updated_at } = promotion;
        let Definition {
            exclusive_group,
            automatic,
            audience,
            order_types,
            weekdays,
            first_order_only,
            budget,
            per_customer,
            kind,
        } = data.definition;
        PromotionView {
            id,
            code: data.code,
            name: data.name,
            valid_from: data.valid_from,
            valid_to: data.valid_to,
            status,
            ended_on,
            priority: data.priority,
            exclusive_group,
            automatic,
            audience,
            order_types,
            weekdays,
            first_order_only,
            budget,
            per_customer,
            kind,
            budget_used: None,
            warnings: Vec::new(),
            version,
            updated_at,
        }
    }

    /// With what looks wrong with it.
    pub fn warned(self, warnings: Vec<Finding>) -> Self {
        PromotionView { warnings, ..self }
    }
}

/// The promotion as the caller gets it, or 404. Drafts are for those who write them.
pub(crate) async fn present(
    c: &mut PgConnection,
    caller: &Caller,
    today: NaiveDate,
    id: PromotionId,
) -> ApiResult<PromotionView> {
    let promotion = store::find(c, id)
        .await?
        .filter(|p| p.status != PromotionStatus::Draft || caller.may::<PromotionsManage>())
        .ok_or(PromotionError::NotFound)?;
    let budget_used = store::find_budget(c, id).await?;
    Ok(PromotionView { budget_used, ..PromotionView::new(promotion, today) })
}

/// A promotion as the client sends it, whole.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PromotionBody {
    /// For a new one: the id that the client made.
    pub id: Option<PromotionId>,
    /// For a change: the version that was loaded (or send `If-Match`).
    pub version: Option<i64>,
    /// Unique in the company.
    pub code: String,
    /// As shown to the rep.
    pub name: String,
    /// The first business day on which it holds.
    pub valid_from: NaiveDate,
    /// The last one.
    pub valid_to: NaiveDate,
    /// The highest is reckoned first; 0 when left out.
    #[serde(default)]
    pub priority: i32,
    /// At most one promotion of a group takes effect in an order; null stacks with all.
    pub exclusive_group: Option<String>,
    /// Whether it applies by itself (when left out), or only when the rep picks it.
    #[serde(default = "yes")]
    pub automatic: bool,
    /// Whom it is meant for; all when left out.
    #[serde(default)]
    pub audience: Audience,
    /// Only for these types of order; all when left out.
    #[serde(default)]
    pub order_types: BTreeSet<OrderType>,
    /// Only on these days of the week; all when left out.
    #[serde(default)]
    pub weekdays: BTreeSet<Weekday>,
    /// Only in a customer's first order.
    #[serde(default)]
    pub first_order_only: bool,
    /// What the company gives at most in all; without limit when left out.
    #[serde(default)]
    pub budget: Limits,
    /// What one customer gets at most in all; without limit when left out.
    #[serde(default)]
    pub per_customer: Limits,
    /// What it asks for and gives.
    pub kind: PromotionKind,
}

const fn yes() -> bool {
    true
}

impl PromotionBody {
    /// The checked data.
    pub fn data(&self, checks: &mut Checks) -> PromotionData {
        if self.valid_to < self.valid_from {
            checks.wrong("validTo", "Không được trước ngày bắt đầu", "Must not be before the start");
        }
        let exclusive_group =
            self.exclusive_group.as_ref().map(|group| checks.text("exclusiveGroup", group, 50));
        let criteria = [
            self.audience.channels.len(),
            self.audience.customer_groups.len(),
            self.audience.customer_types.len(),
            self.audience.areas.len(),
            self.audience.distributors.len(),
            self.audience.customers.len(),
        ];
        if criteria.iter().any(|count| *count > 5000) {
            checks.wrong("audience", "Tối đa 5000 giá trị mỗi tiêu chí", "At most 5000 values a criterion");
        }
        check_kind(&self.kind, checks);
        PromotionData {
            code: checks.required("code", &self.code, 50),
            name: checks.required("name", &self.name, 300),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            priority: self.priority,
            definition: Definition {
                exclusive_group: exclusive_group.filter(|group| !group.is_empty()),
                automatic: self.automatic,
                audience: self.audience.clone(),
                order_types: self.order_types.clone(),
                weekdays: self.weekdays.clone(),
                first_order_only: self.first_order_only,
                budget: self.budget,
                per_customer: self.per_customer,
                kind: self.kind.clone(),
            },
        }
    }
}

/// How big a rule may be. Whether it makes sense is the linter's to say.
fn check_kind(kind: &PromotionKind, checks: &mut Checks) {
    if kind.looked_at().len() + kind.gifts().len() > 5000 {
        checks.wrong("kind.products", "Tối đa 5000 sản phẩm", "At most 5000 products");
    }
    let tiers = match kind {
        PromotionKind::Product { tiers, .. } | PromotionKind::Assortment { tiers, .. } => tiers.iter().len(),
        PromotionKind::Order { tiers } => tiers.iter().len(),
        PromotionKind::Combo { tiers, .. } => tiers.iter().len(),
        PromotionKind::Accumulation { tiers, .. } => tiers.iter().len(),
        PromotionKind::Display { tiers, .. } => tiers.iter().len(),
    };
    if tiers > 50 {
        checks.wrong("kind.tiers", "Tối đa 50 mức", "At most 50 tiers");
    }
}
