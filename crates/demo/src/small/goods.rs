//! What arrives in the warehouses.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use domain::{Money, Quantity, Unit, WarehouseId};
use inventory::stock::ReceiveLine;

use super::day::{RepDay, at};
use super::shape::Company;
use crate::dice::{Dice, id};

/// Goods that arrive.
pub struct Delivery {
    pub name: String,
    pub warehouse: WarehouseId,
    pub note: &'static str,
    pub lines: Vec<ReceiveLine>,
}

/// All that will be ordered comes at first, with something to spare; two more deliveries keep the warehouse full.
pub fn deliveries(company: &Company, distributor: usize, days: &[RepDay]) -> Vec<(DateTime<Utc>, Delivery)> {
    let mut ordered: BTreeMap<_, i64> = BTreeMap::new();
    for line in
        days.iter().flat_map(|day| &day.calls).filter_map(|call| call.order.as_ref()).flat_map(|o| &o.lines)
    {
        *ordered.entry(line.product).or_default() += line.pieces;
    }
    let main = Company::main_warehouse(distributor);
    let mut opening = Vec::new();
    let mut later = [Vec::new(), Vec::new()];
    let mut van = Vec::new();
    let mut dice = Dice::of(&format!("deliveries/{distributor}"));
    let first = company.first_day();
    for (place, (product_id, p)) in company.products.iter().enumerate() {
        let line = |made: NaiveDate, expiry: Option<NaiveDate>, cases: i64| ReceiveLine {
            product_id: *product_id,
            lot_number: format!("{}{}", p.code, made.format("%d%m%y")),
            expiry: expiry.or(Some(made + Days::new(p.shelf_life))),
            pieces: Quantity::new(cases * p.factor),
            typed_quantity: cases,
            unit: Unit::Whole,
            selling_value: Money::new(p.case_price() * cases),
            cost_value: Money::new(p.case_purchase() * cases),
            sold_value: Money::ZERO,
        };
        if p.demand == 0 {
            // What nobody buys: little is left, and it expires soon.
            let made = company.today - Days::new(p.shelf_life);
            let expiry = company.today + Duration::days(dice.between(12, 25));
            opening.push(line(made, Some(expiry), 1));
            continue;
        }
        // Gifts come on top of what is ordered.
        let pieces = ordered.get(product_id).copied().unwrap_or(0) * 11 / 10;
        let cases = pieces / p.factor + 12 + 3 * p.demand;
        let old = cases * 2 / 5;
        opening.push(line(first - Duration::days(dice.between(40, 55)), None, old));
        opening.push(line(first - Duration::days(dice.between(15, 25)), None, cases - old));
        for (n, delivery) in later.iter_mut().enumerate() {
            if dice.percent(60) {
                let arrives = first + Duration::days(11 * (i64::try_from(n).unwrap_or(0) + 1));
                delivery.push(line(
                    arrives - Duration::days(dice.between(7, 12)),
                    None,
                    dice.between(3, 6 + p.demand),
                ));
            }
        }
        if distributor == 0 && place % 4 == 0 {
            van.push(line(first - Duration::days(20), None, dice.between(4, 7)));
        }
    }
    let delivery = |n: usize, warehouse, note, lines| Delivery {
        name: format!("{distributor}/{n}"),
        warehouse,
        note,
        lines,
    };
    let [second, third] = later;
    let mut deliveries = vec![
        (at(first, 6, 30), delivery(0, main, "Nhập hàng đầu kỳ từ công ty", opening)),
        (at(first + Days::new(11), 7, 0), delivery(1, main, "Nhập hàng theo đơn đặt", second)),
        (at(first + Days::new(22), 7, 0), delivery(2, main, "Nhập hàng theo đơn đặt", third)),
    ];
    if !van.is_empty() {
        let warehouse = van_warehouse(distributor);
        deliveries.push((at(first, 6, 45), delivery(3, warehouse, "Lên hàng cho xe bán hàng", van)));
    }
    deliveries
}

/// The van of the distributor's second rep.
pub fn van_warehouse(distributor: usize) -> WarehouseId {
    id("warehouse", &format!("{distributor}/van")).into()
}
