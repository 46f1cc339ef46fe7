//! What is kept of a promotion.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::pricing::{Limits, Promotion, PromotionKind, Weekday};
use domain::{Audience, CustomerId, DistributorId, DocumentId, OrderType, ProductId, PromotionId, Unit};
use serde::{Deserialize, Serialize};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgTypeInfo, PgValueRef};
use utoipa::ToSchema;

/// Where a promotion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PromotionStatus {
    /// Being written; nobody gets it.
    Draft,
    /// Given, within its period.
    Active,
    /// Held back for now.
    Paused,
    /// Over for good.
    Ended,
}

impl PromotionStatus {
    /// The spelling in the database and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            PromotionStatus::Draft => "draft",
            PromotionStatus::Active => "active",
            PromotionStatus::Paused => "paused",
            PromotionStatus::Ended => "ended",
        }
    }
}

impl sqlx::Type<sqlx::Postgres> for PromotionStatus {
    fn type_info() -> PgTypeInfo {
        <str as sqlx::Type<sqlx::Postgres>>::type_info()
    }

    fn compatible(ty: &PgTypeInfo) -> bool {
        <str as sqlx::Type<sqlx::Postgres>>::compatible(ty)
    }
}

impl<'r> sqlx::Decode<'r, sqlx::Postgres> for PromotionStatus {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        match <&str as sqlx::Decode<'r, sqlx::Postgres>>::decode(value)? {
            "draft" => Ok(PromotionStatus::Draft),
            "active" => Ok(PromotionStatus::Active),
            "paused" => Ok(PromotionStatus::Paused),
            "ended" => Ok(PromotionStatus::Ended),
            other => Err(format!("unknown promotion status {other:?}").into()),
        }
    }
}

/// What a promotion asks for, gives, and to whom: the part of it that has no column of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Definition {
    /// At most one promotion of a group takes effect in an order.
    #[serde(default)]
    pub exclusive_group: Option<String>,
    /// Whether it applies by itself, or only when the rep picks it.
    pub automatic: bool,
    /// Whom it is meant for.
    #[serde(default)]
    pub audience: Audience,
    /// Only for these types of order; empty is all.
    #[serde(default)]
    pub order_types: BTreeSet<OrderType>,
    /// Only on these days of the week; empty is all.
    #[serde(default)]
    pub weekdays: BTreeSet<Weekday>,
    /// Only in a customer's first order.
    #[serde(default)]
    pub first_order_only: bool,
    /// What the company gives at most in all.
    #[serde(default)]
    pub budget: Limits,
    /// What one customer gets at most in all.
    #[serde(default)]
    pub per_customer: Limits,
    /// What it asks for and gives.
    pub kind: PromotionKind,
}

/// What people write of a promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PromotionData {
    /// Unique in the company.
    pub code: String,
    /// As shown to the rep.
    pub name: String,
    /// The first business day on which it holds.
    pub valid_from: NaiveDate,
    /// The last one.
    pub valid_to: NaiveDate,
    /// The highest is reckoned first.
    pub priority: i32,
    /// The rest.
    pub definition: Definition,
}

impl PromotionData {
    /// The key under which it is found: code and name.
    pub fn search_key(&self) -> String {
        domain::search_key(&format!("{} {}", self.code, self.name))
    }

    /// The products that it looks at or gives.
    pub fn products(&self) -> BTreeSet<ProductId> {
        let kind = &self.definition.kind;
        kind.looked_at().union(&kind.gifts()).copied().collect()
    }

    /// As the pricing engine reads it.
    pub fn into_rule(self, id: PromotionId) -> Promotion {
        let PromotionData { code, name, valid_from, valid_to, priority, definition } = self;
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
        } = definition;
        Promotion {
            id,
            code,
            name,
            valid_from,
            valid_to: Some(valid_to),
            priority,
            exclusive_group,
            automatic,
            audience,
            order_types,
            weekdays,
            first_order_only,
            budget,
            per_customer,
            kind,
        }
    }
}

/// A promotion as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPromotion {
    /// Its id.
    pub id: PromotionId,
    /// What people wrote.
    pub data: PromotionData,
    /// What was last done with it.
    pub status: PromotionStatus,
    /// The day on which it was ended.
    pub ended_on: Option<NaiveDate>,
    /// Grows with each change.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl KeptPromotion {
    /// The last business day on which it counts.
    pub fn last_day(&self) -> NaiveDate {
        self.ended_on.map_or(self.data.valid_to, |day| day.min(self.data.valid_to))
    }

    /// Where it stands on a day: one that was switched on has ended when its last day is past, until that is put off.
    pub fn stands_on(&self, day: NaiveDate) -> PromotionStatus {
        match self.status {
            PromotionStatus::Active | PromotionStatus::Paused if self.data.valid_to < day => {
                PromotionStatus::Ended
            }
            status => status,
        }
    }

    /// As the pricing engine reads it.
    pub fn into_rule(self) -> Promotion {
        let last_day = self.last_day();
        Promotion { valid_to: Some(last_day), ..self.data.into_rule(self.id) }
    }
}

/// Goods that a settlement gave to a customer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwedGoods {
    /// The settlement.
    pub settlement_id: DocumentId,
    /// Whose goods they are.
    pub distributor_id: DistributorId,
    /// Its code.
    pub distributor_code: String,
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Its code.
    pub promotion_code: String,
    /// Its name.
    pub promotion_name: String,
    /// Who gets them.
    pub customer_id: CustomerId,
    /// Its code.
    pub customer_code: String,
    /// Its name.
    pub customer_name: String,
    /// For displays, the first day of the month.
    pub month: Option<NaiveDate>,
    /// The business day of the settlement.
    pub settled_on: NaiveDate,
    /// What they are.
    pub product_id: ProductId,
    /// Its code.
    pub product_code: String,
    /// Its name.
    pub product_name: String,
    /// How many of the unit the customer gets in all.
    pub quantity: i64,
    /// Cases or pieces.
    pub unit: Unit,
    /// The unit's name.
    pub unit_name: String,
    /// How many were handed out.
    pub handed_out: i64,
    /// How many are left to hand out.
    pub left: i64,
    /// The hand-outs, the oldest first.
    pub hand_outs: Vec<HandOut>,
}

/// Goods that were handed out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GoodsHandOut)]
pub struct HandOut {
    /// The adjustment of stock they left by.
    pub adjustment_id: DocumentId,
    /// `DC-YYYYMMDD-NNNN`.
    pub number: String,
    /// Where they came from.
    pub warehouse_name: String,
    /// How many of the unit.
    pub quantity: i64,
    /// The business day.
    pub business_date: NaiveDate,
    /// Who handed them out.
    pub handed_out_by_name: String,
}
