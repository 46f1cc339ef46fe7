//! Order types, states and the steps between them.

text_enum! {
    /// How the goods reach the outlet.
    pub enum OrderType as "order type" {
        /// Ordered now, approved, invoiced and delivered later.
        PreSales = "PreSales",
        /// Sold from the rep's van and delivered at once.
        VanSales = "VanSales",
    }
}

text_enum! {
    /// Where an order stands:
    /// draft → pending → approved → invoiced → issued; pending → rejected; draft, pending or approved → cancelled;
    /// invoiced → approved when its invoice is cancelled.
    pub enum OrderStatus as "order status" {
        /// Being written, not yet sent.
        Draft = "Draft",
        /// Waits for approval.
        Pending = "Pending",
        /// Approved; its stock is reserved.
        Approved = "Approved",
        /// Refused, with a reason.
        Rejected = "Rejected",
        /// Withdrawn.
        Cancelled = "Cancelled",
        /// Invoiced, not yet delivered.
        Invoiced = "Invoiced",
        /// The goods have left: revenue and debt count.
        Issued = "Issued",
    }
}

text_enum! {
    /// A step in the life of an order.
    pub enum OrderAction as "order action" {
        /// Send a draft for approval.
        Submit = "submit",
        /// Change its content.
        Edit = "edit",
        /// Approve it.
        Approve = "approve",
        /// Refuse it.
        Reject = "reject",
        /// Withdraw it.
        Cancel = "cancel",
        /// Invoice it.
        Invoice = "invoice",
        /// Issue its goods.
        Issue = "issue",
        /// Take it off its invoice.
        Reopen = "reopen",
    }
}

/// The step is not possible from where the order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot {action} an order that is {from}")]
pub struct TransitionError {
    /// Where the order stands.
    pub from: OrderStatus,
    /// What was wanted.
    pub action: OrderAction,
}

impl OrderStatus {
    /// Where the step leads. An edit leaves the order where it is.
    pub const fn after(self, action: OrderAction) -> Result<Self, TransitionError> {
        use OrderAction as A;
        match (self, action) {
            (Self::Draft, A::Submit) => Ok(Self::Pending),
            (Self::Draft | Self::Pending, A::Edit) => Ok(self),
            (Self::Pending, A::Approve) => Ok(Self::Approved),
            (Self::Pending, A::Reject) => Ok(Self::Rejected),
            (Self::Draft | Self::Pending | Self::Approved, A::Cancel) => Ok(Self::Cancelled),
            (Self::Approved, A::Invoice) => Ok(Self::Invoiced),
            (Self::Invoiced, A::Issue) => Ok(Self::Issued),
            (Self::Invoiced, A::Reopen) => Ok(Self::Approved),
            (from, action) => Err(TransitionError { from, action }),
        }
    }

    /// Sends a draft for approval.
    pub const fn submit(self) -> Result<Self, TransitionError> {
        self.after(OrderAction::Submit)
    }

    /// Changes its content; only before it is decided upon.
    pub const fn edit(self) -> Result<Self, TransitionError> {
        self.after(OrderAction::Edit)
    }

    /// Approves a pending order.
    pub const fn approve(self) -> Result<Self, TransitionError> {
        self.after(OrderAction::Approve)
    }

    /// Refuses a pending order.
    pub const fn reject(self) -> Result<Self, TransitionError> {
        self.after(OrderAction::Reject)
    }

    /// Withdraws an order that is not yet invoiced.
    pub const fn cancel(self) -> Result<Self, TransitionError> {
        self.after(OrderAction::Cancel)
    }

    /// Invoices an approved order.
    pub const fn invoice(self) -> Result<Self, TransitionError> {
        self.after(OrderAction::Invoice)
    }

    /// Issues the goods of an invoiced order.
    pub const fn issue(self) -> Result<Self, TransitionError> {
        self.after(OrderAction::Issue)
    }

    /// Takes it off its invoice, which is cancelled.
    pub const fn reopen(self) -> Result<Self, TransitionError> {
        self.after(OrderAction::Reopen)
    }

    /// Whether the order counts as sales (doanh số): taken, and neither rejected nor withdrawn.
    pub const fn counts_as_sales(self) -> bool {
        matches!(self, Self::Pending | Self::Approved | Self::Invoiced | Self::Issued)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OrderStatus::{Approved, Cancelled, Draft, Invoiced, Issued, Pending, Rejected};

    #[test]
    fn a_pre_sale_goes_from_draft_to_issued() {
        let end = Draft
            .submit()
            .and_then(OrderStatus::approve)
            .and_then(OrderStatus::invoice)
            .and_then(OrderStatus::issue);
        assert_eq!(end, Ok(Issued));
    }

    #[test]
    fn the_steps_are_exactly_these() {
        let mut steps = Vec::new();
        for from in OrderStatus::ALL {
            for action in OrderAction::ALL {
                match from.after(*action) {
                    Ok(to) => steps.push((*from, *action, to)),
                    Err(error) => assert_eq!(error, TransitionError { from: *from, action: *action }),
                }
            }
        }
        let expected = [
            (Draft, OrderAction::Submit, Pending),
            (Draft, OrderAction::Edit, Draft),
            (Draft, OrderAction::Cancel, Cancelled),
            (Pending, OrderAction::Edit, Pending),
            (Pending, OrderAction::Approve, Approved),
            (Pending, OrderAction::Reject, Rejected),
            (Pending, OrderAction::Cancel, Cancelled),
            (Approved, OrderAction::Cancel, Cancelled),
            (Approved, OrderAction::Invoice, Invoiced),
            (Invoiced, OrderAction::Issue, Issued),
            (Invoiced, OrderAction::Reopen, Approved),
        ];
        assert_eq!(steps, expected);
    }

    #[test]
    fn a_refused_step_says_what_stood_in_its_way() {
        assert_eq!(Issued.approve().unwrap_err().to_string(), "cannot approve an order that is Issued");
    }

    #[test]
    fn statuses_are_spelled_as_in_the_api() {
        assert_eq!(
            serde_json::to_string(&OrderStatus::ALL).unwrap(),
            r#"["Draft","Pending","Approved","Rejected","Cancelled","Invoiced","Issued"]"#
        );
        assert_eq!("VanSales".parse(), Ok(OrderType::VanSales));
    }
}
