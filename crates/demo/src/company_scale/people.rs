//! Who and where: units, distributors, people, by their place.

use domain::{DistributorId, OrgUnitId, Role, UserId};
use org::model::{DistributorData, NewUnit, UnitData, UnitKind};

use super::{Company, Size};
use crate::company;
use crate::dice::{Dice, id};
use crate::towns::TOWNS;

/// A place distributors sell in, with about its middle.
struct Place(&'static str, f64, f64);

const PLACES: [Place; 30] = [
    Place("Cần Thơ", 10.0340, 105.7700),
    Place("Tiền Giang", 10.3600, 106.3600),
    Place("An Giang", 10.3860, 105.4350),
    Place("TP. Hồ Chí Minh", 10.7769, 106.7009),
    Place("Hà Nội", 21.0285, 105.8542),
    Place("Đà Nẵng", 16.0544, 108.2022),
    Place("Hải Phòng", 20.8449, 106.6881),
    Place("Đồng Nai", 10.9453, 106.8243),
    Place("Bình Dương", 10.9804, 106.6519),
    Place("Bà Rịa - Vũng Tàu", 10.4963, 107.1684),
    Place("Long An", 10.5354, 106.4137),
    Place("Bến Tre", 10.2434, 106.3756),
    Place("Vĩnh Long", 10.2537, 105.9722),
    Place("Trà Vinh", 9.9347, 106.3453),
    Place("Sóc Trăng", 9.6025, 105.9739),
    Place("Bạc Liêu", 9.2941, 105.7278),
    Place("Cà Mau", 9.1769, 105.1524),
    Place("Kiên Giang", 10.0125, 105.0809),
    Place("Đồng Tháp", 10.4590, 105.6325),
    Place("Tây Ninh", 11.3100, 106.0983),
    Place("Lâm Đồng", 11.9404, 108.4583),
    Place("Khánh Hòa", 12.2388, 109.1967),
    Place("Bình Định", 13.7820, 109.2190),
    Place("Đắk Lắk", 12.6667, 108.0500),
    Place("Quảng Nam", 15.5736, 108.4740),
    Place("Thừa Thiên Huế", 16.4637, 107.5909),
    Place("Nghệ An", 18.6796, 105.6813),
    Place("Thanh Hóa", 19.8067, 105.7852),
    Place("Nam Định", 20.4200, 106.1683),
    Place("Quảng Ninh", 20.9517, 107.0748),
];
const FIRST: &[&str] =
    &["Phát", "Thịnh", "Tâm", "An", "Lợi", "Phúc", "Hưng", "Đạt", "Thành", "Vượng", "Khang", "Lộc"];
const SECOND: &[&str] = &["Đức", "Gia", "Minh", "Hòa", "Long", "Sơn", "Hải", "Nam", "Quang", "Bình"];
const SURNAMES: &[&str] =
    &["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô"];
const MIDDLE: &[&str] = &["Thị", "Văn", "Ngọc", "Thanh", "Minh", "Kim", "Hữu", "Quốc", "Thị Mỹ"];
const GIVEN: &[&str] = &[
    "Hoa", "Lan", "Hạnh", "Phúc", "Thảo", "Nga", "Dũng", "Hùng", "Sơn", "Tuyết", "Thu", "Liên", "Tâm", "Bình",
];

/// Distributors of an area, areas of a region.
const PER_AREA: u32 = 8;
const PER_REGION: u32 = 4;

impl Size {
    pub(super) fn areas(&self) -> u32 {
        self.distributors.div_ceil(PER_AREA)
    }

    pub(super) fn regions(&self) -> u32 {
        self.areas().div_ceil(PER_REGION)
    }

    /// Reps of a distributor: whoever is left when all others are counted.
    pub(super) fn reps(&self, distributor: u32) -> u32 {
        let others = 1 + self.regions() + self.areas() + 2 * self.distributors;
        Size::share(self.users.saturating_sub(others).max(self.distributors), self.distributors, distributor)
    }
}

pub(super) fn distributor_id(distributor: u32) -> DistributorId {
    id("company-distributor", &distributor.to_string()).into()
}

fn code(distributor: u32) -> String {
    format!("NPP{:03}", distributor + 1)
}

/// The town whose wards and streets a distributor's outlets have, and where it lies instead.
pub(super) fn town(distributor: u32) -> (usize, &'static str, f64, f64) {
    let place = &PLACES[distributor as usize % PLACES.len()];
    (distributor as usize % TOWNS.len(), place.0, place.1, place.2)
}

pub(super) fn distributor(distributor: u32) -> DistributorData {
    let mut dice = Dice::of(&format!("company-distributor/{distributor}"));
    let (_, province, latitude, longitude) = town(distributor);
    let name = format!("{} {} {}", dice.pick(SECOND), dice.pick(FIRST), province);
    let code = code(distributor);
    DistributorData {
        name: format!("NPP {name} {:03}", distributor + 1),
        tax_code: format!("03{:08}", 10_000_019 + distributor),
        invoice_name: format!("Công ty TNHH {name}"),
        invoice_address: format!("{} Trần Hưng Đạo, {province}", dice.between(2, 480)),
        kind: "NPP".to_owned(),
        distributor_group: "A".to_owned(),
        channel: "GT".to_owned(),
        area: format!("KV{:02}", distributor / PER_AREA + 1),
        province: province.to_owned(),
        delivery_place: format!("Kho {province}"),
        delivery_address: format!("{} Quốc lộ 1A, {province}", dice.between(2, 980)),
        contact_person: person(&mut dice),
        legal_representative: person(&mut dice),
        office_address: format!("{} Nguyễn Huệ, {province}", dice.between(2, 480)),
        warehouse_address: format!("{} Quốc lộ 1A, {province}", dice.between(2, 980)),
        email: format!("{}@example.com", code.to_lowercase()),
        phone: format!("09{:03}{:05}", distributor, 10_001),
        bank_name: "Ngân hàng Mây Ngàn".to_owned(),
        bank_account: format!("18{:010}", distributor + 1),
        licence_number: format!("03{:08}-01", 10_000_019 + distributor),
        latitude: Some(latitude),
        longitude: Some(longitude),
        code,
    }
}

fn person(dice: &mut Dice) -> String {
    format!("{} {} {}", dice.pick(SURNAMES), dice.pick(MIDDLE), dice.pick(GIVEN))
}

fn unit_id(index: &str) -> OrgUnitId {
    id("company-unit", index).into()
}

fn area_index(area: u32) -> String {
    format!("1.{}.{}", area / PER_REGION + 1, area % PER_REGION + 1)
}

fn distributor_index(distributor: u32) -> String {
    format!("{}.{}", area_index(distributor / PER_AREA), distributor % PER_AREA + 1)
}

/// The tree, parents before children: company, regions, areas, distributors, each with one team.
pub(super) fn units(size: &Size) -> Vec<NewUnit> {
    let unit = |index: String, code: String, name: String, kind, distributor: Option<u32>| NewUnit {
        id: unit_id(&index),
        parent: index.rfind('.').map(|at| unit_id(&index[..at])),
        data: UnitData {
            code,
            name,
            kind,
            distributor_id: distributor.map(distributor_id),
            is_supervisor: kind == UnitKind::Team,
            is_sales_group: kind == UnitKind::Team,
        },
        index_path: Some(index),
    };
    let mut units =
        vec![unit("1".to_owned(), "MN".to_owned(), company::NAME.to_owned(), UnitKind::Company, None)];
    units.extend((0..size.regions()).map(|r| {
        unit(format!("1.{}", r + 1), format!("V{}", r + 1), format!("Vùng {}", r + 1), UnitKind::Region, None)
    }));
    units.extend((0..size.areas()).map(|a| {
        let name = format!("Khu vực {}", a + 1);
        unit(area_index(a), format!("KV{:02}", a + 1), name, UnitKind::Area, None)
    }));
    for d in 0..size.distributors {
        let (index, code) = (distributor_index(d), code(d));
        let name = distributor(d).name;
        units.push(unit(index.clone(), code.clone(), name.clone(), UnitKind::Distributor, Some(d)));
        units.push(unit(format!("{index}.1"), code, format!("Tổ bán hàng {name}"), UnitKind::Team, Some(d)));
    }
    units
}

/// Somebody with an account.
pub(super) struct Person {
    pub id: UserId,
    pub username: String,
    pub full_name: String,
    pub role: Role,
    pub distributor: Option<u32>,
    pub unit: OrgUnitId,
}

fn user_id(username: &str) -> UserId {
    id("company-user", username).into()
}

pub(super) fn office(distributor: u32) -> UserId {
    user_id(&office_name(distributor))
}

pub(super) fn supervisor(distributor: u32) -> UserId {
    user_id(&supervisor_name(distributor))
}

// The first ones are called as those of the small company.
fn office_name(distributor: u32) -> String {
    format!("npp{:02}", distributor + 1)
}

fn supervisor_name(distributor: u32) -> String {
    format!("gsbh{:02}", distributor + 1)
}

/// Everybody.
pub(super) fn people(company: &Company) -> Vec<Person> {
    let size = &company.size;
    let someone = |username: String, role, distributor, index: String| Person {
        id: user_id(&username),
        full_name: person(&mut Dice::of(&format!("company-user/{username}"))),
        username,
        role,
        distributor,
        unit: unit_id(&index),
    };
    let mut people = vec![someone("admin".to_owned(), Role::CompanyAdmin, None, "1".to_owned())];
    people.extend(
        (0..size.regions()).map(|r| {
            someone(format!("rsm{:02}", r + 1), Role::RegionalManager, None, format!("1.{}", r + 1))
        }),
    );
    people.extend(
        (0..size.areas())
            .map(|a| someone(format!("asm{:02}", a + 1), Role::AreaManager, None, area_index(a))),
    );
    for d in 0..size.distributors {
        let (unit, team) = (distributor_index(d), format!("{}.1", distributor_index(d)));
        people.push(someone(office_name(d), Role::DistributorAdmin, Some(d), unit));
        people.push(someone(supervisor_name(d), Role::Supervisor, Some(d), team.clone()));
        people.extend(
            (0..size.reps(d))
                .map(|r| someone(format!("nvbh{:02}{}", d, r + 1), Role::SalesRep, Some(d), team.clone())),
        );
    }
    people
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_company_has_as_many_people_and_units_as_it_says() {
        let company = Company { size: Size::COMPANY, began: chrono::DateTime::UNIX_EPOCH };
        let people = people(&company);
        assert_eq!(people.len(), 1_500);
        assert_eq!(people.iter().map(|p| &p.username).collect::<BTreeSet<_>>().len(), 1_500);
        let units: BTreeSet<_> = units(&company.size).iter().map(|u| u.id).collect();
        assert_eq!(units.len(), 1 + 5 + 19 + 300);
        assert!(people.iter().all(|p| units.contains(&p.unit)));
    }

    #[test]
    fn outlets_and_orders_are_shared_out_to_the_last() {
        for whole in [100_000, 1_180_000, 7] {
            assert_eq!((0..150).map(|d| Size::share(whole, 150, d)).sum::<u32>(), whole);
        }
    }
}
