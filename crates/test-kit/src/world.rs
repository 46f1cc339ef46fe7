//! The small company every test starts with; `seed.sql` holds the same.
//!
//! Two distributors under one area. The first has a team of two reps under a supervisor, a main warehouse with stock
//! of three products, four outlets and a route that the first rep walks every day. The second has one rep and one
//! outlet.

use chrono::{DateTime, NaiveDate, Utc};
use domain::role::Role;
use domain::{CustomerId, DistributorId, LotId, OrgUnitId, ProductId, RouteId, UserId, WarehouseId};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident: $type:ident = $n:expr;)+) => {
        $($(#[$doc])* pub const $name: $type = $type::new(Uuid::from_u128($n));)+
    };
}

ids! {
    /// First distributor, code NPP01.
    NPP01: DistributorId = 0x1001;
    /// Second distributor, code NPP02.
    NPP02: DistributorId = 0x1002;
    /// The root of the tree.
    COMPANY: OrgUnitId = 0x2001;
    /// A region.
    REGION: OrgUnitId = 0x2002;
    /// The area above both distributors.
    AREA: OrgUnitId = 0x2003;
    /// First distributor's unit.
    UNIT1: OrgUnitId = 0x2011;
    /// First distributor's team.
    TEAM1: OrgUnitId = 0x2012;
    /// Second distributor's unit.
    UNIT2: OrgUnitId = 0x2021;
    /// Second distributor's team.
    TEAM2: OrgUnitId = 0x2022;
    /// `admin`
    ADMIN: UserId = 0x3001;
    /// `npp01`
    NPP01_ADMIN: UserId = 0x3002;
    /// `npp02`
    NPP02_ADMIN: UserId = 0x3003;
    /// `gsbh01`
    SUPERVISOR: UserId = 0x3004;
    /// `asm01`
    AREA_MANAGER: UserId = 0x3005;
    /// `nvbh01`
    REP1: UserId = 0x3011;
    /// `nvbh02`
    REP2: UserId = 0x3012;
    /// `nvbh11`
    REP11: UserId = 0x3021;
    /// SP001 Sữa tươi: case of 24 at 240,000, piece at 10,000, VAT 8 %.
    MILK: ProductId = 0x4001;
    /// SP002 Xà phòng: case of 12 at 180,000, piece at 15,000, VAT 10 %.
    SOAP: ProductId = 0x4002;
    /// SP003 Nước suối: case of 24 at 72,000, piece at 3,000, VAT 0 %; no stock.
    WATER: ProductId = 0x4003;
    /// First distributor's main warehouse: 600 pieces of milk in two lots, 240 of soap in one.
    MAIN1: WarehouseId = 0x5001;
    /// Second distributor's main warehouse: 100 pieces of milk.
    MAIN2: WarehouseId = 0x5002;
    /// 100 pieces of milk, expires 2026-10-31.
    MILK_LOT_A: LotId = 0x6001;
    /// 500 pieces of milk, expires 2027-03-31.
    MILK_LOT_B: LotId = 0x6002;
    /// 240 pieces of soap, no expiry.
    SOAP_LOT: LotId = 0x6003;
    /// Second distributor's milk.
    MILK_LOT_2: LotId = 0x6004;
    /// KH001 at 10.7769, 106.7009: active, limit 5,000,000, term 30 days, on the route.
    SHOP1: CustomerId = 0x7001;
    /// KH002 at 10.7800, 106.7000: active, no limit, on the route.
    SHOP2: CustomerId = 0x7002;
    /// KH003: pending.
    SHOP_PENDING: CustomerId = 0x7003;
    /// KH004: active, without location, on the route.
    SHOP_NO_GPS: CustomerId = 0x7004;
    /// Second distributor's outlet.
    SHOP21: CustomerId = 0x7021;
    /// First rep's route, every weekday, since 2026-01-05.
    ROUTE1: RouteId = 0x8001;
    /// Route of the second distributor's rep.
    ROUTE2: RouteId = 0x8002;
}

/// The units above this one, from the top, and itself.
pub fn path_to(unit: OrgUnitId) -> Vec<OrgUnitId> {
    let ways = [[COMPANY, REGION, AREA, UNIT1, TEAM1], [COMPANY, REGION, AREA, UNIT2, TEAM2]];
    let way = ways.into_iter().find_map(|way| {
        let depth = way.iter().position(|above| *above == unit)?;
        Some(way[..=depth].to_vec())
    });
    way.expect("a unit of the world")
}

/// A person who can act in a test.
#[derive(Debug)]
pub struct Person {
    /// The user.
    pub id: UserId,
    /// The log-in name, and the bearer token.
    pub username: &'static str,
    /// The name.
    pub full_name: &'static str,
    /// The role.
    pub role: Role,
    /// The distributor the person belongs to.
    pub distributor: Option<DistributorId>,
    /// Distributors whose rows they may touch; empty = all.
    pub tenants: &'static [DistributorId],
    /// Their unit first, then all below it.
    pub units: &'static [OrgUnitId],
}

/// Everybody.
pub const PEOPLE: &[Person] = &[
    Person {
        id: ADMIN,
        username: "admin",
        full_name: "Quản trị công ty",
        role: Role::CompanyAdmin,
        distributor: None,
        tenants: &[],
        units: &[COMPANY, REGION, AREA, UNIT1, TEAM1, UNIT2, TEAM2],
    },
    Person {
        id: NPP01_ADMIN,
        username: "npp01",
        full_name: "Admin NPP 1",
        role: Role::DistributorAdmin,
        distributor: Some(NPP01),
        tenants: &[NPP01],
        units: &[UNIT1, TEAM1],
    },
    Person {
        id: NPP02_ADMIN,
        username: "npp02",
        full_name: "Admin NPP 2",
        role: Role::DistributorAdmin,
        distributor: Some(NPP02),
        tenants: &[NPP02],
        units: &[UNIT2, TEAM2],
    },
    Person {
        id: SUPERVISOR,
        username: "gsbh01",
        full_name: "Giám sát 1",
        role: Role::Supervisor,
        distributor: Some(NPP01),
        tenants: &[NPP01],
        units: &[TEAM1],
    },
    Person {
        id: AREA_MANAGER,
        username: "asm01",
        full_name: "Quản lý khu vực",
        role: Role::AreaManager,
        distributor: None,
        tenants: &[NPP01, NPP02],
        units: &[AREA, UNIT1, TEAM1, UNIT2, TEAM2],
    },
    Person {
        id: REP1,
        username: "nvbh01",
        full_name: "Nhân viên 1",
        role: Role::SalesRep,
        distributor: Some(NPP01),
        tenants: &[NPP01],
        units: &[TEAM1],
    },
    Person {
        id: REP2,
        username: "nvbh02",
        full_name: "Nhân viên 2",
        role: Role::SalesRep,
        distributor: Some(NPP01),
        tenants: &[NPP01],
        units: &[TEAM1],
    },
    Person {
        id: REP11,
        username: "nvbh11",
        full_name: "Nhân viên 11",
        role: Role::SalesRep,
        distributor: Some(NPP02),
        tenants: &[NPP02],
        units: &[TEAM2],
    },
];

/// Where the clock stands at first: 09:00 of Thursday 2026-08-06 in Việt Nam.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_785_981_600, 0).expect("a valid instant")
}

/// The business day of [`now`].
pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 8, 6).expect("a valid day")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_clock_stands_at_nine_in_viet_nam() {
        assert_eq!(super::now().to_rfc3339(), "2026-08-06T02:00:00+00:00");
    }
}
