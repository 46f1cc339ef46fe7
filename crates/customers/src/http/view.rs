use chrono::{DateTime, NaiveDate, Utc};
use domain::{Coordinates, CustomerId, DistributorId};
use platform::Checks;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::model::{Customer, CustomerData, CustomerStatus};

/// An outlet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomerView {
    /// Its id.
    pub id: CustomerId,
    /// The distributor it buys from.
    pub distributor_id: DistributorId,
    /// The distributor's code.
    pub distributor_code: String,
    /// The distributor's name.
    pub distributor_name: String,
    /// Unique in the distributor.
    pub customer_code: String,
    /// The shop's name.
    pub name: String,
    /// Telephone, as it is dialled; may be empty.
    pub phone: String,
    /// Whom to ask for.
    pub contact_person: String,
    /// What that person is there.
    pub contact_title: String,
    /// A–E.
    pub customer_group: String,
    /// Tạp hóa, Hiệu thuốc, …
    pub customer_type: String,
    /// GT, MT, OTC.
    pub channel: String,
    /// Where goods are delivered.
    pub address: String,
    /// Phường/xã.
    pub ward: String,
    /// Quận/huyện.
    pub district: String,
    /// Tỉnh/thành.
    pub province: String,
    /// Code of the area.
    pub area: String,
    /// Degrees north; null when nobody knows the place yet.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// The owner's birthday.
    pub birthday: Option<NaiveDate>,
    /// May be empty.
    pub email: String,
    /// đồng; null is without limit.
    pub credit_limit: Option<i64>,
    /// Days from the issue of goods until they must be paid.
    pub payment_term_days: i32,
    /// Days that goods it gets must be good for at least: lots that expire sooner are not issued to it.
    pub min_remaining_life_days: i16,
    /// What it owes now, in đồng.
    pub current_balance: i64,
    /// Whether the location is fixed.
    pub location_locked: bool,
    /// Whether the data is fixed.
    pub record_locked: bool,
    /// Where it stands.
    pub status: CustomerStatus,
    /// Grows with each change; send it back when you change something.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<Customer> for CustomerView {
    fn from(customer: Customer) -> Self {
        let Customer {
            id,
            distributor_id,
            distributor_code,
            distributor_name,
            data,
            current_balance,
            version,
            created_at,
            updated_at,
        } = customer;
        CustomerView {
            id,
            distributor_id,
            distributor_code,
            distributor_name,
            customer_code: data.customer_code,
            name: data.name,
            phone: data.phone,
            contact_person: data.contact_person,
            contact_title: data.contact_title,
            customer_group: data.customer_group,
            customer_type: data.customer_type,
            channel: data.channel,
            address: data.address,
            ward: data.ward,
            district: data.district,
            province: data.province,
            area: data.area,
            latitude: data.latitude,
            longitude: data.longitude,
            birthday: data.birthday,
            email: data.email,
            credit_limit: data.credit_limit,
            payment_term_days: data.payment_term_days,
            min_remaining_life_days: data.min_life_days,
            current_balance,
            location_locked: data.location_locked,
            record_locked: data.record_locked,
            status: data.status,
            version,
            created_at,
            updated_at,
        }
    }
}

/// An outlet as the client sends it. What is left out stays as it is (or is empty in a new one); `null` clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct CustomerBody {
    /// For a new one: the id that the client made.
    pub id: Option<CustomerId>,
    /// For a new one: whose it is; only those with several distributors must say it.
    pub distributor_id: Option<DistributorId>,
    /// For a change: the version that was loaded (or send `If-Match`).
    pub version: Option<i64>,
    /// Unique in the distributor; one is made up for a new outlet without.
    pub customer_code: Option<String>,
    /// The shop's name.
    pub name: Option<String>,
    /// Telephone; brought to the form 0912345678.
    pub phone: Option<String>,
    /// Whom to ask for.
    pub contact_person: Option<String>,
    /// What that person is there.
    pub contact_title: Option<String>,
    /// A–E.
    pub customer_group: Option<String>,
    /// Tạp hóa, Hiệu thuốc, …
    pub customer_type: Option<String>,
    /// GT (when left out), MT, OTC.
    pub channel: Option<String>,
    /// Where goods are delivered.
    pub address: Option<String>,
    /// Phường/xã.
    pub ward: Option<String>,
    /// Quận/huyện.
    pub district: Option<String>,
    /// Tỉnh/thành.
    pub province: Option<String>,
    /// Code of the area.
    pub area: Option<String>,
    /// Degrees north; both or neither.
    #[serde(deserialize_with = "clearable")]
    #[schema(value_type = Option<f64>)]
    pub latitude: Option<Option<f64>>,
    /// Degrees east.
    #[serde(deserialize_with = "clearable")]
    #[schema(value_type = Option<f64>)]
    pub longitude: Option<Option<f64>>,
    /// The owner's birthday.
    #[serde(deserialize_with = "clearable")]
    #[schema(value_type = Option<NaiveDate>)]
    pub birthday: Option<Option<NaiveDate>>,
    /// May be empty.
    pub email: Option<String>,
    /// đồng; null is without limit.
    #[serde(deserialize_with = "clearable")]
    #[schema(value_type = Option<i64>)]
    pub credit_limit: Option<Option<i64>>,
    /// 0 to 365.
    pub payment_term_days: Option<i32>,
    /// Days that goods it gets must be good for at least, 0 to 3,650.
    pub min_remaining_life_days: Option<i16>,
    /// Whether the location is fixed.
    pub location_locked: Option<bool>,
    /// Whether the data is fixed.
    pub record_locked: Option<bool>,
    /// `active` or `inactive`, for one that was approved.
    pub status: Option<CustomerStatus>,
}

/// The most an outlet may be allowed to owe, in đồng: far above any real one, far below overflow.
const MAX_CREDIT: i64 = 1_000_000_000_000;

impl CustomerBody {
    /// The data with these changes.
    pub fn apply(self, mut data: CustomerData, checks: &mut Checks) -> CustomerData {
        let mut set = |field: &str, target: &mut String, value: Option<String>, max: usize| {
            if let Some(value) = value {
                *target = checks.text(field, &value, max);
            }
        };
        set("customerCode", &mut data.customer_code, self.customer_code, 50);
        set("name", &mut data.name, self.name, 300);
        set("contactPerson", &mut data.contact_person, self.contact_person, 200);
        set("contactTitle", &mut data.contact_title, self.contact_title, 200);
        set("customerGroup", &mut data.customer_group, self.customer_group, 50);
        set("customerType", &mut data.customer_type, self.customer_type, 100);
        set("channel", &mut data.channel, self.channel, 50);
        set("address", &mut data.address, self.address, 500);
        set("ward", &mut data.ward, self.ward, 200);
        set("district", &mut data.district, self.district, 200);
        set("province", &mut data.province, self.province, 200);
        set("area", &mut data.area, self.area, 100);
        set("email", &mut data.email, self.email, 200);
        if data.name.is_empty() {
            checks.wrong("name", "Bắt buộc", "Required");
        }
        if !data.email.is_empty() && !data.email.contains('@') {
            checks.wrong("email", "Không phải địa chỉ e-mail", "Not an e-mail address");
        }
        if let Some(phone) = self.phone {
            data.phone = phone_number(&phone, checks);
        }
        data.latitude = self.latitude.unwrap_or(data.latitude);
        data.longitude = self.longitude.unwrap_or(data.longitude);
        place(data.latitude, data.longitude, checks);
        data.birthday = self.birthday.unwrap_or(data.birthday);
        data.credit_limit = self.credit_limit.unwrap_or(data.credit_limit);
        if let Some(limit) = data.credit_limit {
            checks.range("creditLimit", limit, 0..=MAX_CREDIT);
        }
        data.payment_term_days = self.payment_term_days.unwrap_or(data.payment_term_days);
        checks.range("paymentTermDays", i64::from(data.payment_term_days), 0..=365);
        data.min_life_days = self.min_remaining_life_days.unwrap_or(data.min_life_days);
        checks.range("minRemainingLifeDays", i64::from(data.min_life_days), 0..=3650);
        data.location_locked = self.location_locked.unwrap_or(data.location_locked);
        data.record_locked = self.record_locked.unwrap_or(data.record_locked);
        data.status = self.status.unwrap_or(data.status);
        data
    }
}

fn phone_number(typed: &str, checks: &mut Checks) -> String {
    if typed.trim().is_empty() {
        return String::new();
    }
    domain::text::normalise_phone(typed).unwrap_or_else(|e| {
        checks.wrong("phone", "Không phải số điện thoại, ví dụ 0912345678", e.to_string());
        String::new()
    })
}

/// Both coordinates on the earth, or neither.
fn place(latitude: Option<f64>, longitude: Option<f64>, checks: &mut Checks) {
    match (latitude, longitude) {
        (None, None) => {}
        (Some(latitude), Some(longitude)) => {
            if let Err(e) = Coordinates::new(latitude, longitude) {
                checks.wrong("latitude", "Tọa độ không hợp lệ", e.to_string());
            }
        }
        _ => checks.wrong("longitude", "Cần cả vĩ độ và kinh độ", "Send both latitude and longitude"),
    }
}

/// Reads a field that may be left out (no change) or `null` (cleared).
fn clearable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(d).map(Some)
}
