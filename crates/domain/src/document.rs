//! The kinds of documents and how they are numbered: gapless per distributor, kind and day.

use chrono::{Datelike, NaiveDate};

text_enum! {
    /// A numbered document.
    pub enum DocumentKind as "kind of document" {
        /// Sales order (phiếu đặt hàng).
        Order = "order",
        /// Sales invoice (phiếu bán hàng).
        Invoice = "invoice",
        /// Goods issue (phiếu xuất kho).
        GoodsIssue = "goods_issue",
        /// Goods receipt (phiếu nhập kho).
        GoodsReceipt = "goods_receipt",
        /// Transfer between warehouses (phiếu chuyển kho).
        Transfer = "transfer",
        /// Sales return (phiếu trả hàng).
        Return = "return",
        /// Stock count (phiếu kiểm kê).
        Count = "count",
        /// Correction of stock (phiếu điều chỉnh kho).
        StockAdjustment = "stock_adjustment",
        /// Receipt of money (phiếu thu nợ).
        MoneyReceipt = "money_receipt",
        /// Money given back to an outlet (phiếu chi hoàn tiền).
        Refund = "refund",
        /// Correction of what an outlet owes (phiếu điều chỉnh công nợ).
        DebtAdjustment = "debt_adjustment",
        /// Cash that a rep hands over (phiếu nộp quỹ).
        HandOver = "hand_over",
    }
}

impl DocumentKind {
    /// The letters with which its numbers begin.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Order => "DH",
            Self::Invoice => "PB",
            Self::GoodsIssue => "PX",
            Self::GoodsReceipt => "PN",
            Self::Transfer => "CK",
            Self::Return => "PT",
            Self::Count => "KK",
            Self::StockAdjustment => "DC",
            Self::MoneyReceipt => "TN",
            Self::Refund => "PC",
            Self::DebtAdjustment => "DN",
            Self::HandOver => "NQ",
        }
    }

    /// The number of the `serial`-th such document of a business day: `DH-20260806-0001`. Past 9999 it grows a digit.
    pub fn number(self, date: NaiveDate, serial: u32) -> String {
        format!("{}-{:04}{:02}{:02}-{serial:04}", self.prefix(), date.year(), date.month(), date.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_name_kind_day_and_serial() {
        let day = NaiveDate::from_ymd_opt(2026, 8, 6).unwrap();
        assert_eq!(DocumentKind::Order.number(day, 1), "DH-20260806-0001");
        assert_eq!(DocumentKind::MoneyReceipt.number(day, 9_999), "TN-20260806-9999");
        assert_eq!(DocumentKind::Invoice.number(day, 10_000), "PB-20260806-10000");
    }

    #[test]
    fn every_kind_has_its_own_prefix() {
        let prefixes: Vec<_> = DocumentKind::ALL.iter().map(|kind| kind.prefix()).collect();
        assert_eq!(prefixes, ["DH", "PB", "PX", "PN", "CK", "PT", "KK", "DC", "TN", "PC", "DN", "NQ"]);
    }
}
