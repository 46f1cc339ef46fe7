//! What is kept of an outlet.

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::{Buyer, CustomerId, DistributorId, Money};
use serde::{Deserialize, Serialize};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgTypeInfo, PgValueRef};
use utoipa::ToSchema;

/// Where an outlet stands: proposed, selling, or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CustomerStatus {
    /// Proposed in the field; can't be visited or sold to yet.
    Pending,
    /// Visited and sold to.
    Active,
    /// Closed, or refused.
    Inactive,
}

impl CustomerStatus {
    /// The spelling in the database and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            CustomerStatus::Pending => "pending",
            CustomerStatus::Active => "active",
            CustomerStatus::Inactive => "inactive",
        }
    }
}

impl sqlx::Type<sqlx::Postgres> for CustomerStatus {
    fn type_info() -> PgTypeInfo {
        <str as sqlx::Type<sqlx::Postgres>>::type_info()
    }

    fn compatible(ty: &PgTypeInfo) -> bool {
        <str as sqlx::Type<sqlx::Postgres>>::compatible(ty)
    }
}

impl<'r> sqlx::Decode<'r, sqlx::Postgres> for CustomerStatus {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        match <&str as sqlx::Decode<'r, sqlx::Postgres>>::decode(value)? {
            "pending" => Ok(CustomerStatus::Pending),
            "active" => Ok(CustomerStatus::Active),
            "inactive" => Ok(CustomerStatus::Inactive),
            other => Err(format!("unknown customer status {other:?}").into()),
        }
    }
}

/// A customer as a sale needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerForSale {
    /// The distributor it buys from.
    pub distributor_id: DistributorId,
    /// The customer.
    pub id: CustomerId,
    /// Its code, unique in the distributor.
    pub code: String,
    /// Its name.
    pub name: String,
    /// A–E, or empty.
    pub customer_group: String,
    /// Tạp hóa, Hiệu thuốc, …, or empty.
    pub customer_type: String,
    /// GT, MT, OTC.
    pub channel: String,
    /// Code of its area, or empty.
    pub area: String,
    /// Only active ones may be sold to.
    pub status: CustomerStatus,
    /// What it may owe at most; none is without limit.
    pub credit_limit: Option<Money>,
    /// Days from the issue of goods until they must be paid.
    pub payment_term_days: u16,
    /// Days that goods it gets must be good for at least.
    pub min_life_days: u16,
}

impl CustomerForSale {
    /// Goods that it gets on the day must not expire before this one.
    pub fn good_from(&self, day: NaiveDate) -> NaiveDate {
        day + Days::new(u64::from(self.min_life_days))
    }

    /// As prices and promotions see it.
    pub fn buyer(&self) -> Buyer {
        let word = |word: &String| (!word.is_empty()).then(|| word.clone());
        Buyer {
            customer_id: self.id,
            distributor_id: self.distributor_id,
            channel: word(&self.channel),
            customer_group: word(&self.customer_group),
            customer_type: word(&self.customer_type),
            area: word(&self.area),
        }
    }
}

/// An outlet's data as it is kept; what people edit, and what its history shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerData {
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
    /// Degrees north; both or neither.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// The owner's birthday.
    pub birthday: Option<NaiveDate>,
    /// May be empty.
    pub email: String,
    /// đồng; none is without limit.
    pub credit_limit: Option<i64>,
    /// 0 to 365.
    pub payment_term_days: i32,
    /// Days that goods it gets must be good for at least; 0 to 3,650.
    #[serde(rename = "minRemainingLifeDays")]
    pub min_life_days: i16,
    /// Whether the location is fixed.
    pub location_locked: bool,
    /// Whether the data is fixed.
    pub record_locked: bool,
    /// Where it stands.
    pub status: CustomerStatus,
}

impl CustomerData {
    /// Nothing known yet.
    pub fn blank(status: CustomerStatus) -> Self {
        CustomerData {
            customer_code: String::new(),
            name: String::new(),
            phone: String::new(),
            contact_person: String::new(),
            contact_title: String::new(),
            customer_group: String::new(),
            customer_type: String::new(),
            channel: "GT".to_owned(),
            address: String::new(),
            ward: String::new(),
            district: String::new(),
            province: String::new(),
            area: String::new(),
            latitude: None,
            longitude: None,
            birthday: None,
            email: String::new(),
            credit_limit: None,
            payment_term_days: 0,
            min_life_days: 0,
            location_locked: false,
            record_locked: false,
            status,
        }
    }

    /// The key under which it is found: code, name, telephone, address.
    pub fn search_key(&self) -> String {
        domain::search_key(&format!("{} {} {} {}", self.customer_code, self.name, self.phone, self.address))
    }
}

/// An outlet with what is around its data.
#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// The distributor it buys from.
    pub distributor_id: DistributorId,
    /// The distributor's code.
    pub distributor_code: String,
    /// The distributor's name.
    pub distributor_name: String,
    /// Its data.
    pub data: CustomerData,
    /// What it owes now, in đồng.
    pub current_balance: i64,
    /// Grows with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}
