//! The outlets: a hundred in each town, with invented names, owners and numbers.

use chrono::NaiveDate;
use customers::model::{CustomerData, CustomerStatus};
use domain::CustomerId;

use crate::dice::{Dice, id};
use crate::towns::{TOWNS, Town};

/// Outlets of a distributor.
pub const PER_DISTRIBUTOR: usize = 100;

/// An outlet.
pub struct Outlet {
    pub id: CustomerId,
    pub data: CustomerData,
    /// One that bought on credit from so many days ago to so many, and since then neither buys nor pays.
    pub bad_payer: Option<(i64, i64)>,
}

impl Outlet {
    pub fn is_active(&self) -> bool {
        self.data.status == CustomerStatus::Active
    }
}

const SURNAMES: &[&str] =
    &["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý"];
const MIDDLE: &[&str] = &["Thị", "Văn", "Ngọc", "Thanh", "Minh", "Kim", "Hữu", "Thị Mỹ", "Quốc", "Thị Bích"];
const GIVEN: &[&str] = &[
    "Hoa",
    "Lan",
    "Hạnh",
    "Phúc",
    "Lộc",
    "Thảo",
    "Nga",
    "Dung",
    "Hùng",
    "Sơn",
    "Tuyết",
    "Thu",
    "Liên",
    "Tâm",
    "Bình",
    "Phượng",
    "Yến",
    "Loan",
    "Đào",
    "Cúc",
    "Hiền",
    "Nhung",
    "Vân",
    "Thủy",
    "Trang",
    "Điệp",
    "Kiều",
    "Ánh",
];
/// What people call whom they buy from.
const FAMILIAR: &[&str] =
    &["Cô Ba", "Cô Tư", "Chú Năm", "Cô Sáu", "Chị Bảy", "Dì Tám", "Anh Chín", "Bà Út", "Cô Hai", "Chú Mười"];
const LUCKY: &[&str] =
    &["Phát", "Thịnh", "Tâm", "An", "Lợi", "Phúc", "Hưng", "Đạt", "Thành", "Vượng", "Khang", "Lộc"];

const TYPES: &[(i64, &str)] = &[
    (62, "Tạp hóa"),
    (10, "Siêu thị mini"),
    (9, "Hiệu thuốc"),
    (9, "Mỹ phẩm"),
    (6, "Baby shop"),
    (4, "Thời trang"),
];
const GROUPS: &[(i64, &str)] = &[(8, "A"), (17, "B"), (35, "C"), (25, "D"), (15, "E")];

/// The outlets of a distributor, as one walks through the wards.
pub fn of(distributor: usize) -> Vec<Outlet> {
    let mut names = std::collections::BTreeSet::new();
    (0..PER_DISTRIBUTOR).map(|place| outlet(distributor, place, &mut names)).collect()
}

fn outlet(distributor: usize, place: usize, names: &mut std::collections::BTreeSet<String>) -> Outlet {
    in_town(
        &TOWNS[distributor],
        (distributor + 1).to_string(),
        distributor + 3,
        (place, PER_DISTRIBUTOR),
        names,
    )
}

/// One of so many outlets of a town; `key` and the place give its chances, and `numbers` begin its telephone number.
pub fn in_town(
    town: &Town,
    key: String,
    numbers: usize,
    (place, of): (usize, usize),
    names: &mut std::collections::BTreeSet<String>,
) -> Outlet {
    let ward = &town.wards[place * town.wards.len() / of];
    let key = format!("{key}/{place}");
    let mut dice = Dice::of(&format!("outlet/{key}"));
    let kind = *dice.weighted(TYPES);
    let group = *dice.weighted(GROUPS);
    let mut name = name(&mut dice, kind);
    while !names.insert(name.clone()) {
        name = format!("{name} {}", dice.pick(LUCKY));
    }
    let status = match place % 25 {
        24 => CustomerStatus::Pending,
        12 if place % 50 == 12 => CustomerStatus::Inactive,
        _ => CustomerStatus::Active,
    };
    // A few have no location yet: the first visit gives them one.
    let placed = place % 20 != 7;
    let degrees = |middle: f64, dice: &mut Dice| ((middle + dice.around(0.004)) * 1e6).round() / 1e6;
    let (latitude, longitude) = (degrees(ward.latitude, &mut dice), degrees(ward.longitude, &mut dice));
    let bad_payer = match place % 33 {
        20 => Some((30, 24)),
        9 => Some((16, 11)),
        _ => None,
    };
    let (credit_limit, payment_term_days) = match group {
        "A" => (80_000_000, 30),
        "B" => (60_000_000, 30),
        "C" => (40_000_000, 15),
        "D" => (30_000_000, 15),
        _ => (20_000_000, 7),
    };
    let payment_term_days = if bad_payer.is_some() { 7 } else { payment_term_days };
    let born = NaiveDate::from_ymd_opt(
        i32::try_from(dice.between(1962, 1998)).unwrap_or(1980),
        u32::try_from(dice.between(1, 12)).unwrap_or(1),
        u32::try_from(dice.between(1, 28)).unwrap_or(1),
    );
    let data = CustomerData {
        customer_code: customers::store::code(i64::try_from(place + 1).unwrap_or(0)),
        name,
        phone: format!("09{numbers:03}{:05}", dice.between(0, 99_999)),
        contact_person: format!("{} {} {}", dice.pick(SURNAMES), dice.pick(MIDDLE), dice.pick(GIVEN)),
        contact_title: (*dice.pick(&["Chủ cửa hàng", "Chủ cửa hàng", "Quản lý", "Người nhà"])).to_owned(),
        customer_group: group.to_owned(),
        customer_type: kind.to_owned(),
        channel: if kind == "Siêu thị mini" { "MT" } else { "GT" }.to_owned(),
        address: format!(
            "{} {}, {}, {}, {}",
            dice.between(2, 480),
            dice.pick(town.streets),
            ward.name,
            ward.district,
            town.name
        ),
        ward: ward.name.to_owned(),
        district: ward.district.to_owned(),
        province: town.province.to_owned(),
        area: town.area.to_owned(),
        latitude: placed.then_some(latitude),
        longitude: placed.then_some(longitude),
        birthday: born.filter(|_| dice.percent(60)),
        credit_limit: Some(credit_limit),
        payment_term_days,
        location_locked: placed && dice.percent(15),
        ..CustomerData::blank(status)
    };
    Outlet { id: id("customer", &key).into(), data, bad_payer }
}

fn name(dice: &mut Dice, kind: &str) -> String {
    let owner = match dice.below(3) {
        0 => (*dice.pick(FAMILIAR)).to_owned(),
        1 => format!("{} {}", dice.pick(GIVEN), dice.pick(LUCKY)),
        _ => format!("{} {}", dice.pick(MIDDLE[2..5].as_ref()), dice.pick(GIVEN)),
    };
    let sign = match kind {
        "Siêu thị mini" => "Siêu thị mini",
        "Hiệu thuốc" => "Nhà thuốc",
        "Mỹ phẩm" => "Mỹ phẩm",
        "Baby shop" => "Shop mẹ và bé",
        "Thời trang" => "Thời trang",
        _ => *dice.pick(&["Tạp hóa", "Tạp hóa", "Tạp hóa", "Bách hóa", "Cửa hàng"]),
    };
    format!("{sign} {owner}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_and_codes_are_all_different_in_a_distributor() {
        for distributor in 0..3 {
            let outlets = of(distributor);
            assert_eq!(outlets.len(), PER_DISTRIBUTOR);
            assert_eq!(outlets.iter().map(|o| &o.data.name).collect::<BTreeSet<_>>().len(), PER_DISTRIBUTOR);
            assert_eq!(
                outlets.iter().map(|o| &o.data.customer_code).collect::<BTreeSet<_>>().len(),
                PER_DISTRIBUTOR
            );
            assert_eq!(outlets.iter().filter(|o| o.data.status == CustomerStatus::Pending).count(), 4);
            assert_eq!(outlets.iter().filter(|o| o.data.latitude.is_none()).count(), 5);
            assert!(
                outlets
                    .iter()
                    .all(|o| domain::text::normalise_phone(&o.data.phone).as_ref() == Ok(&o.data.phone))
            );
        }
    }
}
