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
