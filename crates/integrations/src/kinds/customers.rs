//! `Vĩ độ, Kinh độ, Trạng thái, Mã khách hàng, Khách hàng, SĐT, …, Mã tuyến, Tên tuyến, …`

use customers::import::CustomerRow;
use customers::model::CustomerStatus;
use platform::RowError;

use crate::fields::{Fields, Standing, drop_duplicates};
use crate::table::Column;

const LATITUDE: Column = Column::optional("Vĩ độ");
const LONGITUDE: Column = Column::optional("Kinh độ");
const STATUS: Column = Column::optional("Trạng thái");
const CODE: Column = Column::required("Mã khách hàng").or(&["Mã KH"]);
const NAME: Column = Column::required("Khách hàng").or(&["Tên khách hàng", "Tên KH"]);
const PHONE: Column = Column::optional("SĐT").or(&["Số điện thoại", "Điện thoại"]);
const CONTACT: Column = Column::optional("Người liên hệ");
const GROUP: Column = Column::optional("Nhóm khách hàng").or(&["Nhóm KH"]);
const TYPE: Column = Column::optional("Loại khách hàng").or(&["Loại KH"]);
const CHANNEL: Column = Column::optional("Kênh");
const ADDRESS: Column = Column::optional("Địa chỉ giao hàng").or(&["Địa chỉ"]);
const AREA: Column = Column::optional("Khu vực").or(&["Mã khu vực"]);
const AREA_NAME: Column = Column::optional("Nhãn Khu vực");
const BIRTHDAY: Column = Column::optional("Sinh nhật").or(&["Ngày sinh"]);
const TITLE: Column = Column::optional("Chức vụ");
const EMAIL: Column = Column::optional("Email");
const CREDIT_LIMIT: Column = Column::optional("Hạn mức công nợ");
const ROUTE_CODE: Column = Column::optional("Mã tuyến");
const ROUTE_NAME: Column = Column::optional("Tên tuyến");
const TEAM: Column = Column::optional("Tên nhóm tuyến");
const REP: Column = Column::optional("Tên nhân viên tuyến");
const LOCATION_LOCKED: Column = Column::optional("Cấm sửa vị trí");
const LOCKED: Column = Column::optional("Khóa").or(&["Khoá"]);

pub(super) const COLUMNS: &[Column] = &[
    LATITUDE,
    LONGITUDE,
    STATUS,
    CODE,
    NAME,
    PHONE,
    CONTACT,
    GROUP,
    TYPE,
    CHANNEL,
    ADDRESS,
    AREA,
    AREA_NAME,
    BIRTHDAY,
    TITLE,
    EMAIL,
    CREDIT_LIMIT,
    ROUTE_CODE,
    ROUTE_NAME,
    TEAM,
    REP,
    LOCATION_LOCKED,
    LOCKED,
];

/// A route that an outlet stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteOf {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Option<String>,
    /// The name of its team.
    pub team: Option<String>,
    /// The name of its rep.
    pub rep: Option<String>,
}

/// The outlets of a file, and at the same places the routes of each.
#[derive(Debug)]
pub struct Rows {
    /// The outlets.
    pub customers: Vec<CustomerRow>,
    /// Their routes.
    pub routes: Vec<Vec<RouteOf>>,
}

impl Rows {
    pub(super) fn of(rows: Vec<(CustomerRow, Vec<RouteOf>)>) -> Self {
        let (customers, routes) = rows.into_iter().unzip();
        Rows { customers, routes }
    }
}

pub(super) fn row(mut f: Fields<'_>) -> Option<(CustomerRow, Vec<RouteOf>)> {
    let customer = CustomerRow {
        row: f.number(),
        code: f.line(&CODE, 50),
        name: f.required(&NAME, 300),
        phone: f.phone(&PHONE),
        contact_person: f.line(&CONTACT, 200),
        contact_title: f.line(&TITLE, 200),
        customer_group: f.line(&GROUP, 50),
        customer_type: f.line(&TYPE, 100),
        channel: f.line(&CHANNEL, 50),
        address: f.line(&ADDRESS, 500),
        area: f.line(&AREA, 100).or_else(|| f.line(&AREA_NAME, 100)),
        place: f.place(&LATITUDE, &LONGITUDE),
        birthday: f.birthday(&BIRTHDAY),
        email: f.line(&EMAIL, 200),
        credit_limit: f.money(&CREDIT_LIMIT),
        location_locked: f.lock(&LOCATION_LOCKED),
        record_locked: f.lock(&LOCKED),
        status: f.standing(&STATUS).map(|standing| match standing {
            Standing::Active => CustomerStatus::Active,
            Standing::Pending => CustomerStatus::Pending,
            Standing::Inactive => CustomerStatus::Inactive,
        }),
    };
    let mut list = |column: &Column| f.text(column, 2000).unwrap_or_default();
    let routes = routes(&list(&ROUTE_CODE), &list(&ROUTE_NAME), &list(&TEAM), &list(&REP));
    if let Some(long) = routes.iter().find(|route| route.code.chars().count() > 50) {
        let code = long.code.clone();
        f.wrong(
            &ROUTE_CODE,
            format!("Mã tuyến {code} dài hơn 50 ký tự"),
            format!("The route's code {code} has over 50 characters"),
        );
    }
    f.done((customer, routes))
}

/// The routes of an outlet: one, or several codes apart by line breaks, semicolons or commas with as many names beside
/// them.
fn routes(codes: &str, names: &str, teams: &str, reps: &str) -> Vec<RouteOf> {
    let split = |text: &str| -> Vec<String> {
        let parts = text.split(['\n', '\r', ';', ',']).map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let codes = split(codes);
    let beside = |text: &str| -> Vec<Option<String>> {
        let whole = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let parts = split(text);
        match codes.len() {
            1 => vec![(!whole.is_empty()).then_some(whole)],
            n if parts.len() == n => parts.into_iter().map(Some).collect(),
            n => vec![None; n],
        }
    };
    let (names, teams, reps) = (beside(names), beside(teams), beside(reps));
    let mut routes: Vec<RouteOf> = Vec::with_capacity(codes.len());
    for (((code, name), team), rep) in codes.iter().zip(names).zip(teams).zip(reps) {
        if routes.iter().all(|known| known.code != *code) {
            let cut = |text: Option<String>| text.map(|text| text.chars().take(300).collect());
            routes.push(RouteOf { code: code.clone(), name: cut(name), team: cut(team), rep: cut(rep) });
        }
    }
    routes
}

pub(super) fn check(rows: &mut Vec<(CustomerRow, Vec<RouteOf>)>, errors: &mut Vec<RowError>) {
    drop_duplicates(rows, &CODE, |(row, _)| row.row, |(row, _)| row.code.clone(), errors);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(code: &str, name: Option<&str>, rep: Option<&str>) -> RouteOf {
        RouteOf { code: code.into(), name: name.map(Into::into), team: None, rep: rep.map(Into::into) }
    }

    #[test]
    fn an_outlet_may_stand_on_several_routes() {
        assert_eq!(
            routes("T01", "Tuyến 1, Quận 3", "", "Lan"),
            [route("T01", Some("Tuyến 1, Quận 3"), Some("Lan"))]
        );
        assert_eq!(
            routes("T01\nT02", "Tuyến 1\nTuyến 2", "", "Lan"),
            [route("T01", Some("Tuyến 1"), None), route("T02", Some("Tuyến 2"), None)]
        );
        assert_eq!(routes("T01; T01", "", "", ""), [route("T01", None, None)]);
        assert!(routes("", "Tuyến 1", "", "Lan").is_empty());
    }
}
