use std::fmt;

use domain::DistributorId;

/// Something that can't be, found by a capability's `verify`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken, such as `routes.one_rep_a_day`.
    pub rule: String,
    /// Whose row it is.
    pub distributor_id: DistributorId,
    /// What it is about.
    pub subject: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} of distributor {}", self.rule, self.subject, self.distributor_id)
    }
}
