use domain::DistributorId;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{ApiError, Caller};

/// Whose policy, in the query of a policy that the company sets for all and a distributor for itself.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct PolicyOf {
    /// The distributor; left out it is the caller's own, for the company's people the company's default.
    pub distributor_id: Option<DistributorId>,
}

impl PolicyOf {
    /// The distributor whose policy is meant; none for the company's default.
    ///
    /// # Errors
    /// 404 for a distributor that is not the caller's.
    pub fn holder(&self, caller: &Caller) -> Result<Option<DistributorId>, ApiError> {
        match (self.distributor_id, caller.distributor_id) {
            (None, None) => Ok(None),
            (asked, own) => caller.distributor(asked.or(own)).map(Some),
        }
    }
}
