//! Pricing: reads what the engine needs, and turns its answer into what clients see.

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::store::SaleBook;
use chrono::NaiveDate;
use customers::model::CustomerStatus;
use db::PgConnection;
use domain::order::StatedTotals;
use domain::pricing::{DraftLine, GiftChoice, OrderDraft, PricedLine, PricedOrder, WhyNot};
use domain::{DocumentId, OrderId, ProductId, PromotionId, TypedQuantity, Unit};
use platform::{ApiError, App, Caller};
use promotions::rules::Rules;
use promotions::{Booking, UsageError, UsageKind};

use crate::error::{NotSoldHere, OrderError};
use crate::model::{CreateOrder, CreateOrderItem, OrderItem, PinnedPromotion, Quote};
use crate::store::{self, Pinned, Sale, SaleOf};

/// The most of one unit on one line.
const MAX_QUANTITY: i64 = 1_000_000;

/// The most products that a phone may have promised for nothing.
const MAX_FREE: usize = 1_000;

/// What is to be priced, for whom, and with the prices of which day.
pub(super) struct Cart<'a> {
    pub of: SaleOf,
    pub day: NaiveDate,
    pub items: &'a [CreateOrderItem],
    pub picked: &'a [PromotionId],
    pub choices: &'a [GiftChoice],
    /// Whether to tell what is missing for accumulations: each that is on costs a query.
    pub hints: bool,
}

/// An order with its prices, what it was priced with, and the names that go with them.
pub(super) struct Priced {
    pub sale: Sale,
    pub order: PricedOrder,
    pub items: Vec<OrderItem>,
    pub pinned: Pinned,
    rules: Arc<Rules>,
}

/// What the order would cost today; saves nothing.
///
/// # Errors
/// 400 for malformed fields, 404 for a customer the caller may not see, 422 as [`OrderError`] says.
pub async fn quote(app: &App, caller: &Caller, body: &CreateOrder) -> Result<Quote, ApiError> {
    check(&body.items, &body.promotion_ids, &body.notes, body.client_totals.as_ref())?;
    let mut tx = app.db.lookup(caller.context()).await?;
    let cart = Cart {
        of: sale_of(caller, body),
        day: app.today(),
        items: &body.items,
        picked: &body.promotion_ids,
        choices: &body.gift_choices,
        hints: true,
    };
    let sale = store::find_sale(&mut tx, &cart.of, None).await?.ok_or_else(ApiError::not_found)?;
    may_sell(&mut tx, caller, &cart, &sale).await?;
    let priced = price_sale(app, &mut tx, &cart, sale).await?;
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
        not_applied: priced
            .order
            .not_applied
            .into_iter()
            .filter(|promotion| promotion.reason != WhyNot::NotReached)
            .collect(),
    })
}

pub(super) fn sale_of(caller: &Caller, body: &CreateOrder) -> SaleOf {
    SaleOf {
        customer: body.customer_id,
        order_type: body.order_type,
        visit: body.visit_id,
        warehouse: body.warehouse_id,
        user: caller.user_id,
        order: None,
    }
}

/// What can be said of the content without looking anything up.
pub(super) fn check(
    items: &[CreateOrderItem],
    promotion_ids: &[PromotionId],
    notes: &str,
    totals: Option<&StatedTotals>,
) -> Result<(), ApiError> {
    if items.is_empty() || items.len() > 200 {
        return Err(ApiError::invalid_field(
            "items",
            "Cần từ 1 đến 200 dòng hàng",
            "1 to 200 lines are needed",
        ));
    }
    for (i, item) in items.iter().enumerate() {
        if !(1..=MAX_QUANTITY).contains(&item.quantity) {
            return Err(ApiError::invalid_field(
                &format!("items[{i}].quantity"),
                "Số lượng phải từ 1 đến 1.000.000",
                "The quantity must be 1 to 1,000,000",
            ));
        }
    }
    if promotion_ids.len() > 40 {
        return Err(ApiError::invalid_field(
            "promotionIds",
            "Tối đa 40 chương trình",
            "At most 40 promotions",
        ));
    }
    if notes.chars().count() > 2000 {
        return Err(ApiError::invalid_field("notes", "Tối đa 2000 ký tự", "At most 2000 characters"));
    }
    let promised = totals.and_then(|totals| totals.free_goods.as_ref());
    if promised.is_some_and(|goods| goods.len() > MAX_FREE) {
        return Err(ApiError::invalid_field(
            "clientTotals.freeGoods",
            "Tối đa 1.000 mặt hàng",
            "At most 1,000 products",
        ));
    }
    Ok(())
}

/// Whether the caller may sell to the customer: it is one of their outlets on the day, or they name their visit to it.
///
/// # Errors
/// 404, as for a customer that isn't there.
pub(super) async fn may_sell(
    c: &mut PgConnection,
    caller: &Caller,
    cart: &Cart<'_>,
    sale: &Sale,
) -> Result<(), ApiError> {
    let visiting = cart.of.visit.is_some() && sale.visit_fits;
    let viewer = customers::store::Viewer::new(caller.scope(), cart.day);
    if visiting || customers::store::is_in_scope(c, &viewer, cart.of.customer).await? {
        Ok(())
    } else {
        Err(ApiError::not_found())
    }
}

/// Prices the cart with the prices and promotions of its day. What the order that it is to replace uses of promotions
/// counts as left.
pub(super) async fn price(app: &App, c: &mut PgConnection, cart: &Cart<'_>) -> Result<Priced, ApiError> {
    let sale = store::find_sale(c, &cart.of, None).await?.ok_or_else(ApiError::not_found)?;
    price_sale(app, c, cart, sale).await
}

/// The same for a sale that is known already.
pub(super) async fn price_sale(
    app: &App,
    c: &mut PgConnection,
    cart: &Cart<'_>,
    sale: Sale,
) -> Result<Priced, ApiError> {
    if sale.customer.status != CustomerStatus::Active {
        return Err(OrderError::CustomerNotActive.into());
    }
    let rules = match promotions::rules::kept(sale.rules_version) {
        Some(rules) => rules,
        None => {
            promotions::rules::refresh(&app.db);
            Arc::new(promotions::rules::read(c).await?)
        }
    };
    let bought = cart.items.iter().map(|i| i.product_id);
    let products: BTreeSet<ProductId> = bought.clone().chain(rules.gifts(bought)).collect();
    let products: Vec<ProductId> = products.into_iter().collect();
    let buyer = sale.customer.buyer();
    let book = match catalog::store::kept_catalogue(sale.catalogue_version) {
        Some(catalogue) => catalogue.sale_book(&buyer, &products, cart.day),
        None => {
            catalog::store::refresh_catalogue(&app.db);
            catalog::store::sale_book(c, &buyer, &products, cart.day).await?
        }
    };
    sold_here(cart, &book)?;
    let draft = OrderDraft {
        buyer,
        date: cart.day,
        order_type: cart.of.order_type,
        lines: cart
            .items
            .iter()
            .map(|i| DraftLine {
                product_id: i.product_id,
                typed: TypedQuantity { quantity: i.quantity, unit: i.unit },
            })
            .collect(),
        promotion_ids: cart.picked.iter().copied().collect(),
        first_order: sale.first_order,
        choices: cart.choices.to_vec(),
    };
    // Nothing is asked where nothing is limited.
    let (distributor, customer) = (sale.customer.distributor_id, sale.customer.id);
    let replaced = cart.of.order.map(|order| DocumentId::new(order.uuid()));
    let mut usage = promotions::usage(c, distributor, customer, &rules.limited, replaced).await?;
    if cart.hints {
        let on = rules.accumulations.iter().filter(|p| p.is_meant_for(&draft)).cloned().collect::<Vec<_>>();
        usage.0.extend(promotions::usage(c, distributor, customer, &on, replaced).await?.0);
    }
    let order = rules.book.price(&draft, &book.prices, &usage).map_err(OrderError::from)?;
    let effective: BTreeSet<PromotionId> = order.explanations.iter().map(|e| e.promotion_id).collect();
    let pinned = Pinned {
        picked: draft.promotion_ids.iter().copied().collect(),
        choices: draft.choices,
        promotions: effective
            .into_iter()
            .filter_map(|id| {
                let pin = rules.pin(id)?;
                Some(PinnedPromotion { promotion_id: id, code: pin.code.clone(), version: pin.version })
            })
            .collect(),
    };
    let items = order
        .lines
        .iter()
        .enumerate()
        .map(|(i, line)| item(i, line, &book, &rules))
        .collect::<Result<_, _>>()?;
    Ok(Priced { sale, order, items, pinned, rules })
}

/// That the customer's distributor may sell all that is bought. A gift that it may not sell is simply not given.
fn sold_here(cart: &Cart<'_>, book: &SaleBook) -> Result<(), OrderError> {
    let bought = |product: &ProductId| cart.items.iter().any(|item| item.product_id == *product);
    let refused: Vec<NotSoldHere> = book
        .not_here
        .values()
        .filter(|product| bought(&product.id))
        .map(|product| NotSoldHere {
            product_id: product.id,
            product_code: product.code.clone(),
            product_name: product.name.clone(),
        })
        .collect();
    if refused.is_empty() { Ok(()) } else { Err(OrderError::NotSoldHere(refused)) }
}

/// Books what the order uses of its promotions: after the customer's balance is locked, before the order is numbered.
/// When others have used it up meanwhile, the order is priced again with what is left.
pub(super) async fn book(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    cart: &Cart<'_>,
    id: OrderId,
    mut priced: Priced,
) -> Result<Priced, ApiError> {
    let mut tries = 0;
    loop {
        let booking = Booking {
            distributor: priced.sale.customer.distributor_id,
            customer: priced.sale.customer.id,
            kind: UsageKind::Order,
            document: DocumentId::new(id.uuid()),
            business_date: cart.day,
            at: app.now(),
            actor: caller.user_id,
        };
        tries += 1;
        match promotions::book_usage(c, &booking, &priced.rules.limited, &priced.order.uses).await {
            Err(UsageError::Short(_)) if tries < 5 => priced = price_sale(app, c, cart, priced.sale).await?,
            done => return Ok(done.map(|()| priced)?),
        }
    }
}

/// Makes sure that what only a first order gets is not given to two at once: the second waits for the balance, then sees
/// the first, and is priced again. Before anything is booked.
pub(super) async fn still_first(
    app: &App,
    c: &mut PgConnection,
    cart: &Cart<'_>,
    priced: Priced,
) -> Result<Priced, ApiError> {
    let rules = &priced.rules.book;
    let is_for_first = |id| rules.promotion(id).is_some_and(|promotion| promotion.first_order_only);
    if !priced.order.uses.iter().any(|used| is_for_first(used.promotion_id)) {
        return Ok(priced);
    }
    receivables::ledger::lock_balance(c, priced.sale.customer.distributor_id, priced.sale.customer.id)
        .await?;
    let sale = store::find_sale(c, &cart.of, None).await?.ok_or_else(ApiError::not_found)?;
    if sale.first_order { Ok(priced) } else { price_sale(app, c, cart, sale).await }
}

fn item(index: usize, line: &PricedLine, book: &SaleBook, rules: &Rules) -> Result<OrderItem, OrderError> {
    let name = book.names.get(&line.product_id);
    let source = book.sources.get(&line.product_id);
    let (price_list_id, price_list_code) = source.and_then(|s| s.price_list.clone()).unzip();
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
        promotion_tier: line.free.and_then(|f| i32::try_from(f.tier).ok()),
        promotion_name: promotion_id.and_then(|id| rules.pin(id)).map(|pin| pin.name.clone()),
        is_free: line.free.is_some(),
        price_list_id,
        price_list_code,
        price_version: source.map_or(0, |s| s.version),
        vat_carry: domain::Money::ZERO,
    })
}
