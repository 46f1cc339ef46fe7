//! The one place where a customer's credit is looked at.
//!
//! It is looked at in every step that raises what a customer may come to owe (the view `customer_exposures`): the
//! approval of an order, and a van sale, for what of it is not paid at once. An order counts from its approval on, so
//! placing, editing and submitting raise nothing; an invoice takes over what its orders count, an issue turns what the
//! invoice counts into debt; an invoice that is withdrawn gives its orders back, which count as before; rejecting and
//! cancelling lower it. A cancelled or rejected order is never opened again.

use chrono::NaiveDate;
use db::PgConnection;
use domain::order::{CreditCheck, CreditProblem, CreditVerdict};
use domain::{CustomerId, DistributorId, Money};
use platform::{ApiError, App, Caller};

use crate::error::OrderError;
use crate::model::CustomerCredit;
use crate::store::{self, Credit};

/// A credit that may be judged: the customer's balance is locked until the transaction ends, so that two orders that
/// fit only one at a time can't both pass.
pub(super) struct Held {
    distributor: DistributorId,
    customer: CustomerId,
    pub credit: Credit,
}

/// What a judgement says that didn't stop the order.
#[derive(Default)]
pub(super) struct Passed {
    /// What speaks against the order.
    pub warnings: Vec<CreditProblem>,
    /// Whether it would have been stopped.
    pub overridden: bool,
}

pub(super) async fn hold(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
) -> Result<Held, ApiError> {
    receivables::ledger::lock_balance(c, distributor, customer).await?;
    Ok(Held { distributor, customer, credit: store::find_credit(c, distributor, customer).await? })
}

impl Held {
    /// Whether the credit carries so much more.
    pub(super) async fn judge(
        &self,
        c: &mut PgConnection,
        today: NaiveDate,
        amount: Money,
        may_override: bool,
    ) -> Result<Passed, ApiError> {
        let credit = &self.credit;
        let overdue_days_allowed = credit.overdue_days_allowed.map(i32::unsigned_abs);
        let overdue_days = match overdue_days_allowed {
            Some(_) => receivables::ledger::overdue(c, self.distributor, self.customer, today).await?.days,
            None => 0,
        };
        let check = CreditCheck {
            balance: credit.balance,
            committed: credit.approved.checked_add(credit.invoiced).map_err(OrderError::from)?,
            order: amount,
            limit: credit.limit,
            overdue_days,
            overdue_days_allowed,
        };
        match check.judge(credit.policy).map_err(OrderError::from)? {
            CreditVerdict::Clear => Ok(Passed::default()),
            CreditVerdict::Warned(warnings) => Ok(Passed { warnings, overridden: false }),
            CreditVerdict::Blocked(warnings) if may_override => Ok(Passed { warnings, overridden: true }),
            CreditVerdict::Blocked(problems) => Err(OrderError::Credit(problems).into()),
        }
    }
}

/// What a customer owes, what is promised to it, and what may still be sold to it.
///
/// # Errors
/// 404 for a customer the caller may not see.
pub async fn customer_credit(app: &App, caller: &Caller, id: CustomerId) -> Result<CustomerCredit, ApiError> {
    let mut tx = app.db.read(caller.context()).await?;
    let viewer = customers::store::Viewer::new(caller.scope(), app.today());
    let customer = customers::store::find(&mut tx, &viewer, id).await?.ok_or_else(ApiError::not_found)?;
    let credit = store::find_credit(&mut tx, customer.distributor_id, id).await?;
    let overdue = receivables::ledger::overdue(&mut tx, customer.distributor_id, id, app.today()).await?;
    let exposure =
        Money::sum([credit.balance, credit.approved, credit.invoiced]).map_err(OrderError::from)?;
    Ok(CustomerCredit {
        customer_id: id,
        credit_limit: credit.limit,
        balance: credit.balance,
        approved: credit.approved,
        invoiced: credit.invoiced,
        exposure,
        available: credit
            .limit
            .map(|limit| limit.checked_sub(exposure))
            .transpose()
            .map_err(OrderError::from)?,
        overdue_amount: overdue.amount,
        overdue_days: overdue.days,
    })
}
