//! `Mã tuyến, Tên tuyến, Tên nhóm tuyến, Nhân viên, Thứ, Ngày bắt đầu, Mã khách hàng, Thứ tự, Tần suất, Thứ viếng thăm`

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::route::{Cadence, Frequency, Weekdays, Weeks};
use domain::search_key;
use platform::RowError;

use crate::fields::{Fields, drop_duplicates};
use crate::table::Column;

const CODE: Column = Column::required("Mã tuyến");
const NAME: Column = Column::optional("Tên tuyến");
const TEAM: Column = Column::optional("Tên nhóm tuyến");
pub(crate) const REP: Column = Column::optional("Tên đăng nhập").or(&["Mã nhân viên", "Mã NV"]);
const REP_NAME: Column = Column::optional("Tên nhân viên tuyến").or(&["Tên nhân viên", "Nhân viên"]);
const WEEKDAYS: Column = Column::optional("Thứ").or(&["Ngày đi tuyến"]);
const START: Column = Column::optional("Ngày bắt đầu");
pub(crate) const CUSTOMER: Column = Column::required("Mã khách hàng").or(&["Mã KH"]);
const SEQUENCE: Column = Column::optional("Thứ tự").or(&["STT viếng thăm", "Thứ tự viếng thăm"]);
const CADENCE: Column = Column::optional("Tần suất");
pub(crate) const DAYS: Column = Column::optional("Thứ viếng thăm").or(&["Thứ ghé thăm"]);

pub(super) const COLUMNS: &[Column] =
    &[CODE, NAME, TEAM, REP, REP_NAME, WEEKDAYS, START, CUSTOMER, SEQUENCE, CADENCE, DAYS];

/// A row: an outlet by its code, on a route.
#[derive(Debug, Clone)]
pub struct RouteRow {
    /// Its number in the file.
    pub row: u32,
    /// The outlet's code.
    pub customer_code: String,
    /// The route's code.
    pub code: String,
    /// The route's name.
    pub name: Option<String>,
    /// The name of its team.
    pub team: Option<String>,
    /// The rep's log-in name.
    pub rep_username: Option<String>,
    /// The rep's name.
    pub rep_name: Option<String>,
    /// The weekdays.
    pub weekdays: Option<Weekdays>,
    /// The first day of week 1.
    pub start: Option<NaiveDate>,
    /// The outlet's place.
    pub sequence: Option<i32>,
    /// In which weeks.
    pub cadence: Option<Cadence>,
    /// On which of the route's weekdays.
    pub days: Option<Weekdays>,
}

pub(super) fn row(mut f: Fields<'_>) -> Option<RouteRow> {
    let row = RouteRow {
        row: f.number(),
        customer_code: f.required(&CUSTOMER, 50),
        code: f.required(&CODE, 50),
        name: f.line(&NAME, 300),
        team: f.line(&TEAM, 300),
        rep_username: f.line(&REP, 100),
        rep_name: f.line(&REP_NAME, 200),
        weekdays: f.parsed(
            &WEEKDAYS,
            weekdays,
            "Ghi các thứ, ví dụ 2,4,6 hoặc CN",
            "Write weekdays like 2,4,6 or CN",
        ),
        start: f.date(&START),
        sequence: f.whole(&SEQUENCE, 1..=100_000).and_then(|n| i32::try_from(n).ok()),
        cadence: f.parsed(
            &CADENCE,
            cadence,
            "Ghi F1.1 đến F1.4, F2.1, F2.2, F4, F8, F12, F24 hoặc các tuần, ví dụ W1,3",
            "Write F1.1 to F1.4, F2.1, F2.2, F4, F8, F12, F24 or weeks like W1,3",
        ),
        days: f.parsed(&DAYS, weekdays, "Ghi các thứ, ví dụ 2,5 hoặc CN", "Write weekdays like 2,5 or CN"),
    };
    f.done(row)
}

/// `2,4,6`, `T2-T4`, `Thứ 2, CN`: Vietnamese weekdays count from 2, which is Monday; a hyphen only separates.
fn weekdays(text: &str) -> Option<Weekdays> {
    let key =
        search_key(text).replace("chu nhat", "8").replace("cn", "8").replace("thu", "").replace('t', "");
    let mut days = BTreeSet::new();
    for part in key.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()) {
        let day = part.parse::<u8>().ok().filter(|day| (2..=8).contains(day))?;
        days.insert(day - 1);
    }
    if days.is_empty() { None } else { Weekdays::new(days).ok() }
}

/// `F4`, with a phase `F1.3` or `2.2`, or weeks: `W1,3`.
fn cadence(text: &str) -> Option<Cadence> {
    let text: String = text.to_uppercase().chars().filter(|c| !c.is_whitespace()).collect();
    match text.strip_prefix('W') {
        None => Frequency::read(&text).map(Cadence::Frequency),
        Some(weeks) => {
            let weeks: Option<Vec<u8>> = weeks.split([',', ';', '-']).map(|week| week.parse().ok()).collect();
            Weeks::new(weeks?).ok().map(Cadence::Weeks)
        }
    }
}

pub(super) fn check(rows: &mut Vec<RouteRow>, errors: &mut Vec<RowError>) {
    let key = |row: &RouteRow| Some(format!("{} / {}", row.code, row.customer_code));
    drop_duplicates(rows, &CUSTOMER, |row| row.row, key, errors);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vietnamese_weekdays_count_from_two() {
        let days = |text: &str| weekdays(text).map(|days| days.iter().collect::<Vec<_>>());
        assert_eq!(days("2,4,6"), Some(vec![1, 3, 5]));
        assert_eq!(days("T2, T7"), Some(vec![1, 6]));
        assert_eq!(days("Thứ 3; Chủ nhật"), Some(vec![2, 7]));
        assert_eq!(days("CN"), Some(vec![7]));
        for wrong in ["1", "9", "abc", ","] {
            assert_eq!(days(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_cadence_is_a_frequency_or_weeks() {
        assert_eq!(cadence("f2"), Some(Cadence::Frequency(Frequency::F2)));
        assert_eq!(cadence("W1, 3"), Weeks::new([1, 3]).ok().map(Cadence::Weeks));
        assert_eq!(cadence("1.3"), Some(Cadence::Frequency(Frequency::F1Week3)));
        assert_eq!(cadence("F 24"), Some(Cadence::Frequency(Frequency::F24)));
        assert_eq!(cadence("F3"), None);
        assert_eq!(cadence("W5"), None);
    }
}
