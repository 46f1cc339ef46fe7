//! `Tên đăng nhập, Họ tên, Vai trò, SĐT, Email, Mã nhà phân phối, Đơn vị (#), Mật khẩu, Trạng thái`

use domain::Role;
use identity::model::UserStatus;
use platform::RowError;

use crate::fields::{Fields, Standing, drop_duplicates};
use crate::table::Column;

pub(crate) const USERNAME: Column = Column::required("Tên đăng nhập").or(&["Mã nhân viên"]);
const FULL_NAME: Column = Column::required("Họ tên").or(&["Tên nhân viên", "Họ và tên"]);
const ROLE: Column = Column::required("Vai trò").or(&["Chức vụ"]);
const PHONE: Column = Column::optional("SĐT").or(&["Số điện thoại"]);
const EMAIL: Column = Column::optional("Email");
pub(crate) const DISTRIBUTOR: Column = Column::optional("Mã nhà phân phối").or(&["Mã NPP"]);
pub(crate) const UNIT: Column = Column::optional("Đơn vị (#)").or(&["#", "Chỉ số đơn vị", "Đơn vị"]);
pub(crate) const PASSWORD: Column = Column::optional("Mật khẩu");
const STATUS: Column = Column::optional("Trạng thái");

pub(super) const COLUMNS: &[Column] =
    &[USERNAME, FULL_NAME, ROLE, PHONE, EMAIL, DISTRIBUTOR, UNIT, PASSWORD, STATUS];

/// A row.
#[derive(Clone)]
pub struct UserRow {
    /// Its number in the file.
    pub row: u32,
    /// The log-in name, lower case.
    pub username: String,
    /// The person's name.
    pub full_name: String,
    /// The role.
    pub role: Role,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// The code of the distributor they belong to.
    pub distributor_code: Option<String>,
    /// The index of the unit they belong to.
    pub unit_index: Option<String>,
    /// The first password, which must be changed; only for new users.
    pub password: Option<String>,
    /// Whether they may log in.
    pub status: Option<UserStatus>,
}

impl std::fmt::Debug for UserRow {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserRow")
            .field("row", &self.row)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

pub(super) fn row(mut f: Fields<'_>) -> Option<UserRow> {
    let role = f.choice(
        &ROLE,
        &[
            (Role::SalesRep, &["sales_rep", "nvbh", "nhan vien ban hang"]),
            (Role::Supervisor, &["supervisor", "gsbh", "ss", "giam sat", "giam sat ban hang"]),
            (Role::AreaManager, &["area_manager", "asm", "quan ly khu vuc"]),
            (Role::RegionalManager, &["regional_manager", "rsm", "quan ly mien", "quan ly vung"]),
            (Role::DistributorAdmin, &["distributor_admin", "admin npp", "ke toan npp", "quan tri npp"]),
            (Role::CompanyAdmin, &["company_admin", "admin", "quan tri cong ty"]),
        ],
    );
    if role.is_none() {
        f.missing(&ROLE);
    }
    let row = UserRow {
        row: f.number(),
        username: f.required(&USERNAME, 100).to_lowercase(),
        full_name: f.required(&FULL_NAME, 200),
        role: role.unwrap_or(Role::SalesRep),
        phone: f.phone(&PHONE).filter(|phone| phone.len() <= 50),
        email: f.line(&EMAIL, 200),
        distributor_code: f.line(&DISTRIBUTOR, 100),
        unit_index: f.line(&UNIT, 200).map(|index| index.trim_end_matches('.').to_owned()),
        password: f.secret(&PASSWORD),
        status: f.standing(&STATUS).map(|standing| match standing {
            Standing::Active => UserStatus::Active,
            // Who is not yet approved may not log in either.
            Standing::Pending | Standing::Inactive => UserStatus::Inactive,
        }),
    };
    f.done(row)
}

pub(super) fn check(rows: &mut Vec<UserRow>, errors: &mut Vec<RowError>) {
    drop_duplicates(rows, &USERNAME, |row| row.row, |row| Some(row.username.clone()), errors);
}
