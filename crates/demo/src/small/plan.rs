//! What outlets order, and what becomes of the orders.

use chrono::{DateTime, Utc};
use domain::{OrderId, ProductId, Unit};

use super::shape::Company;
use crate::dice::{Dice, id};
use crate::outlets::Outlet;
use crate::products::Product;

/// An order to place.
pub struct OrderPlan {
    pub id: OrderId,
    pub at: DateTime<Utc>,
    pub lines: Vec<Line>,
    pub fate: Fate,
    pub payment: Payment,
}

/// A line of an order.
pub struct Line {
    pub product: ProductId,
    pub quantity: i64,
    pub unit: Unit,
    /// The same in pieces.
    pub pieces: i64,
}

/// How far an order came by today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Waits for the supervisor.
    Pending,
    /// Was refused.
    Rejected,
    /// Waits for the office.
    Approved,
    /// Waits in the warehouse.
    Invoiced,
    /// Delivered.
    Issued,
}

/// What the outlet does about its debt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payment {
    /// Nothing.
    Never,
    /// All of it, so many days after delivery.
    Whole(i64),
    /// Half, and the rest three days later.
    Halves(i64),
}

/// What an outlet orders.
pub fn order(company: &Company, outlet: &Outlet, key: &str, at: DateTime<Utc>, dice: &mut Dice) -> OrderPlan {
    let group = outlet.data.customer_group.as_str();
    let count = match group {
        "A" => dice.between(4, 8),
        "B" => dice.between(3, 6),
        "C" => dice.between(2, 5),
        _ => dice.between(1, 4),
    };
    let sold = company.products.iter().enumerate().filter(|(_, (_, p))| sells(&outlet.data.customer_type, p));
    let demand: Vec<(i64, usize)> = sold.map(|(place, (_, p))| (p.demand, place)).collect();
    let mut lines: Vec<Line> = Vec::new();
    for _ in 0..count {
        let (product, p) = &company.products[*dice.weighted(&demand)];
        if lines.iter().any(|line| line.product == *product) {
            continue;
        }
        let by_case = dice.percent(match group {
            "A" | "B" => 85,
            "C" => 55,
            _ => 25,
        });
        let most = match group {
            "A" => 4,
            "B" => 3,
            _ => 2,
        };
        let (quantity, unit) = if by_case && p.case_price() < 700_000 {
            (dice.between(1, if p.case_price() < 300_000 { most } else { 1 }), Unit::Whole)
        } else {
            let most = (400_000 / p.price).clamp(1, 24);
            ((*dice.pick(&[2, 3, 5, 6, 10, 12, 12, 24])).min(most), Unit::Retail)
        };
        let pieces = quantity * if unit == Unit::Whole { p.factor } else { 1 };
        lines.push(Line { product: *product, quantity, unit, pieces });
    }
    let age = (company.today - domain::business_date(at)).num_days();
    OrderPlan {
        id: id("order", key).into(),
        at,
        lines,
        fate: fate(age, dice),
        payment: if outlet.bad_payer.is_some() {
            Payment::Never
        } else {
            payment(outlet.data.payment_term_days, dice)
        },
    }
}

/// A grocery sells everything, the others what suits them.
fn sells(outlet_type: &str, product: &Product) -> bool {
    match outlet_type {
        "Hiệu thuốc" => matches!(product.brand, "Mướt" | "Cười Xinh" | "Bé Na" | "Đồi Sữa"),
        "Mỹ phẩm" => matches!(product.brand, "Mướt" | "Cười Xinh" | "Nhà Thơm" | "Trắng Bong"),
        "Baby shop" => matches!(product.brand, "Bé Na" | "Đồi Sữa" | "Cười Xinh" | "Trắng Bong"),
        "Thời trang" => matches!(product.brand, "Trắng Bong" | "Nhà Thơm" | "Mướt"),
        _ => true,
    }
}

/// Today's orders wait; the older an order is, the further it came.
fn fate(days_old: i64, dice: &mut Dice) -> Fate {
    let chance = dice.between(0, 99);
    match days_old {
        0 => Fate::Pending,
        1 if chance < 40 => Fate::Pending,
        _ if chance >= 96 => Fate::Rejected,
        1 if chance < 80 => Fate::Approved,
        1 => Fate::Invoiced,
        2 if chance < 20 => Fate::Invoiced,
        _ => Fate::Issued,
    }
}

fn payment(term_days: i32, dice: &mut Dice) -> Payment {
    let by = i64::from(term_days).clamp(1, 14);
    match dice.between(0, 9) {
        0..=3 => Payment::Whole(dice.between(0, 1)),
        4..=7 => Payment::Whole(dice.between(1, by)),
        _ => Payment::Halves(dice.between(1, (by - 3).max(1))),
    }
}
