//! What a phone holds.

/// The kinds of things a phone holds, in the order it gets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Kind {
    Routes = 0,
    Customers = 1,
    Products = 2,
    Prices = 3,
    Promotions = 4,
    Warehouses = 5,
    Stock = 6,
    Surveys = 7,
    DisplayPrograms = 8,
    Orders = 9,
    VisitPolicies = 10,
    Albums = 11,
    Notifications = 12,
}

impl Kind {
    pub const ALL: [Kind; 13] = [
        Kind::Routes,
        Kind::Customers,
        Kind::Products,
        Kind::Prices,
        Kind::Promotions,
        Kind::Warehouses,
        Kind::Stock,
        Kind::Surveys,
        Kind::DisplayPrograms,
        Kind::Orders,
        Kind::VisitPolicies,
        Kind::Albums,
        Kind::Notifications,
    ];

    /// By its number.
    pub fn of(number: u8) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| *kind as u8 == number)
    }

    /// The kind that comes next.
    pub fn next(self) -> Option<Kind> {
        Kind::of(self as u8 + 1)
    }
}
