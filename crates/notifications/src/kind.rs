use domain::Role;

/// A way to reach somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// The list in the app and the back office.
    InApp,
    /// A push message on their devices.
    Push,
    /// An SMS to their number.
    Sms,
}

impl Channel {
    /// All.
    pub const ALL: [Channel; 3] = [Channel::InApp, Channel::Push, Channel::Sms];

    /// The spelling in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::InApp => "in_app",
            Channel::Push => "push",
            Channel::Sms => "sms",
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $vi:literal, $en:literal;)+) => {
        /// What somebody is told of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $name),+
        }

        impl Kind {
            /// All, in the order in which people choose among them.
            pub const ALL: &'static [Kind] = &[$(Kind::$name),+];

            /// The spelling in the database and on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Kind::$name => $text),+ }
            }

            /// By its spelling.
            pub fn parse(text: &str) -> Option<Kind> {
                match text { $($text => Some(Kind::$name),)+ _ => None }
            }

            /// What people call it, in Vietnamese and in English.
            pub fn names(self) -> (&'static str, &'static str) {
                match self { $(Kind::$name => ($vi, $en)),+ }
            }
        }
    };
}

kinds! {
    /// An order waits for approval: to those who approve.
    OrderWaiting = "order_waiting", "Đơn hàng chờ duyệt", "Order waits for approval";
    /// To the rep whose order it is, and so the next two.
    OrderApproved = "order_approved", "Đơn hàng được duyệt", "Order approved";
    /// See above.
    OrderRejected = "order_rejected", "Đơn hàng bị từ chối", "Order rejected";
    /// See above.
    OrderCancelled = "order_cancelled", "Đơn hàng bị hủy", "Order cancelled";
    /// Somebody wrote in a thread: to the others in it.
    Issue = "issue", "Vấn đề và trả lời", "Issues and answers";
    /// To who took the photos.
    DisplayScored = "display_scored", "Chấm điểm trưng bày", "Display scored";
    /// Asked for: to those who lead the unit. Decided: to who asked.
    Leave = "leave", "Nghỉ phép", "Leave";
    /// A route is somebody's from now on, or for some days.
    Route = "route", "Phân tuyến", "Routes";
    /// Somebody says that an outlet stands elsewhere: to those who decide.
    LocationProposal = "location_proposal", "Đề nghị đổi vị trí", "Location proposed";
    /// To who said so.
    LocationDecided = "location_decided", "Kết quả đề nghị vị trí", "Location decided";
    /// What a phone sent needs a person's eye: to those who settle it.
    SyncCase = "sync_case", "Trường hợp cần xử lý", "Case to settle";
    /// To the distributor's office, and so the next.
    LowStock = "low_stock", "Sắp hết hàng", "Low stock";
    /// See above.
    NearExpiry = "near_expiry", "Hàng sắp hết hạn", "Stock near its expiry";
    /// To the distributor's office and the rep.
    OverdueDebts = "overdue_debts", "Công nợ quá hạn", "Overdue debts";
    /// To the distributor's office.
    DailyReport = "daily_report", "Báo cáo ngày", "Daily report";
}

impl Kind {
    /// Whether somebody who chose nothing is told in this way. SMS cost money: only who wants them gets them. What can
    /// wait for the next look into the inbox doesn't ring.
    pub fn usual(self, channel: Channel) -> bool {
        match channel {
            Channel::InApp => true,
            Channel::Push => !matches!(self, Kind::DisplayScored | Kind::SyncCase),
            Channel::Sms => false,
        }
    }

    /// Whether people of the role ever get it, so that nobody chooses about what never comes.
    pub fn concerns(self, role: Role) -> bool {
        use Role::{AreaManager, DistributorAdmin, RegionalManager, SalesRep, Supervisor};
        match self {
            Kind::OrderWaiting => matches!(role, Supervisor | AreaManager | DistributorAdmin),
            Kind::OrderApproved | Kind::OrderRejected | Kind::OrderCancelled => {
                matches!(role, SalesRep | Supervisor)
            }
            Kind::Issue => true,
            Kind::DisplayScored | Kind::Route | Kind::LocationDecided => {
                matches!(role, SalesRep | Supervisor)
            }
            Kind::Leave => matches!(role, SalesRep | Supervisor | AreaManager | RegionalManager),
            Kind::LocationProposal | Kind::SyncCase => {
                matches!(role, Supervisor | AreaManager | DistributorAdmin)
            }
            Kind::LowStock | Kind::NearExpiry | Kind::DailyReport => role == DistributorAdmin,
            Kind::OverdueDebts => matches!(role, SalesRep | DistributorAdmin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_found_by_its_spelling() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(*kind));
        }
        assert_eq!(Kind::parse("something_newer"), None);
    }

    #[test]
    fn nobody_pays_for_sms_they_did_not_ask_for() {
        assert!(Kind::ALL.iter().all(|kind| !kind.usual(Channel::Sms)));
    }
}
