//! The company: its units, distributors and people. All of it is invented.

use std::sync::Arc;

use db::Tenants;
use domain::{DistributorId, OrgUnitId, Role, UserId};
use org::model::{DistributorData, NewUnit, UnitData, UnitKind};
use platform::{Caller, Identity};

use crate::dice::id;
use crate::towns::Town;

/// What the company is called.
pub const NAME: &str = "Công ty CP Hàng tiêu dùng Mây Ngàn";

/// A unit of the tree. The index path names it in files; codes repeat below a distributor, as in real companies.
pub struct Unit {
    pub index: &'static str,
    pub code: &'static str,
    pub name: &'static str,
    pub kind: UnitKind,
    /// Index of the distributor, below and at which everything belongs to it.
    pub distributor: Option<usize>,
    pub is_supervisor: bool,
    pub is_sales_group: bool,
}

impl Unit {
    pub fn id(&self) -> OrgUnitId {
        unit_id(self.index)
    }

    fn parent(&self) -> Option<OrgUnitId> {
        self.index.rfind('.').map(|at| unit_id(&self.index[..at]))
    }

    /// The unit as it is created.
    pub fn new_unit(&self) -> NewUnit {
        NewUnit {
            id: self.id(),
            parent: self.parent(),
            index_path: Some(self.index.to_owned()),
            data: UnitData {
                code: self.code.to_owned(),
                name: self.name.to_owned(),
                kind: self.kind,
                distributor_id: self.distributor.map(|d| DISTRIBUTORS[d].id()),
                is_supervisor: self.is_supervisor,
                is_sales_group: self.is_sales_group,
            },
        }
    }
}

fn unit_id(index: &str) -> OrgUnitId {
    id("unit", index).into()
}

const fn unit(index: &'static str, code: &'static str, kind: UnitKind, name: &'static str) -> Unit {
    Unit { index, code, name, kind, distributor: None, is_supervisor: false, is_sales_group: false }
}

const fn of(distributor: usize, unit: Unit) -> Unit {
    Unit { distributor: Some(distributor), ..unit }
}

const fn team(distributor: usize, index: &'static str, code: &'static str, name: &'static str) -> Unit {
    Unit {
        is_supervisor: true,
        is_sales_group: true,
        ..of(distributor, unit(index, code, UnitKind::Team, name))
    }
}

/// The tree, parents before children.
pub const UNITS: [Unit; 30] = [
    unit("1", "MN", UnitKind::Company, NAME),
    unit("1.1", "KD", UnitKind::Division, "Khối Kinh doanh"),
    unit("1.1.1", "GT", UnitKind::Channel, "Kênh GT"),
    unit("1.1.1.1", "TNB", UnitKind::Region, "Vùng Tây Nam Bộ"),
    unit("1.1.1.1.1", "TNB1", UnitKind::Area, "Khu vực Cần Thơ – An Giang"),
    of(0, unit("1.1.1.1.1.1", "NPP01", UnitKind::Distributor, "NPP Tân Phú Điền")),
    team(0, "1.1.1.1.1.1.1", "NPP01", "Tổ Ninh Kiều"),
    team(0, "1.1.1.1.1.1.2", "NPP01", "Tổ Bình Thủy – Cái Răng"),
    of(2, unit("1.1.1.1.1.2", "NPP03", UnitKind::Distributor, "NPP Hòa Lạc Xuyên")),
    team(2, "1.1.1.1.1.2.1", "NPP03", "Tổ Long Xuyên 1"),
    team(2, "1.1.1.1.1.2.2", "NPP03", "Tổ Long Xuyên 2"),
    unit("1.1.1.1.2", "TNB2", UnitKind::Area, "Khu vực Tiền Giang – Bến Tre"),
    of(1, unit("1.1.1.1.2.1", "NPP02", UnitKind::Distributor, "NPP Sông Tiền Thịnh")),
    team(1, "1.1.1.1.2.1.1", "NPP02", "Tổ Mỹ Tho 1"),
    team(1, "1.1.1.1.2.1.2", "NPP02", "Tổ Mỹ Tho 2"),
    unit("1.1.1.1.3", "TNB3", UnitKind::Area, "Khu vực Bạc Liêu – Cà Mau"),
    unit("1.1.1.2", "DNB", UnitKind::Region, "Vùng Đông Nam Bộ"),
    unit("1.1.1.2.1", "DNB1", UnitKind::Area, "Khu vực TP. Hồ Chí Minh"),
    unit("1.1.1.2.2", "DNB2", UnitKind::Area, "Khu vực Đồng Nai – Bình Dương"),
    unit("1.1.1.3", "MT", UnitKind::Region, "Vùng Miền Trung"),
    unit("1.1.1.3.1", "MT1", UnitKind::Area, "Khu vực Đà Nẵng – Quảng Nam"),
    unit("1.1.1.4", "MB", UnitKind::Region, "Vùng Miền Bắc"),
    unit("1.1.1.4.1", "MB1", UnitKind::Area, "Khu vực Hà Nội"),
    unit("1.1.2", "MT", UnitKind::Channel, "Kênh MT"),
    unit("1.1.2.1", "MT-N", UnitKind::Region, "Siêu thị miền Nam"),
    unit("1.1.2.2", "MT-B", UnitKind::Region, "Siêu thị miền Bắc"),
    unit("1.1.3", "OTC", UnitKind::Channel, "Kênh OTC"),
    unit("1.1.3.1", "OTC1", UnitKind::Region, "Nhà thuốc toàn quốc"),
    unit("1.2", "HT", UnitKind::Division, "Khối Hỗ trợ"),
    unit("1.2.1", "KT", UnitKind::Unit, "Phòng Kế toán"),
];

/// A distributor.
pub struct Distributor {
    pub code: &'static str,
    pub name: &'static str,
    pub tax_code: &'static str,
    pub invoice_name: &'static str,
    pub address: &'static str,
    pub warehouse: &'static str,
    pub contact: &'static str,
    pub representative: &'static str,
    pub phone: &'static str,
    pub email: &'static str,
    pub bank_account: &'static str,
    pub licence: &'static str,
}

impl Distributor {
    pub fn id(&self) -> DistributorId {
        id("distributor", self.code).into()
    }

    /// The distributor as it is created, in its town.
    pub fn data(&self, town: &Town) -> DistributorData {
        DistributorData {
            code: self.code.to_owned(),
            name: self.name.to_owned(),
            tax_code: self.tax_code.to_owned(),
            invoice_name: self.invoice_name.to_owned(),
            invoice_address: self.address.to_owned(),
            kind: "NPP".to_owned(),
            distributor_group: "A".to_owned(),
            channel: "GT".to_owned(),
            area: town.area.to_owned(),
            province: town.province.to_owned(),
            delivery_place: format!("Kho {}", town.name),
            delivery_address: self.warehouse.to_owned(),
            contact_person: self.contact.to_owned(),
            legal_representative: self.representative.to_owned(),
            office_address: self.address.to_owned(),
            warehouse_address: self.warehouse.to_owned(),
            email: self.email.to_owned(),
            phone: self.phone.to_owned(),
            bank_name: "Ngân hàng Mây Ngàn".to_owned(),
            bank_account: self.bank_account.to_owned(),
            licence_number: self.licence.to_owned(),
            latitude: Some(town.wards[0].latitude),
            longitude: Some(town.wards[0].longitude),
        }
    }
}

/// The distributors, in the order of [`crate::towns::TOWNS`].
pub const DISTRIBUTORS: [Distributor; 3] = [
    Distributor {
        code: "NPP01",
        name: "NPP Tân Phú Điền",
        tax_code: "1800000011",
        invoice_name: "Công ty TNHH Thương mại Tân Phú Điền",
        address: "118 Trần Văn Hoài, P. Xuân Khánh, Q. Ninh Kiều, TP. Cần Thơ",
        warehouse: "Lô 7, đường số 3, P. Trà Nóc, Q. Bình Thủy, TP. Cần Thơ",
        contact: "Lâm Thị Bích Thủy",
        representative: "Lâm Quốc Điền",
        phone: "0900180001",
        email: "npp01@example.com",
        bank_account: "180000000011",
        licence: "1800000011-01",
    },
    Distributor {
        code: "NPP02",
        name: "NPP Sông Tiền Thịnh",
        tax_code: "1200000022",
        invoice_name: "Công ty TNHH Phân phối Sông Tiền Thịnh",
        address: "45 Ấp Bắc, P. 5, TP. Mỹ Tho, Tiền Giang",
        warehouse: "212 Quốc lộ 50, P. 9, TP. Mỹ Tho, Tiền Giang",
        contact: "Phan Ngọc Hân",
        representative: "Phan Văn Thịnh",
        phone: "0900120002",
        email: "npp02@example.com",
        bank_account: "120000000022",
        licence: "1200000022-01",
    },
    Distributor {
        code: "NPP03",
        name: "NPP Hòa Lạc Xuyên",
        tax_code: "1600000033",
        invoice_name: "Doanh nghiệp tư nhân Hòa Lạc Xuyên",
        address: "77 Hà Hoàng Hổ, P. Mỹ Xuyên, TP. Long Xuyên, An Giang",
        warehouse: "15 Trần Hưng Đạo, P. Mỹ Quý, TP. Long Xuyên, An Giang",
        contact: "Võ Thị Kim Loan",
        representative: "Võ Hòa Lạc",
        phone: "0900160003",
        email: "npp03@example.com",
        bank_account: "160000000033",
        licence: "1600000033-01",
    },
];

/// A person with an account.
pub struct Person {
    pub username: &'static str,
    pub full_name: &'static str,
    pub role: Role,
    pub distributor: Option<usize>,
    /// Index paths; the first is the primary one.
    pub units: &'static [&'static str],
    pub phone: &'static str,
}

const fn person(
    username: &'static str,
    full_name: &'static str,
    role: Role,
    distributor: Option<usize>,
    units: &'static [&'static str],
    phone: &'static str,
) -> Person {
    Person { username, full_name, role, distributor, units, phone }
}

/// The people of [`crate::ACCOUNTS`].
pub const PEOPLE: [Person; 12] = [
    person("admin", "Đặng Minh Quân", Role::CompanyAdmin, None, &["1"], "0900100001"),
    person("rsm01", "Trương Hoàng Long", Role::RegionalManager, None, &["1.1.1.1"], "0900100002"),
    person("asm01", "Huỳnh Tấn Phát", Role::AreaManager, None, &["1.1.1.1.1"], "0900100003"),
    person("npp01", "Lâm Thị Bích Thủy", Role::DistributorAdmin, Some(0), &["1.1.1.1.1.1"], "0900180001"),
    person("npp02", "Phan Ngọc Hân", Role::DistributorAdmin, Some(1), &["1.1.1.1.2.1"], "0900120002"),
    person("npp03", "Võ Thị Kim Loan", Role::DistributorAdmin, Some(2), &["1.1.1.1.1.2"], "0900160003"),
    person(
        "gsbh01",
        "Nguyễn Văn Hải",
        Role::Supervisor,
        Some(0),
        &["1.1.1.1.1.1.1", "1.1.1.1.1.1.2"],
        "0900180010",
    ),
    person(
        "gsbh02",
        "Trần Thanh Tùng",
        Role::Supervisor,
        Some(1),
        &["1.1.1.1.2.1.1", "1.1.1.1.2.1.2"],
        "0900120010",
    ),
    person("nvbh01", "Lê Thị Mỹ Duyên", Role::SalesRep, Some(0), &["1.1.1.1.1.1.1"], "0900180011"),
    person("nvbh02", "Phạm Quốc Khánh", Role::SalesRep, Some(0), &["1.1.1.1.1.1.2"], "0900180012"),
    person("nvbh11", "Bùi Hữu Nghị", Role::SalesRep, Some(1), &["1.1.1.1.2.1.1"], "0900120011"),
    person("nvbh21", "Dương Ngọc Trâm", Role::SalesRep, Some(2), &["1.1.1.1.1.2.1"], "0900160011"),
];

impl Person {
    pub fn id(&self) -> UserId {
        id("user", self.username).into()
    }

    pub fn unit_ids(&self) -> Vec<OrgUnitId> {
        self.units.iter().map(|index| unit_id(index)).collect()
    }

    /// The person as one who makes requests.
    pub fn caller(&self) -> Caller {
        let below = |unit: &&Unit| self.units.iter().any(|own| is_within(unit.index, own));
        let above = |unit: &&Unit| self.units.first().is_some_and(|own| is_within(own, unit.index));
        let distributor = self.distributor.map(|d| &DISTRIBUTORS[d]);
        let identity = Identity {
            user_id: self.id(),
            session_id: id("session", self.username).into(),
            username: self.username.to_owned(),
            full_name: self.full_name.to_owned(),
            role: self.role,
            distributor_id: distributor.map(Distributor::id),
            distributor_name: distributor.map(|d| d.name.to_owned()),
            tenants: distributor.map_or(Tenants::Company, |d| Tenants::Distributors(vec![d.id()])),
            primary_unit: self.units.first().map(|index| unit_id(index)),
            unit_path: UNITS.iter().filter(above).map(Unit::id).collect(),
            units: UNITS.iter().filter(below).map(Unit::id).collect(),
            must_change_password: false,
        };
        Caller::new(Arc::new(identity), None, None)
    }
}

/// Whether a unit is the other or below it, by their indices.
fn is_within(index: &str, other: &str) -> bool {
    index.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The person with this log-in name.
pub fn find(username: &str) -> Option<&'static Person> {
    const ALL: &[Person] = &PEOPLE;
    ALL.iter().find(|person| person.username == username)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_but_the_root_stands_below_one_that_came_before() {
        for (place, unit) in UNITS.iter().enumerate().skip(1) {
            let parent = UNITS[..place].iter().find(|other| Some(other.id()) == unit.parent());
            let parent = parent.unwrap_or_else(|| panic!("{} has no parent", unit.index));
            assert!(parent.distributor.is_none() || parent.distributor == unit.distributor, "{}", unit.index);
        }
    }

    #[test]
    fn a_distributors_unit_carries_its_name_and_code() {
        for (place, distributor) in DISTRIBUTORS.iter().enumerate() {
            let unit = UNITS
                .iter()
                .find(|u| u.distributor == Some(place) && u.kind == UnitKind::Distributor)
                .unwrap();
            assert_eq!((unit.code, unit.name), (distributor.code, distributor.name));
        }
    }

    #[test]
    fn the_accounts_are_the_people() {
        let accounts: Vec<_> = crate::ACCOUNTS.iter().map(|(username, _)| *username).collect();
        assert_eq!(accounts, PEOPLE.iter().map(|p| p.username).collect::<Vec<_>>());
        for person in &PEOPLE {
            for index in person.units {
                let unit = UNITS.iter().find(|u| u.index == *index).unwrap();
                assert!(person.distributor.is_none() || person.distributor == unit.distributor);
            }
        }
    }

    #[test]
    fn supervisors_see_their_teams_and_no_other() {
        let supervisor = find("gsbh01").unwrap().caller();
        assert_eq!(supervisor.units.len(), 2);
        assert_eq!(find("asm01").unwrap().caller().units.len(), 7);
        assert_eq!(find("admin").unwrap().caller().units.len(), 30);
    }
}
