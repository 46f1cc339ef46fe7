use db::audit;
use domain::DistributorId;
use platform::{ApiError, App, Caller, transaction};

use crate::error::OrderError;
use crate::model::{OrderPolicy, SetOrderPolicy};
use crate::store;

/// Sets the policy of a distributor, or with none the company's, which holds where a distributor has none of its own.
///
/// # Errors
/// 404 for an unknown distributor, 412 when the policy was changed meanwhile.
pub async fn set_policy(
    app: &App,
    caller: &Caller,
    distributor: Option<DistributorId>,
    version: i64,
    body: &SetOrderPolicy,
) -> Result<OrderPolicy, ApiError> {
    transaction!(app.db, caller.context(), "orders.policy", |tx| {
        if let Some(id) = distributor
            && !store::distributor_exists(tx, id).await?
        {
            return Err(ApiError::not_found());
        }
        let before = store::find_policy(tx, distributor).await?;
        if !store::set_policy(tx, distributor, body, version, caller.user_id, app.now()).await? {
            return Err(OrderError::Stale.into());
        }
        let after = store::find_policy(tx, distributor).await?;
        let entry = audit::Entry {
            action: "orders.policy",
            entity: "order_policy",
            entity_id: distributor.map(|d| d.uuid()),
            distributor,
            before: Some(&before),
            after: Some(&after),
        };
        audit::record(tx, caller.context(), app.now(), entry).await?;
        Ok(after)
    })
}

/// Gives the policy of a distributor up: the company's holds for it again.
///
/// # Errors
/// 404 for an unknown distributor or one without a policy of its own, 412 when the policy was changed meanwhile.
pub async fn delete_policy(
    app: &App,
    caller: &Caller,
    distributor: DistributorId,
    version: i64,
) -> Result<OrderPolicy, ApiError> {
    transaction!(app.db, caller.context(), "orders.delete_policy", |tx| {
        let before = store::find_policy(tx, Some(distributor)).await?;
        if before.version == 0 {
            return Err(ApiError::not_found());
        }
        if !store::delete_policy(tx, distributor, version).await? {
            return Err(OrderError::Stale.into());
        }
        let after = store::find_policy(tx, Some(distributor)).await?;
        let entry = audit::Entry {
            action: "orders.delete_policy",
            entity: "order_policy",
            entity_id: Some(distributor.uuid()),
            distributor: Some(distributor),
            before: Some(&before),
            after: Some(&after),
        };
        audit::record(tx, caller.context(), app.now(), entry).await?;
        Ok(after)
    })
}
