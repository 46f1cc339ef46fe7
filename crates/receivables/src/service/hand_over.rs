use chrono::NaiveDate;
use db::{PgConnection, audit, numbers};
use domain::document::DocumentKind;
use domain::{DistributorId, HandOverId, Money, UserId};
use platform::{ApiError, ApiResult, App, Caller};

use super::{id_taken, note, unknown_rep};
use crate::cash::{self, CashKind, Refused, Settlement};
use crate::ledger::LedgerError;
use crate::model::{CashHandOver, CashPolicy};
use crate::store;

/// Cash that a rep brings.
#[derive(Debug)]
pub(crate) struct HandOver {
    pub rep: UserId,
    /// The day whose cash it is.
    pub day: NaiveDate,
    /// Below zero is given back to the rep.
    pub amount: Money,
    /// Whether the rest stays with the rep.
    pub partial: bool,
    /// Why a difference beyond the tolerance is accepted; none: it isn't.
    pub accepted: Option<String>,
    pub note: String,
}

/// Takes over what a rep collected on a day, under the next `NQ` number, and posts the difference if there is one.
pub(crate) async fn hand_over(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: HandOverId,
    wanted: &HandOver,
) -> ApiResult<CashHandOver> {
    let distributor = store::find_distributor_of_rep(c, wanted.rep).await?.ok_or_else(ApiError::not_found)?;
    let role = store::find_role(c, distributor, wanted.rep).await?.ok_or_else(|| unknown_rep(wanted.rep))?;
    let number = numbers::next(c, distributor, DocumentKind::HandOver, app.today()).await?;
    let carried = store::lock_cash_day(c, distributor, wanted.rep, wanted.day).await?;
    if !cash::carries_cash(role) && !carried.any {
        return Err(unknown_rep(wanted.rep));
    }
    let tolerance = store::find_policy(c, distributor).await?.tolerance;
    let outcome =
        cash::settle(carried.in_hand, wanted.amount, wanted.partial, tolerance, wanted.accepted.is_some())
            .map_err(LedgerError::from)?;
    let difference = match outcome {
        Ok(Settlement::Exact) => Money::ZERO,
        Ok(Settlement::Difference(difference)) => difference,
        Err(refused) => return Err(refusal(refused, carried.in_hand, tolerance)),
    };
    let row = store::NewHandOver {
        distributor,
        id,
        number: &number,
        rep: wanted.rep,
        day: wanted.day,
        amount: wanted.amount,
        difference,
        reason: wanted.accepted.as_deref().unwrap_or_default(),
        note: &wanted.note,
        actor: caller.user_id,
        at: app.now(),
    };
    store::insert_hand_over(c, &row).await.map_err(|e| id_taken(e, "cash_hand_overs_pkey"))?;
    let out = wanted.amount.checked_neg().map_err(LedgerError::from)?;
    for (kind, amount) in [(CashKind::HandedOver, out), (CashKind::Difference, difference)] {
        if amount.is_zero() {
            continue;
        }
        let entry = cash::Entry {
            distributor,
            rep: wanted.rep,
            kind,
            amount,
            day: wanted.day,
            document_id: id.uuid().into(),
            number: &number,
            at: app.now(),
            actor: caller.user_id,
        };
        store::insert_cash(c, &entry).await?;
    }
    let made = store::find_hand_over(c, id).await?.ok_or_else(ApiError::not_found)?;
    let about = ("receivables.hand_over", "cash_hand_over");
    note(c, app, caller, about, (distributor, id.uuid()), &made).await?;
    Ok(made)
}

fn refusal(refused: Refused, in_hand: Money, tolerance: Money) -> ApiError {
    match refused {
        Refused::NothingToGiveBack => ApiError::unprocessable(
            "receivables.nothing_to_give_back",
            format!("Nhân viên đang giữ {in_hand}; không có khoản nộp thừa để trả lại như vậy."),
            format!("The rep carries {in_hand}: nothing like that was handed over too much."),
        ),
        Refused::NoPart => ApiError::unprocessable(
            "receivables.no_part",
            format!("Nhân viên đang giữ {in_hand}. Nộp một phần thì phải lớn hơn 0 và ít hơn số đó."),
            format!("The rep carries {in_hand}. A part must be more than 0 and less than that."),
        ),
        Refused::Difference(difference) => ApiError::unprocessable(
            "receivables.hand_over_difference",
            format!(
                "Nhân viên đang giữ {in_hand}, chênh lệch {difference} vượt mức cho phép {tolerance}. Hãy đếm lại, hoặc chấp nhận chênh lệch và ghi lý do."
            ),
            format!(
                "The rep carries {in_hand}; the difference of {difference} is beyond the tolerated {tolerance}. Count again, or accept it with a reason."
            ),
        )
        .with("difference", difference),
    }
    .with("inHand", in_hand)
}

/// Says how a distributor treats its reps' cash.
pub(crate) async fn set_policy(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    distributor: DistributorId,
    tolerance: Money,
    version: Option<i64>,
) -> ApiResult<CashPolicy> {
    let before = store::find_policy(c, distributor).await?;
    let done = store::upsert_policy(c, distributor, tolerance, version, caller.user_id, app.now()).await;
    let done = done.map_err(|e| {
        ApiError::from(e).on_constraint("receivable_policies_distributor_id_fkey", ApiError::not_found)
    })?;
    if !done {
        return Err(ApiError::stale());
    }
    policy_changed(c, app, caller, "receivables.set_cash_policy", &before).await
}

/// Gives a distributor's own policy up: nothing is tolerated any more.
pub(crate) async fn delete_policy(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    distributor: DistributorId,
    version: i64,
) -> ApiResult<CashPolicy> {
    let before = store::find_policy(c, distributor).await?;
    if before.version == 0 {
        return Err(ApiError::not_found());
    }
    if !store::delete_policy(c, distributor, version).await? {
        return Err(ApiError::stale());
    }
    policy_changed(c, app, caller, "receivables.delete_cash_policy", &before).await
}

/// Writes the change down; gives the policy that holds now.
async fn policy_changed(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    action: &'static str,
    before: &CashPolicy,
) -> ApiResult<CashPolicy> {
    let distributor = before.distributor_id;
    let after = store::find_policy(c, distributor).await?;
    let entry = audit::Entry {
        action,
        entity: "receivable_policy",
        entity_id: Some(distributor.uuid()),
        distributor: Some(distributor),
        before: Some(before),
        after: Some(&after),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok(after)
}
