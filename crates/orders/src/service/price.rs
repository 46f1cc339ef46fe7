//! Pricing: reads what the engine needs, and turns its answer into what clients see.

use std::collections::{BTreeMap, BTreeSet};

use catalog::store::ProductName;
use chrono::NaiveDate;
use customers::model::{CustomerForSale, CustomerStatus};
use db::PgConnection;
use domain::pricing::{
    self, DraftLine, OrderDraft, PricedLine, PricedOrder, ProductReward, Promotion, PromotionKind,
};
use domain::{ProductId, PromotionId, TypedQuantity, Unit};
use platform::{ApiError, App, Caller};

use crate::error::OrderError;
use crate::model::{CreateOrder, OrderItem, Quote};

/// The most of one unit on one line.
const MAX_QUANTITY: i64 = 1_000_000;

/// An order with its prices and the names that go with them.
pub struct Priced {
    pub customer: CustomerForSale,
    pub order: PricedOrder,
    pub items: Vec<OrderItem>,
}

/// What the order would cost today; saves nothing.
///
/// # Errors
/// 400 for malformed fields, 404 for a customer the caller may not see, 422 as [`OrderError`] says.
pub async fn quote(app: &App, caller: &Caller, body: &CreateOrder) -> Result<Quote, ApiError> {
    check(body)?;
    let mut tx = app.db.read(caller.context()).await?;
    let priced = price(&mut tx, body, app.today()).await?;
    Ok(Quote {
        sub_total: priced.order.totals.gross,
        discount_amount: priced
            .order
            .totals
            .product_discount
            .checked_add(priced.order.totals.order_discount)
            .map_err(OrderError::from)?,
        tax_amount: priced.order.totals.vat,
        total_amount: priced.order.totals.total,
        items: priced.items,
        explanations: priced.order.explanations,
        near_misses: priced.order.near_misses,
    })
}

/// What can be said of the request without looking anything up.
pub fn check(body: &CreateOrder) -> Result<(), ApiError> {
    if body.items.is_empty() || body.items.len() > 200 {
        return Err(ApiError::invalid_field(
            "items",
            "Cần từ 1 đến 200 dòng hàng",
            "1 to 200 lines are needed",
        ));
    }
    for (i, item) in body.items.iter().enumerate() {
        if !(1..=MAX_QUANTITY).contains(&item.quantity) {
            return Err(ApiError::invalid_field(
                &format!("items[{i}].quantity"),
                "Số lượng phải từ 1 đến 1.000.000",
                "The quantity must be 1 to 1,000,000",
            ));
        }
    }
    if body.promotion_ids.len() > 40 {
        return Err(ApiError::invalid_field(
            "promotionIds",
            "Tối đa 40 chương trình",
            "At most 40 promotions",
        ));
    }
    if body.notes.chars().count() > 2000 {
        return Err(ApiError::invalid_field("notes", "Tối đa 2000 ký tự", "At most 2000 characters"));
    }
    Ok(())
}

/// Prices the order with the prices and promotions of the day.
pub async fn price(c: &mut PgConnection, body: &CreateOrder, day: NaiveDate) -> Result<Priced, ApiError> {
    let customer =
        customers::store::find_for_sale(c, body.customer_id).await?.ok_or_else(ApiError::not_found)?;
    if customer.status != CustomerStatus::Active {
        return Err(OrderError::CustomerNotActive.into());
    }
    let promotions = promotions::store::active(c, day).await?;
    let products: BTreeSet<ProductId> =
        body.items.iter().map(|i| i.product_id).chain(promotions.iter().flat_map(gifts)).collect();
    let products: Vec<ProductId> = products.into_iter().collect();
    let buyer = customer.buyer();
    let book = catalog::store::price_book(c, &buyer, &products, day).await?;
    let draft = OrderDraft {
        buyer,
        date: day,
        order_type: body.order_type,
        lines: body
            .items
            .iter()
            .map(|i| DraftLine {
                product_id: i.product_id,
                typed: TypedQuantity { quantity: i.quantity, unit: i.unit },
            })
            .collect(),
        promotion_ids: body.promotion_ids.iter().copied().collect(),
    };
    let order = pricing::price(&draft, &book, &promotions).map_err(OrderError::from)?;
    let names = catalog::store::find_products(c, &products).await?;
    let promotion_names: BTreeMap<PromotionId, &str> =
        promotions.iter().map(|p| (p.id, p.name.as_str())).collect();
    let items = order
        .lines
        .iter()
        .enumerate()
        .map(|(i, line)| item(i, line, &names, &promotion_names))
        .collect::<Result<_, _>>()?;
    Ok(Priced { customer, order, items })
}

/// The products a promotion gives, which need a price too.
fn gifts(promotion: &Promotion) -> Vec<ProductId> {
    match &promotion.kind {
        PromotionKind::Product { tiers, .. } => tiers
            .iter()
            .filter_map(|tier| match &tier.reward {
                ProductReward::FreeGoods { product_id, .. } => *product_id,
                _ => None,
            })
            .collect(),
        PromotionKind::Order { .. } => Vec::new(),
    }
}

fn item(
    index: usize,
    line: &PricedLine,
    names: &BTreeMap<ProductId, ProductName>,
    promotions: &BTreeMap<PromotionId, &str>,
) -> Result<OrderItem, OrderError> {
    let name = names.get(&line.product_id);
    let promotion_id = line.free.map(|f| f.promotion_id);
    Ok(OrderItem {
        line_no: i32::try_from(index + 1).unwrap_or(i32::MAX),
        product_id: line.product_id,
        product_code: name.map(|n| n.code.clone()).unwrap_or_default(),
        product_name: name.map(|n| n.name.clone()).unwrap_or_default(),
        quantity: line.quantity,
        unit: line.unit,
        unit_name: name
            .map(|n| match line.unit {
                Unit::Whole => n.unit_name.clone(),
                Unit::Retail => n.sub_unit_name.clone(),
            })
            .unwrap_or_default(),
        pieces: line.pieces.pieces(),
        unit_price: line.unit_price,
        gross: line.gross,
        discount_amount: line.product_discount.checked_add(line.order_discount)?,
        product_discount: line.product_discount,
        order_discount: line.order_discount,
        vat: i16::try_from(line.vat_rate.basis_points() / 100).unwrap_or(0),
        tax_amount: line.vat,
        line_total: line.total,
        promotion_id,
        promotion_name: promotion_id.and_then(|id| promotions.get(&id)).map(|n| (*n).to_owned()),
        is_free: line.free.is_some(),
    })
}
