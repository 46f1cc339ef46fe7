//! `Loại NPP, Mã nhà phân phối, Mã số thuế, Tên nhà phân phối, …`

use org::import::DistributorRow;
use org::model::{DistributorData, DistributorStatus};
use platform::RowError;

use crate::fields::{Fields, Standing, drop_duplicates};
use crate::table::Column;

const KIND: Column = Column::optional("Loại NPP").or(&["Loại nhà phân phối"]);
const CODE: Column = Column::optional("Mã nhà phân phối").or(&["Mã NPP"]);
const TAX_CODE: Column = Column::optional("Mã số thuế").or(&["MST"]);
const NAME: Column = Column::required("Tên nhà phân phối").or(&["Tên NPP"]);
const INVOICE_NAME: Column = Column::optional("Tên đơn vị trên HĐGTGT").or(&["Tên đơn vị trên HĐ GTGT"]);
const GROUP: Column = Column::optional("Nhóm NPP").or(&["Nhóm nhà phân phối"]);
const CHANNEL: Column = Column::optional("Kênh SO").or(&["Kênh"]);
const AREA: Column = Column::optional("Khu vực").or(&["Mã khu vực"]);
const AREA_NAME: Column = Column::optional("Nhãn Khu vực");
const PROVINCE: Column = Column::optional("Tỉnh/TP").or(&["Tỉnh/Thành phố"]);
const PROVINCE_NAME: Column = Column::optional("Nhãn Tỉnh/TP");
const INVOICE_ADDRESS: Column = Column::optional("Địa chỉ khách hàng trên HĐGTGT")
    .or(&["Địa chỉ trên HĐGTGT", "Địa chỉ khách hàng trên HĐ GTGT"]);
const DELIVERY_PLACE: Column = Column::optional("Tên địa điểm giao hàng");
const DELIVERY_ADDRESS: Column = Column::optional("Địa chỉ giao hàng");
const CONTACT: Column = Column::optional("Người liên hệ");
const LEGAL: Column = Column::optional("Đại diện pháp nhân").or(&["Người đại diện pháp nhân"]);
const OFFICE: Column = Column::optional("Địa chỉ văn phòng");
const WAREHOUSE: Column = Column::optional("Địa chỉ kho");
const EMAIL: Column = Column::optional("Email/ Fax").or(&["Email"]);
const PHONE: Column = Column::optional("Số điện thoại").or(&["SĐT", "Điện thoại"]);
const BANK: Column = Column::optional("Ngân hàng");
const ACCOUNT: Column = Column::optional("Số tài khoản ngân hàng").or(&["Số tài khoản"]);
const LICENCE: Column = Column::optional("Số giấy phép kinh doanh").or(&["Giấy phép kinh doanh", "Số GPKD"]);
const LATITUDE: Column = Column::optional("Vĩ độ");
const LONGITUDE: Column = Column::optional("Kinh độ");
const STATUS: Column = Column::optional("Trạng thái");

pub(super) const COLUMNS: &[Column] = &[
    KIND,
    CODE,
    TAX_CODE,
    NAME,
    INVOICE_NAME,
    GROUP,
    CHANNEL,
    AREA,
    AREA_NAME,
    PROVINCE,
    PROVINCE_NAME,
    INVOICE_ADDRESS,
    DELIVERY_PLACE,
    DELIVERY_ADDRESS,
    CONTACT,
    LEGAL,
    OFFICE,
    WAREHOUSE,
    EMAIL,
    PHONE,
    BANK,
    ACCOUNT,
    LICENCE,
    LATITUDE,
    LONGITUDE,
    STATUS,
];

pub(super) fn row(mut f: Fields<'_>) -> Option<DistributorRow> {
    let mut line = |column: &Column, max: usize| f.line(column, max).unwrap_or_default();
    let mut data = DistributorData {
        kind: line(&KIND, 50),
        code: line(&CODE, 100),
        tax_code: line(&TAX_CODE, 50),
        invoice_name: line(&INVOICE_NAME, 300),
        distributor_group: line(&GROUP, 50),
        channel: line(&CHANNEL, 50),
        area: line(&AREA, 200),
        province: line(&PROVINCE_NAME, 200),
        invoice_address: line(&INVOICE_ADDRESS, 500),
        delivery_place: line(&DELIVERY_PLACE, 300),
        delivery_address: line(&DELIVERY_ADDRESS, 500),
        contact_person: line(&CONTACT, 200),
        legal_representative: line(&LEGAL, 200),
        office_address: line(&OFFICE, 500),
        warehouse_address: line(&WAREHOUSE, 500),
        email: line(&EMAIL, 200),
        bank_name: line(&BANK, 300),
        bank_account: line(&ACCOUNT, 100),
        licence_number: line(&LICENCE, 100),
        ..DistributorData::default()
    };
    if data.area.is_empty() {
        data.area = line(&AREA_NAME, 200);
    }
    if data.province.is_empty() {
        data.province = line(&PROVINCE, 200);
    }
    data.name = f.required(&NAME, 300);
    data.phone = f.phone(&PHONE).unwrap_or_default();
    let place = f.place(&LATITUDE, &LONGITUDE);
    data.latitude = place.map(|place| place.latitude());
    data.longitude = place.map(|place| place.longitude());
    let status = f.standing(&STATUS).map(|standing| match standing {
        Standing::Active => DistributorStatus::Active,
        // One that is not yet approved does no business either.
        Standing::Pending | Standing::Inactive => DistributorStatus::Inactive,
    });
    let row = DistributorRow { row: f.number(), data, status };
    f.done(row)
}

pub(super) fn check(rows: &mut Vec<DistributorRow>, errors: &mut Vec<RowError>) {
    let code = |row: &DistributorRow| (!row.data.code.is_empty()).then(|| row.data.code.clone());
    drop_duplicates(rows, &CODE, |row| row.row, code, errors);
}
