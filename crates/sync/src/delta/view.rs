//! What phones hold, as it is sent. Fields that say nothing are left out: a phone pays for every byte.

use chrono::{DateTime, NaiveDate, Utc};
use domain::price::PriceScope;
use domain::{
    CustomerId, DistributorId, NotificationId, OrderId, OrderStatus, OrderType, PriceListId, ProductId,
    PromotionId, RouteId, UserId, VisitId, WarehouseId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// What changed since the cursor, in the caller's scope.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Delta {
    /// Where the phone stands when it has stored this answer. Opaque.
    pub cursor: String,
    /// Whether to ask again at once: this answer is a part.
    pub has_more: bool,
    /// Our time.
    pub server_time: DateTime<Utc>,
    /// What to store and what to remove; kinds without a change are left out.
    pub changes: Changes,
}

/// Things of one kind.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Part<T> {
    /// New or changed: put them in the place of what there is with their id.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub upserted: Vec<T>,
    /// No longer the caller's to have; those that the phone never had are no mistake.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deleted: Vec<Uuid>,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Part { upserted: Vec::new(), deleted: Vec::new() }
    }
}

impl<T> Part<T> {
    fn is_empty(&self) -> bool {
        self.upserted.is_empty() && self.deleted.is_empty()
    }
}

/// What changed, by kind.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Changes {
    /// The routes the caller walks, also as a substitute.
    #[serde(skip_serializing_if = "Part::is_empty")]
    pub routes: Part<SyncedRoute>,
    /// Outlets on these routes, and those the caller proposed. Inactive ones are removed.
    #[serde(skip_serializing_if = "Part::is_empty")]
    pub customers: Part<SyncedCustomer>,
    /// What the caller's distributors may sell.
    #[serde(skip_serializing_if = "Part::is_empty")]
    pub products: Part<SyncedProduct>,
    /// Price lists that hold today or later.
    #[serde(skip_serializing_if = "Part::is_empty")]
    pub prices: Part<SyncedPriceList>,
    /// Promotions that are switched on and hold today or later, for the caller's distributors.
    #[serde(skip_serializing_if = "Part::is_empty")]
    pub promotions: Part<SyncedPromotion>,
    /// The main warehouse and the caller's van.
    #[serde(skip_serializing_if = "Part::is_empty")]
    pub warehouses: Part<SyncedWarehouse>,
    /// What is there and can be sold; rows are told apart by warehouse and product. They are never removed one by one:
    /// the stock of a warehouse goes with it.
    #[serde(skip_serializing_if = "Part::is_empty")]
    pub stock: Part<SyncedStock>,
    /// Survey forms, the latest version of each.
    #[serde(skip_serializing_if = "Part::is_empty")]
    pub surveys: Part<SyncedSurvey>,
    /// Display programs that hold today or later.
    #[serde(skip_serializing_if = "Part::is_empty")]
    pub display_programs: Part<SyncedDisplayProgram>,
    /// The caller's orders of the last 7 days: where they stand.
    #[serde(skip_serializing_if = "Part::is_empty")]
    pub orders: Part<SyncedOrder>,
    /// What the company wants of a visit: what scopes decide for themselves, to be put together as the server does: by day, then
    /// from the least depth to the greatest, at each depth first for all customers, then for their type.
    #[serde(skip_serializing_if = "Part::is_empty")]
    pub visit_policies: Part<SyncedVisitPolicy>,
    /// The albums that take photos.
    #[serde(skip_serializing_if = "Part::is_empty")]
    pub albums: Part<SyncedAlbum>,
    /// What the caller was told in the last 30 days.
    #[serde(skip_serializing_if = "Part::is_empty")]
    pub notifications: Part<SyncedNotification>,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedRoute {
    /// Its id.
    pub id: RouteId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// ISO weekdays, 1 = Monday.
    pub weekdays: Vec<i16>,
    /// Weeks are counted from here.
    pub start_date: NaiveDate,
    /// Goes up with every change.
    pub version: i64,
}

/// An outlet's place on a route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OnRoute {
    /// The route.
    pub route_id: RouteId,
    /// Its place in the order of visits.
    pub sequence: i32,
    /// How often, as the route's plan writes it: `F4`, `W1,3`, …
    pub frequency: String,
}

/// An outlet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedCustomer {
    /// Its id.
    pub id: CustomerId,
    /// The distributor it buys from.
    pub distributor_id: DistributorId,
    /// Unique in the distributor.
    pub customer_code: String,
    /// The shop's name.
    pub name: String,
    /// Telephone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Whom to ask for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contact_person: String,
    /// A–E.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub customer_group: String,
    /// Tạp hóa, Hiệu thuốc, …
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub customer_type: String,
    /// GT, MT, OTC.
    pub channel: String,
    /// Code of the area.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub area: String,
    /// Where goods are delivered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// Degrees north.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// Whether the location is fixed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub location_locked: bool,
    /// đồng; without it there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_limit: Option<i64>,
    /// Days from the issue of goods until they must be paid.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub payment_term_days: i32,
    /// What it owes, in đồng.
    #[serde(default, skip_serializing_if = "is_zero_money")]
    pub current_balance: i64,
    /// `active`, or `pending` until it is approved.
    pub status: String,
    /// Where it is on the caller's routes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<OnRoute>,
    /// The display programs it takes part in today.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub display_programs: Vec<Uuid>,
    /// Goes up with every change of its data.
    pub version: i64,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedProduct {
    /// Its id.
    pub id: ProductId,
    /// SKU.
    pub product_code: String,
    /// Its name.
    pub name: String,
    /// Its brand.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub brand: String,
    /// Its category.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// Thùng, …
    pub unit_name: String,
    /// Hộp, chai, …
    pub sub_unit_name: String,
    /// Pieces per case.
    pub conversion_rate: i64,
    /// đồng per case, before VAT.
    pub selling_price: i64,
    /// đồng per piece.
    pub selling_price_sub: i64,
    /// Percent.
    pub vat: i16,
    /// Barcode.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub barcode: String,
    /// The digest of its uploaded image, which `/products/{id}/image` gives, or the address of one that lies elsewhere.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// Where it stands in lists.
    pub display_order: i32,
    /// Goes up with every change.
    pub version: i64,
}

/// A price list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedPriceList {
    /// Its id.
    pub id: PriceListId,
    /// Its code.
    pub code: String,
    /// For whom it holds.
    pub scope: PriceScope,
    /// Only for this distributor's customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distributor_id: Option<DistributorId>,
    /// Among lists of one scope the highest wins.
    pub priority: i32,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    /// Prices, before VAT.
    pub items: Vec<SyncedPrice>,
    /// Goes up with every change.
    pub version: i64,
}

/// A product's price in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedPrice {
    /// The product.
    pub product_id: ProductId,
    /// đồng per case.
    pub price: i64,
    /// đồng per piece.
    pub price_sub: i64,
}

/// A promotion, in the form the pricing engine reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedPromotion {
    /// Its id.
    pub id: PromotionId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// The highest is reckoned first.
    pub priority: i32,
    /// Goes up with every change.
    pub version: i64,
    /// The rest of the rule: audience, limits, kind.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub definition: Map<String, Value>,
}

/// A warehouse goods can be sold from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedWarehouse {
    /// Its id.
    pub id: WarehouseId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// `main` or `van`.
    pub kind: String,
    /// Whose van it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rep_id: Option<UserId>,
}

/// What of a product is in a warehouse, in pieces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedStock {
    /// The warehouse.
    pub warehouse_id: WarehouseId,
    /// The product.
    pub product_id: ProductId,
    /// What is there.
    pub on_hand: i64,
    /// What of it can be sold: the rest is promised.
    pub available: i64,
}

/// A survey form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedSurvey {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The published version.
    pub number: i32,
    /// Its questions.
    #[schema(value_type = Object)]
    pub form: Value,
}

/// A display program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedDisplayProgram {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// How many photos it takes.
    pub photos: i32,
    /// The products that must be seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<Uuid>,
}

/// Where an order stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedOrder {
    /// Its id.
    pub id: OrderId,
    /// Its number.
    pub order_number: String,
    /// Pre-sale or van sale.
    pub order_type: OrderType,
    /// Where it stands.
    pub status: OrderStatus,
    /// The customer.
    pub customer_id: CustomerId,
    /// The visit it was taken in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<VisitId>,
    /// When it was taken.
    pub ordered_at: DateTime<Utc>,
    /// đồng, with VAT.
    pub total_amount: i64,
    /// Whether its totals differ from the phone's and nobody has looked at it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub needs_review: bool,
    /// Why it was rejected or cancelled.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Goes up with every change.
    pub version: i64,
}

/// What the company, or one of the units above the caller, wants of a visit from a day on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedVisitPolicy {
    /// Its id.
    pub id: Uuid,
    /// 0 is the company, 1 the topmost unit, and so on down to the caller's.
    pub depth: i32,
    /// Only for customers of this type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_type: Option<String>,
    /// First day; it holds until the next one of the same depth and type.
    pub valid_from: NaiveDate,
    /// What is decided here; what is absent is as above.
    #[schema(value_type = Object)]
    pub content: Value,
    /// Goes up with every change.
    pub version: i64,
}

/// An album.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedAlbum {
    /// Its id.
    pub id: Uuid,
    /// Its name: what photos are sent with.
    pub name: String,
    /// Where it stands in the list.
    pub position: i32,
    /// What rules know it for: `closed_door`, `display`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}

/// Something the caller was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedNotification {
    /// Its id.
    pub id: NotificationId,
    /// `order_approved`, `issue`, …
    pub kind: String,
    /// In Vietnamese.
    pub title: String,
    /// In English.
    pub title_en: String,
    /// In Vietnamese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// In English.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body_en: String,
    /// What to open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about_id: Option<Uuid>,
    /// Ids and figures, by kind.
    #[schema(value_type = Object)]
    pub data: Value,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<DateTime<Utc>>,
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(value: &i32) -> bool {
    *value == 0
}

fn is_zero_money(value: &i64) -> bool {
    *value == 0
}
