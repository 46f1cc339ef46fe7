use chrono::{DateTime, Utc};
use domain::order::{CreditPolicy, ShortagePolicy};
use domain::{CustomerId, DistributorId, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a distributor decides on orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderPolicy {
    /// Whose policy it is; none is the company's, for all distributors without one of their own.
    pub distributor_id: Option<DistributorId>,
    /// What happens to an order that the customer's credit doesn't carry. Who may manage invoices may override a block.
    pub credit_policy: CreditPolicy,
    /// How many days a debt may be overdue; null is not looked at.
    pub allowed_overdue_days: Option<u16>,
    /// What happens to an order of which only a part is in stock, unless who approves it says otherwise.
    pub shortage_policy: ShortagePolicy,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// For `If-Match`; 0 while the distributor has no policy of its own.
    pub version: i64,
}

/// A policy to set.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetOrderPolicy {
    /// What happens to an order that the customer's credit doesn't carry.
    pub credit_policy: CreditPolicy,
    /// How many days a debt may be overdue, 0 to 3,650; null is not looked at.
    #[schema(maximum = 3650)]
    pub allowed_overdue_days: Option<u16>,
    /// What happens to an order of which only a part is in stock.
    pub shortage_policy: ShortagePolicy,
    /// The version that was changed, unless `If-Match` names it.
    pub version: Option<i64>,
}

/// A customer's credit: what it owes, what is promised to it, what it may owe.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerCredit {
    /// The customer.
    pub customer_id: CustomerId,
    /// The most it may owe; null is without limit.
    pub credit_limit: Option<Money>,
    /// What it owes; negative is credit.
    pub balance: Money,
    /// Orders that are approved and not invoiced.
    pub approved: Money,
    /// Invoices whose goods are still here.
    pub invoiced: Money,
    /// The sum of the three.
    pub exposure: Money,
    /// What may still be sold to it; null is without limit, negative is over the limit.
    pub available: Option<Money>,
    /// What of its debts is past its due date.
    pub overdue_amount: Money,
    /// Days since the oldest of it was due; 0 when nothing is overdue.
    pub overdue_days: u32,
}
