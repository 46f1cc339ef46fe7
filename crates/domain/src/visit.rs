//! Visits: their outcome, what the company wants of them, and whether they went as they should.

mod judge;
mod policy;

pub use judge::{Arrival, DisplayDue, Problem, Verdict, VisitFacts};
pub use policy::{PolicyChange, PolicyError, Severity, Step, StepRule, VisitPolicy};

text_enum! {
    /// How a visit ended.
    pub enum VisitResult as "visit result" {
        /// The outlet ordered.
        HasOrder = "HasOrder",
        /// It did not.
        NoOrder = "NoOrder",
        /// It was closed.
        Closed = "Closed",
        /// The owner was away.
        OwnerAway = "OwnerAway",
    }
}

text_enum! {
    /// Whether the visit was planned for that day.
    pub enum VisitType as "visit type" {
        /// The outlet is in the day's plan.
        InRoute = "InRoute",
        /// It is not.
        OffRoute = "OffRoute",
    }
}

text_enum! {
    /// How the rep found the outlet.
    pub enum OutletState as "outlet state" {
        /// Open, with somebody to talk to.
        Open = "Open",
        /// Closed.
        Closed = "Closed",
        /// Open, but the owner is away.
        OwnerAway = "OwnerAway",
    }
}
