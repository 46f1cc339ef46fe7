//! Typed identifiers, so that an order's id can't be passed where a customer's is wanted.
//!
//! All are UUIDs made by whoever creates the thing, the phone included; this crate never makes one.

macro_rules! ids {
    ($( $(#[$meta:meta])* $name:ident ),+ $(,)?) => { $(
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// The id with this UUID.
            pub const fn new(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID.
            pub const fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+ };
}

ids! {
    /// A distributor (NPP): the unit of data isolation.
    DistributorId,
    /// A node of the organisation tree.
    OrgUnitId,
    /// A person who can log in.
    UserId,
    /// One login of a user on one device; its refresh tokens form one family.
    SessionId,
    /// A product of the company's catalogue.
    ProductId,
    /// A price list.
    PriceListId,
    /// An outlet that is visited and buys.
    CustomerId,
    /// A sales route.
    RouteId,
    /// A visit of a rep to an outlet.
    VisitId,
    /// A photo taken in the field.
    PhotoId,
    /// A count of what stands on a shelf.
    StockCheckId,
    /// A survey.
    SurveyId,
    /// A filled-in survey.
    SurveyAnswerId,
    /// A proposal where an outlet stands.
    LocationProposalId,
    /// A thread of posts that somebody is asked to look at.
    IssueId,
    /// A post in a thread.
    IssuePostId,
    /// Something a person was told.
    NotificationId,
    /// A phone or browser that push messages reach.
    NotificationDeviceId,
    /// A display program.
    DisplayProgramId,
    /// A display of a program in a visit.
    DisplayRecordId,
    /// A declaration of where somebody is.
    LocationDeclarationId,
    /// A sign that a position may not be what it says.
    SuspicionId,
    /// A clock-in or clock-out.
    ClockEventId,
    /// A correction of a clock event.
    ClockCorrectionId,
    /// Working times of a unit from a day on.
    WorkCalendarId,
    /// A rep's walking of another's route for some days.
    SubstitutionId,
    /// Days on which somebody doesn't work.
    LeaveId,
    /// A day on which nobody does.
    HolidayId,
    /// A warehouse, or a van.
    WarehouseId,
    /// A batch of a product with its expiry date.
    LotId,
    /// A posting in the stock ledger.
    StockPostingId,
    /// A sales order.
    OrderId,
    /// A line of a sales order.
    OrderLineId,
    /// A sales invoice.
    InvoiceId,
    /// A line of a sales invoice.
    InvoiceLineId,
    /// A goods issue.
    GoodsIssueId,
    /// A goods receipt.
    GoodsReceiptId,
    /// A transfer between warehouses.
    StockTransferId,
    /// A count of stock.
    StockCountId,
    /// Goods that come back from an outlet.
    SalesReturnId,
    /// A receipt of money from an outlet.
    ReceiptId,
    /// An entry in the receivable ledger.
    ReceivableEntryId,
    /// An allocation of a credit to a debt.
    AllocationId,
    /// Money given back to an outlet.
    RefundId,
    /// A correction of what an outlet owes.
    AdjustmentId,
    /// A hand-over of a rep's cash.
    HandOverId,
    /// A promotion.
    PromotionId,
    /// Any document that posts to a ledger, whatever its kind.
    DocumentId,
    /// What is asked of a rep in some days of a month.
    KpiTargetId,
    /// An event in the outbox.
    EventId,
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "01980000-0000-7000-8000-000000000001";

    #[test]
    fn an_id_reads_and_prints_as_a_uuid() {
        let id: OrderId = TEXT.parse().unwrap();
        assert_eq!(id.to_string(), TEXT);
        assert_eq!(OrderId::from(id.uuid()), id);
        assert!("no id".parse::<OrderId>().is_err());
    }

    #[test]
    fn an_id_is_a_plain_string_in_json_and_may_key_a_map() {
        let id: ProductId = TEXT.parse().unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{TEXT}\""));
        let map = std::collections::BTreeMap::from([(id, 1)]);
        let json = serde_json::to_string(&map).unwrap();
        assert_eq!(json, format!("{{\"{TEXT}\":1}}"));
        assert_eq!(serde_json::from_str::<std::collections::BTreeMap<ProductId, i32>>(&json).unwrap(), map);
    }
}
