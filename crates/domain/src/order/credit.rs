//! Whether a buyer's credit carries one more order.

use crate::{Money, Overflow};
use serde::{Deserialize, Serialize};

text_enum! {
    /// What happens when an order is more than the buyer's credit carries.
    pub enum CreditPolicy as "credit policy" {
        /// The order is not approved.
        Block = "block",
        /// The order is approved, and the one who approves is told.
        Warn = "warn",
        /// Credit is not looked at.
        Off = "off",
    }
}

/// What is looked at when an order is approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditCheck {
    /// What the buyer owes.
    pub balance: Money,
    /// What has been promised to the buyer and is not owed yet: orders that are approved and not invoiced, invoices
    /// whose goods are still here.
    pub committed: Money,
    /// The order to approve.
    pub order: Money,
    /// The credit limit; none is unlimited.
    pub limit: Option<Money>,
    /// Days since the oldest open debt was due; 0 when none is overdue.
    pub overdue_days: u32,
    /// The most days overdue that are tolerated; none is any.
    pub overdue_days_allowed: Option<u32>,
}

/// Why the buyer's credit does not carry the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CreditProblem {
    /// With this order the buyer would owe more than the limit.
    #[error("with this order the customer would owe {exposure}; the limit is {limit}")]
    LimitExceeded {
        /// The credit limit.
        limit: Money,
        /// Balance + what is promised + this order.
        exposure: Money,
    },
    /// A debt is overdue for too long.
    #[error("the customer's oldest debt is {days} days overdue; {allowed} are allowed")]
    Overdue {
        /// Days overdue.
        days: u32,
        /// Days tolerated.
        allowed: u32,
    },
}

/// The outcome of a credit check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreditVerdict {
    /// The credit carries the order.
    Clear,
    /// It does not, and the policy lets the order pass with a warning.
    Warned(Vec<CreditProblem>),
    /// It does not, and the policy stops the order.
    Blocked(Vec<CreditProblem>),
}

impl CreditCheck {
    /// What the buyer would owe: balance + what is promised + this order.
    pub fn exposure(&self) -> Result<Money, Overflow> {
        Money::sum([self.balance, self.committed, self.order])
    }

    /// Everything that speaks against the order.
    pub fn problems(&self) -> Result<Vec<CreditProblem>, Overflow> {
        let mut problems = Vec::new();
        let exposure = self.exposure()?;
        if let Some(limit) = self.limit
            && exposure > limit
        {
            problems.push(CreditProblem::LimitExceeded { limit, exposure });
        }
        if let Some(allowed) = self.overdue_days_allowed
            && self.overdue_days > allowed
        {
            problems.push(CreditProblem::Overdue { days: self.overdue_days, allowed });
        }
        Ok(problems)
    }

    /// Judges the order by the company's policy.
    pub fn judge(&self, policy: CreditPolicy) -> Result<CreditVerdict, Overflow> {
        let problems = self.problems()?;
        Ok(match policy {
            _ if problems.is_empty() => CreditVerdict::Clear,
            CreditPolicy::Off => CreditVerdict::Clear,
            CreditPolicy::Warn => CreditVerdict::Warned(problems),
            CreditPolicy::Block => CreditVerdict::Blocked(problems),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(order: i64, limit: Option<i64>) -> CreditCheck {
        CreditCheck {
            balance: Money::new(600),
            committed: Money::new(300),
            order: Money::new(order),
            limit: limit.map(Money::new),
            overdue_days: 0,
            overdue_days_allowed: None,
        }
    }

    #[test]
    fn an_order_up_to_the_limit_passes_and_one_dong_more_does_not() {
        assert_eq!(check(100, Some(1_000)).judge(CreditPolicy::Block), Ok(CreditVerdict::Clear));
        let exceeded = CreditProblem::LimitExceeded { limit: Money::new(1_000), exposure: Money::new(1_001) };
        let beyond = check(101, Some(1_000));
        assert_eq!(beyond.judge(CreditPolicy::Block), Ok(CreditVerdict::Blocked(vec![exceeded])));
        assert_eq!(beyond.judge(CreditPolicy::Warn), Ok(CreditVerdict::Warned(vec![exceeded])));
        assert_eq!(beyond.judge(CreditPolicy::Off), Ok(CreditVerdict::Clear));
    }

    #[test]
    fn no_limit_is_unlimited() {
        assert_eq!(check(i64::MAX - 900, None).judge(CreditPolicy::Block), Ok(CreditVerdict::Clear));
        assert_eq!(check(i64::MAX, None).judge(CreditPolicy::Block), Err(Overflow));
    }

    #[test]
    fn a_debt_overdue_for_too_long_speaks_against_the_order() {
        let late = CreditCheck { overdue_days: 31, overdue_days_allowed: Some(30), ..check(1, None) };
        assert_eq!(late.problems(), Ok(vec![CreditProblem::Overdue { days: 31, allowed: 30 }]));
        let still_fine = CreditCheck { overdue_days: 30, ..late };
        assert_eq!(still_fine.problems(), Ok(vec![]));
    }
}
