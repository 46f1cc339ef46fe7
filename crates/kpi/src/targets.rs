//! Setting, taking away and copying targets. Each function works in the caller's transaction.

use chrono::{DateTime, Utc};
use db::audit::{self, Change, Entry};
use domain::kpi::Span;
use domain::{DistributorId, KpiTargetId, Month, OrgUnitId, UserId};
use platform::{ApiError, Caller};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::KpiError;
use crate::model::{Amounts, FocusKind, Target};
use crate::store::targets::{self as store, Filter, NewTarget, Written};

/// Targets to set.
#[derive(Debug)]
pub(crate) struct Setting {
    pub id: KpiTargetId,
    pub user: UserId,
    pub span: Span,
    pub amounts: Amounts,
    /// What it is about, quantity, revenue.
    pub focus: Vec<(FocusKind, Uuid, Option<i64>, Option<i64>)>,
}

/// Sets what is asked of a rep for some days. What was asked for these days before ends, begins later, or is split.
///
/// # Errors
/// 404 for somebody out of the caller's sight, or an unknown product, brand or category; 409 when the id is taken.
pub(crate) async fn set(
    c: &mut PgConnection,
    caller: &Caller,
    at: DateTime<Utc>,
    setting: &Setting,
) -> Result<Target, ApiError> {
    let distributor = store::find_rep(c, caller.scope(), setting.user).await?.ok_or(KpiError::Rep)?;
    let things: Vec<_> = setting.focus.iter().map(|f| (f.0, f.1)).collect();
    if let Some(place) = store::list_unknown(c, &things).await?.first() {
        return Err(KpiError::Focus(usize::try_from(*place).unwrap_or_default()).into());
    }
    store::lock_targets(c, &[distributor]).await?;
    let written = Written { by: caller.user_id, at };
    let sharing = Filter {
        first: Some(setting.span.first()),
        last: Some(setting.span.last()),
        user: Some(setting.user),
        ..Filter::default()
    };
    let (former, _) = store::list_targets(c, caller.scope(), &sharing, None).await?;
    for target in &former {
        make_room(c, target, setting.span, written).await?;
    }
    let new = NewTarget {
        distributor,
        id: setting.id,
        user: setting.user,
        span: setting.span,
        amounts: setting.amounts,
        focus: &setting.focus,
    };
    store::insert_target(c, &new, written).await.map_err(id_taken)?;
    let target = find(c, caller, setting.id).await?;
    let before = (!former.is_empty()).then_some(&former);
    record(c, caller, at, "kpi.targets.set", (distributor, setting.id), before, Some(&target)).await?;
    Ok(target)
}

/// Leaves of a target what lies outside of these days.
async fn make_room(
    c: &mut PgConnection,
    target: &Target,
    taken: Span,
    written: Written,
) -> Result<(), ApiError> {
    let span = Span::new(target.from, target.to).map_err(ApiError::internal)?;
    let (distributor, id) = (target.distributor_id, target.target_id);
    match span.without(taken) {
        (None, None) => {
            store::delete_target(c, distributor, id).await?;
        }
        (Some(left), None) | (None, Some(left)) => {
            store::update_span(c, distributor, id, left, written).await?;
        }
        (Some(before), Some(after)) => {
            store::update_span(c, distributor, id, before, written).await?;
            let focus: Vec<_> = target.focus.iter().map(|f| (f.kind, f.id, f.quantity, f.revenue)).collect();
            let rest = NewTarget {
                distributor,
                id: KpiTargetId::new(Uuid::now_v7()),
                user: target.user_id,
                span: after,
                amounts: amounts(target),
                focus: &focus,
            };
            store::insert_target(c, &rest, written).await?;
        }
    }
    Ok(())
}

fn amounts(target: &Target) -> Amounts {
    Amounts {
        visits: target.visits,
        new_customers: target.new_customers,
        orders: target.orders,
        sales: target.sales,
        revenue: target.revenue,
        volume: target.volume,
        skus_per_order: target.skus_per_order.map(|skus| skus.hundredths()),
        work_minutes: target.work_minutes,
    }
}

/// Takes a target away: nothing is asked for its days any more.
///
/// # Errors
/// 404 when there is none, or it is out of the caller's sight.
pub(crate) async fn remove(
    c: &mut PgConnection,
    caller: &Caller,
    at: DateTime<Utc>,
    id: KpiTargetId,
) -> Result<(), ApiError> {
    let known = find(c, caller, id).await?;
    store::lock_targets(c, &[known.distributor_id]).await?;
    // As it stands now that nobody else changes it.
    let target = find(c, caller, id).await?;
    store::delete_target(c, target.distributor_id, id).await?;
    record(c, caller, at, "kpi.targets.delete", (target.distributor_id, id), Some(&target), None::<&()>).await
}

/// What copying came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KpiTargetsCopied)]
pub struct Copied {
    /// Reps who have targets in the month now.
    pub copied: usize,
    /// Reps who had some already.
    pub skipped: usize,
}

/// Copies what was last asked of each active rep in a month to all days of another, unless something is asked of them
/// there.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn copy(
    c: &mut PgConnection,
    caller: &Caller,
    at: DateTime<Utc>,
    from: Month,
    to: Month,
    unit: Option<OrgUnitId>,
) -> Result<Copied, ApiError> {
    let month = Span::of_month(from);
    let list = async |c: &mut PgConnection| store::list_sources(c, caller.scope(), unit, month).await;
    let mut distributors: Vec<DistributorId> =
        list(c).await?.iter().map(|source| source.distributor).collect();
    distributors.dedup();
    store::lock_targets(c, &distributors).await?;
    let sources: Vec<_> = list(c)
        .await?
        .into_iter()
        .filter(|source| distributors.binary_search(&source.distributor).is_ok())
        .collect();
    let copies: Vec<_> = sources.iter().map(|source| (source.id, KpiTargetId::new(Uuid::now_v7()))).collect();
    let mut made =
        store::copy_targets(c, &copies, Span::of_month(to), Written { by: caller.user_id, at }).await?;
    made.sort_unstable();
    for of_one in made.chunk_by(|a, b| a.0 == b.0) {
        let Some((distributor, _, _)) = of_one.first() else { continue };
        let changes: Vec<Change> = of_one
            .iter()
            .map(|(_, id, user)| Change {
                entity_id: id.uuid(),
                before: None,
                after: json!({ "userId": user, "copiedFrom": from, "month": to }),
            })
            .collect();
        audit::record_many(
            c,
            caller.context(),
            at,
            "kpi.targets.copy",
            "kpi_target",
            Some(*distributor),
            &changes,
        )
        .await?;
    }
    Ok(Copied { copied: made.len(), skipped: sources.len().saturating_sub(made.len()) })
}

async fn find(c: &mut PgConnection, caller: &Caller, id: KpiTargetId) -> Result<Target, ApiError> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    let (mut found, _) = store::list_targets(c, caller.scope(), &filter, None).await?;
    found.pop().ok_or_else(ApiError::not_found)
}

async fn record<B: Serialize, A: Serialize>(
    c: &mut PgConnection,
    caller: &Caller,
    at: DateTime<Utc>,
    action: &'static str,
    (distributor, id): (DistributorId, KpiTargetId),
    before: Option<&B>,
    after: Option<&A>,
) -> Result<(), ApiError> {
    let entry = Entry {
        action,
        entity: "kpi_target",
        entity_id: Some(id.uuid()),
        distributor: Some(distributor),
        before,
        after,
    };
    Ok(audit::record(c, caller.context(), at, entry).await?)
}

/// Other targets have the id: the caller's, or some that the caller can't see.
fn id_taken(error: sqlx::Error) -> ApiError {
    let taken = || KpiError::IdTaken.into();
    ApiError::from(error).on_constraint("kpi_targets_id_uniq", taken).on_constraint("kpi_targets_pkey", taken)
}
