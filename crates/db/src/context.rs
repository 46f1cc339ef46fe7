use domain::{DistributorId, UserId};

/// Whose rows a transaction may touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tenants {
    /// All distributors: callers of the company, and the system's own work.
    Company,
    /// The named distributors only; an empty list shows nothing.
    Distributors(Vec<DistributorId>),
}

impl Tenants {
    /// Whether a row of this distributor may be touched.
    pub fn includes(&self, distributor: DistributorId) -> bool {
        match self {
            Tenants::Company => true,
            Tenants::Distributors(ids) => ids.contains(&distributor),
        }
    }
}

/// Who acts, for whom, and on which request: goes into every transaction and every audit row.
#[derive(Debug, Clone)]
pub struct Context {
    /// The user who acts; none for the system's own work.
    pub user: Option<UserId>,
    /// The name shown in the audit log.
    pub name: String,
    /// Whose rows may be touched.
    pub tenants: Tenants,
    /// The address the request came from.
    pub address: Option<String>,
    /// The trace the work belongs to.
    pub trace_id: Option<String>,
}

impl Context {
    /// The system itself: jobs, command line, log-in before the caller is known.
    pub fn system(name: &str) -> Self {
        Context {
            user: None,
            name: name.to_owned(),
            tenants: Tenants::Company,
            address: None,
            trace_id: None,
        }
    }
}
