use std::collections::BTreeMap;

use db::{PgConnection, audit, numbers};
use domain::permission::{Permission, ReturnsManage};
use domain::{
    CustomerId, DocumentKind, InvoiceId, LotId, Money, OrderId, Percent, ProductId, Quantity, SalesReturnId,
    TypedQuantity, Unit,
};
use platform::{ApiError, App, Caller, Once, transaction_once};
use uuid::Uuid;

use super::error::ReturnError;
use super::free::{self, CataloguePrice};
use super::return_view;
use crate::error::OrderError;
use crate::model::{Condition, SalesReturnView};
use crate::service::Amounts;
use crate::service::issue::{pieces_of, typed};
use crate::store::{self, NewReturn, NewReturnLine, Returnable};

/// A return as it is asked for.
#[derive(Debug, Clone)]
pub struct AskedReturn {
    /// Made by the client; made here when absent.
    pub id: Option<SalesReturnId>,
    /// The invoice the goods were sold on; none for goods whose price the office says.
    pub invoice: Option<InvoiceId>,
    /// Who gives them back.
    pub customer: CustomerId,
    /// Why.
    pub reason: String,
    /// What.
    pub lines: Vec<AskedLine>,
}

/// A line of it.
#[derive(Debug, Clone)]
pub struct AskedLine {
    /// The line of the invoice.
    pub invoice_line_no: Option<i32>,
    /// The product; needed without an invoice.
    pub product: Option<ProductId>,
    /// How many of the unit.
    pub quantity: i64,
    /// The invoice line's own when absent.
    pub unit: Option<Unit>,
    /// In what state.
    pub condition: Condition,
    /// The lot, when it is known.
    pub lot: Option<LotId>,
    /// Before VAT, per unit; without an invoice.
    pub unit_price: Option<Money>,
}

/// Asks for goods to be taken back, under the next `PT` number. A repeat gets the first answer, or the return as it is now
/// where it is known by its id only.
///
/// The invoice's row is locked: of two returns of the same last pieces one finds them gone.
///
/// # Errors
/// 403 without an invoice for those who don't manage returns, 404 for an invoice or customer the caller may not see, 422
/// when more comes back than was delivered.
pub async fn create_return(
    app: &App,
    caller: &Caller,
    once: &Once,
    asked: &AskedReturn,
) -> Result<SalesReturnView, ApiError> {
    match create_new(app, caller, once, asked).await {
        Err(refusal) if Once::may_be_known(&refusal) => match known(app, caller, asked).await? {
            Some(ret) => Ok(ret),
            None => Err(refusal),
        },
        made => made,
    }
}

/// The return that is there already under the client's id, if the caller asked for it with the same content.
async fn known(app: &App, caller: &Caller, asked: &AskedReturn) -> Result<Option<SalesReturnView>, ApiError> {
    let Some(id) = asked.id else { return Ok(None) };
    let mut tx = app.db.read(caller.context()).await?;
    if !store::is_return_of(&mut tx, id, caller.user_id).await? {
        return Ok(None);
    }
    let ret = return_view(&mut tx, caller, id).await?;
    let came: Vec<_> = ret.items.iter().filter(|i| !i.is_charge).collect();
    let same = (ret.head.customer_id, ret.head.invoice_id) == (asked.customer, asked.invoice)
        && came.len() == asked.lines.len()
        && came.iter().zip(&asked.lines).all(|(item, line)| {
            (item.invoice_line_no, item.quantity) == (line.invoice_line_no, line.quantity)
                && line.product.is_none_or(|product| product == item.product_id)
        });
    Ok(same.then_some(ret))
}

async fn create_new(
    app: &App,
    caller: &Caller,
    once: &Once,
    asked: &AskedReturn,
) -> Result<SalesReturnView, ApiError> {
    if asked.invoice.is_none() && !caller.may::<ReturnsManage>() {
        return Err(ApiError::forbidden(ReturnsManage::NAME));
    }
    let made = transaction_once!(app, caller.context(), once, "returns.create", |tx| {
        let mut new = match asked.invoice {
            Some(invoice) => from_invoice(tx, caller, invoice, asked).await?,
            None => free_return(tx, caller, asked).await?,
        };
        new.id = asked.id.unwrap_or_else(|| SalesReturnId::new(Uuid::now_v7()));
        check_lots(tx, &new).await?;
        let total = new.total().map_err(OrderError::from)?;
        if total.is_negative() {
            return Err(ReturnError::ChargesExceed.into());
        }
        let today = app.today();
        new.number = numbers::next(tx, new.distributor_id, DocumentKind::Return, today).await?;
        store::insert_return(tx, &new, &asked.reason, caller.user_id, today, app.now()).await.map_err(
            |e| ApiError::from(e).on_constraint("sales_returns_pkey", || ReturnError::IdTaken.into()),
        )?;
        let entry = audit::Entry::<(), _> {
            action: "returns.create",
            entity: "sales_return",
            entity_id: Some(new.id.uuid()),
            distributor: Some(new.distributor_id),
            before: None,
            after: Some(&serde_json::json!({
                "number": new.number, "invoice": new.invoice_id, "customer": new.customer_id, "total": total,
                "reason": asked.reason,
            })),
        };
        audit::record(tx, caller.context(), app.now(), entry).await?;
        return_view(tx, caller, new.id).await
    })?;
    Ok(made)
}

async fn from_invoice(
    c: &mut PgConnection,
    caller: &Caller,
    id: InvoiceId,
    asked: &AskedReturn,
) -> Result<NewReturn, ApiError> {
    let distributor = store::find_seller(c, id).await?.ok_or_else(ApiError::not_found)?;
    let orders = store::list_orders_of_invoice(c, id).await?;
    // Other parts of a split order may have been invoiced elsewhere, with the free goods of these.
    let parts = store::list_parts(c, distributor, &orders).await?;
    let orders: Vec<OrderId> = parts.iter().map(|part| part.order_id).collect();
    let others = store::lock_other_invoices(c, distributor, id, &orders).await?;
    let invoice = store::lock_invoice(c, id)
        .await?
        .filter(|invoice| caller.scope().includes(invoice.rep_id, invoice.unit_id))
        .ok_or_else(ApiError::not_found)?;
    if invoice.customer_id != asked.customer {
        return Err(ReturnError::WrongCustomer.into());
    }
    let mut returnable = store::list_returnable(c, distributor, id, &others, &orders).await?;
    let mut lines = Vec::with_capacity(asked.lines.len());
    for ask in &asked.lines {
        let line_no = ask.invoice_line_no.unwrap_or_default();
        let line = returnable
            .iter_mut()
            .find(|line| {
                line.invoice_id == id
                    && line.line_no == line_no
                    && ask.product.is_none_or(|p| p == line.product_id)
            })
            .ok_or(ReturnError::NoSuchLine { line_no })?;
        lines.push(take(line, ask)?);
    }
    let explanations = store::list_explanations(c, distributor, &orders).await?;
    let products: Vec<ProductId> = returnable.iter().map(|line| line.product_id).collect();
    let names = catalog::store::find_products(c, &products).await?;
    let rates = store::list_vat(c, &products).await?;
    let catalogue: BTreeMap<ProductId, CataloguePrice> = rates
        .into_iter()
        .map(|(product, vat_percent)| {
            let price = names.get(&product).map(|name| name.selling.retail).unwrap_or_default();
            (product, CataloguePrice { price, vat_percent })
        })
        .collect();
    for charge in free::charges(&returnable, &parts, &explanations, &catalogue).map_err(OrderError::from)? {
        let it = |line: &&Returnable| (line.invoice_id, line.line_no) == (charge.invoice_id, charge.line_no);
        let Some(line) = returnable.iter().find(it) else { continue };
        lines.push(NewReturnLine {
            invoice_id: Some(charge.invoice_id),
            invoice_line_no: Some(charge.line_no),
            product_id: charge.product_id,
            unit: Unit::Retail,
            pieces: charge.pieces,
            unit_price: charge.price,
            amounts: charge.amounts,
            vat_percent: charge.vat_percent,
            is_free: true,
            promotion_id: line.promotion_id,
            is_charge: true,
            condition: Condition::Saleable,
            lot: None,
        });
    }
    Ok(NewReturn {
        distributor_id: invoice.distributor_id,
        id: SalesReturnId::new(Uuid::nil()),
        number: String::new(),
        customer_id: invoice.customer_id,
        invoice_id: Some(id),
        rep_id: invoice.rep_id,
        unit_id: invoice.unit_id,
        lines,
    })
}

/// Takes pieces of an invoice's line back: at its price, with their part of its discounts and VAT. All that ever comes
/// back of a line adds up to what was charged for it.
fn take(line: &mut Returnable, ask: &AskedLine) -> Result<NewReturnLine, ApiError> {
    let line_no = line.line_no;
    let pieces = pieces_of(line.unit, line.pieces, line.amounts.quantity, ask.unit, ask.quantity)
        .ok_or(ReturnError::WrongUnit { line_no })?;
    let gone = line.returned.checked_add(line.charged).map_err(OrderError::from)?;
    let left = line.issued.checked_sub(gone).map_err(OrderError::from)?;
    if pieces > left {
        return Err(ReturnError::MoreThanLeft { line_no, left }.into());
    }
    line.returned = line.returned.checked_add(pieces).map_err(OrderError::from)?;
    let all = line.amounts.up_to(line.pieces, line.returned).map_err(OrderError::from)?;
    // Returns that were rejected in between can leave a đồng of rounding on either side.
    let amounts = all.less(&line.returned_amounts).map_err(OrderError::from)?.not_below_zero();
    line.returned_amounts = line.returned_amounts.plus(&amounts).map_err(OrderError::from)?;
    let (quantity, unit) = typed(line.unit, line.pieces, line.amounts.quantity, pieces);
    let unit_price = if unit == line.unit {
        line.unit_price
    } else {
        Money::new(amounts.gross.dong().checked_div(pieces.pieces()).unwrap_or_default())
    };
    Ok(NewReturnLine {
        invoice_id: Some(line.invoice_id),
        invoice_line_no: Some(line_no),
        product_id: line.product_id,
        unit,
        pieces,
        unit_price,
        amounts: Amounts { quantity, ..amounts },
        vat_percent: line.vat_percent,
        is_free: line.is_free,
        promotion_id: line.promotion_id,
        is_charge: false,
        condition: ask.condition,
        lot: ask.lot,
    })
}

/// Goods that nobody knows the invoice of, at the price the office says.
async fn free_return(
    c: &mut PgConnection,
    caller: &Caller,
    asked: &AskedReturn,
) -> Result<NewReturn, ApiError> {
    let customer =
        customers::store::find_for_sale(c, asked.customer).await?.ok_or_else(ApiError::not_found)?;
    let ids: Vec<ProductId> = asked.lines.iter().filter_map(|line| line.product).collect();
    let names = catalog::store::find_products(c, &ids).await?;
    let rates = store::list_vat(c, &ids).await?;
    let mut lines = Vec::with_capacity(asked.lines.len());
    for (index, ask) in asked.lines.iter().enumerate() {
        let unknown = || ReturnError::UnknownProduct { index };
        let name = ask.product.and_then(|product| names.get(&product)).ok_or_else(unknown)?;
        let vat_percent = rates.get(&name.id).copied().ok_or_else(unknown)?;
        let unit = ask.unit.unwrap_or(Unit::Retail);
        let typed = TypedQuantity { quantity: ask.quantity, unit };
        let pieces = typed.to_pieces(name.conversion).map_err(OrderError::from)?;
        let unit_price = ask.unit_price.unwrap_or_default();
        let gross = unit_price.checked_mul(ask.quantity).map_err(OrderError::from)?;
        let rate = Percent::whole(i32::from(vat_percent)).map_err(ApiError::internal)?;
        let amounts = Amounts {
            quantity: ask.quantity,
            gross,
            product_discount: Money::ZERO,
            order_discount: Money::ZERO,
            vat: gross.percent(rate).map_err(OrderError::from)?,
        };
        lines.push(NewReturnLine {
            invoice_id: None,
            invoice_line_no: None,
            product_id: name.id,
            unit,
            pieces,
            unit_price,
            amounts,
            vat_percent,
            is_free: false,
            promotion_id: None,
            is_charge: false,
            condition: ask.condition,
            lot: ask.lot,
        });
    }
    Ok(NewReturn {
        distributor_id: customer.distributor_id,
        id: SalesReturnId::new(Uuid::nil()),
        number: String::new(),
        customer_id: customer.id,
        invoice_id: None,
        rep_id: caller.user_id,
        unit_id: caller.primary_unit,
        lines,
    })
}

async fn check_lots(c: &mut PgConnection, new: &NewReturn) -> Result<(), ApiError> {
    let lots: Vec<LotId> = new.lines.iter().filter_map(|line| line.lot).collect();
    if lots.is_empty() {
        return Ok(());
    }
    let known = store::list_lots(c, new.distributor_id, &lots).await?;
    for (index, line) in new.lines.iter().enumerate() {
        let Some(lot) = line.lot else { continue };
        if known.get(&lot).is_none_or(|known| known.product_id != line.product_id) {
            return Err(ReturnError::UnknownLot { index }.into());
        }
    }
    Ok(())
}

impl NewReturn {
    /// What the customer will owe less.
    fn total(&self) -> Result<Money, domain::Overflow> {
        self.lines.iter().try_fold(Money::ZERO, |sum, line| sum.checked_add(line.amounts.total()?))
    }
}

impl Amounts {
    fn plus(&self, other: &Amounts) -> Result<Amounts, domain::Overflow> {
        Ok(Amounts {
            quantity: self.quantity.checked_add(other.quantity).ok_or(domain::Overflow)?,
            gross: self.gross.checked_add(other.gross)?,
            product_discount: self.product_discount.checked_add(other.product_discount)?,
            order_discount: self.order_discount.checked_add(other.order_discount)?,
            vat: self.vat.checked_add(other.vat)?,
        })
    }

    fn not_below_zero(self) -> Amounts {
        Amounts {
            quantity: self.quantity.max(0),
            gross: self.gross.max(Money::ZERO),
            product_discount: self.product_discount.max(Money::ZERO),
            order_discount: self.order_discount.max(Money::ZERO),
            vat: self.vat.max(Money::ZERO),
        }
    }
}

/// So much of the lots, for the lines that don't say.
pub(super) fn spread(mut pieces: Quantity, lots: &mut [(LotId, Quantity)]) -> Vec<(LotId, Quantity)> {
    let mut taken = Vec::new();
    for (lot, left) in lots.iter_mut() {
        let take = pieces.min(*left);
        if take.is_positive() {
            taken.push((*lot, take));
            *left = Quantity::new(left.pieces() - take.pieces());
            pieces = Quantity::new(pieces.pieces() - take.pieces());
        }
    }
    // Others than were delivered came back before under these lots: the rest is taken for the last one.
    if pieces.is_positive()
        && let Some((lot, _)) = lots.last()
    {
        match taken.iter_mut().find(|(taken, _)| taken == lot) {
            Some((_, taken)) => *taken = Quantity::new(taken.pieces() + pieces.pieces()),
            None => taken.push((*lot, pieces)),
        }
    }
    taken
}
