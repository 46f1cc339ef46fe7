use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use customers::model::CustomerForSale;
use db::{PgConnection, audit, numbers};
use domain::{
    DistributorId, DocumentId, DocumentKind, GoodsIssueId, InvoiceId, LotId, Money, OrderId, ProductId,
    Quantity, Unit, WarehouseId,
};
use inventory::stock::{IssueLine, Pick, Picked, PickedLot, Unnumbered};
use platform::{ApiError, App, Caller, Once, transaction_once};
use receivables::ledger::{Charge, EntryKind};
use uuid::Uuid;

use super::view::invoice_view;
use super::{Amounts, Said, gifts, step};
use crate::error::{self, OrderError};
use crate::invoice_error::InvoiceError;
use crate::model::{InvoiceStatus, InvoiceView, IssueView};
use crate::store::{self, IssuedLot, LineToIssue, NewIssue};

/// What is to leave of a line.
#[derive(Debug, Clone)]
pub struct IssueLineAsked {
    /// The line of the invoice.
    pub line_no: i32,
    /// How many of the unit.
    pub quantity: i64,
    /// The line's own unit when absent.
    pub unit: Option<Unit>,
    /// The lots picked by hand, together the pieces; by first expiry when empty.
    pub lots: Vec<(LotId, Quantity)>,
}

/// Issues goods of an invoice from stock: all that is left of it when `asked` is empty, otherwise what is asked. Stock
/// goes down by first expiry or from the lots picked, the customer's debt goes up by what leaves, due after its payment
/// term. A repeat gets the first answer.
///
/// # Errors
/// 404, 409 when nothing is left to issue, 422 when stock is short, more is asked than is left, or more free goods than
/// what leaves has earned.
pub async fn issue(
    app: &App,
    caller: &Caller,
    once: &Once,
    id: InvoiceId,
    asked: &[IssueLineAsked],
) -> Result<InvoiceView, ApiError> {
    let issued = transaction_once!(app, caller.context(), once, "invoices.issue", |tx| {
        // Orders before their invoice, as everywhere; what the invoice holds never changes.
        let order_ids = store::list_orders_of_invoice(tx, id).await?;
        let orders = store::lock_orders(tx, &order_ids).await?;
        let invoice = store::lock_invoice(tx, id).await?.ok_or_else(ApiError::not_found)?;
        if !matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::PartlyIssued) {
            return Err(OrderError::InvoiceNotOpen.into());
        }
        let customer = customers::store::find_for_sale(tx, invoice.customer_id)
            .await?
            .ok_or_else(ApiError::not_found)?;
        let mut view = invoice_view(tx, caller, id).await?;
        let lines = store::list_lines_to_issue(tx, invoice.distributor_id, id).await?;
        let portions = portions(&lines, asked)?;
        in_proportion(tx, invoice.distributor_id, &lines, &portions).await?;
        receivables::ledger::lock_balance(tx, invoice.distributor_id, invoice.customer_id).await?;
        let goods = Goods {
            customer: &customer,
            invoice: id,
            warehouse: invoice.warehouse_id,
            day: app.today(),
            total: total(&portions)?,
        };
        charge(app, tx, caller, &goods, &invoice.number).await?;
        let left = left(&lines, &portions)?;
        let status = if left.is_empty() { InvoiceStatus::Issued } else { InvoiceStatus::PartlyIssued };
        if !left.is_empty() {
            let taken: Vec<_> =
                portions.iter().map(|p| (p.line.order_id, p.line.order_line_no, p.reserved())).collect();
            store::take_reserved(tx, invoice.distributor_id, &taken).await?;
        }
        for order in orders.iter().filter(|order| done(order.id, &lines, &left)) {
            let to = order.status.issue().map_err(OrderError::from)?;
            let said = Said { reserved: Some(false), ..Said::default() };
            step(app, tx, caller, order, to, "orders.issue", said).await?;
        }
        let picked = pick_portions(app, tx, caller, &goods, &portions).await?;
        // From here on the whole distributor waits for this number.
        let number = numbers::next(tx, invoice.distributor_id, DocumentKind::GoodsIssue, goods.day).await?;
        let issue = picked.leave(app, tx, caller, &goods, number, status).await?;
        audit::record(
            tx,
            caller.context(),
            app.now(),
            audit::Entry {
                action: "invoices.issue",
                entity: "invoice",
                entity_id: Some(id.uuid()),
                distributor: Some(invoice.distributor_id),
                before: Some(&serde_json::json!({"status": invoice.status})),
                after: Some(&serde_json::json!({"status": status, "issue": issue.issue_number, "amount": goods.total})),
            },
        )
        .await?;
        view.goods_left(issue, status).map_err(OrderError::from)?;
        Ok(view)
    })?;
    app.wake.now();
    Ok(issued)
}

/// What leaves of a line now.
#[derive(Debug, Clone)]
struct Portion<'a> {
    line: &'a LineToIssue,
    pieces: Quantity,
    lots: &'a [(LotId, Quantity)],
    amounts: Amounts,
}

impl<'a> Portion<'a> {
    fn new(
        line: &'a LineToIssue,
        pieces: Quantity,
        lots: &'a [(LotId, Quantity)],
    ) -> Result<Self, OrderError> {
        let amounts = line.amounts.part(line.pieces, line.issued, pieces)?;
        Ok(Portion { line, pieces, lots, amounts })
    }

    /// What of it was reserved.
    fn reserved(&self) -> Quantity {
        self.line.reserved.min(self.pieces)
    }
}

/// What is asked of the lines, or all that is left of them.
fn portions<'a>(lines: &'a [LineToIssue], asked: &'a [IssueLineAsked]) -> Result<Vec<Portion<'a>>, ApiError> {
    let mut portions = Vec::with_capacity(lines.len());
    if asked.is_empty() {
        for line in lines {
            let left = line.pieces.checked_sub(line.issued).map_err(OrderError::from)?;
            if left.is_positive() {
                portions.push(Portion::new(line, left, &[])?);
            }
        }
        return Ok(portions);
    }
    let mut seen = BTreeSet::new();
    for ask in asked {
        let line_no = ask.line_no;
        let line = lines
            .iter()
            .find(|line| line.line_no == line_no)
            .filter(|_| seen.insert(line_no))
            .ok_or(InvoiceError::NoSuchLine { line_no })?;
        let pieces = pieces_of(line.unit, line.pieces, line.amounts.quantity, ask.unit, ask.quantity)
            .ok_or(InvoiceError::WrongUnit { line_no })?;
        let left = line.pieces.checked_sub(line.issued).map_err(OrderError::from)?;
        if pieces > left {
            return Err(InvoiceError::MoreThanLeft { line_no, left }.into());
        }
        let lots = Quantity::sum(ask.lots.iter().map(|(_, pieces)| *pieces)).map_err(OrderError::from)?;
        if !ask.lots.is_empty() && lots != pieces {
            return Err(InvoiceError::LotsDiffer { line_no, lots, pieces }.into());
        }
        portions.push(Portion::new(line, pieces, &ask.lots)?);
    }
    Ok(portions)
}

/// Pieces of a quantity in the line's unit, or in pieces; none for any other unit.
pub(super) fn pieces_of(
    line_unit: Unit,
    line_pieces: Quantity,
    line_quantity: i64,
    unit: Option<Unit>,
    quantity: i64,
) -> Option<Quantity> {
    let per_unit = line_pieces.pieces().checked_div(line_quantity)?;
    let pieces = match unit.unwrap_or(line_unit) {
        Unit::Retail => quantity,
        Unit::Whole if line_unit == Unit::Whole => quantity.checked_mul(per_unit)?,
        Unit::Whole => return None,
    };
    Some(Quantity::new(pieces))
}

/// Refuses free goods that would run ahead of what earns them.
async fn in_proportion(
    c: &mut PgConnection,
    distributor: DistributorId,
    lines: &[LineToIssue],
    portions: &[Portion<'_>],
) -> Result<(), ApiError> {
    let gifts = portions.iter().filter(|portion| portion.line.gift_of.is_some());
    let orders: BTreeSet<OrderId> = gifts.map(|portion| portion.line.order_id).collect();
    if orders.is_empty() || left(lines, portions)?.is_empty() {
        return Ok(());
    }
    let orders: Vec<OrderId> = orders.into_iter().collect();
    let told = store::list_explanations(c, distributor, &orders).await?;
    match gifts::ahead(lines, &leaving(portions), &told).map_err(OrderError::from)? {
        Some(ahead) => Err(ahead.into()),
        None => Ok(()),
    }
}

/// How many pieces of each line leave.
fn leaving(portions: &[Portion<'_>]) -> BTreeMap<i32, Quantity> {
    portions.iter().map(|p| (p.line.line_no, p.pieces)).collect()
}

fn total(portions: &[Portion<'_>]) -> Result<Money, OrderError> {
    let mut sum = Money::ZERO;
    for portion in portions {
        sum = sum.checked_add(portion.amounts.total()?)?;
    }
    Ok(sum)
}

/// The lines of which something is still here after the portions have left.
fn left(lines: &[LineToIssue], portions: &[Portion<'_>]) -> Result<BTreeSet<i32>, OrderError> {
    let leaving = leaving(portions);
    let mut left = BTreeSet::new();
    for line in lines {
        let now = leaving.get(&line.line_no).copied().unwrap_or_default();
        if line.issued.checked_add(now)? < line.pieces {
            left.insert(line.line_no);
        }
    }
    Ok(left)
}

/// Whether all of the order has left. The rows were locked before, so one that left earlier is Issued already and has
/// no step to take.
fn done(order: OrderId, lines: &[LineToIssue], left: &BTreeSet<i32>) -> bool {
    let mut of_order = lines.iter().filter(|line| line.order_id == order).peekable();
    let moves = lines.iter().any(|line| line.order_id == order && line.issued < line.pieces);
    of_order.peek().is_some() && moves && of_order.all(|line| !left.contains(&line.line_no))
}

/// The goods of an invoice that leave now. The customer's balance is locked.
pub(super) struct Goods<'a> {
    pub customer: &'a CustomerForSale,
    pub invoice: InvoiceId,
    pub warehouse: WarehouseId,
    /// The business day on which they leave.
    pub day: NaiveDate,
    /// What is owed for them.
    pub total: Money,
}

/// The customer owes what leaves from now on.
pub(super) async fn charge(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    goods: &Goods<'_>,
    invoice_number: &str,
) -> Result<(), ApiError> {
    if !goods.total.is_positive() {
        return Ok(());
    }
    let charge = Charge {
        distributor: goods.customer.distributor_id,
        customer: goods.customer.id,
        kind: EntryKind::Invoice,
        amount: goods.total,
        document_id: DocumentId::new(goods.invoice.uuid()),
        number: invoice_number,
        business_date: goods.day,
        due_date: goods.day + Days::new(u64::from(goods.customer.payment_term_days)),
        at: app.now(),
        actor: caller.user_id,
    };
    receivables::ledger::charge(c, &charge).await?;
    Ok(())
}

/// The lines of an order of which all leaves at once, as the lines of an invoice that isn't written yet.
pub(super) async fn pick_order(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    goods: &Goods<'_>,
    lines: &[LineToIssue],
) -> Result<PickedPortions, ApiError> {
    pick_portions(app, c, caller, goods, &portions(lines, &[])?).await
}

/// Portions whose lots are chosen and locked. They leave once the issue has a number: until then nobody else has to wait
/// for it.
pub(super) struct PickedPortions {
    id: GoodsIssueId,
    picked: Picked,
    lots: Vec<IssuedLot>,
}

/// Chooses the lots by first expiry among those that are good for long enough for the customer, or as they were picked by
/// hand.
async fn pick_portions(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    goods: &Goods<'_>,
    portions: &[Portion<'_>],
) -> Result<PickedPortions, ApiError> {
    let products: Vec<ProductId> = portions.iter().map(|p| p.line.product_id).collect();
    let names = catalog::store::find_products(c, &products).await?;
    let not_expiring_before = Some(goods.customer.good_from(goods.day));
    let mut to_issue = Vec::with_capacity(portions.len());
    for portion in portions {
        let line = portion.line;
        let (typed_quantity, unit) = typed(line.unit, line.pieces, line.amounts.quantity, portion.pieces);
        let (selling, cost) = names
            .get(&line.product_id)
            .map_or((Money::ZERO, Money::ZERO), |n| (n.selling.of(unit), n.purchase.of(unit)));
        to_issue.push(IssueLine {
            line_no: line.line_no,
            product_id: line.product_id,
            pieces: portion.pieces,
            typed_quantity,
            unit,
            selling_value: selling.checked_mul(typed_quantity).map_err(OrderError::from)?,
            cost_value: cost.checked_mul(typed_quantity).map_err(OrderError::from)?,
            sold_value: portion.amounts.gross,
            reserved: portion.reserved(),
            pick: match portion.lots {
                [] => Pick::Fefo { not_expiring_before },
                lots => Pick::ByHand(lots.to_vec()),
            },
        });
    }
    let id = GoodsIssueId::new(Uuid::now_v7());
    let document = Unnumbered {
        distributor: goods.customer.distributor_id,
        warehouse: goods.warehouse,
        document_id: DocumentId::new(id.uuid()),
        business_date: goods.day,
        at: app.now(),
        actor: caller.user_id,
    };
    let picked = match inventory::stock::pick(c, document, &to_issue).await {
        Ok(picked) => picked,
        Err(e) => return Err(error::stock(e, &names)),
    };
    let lots = issued_lots(portions, picked.lots())?;
    Ok(PickedPortions { id, picked, lots })
}

impl PickedPortions {
    /// The goods leave stock, with the issue that says so.
    pub(super) async fn leave(
        self,
        app: &App,
        c: &mut PgConnection,
        caller: &Caller,
        goods: &Goods<'_>,
        number: String,
        status: InvoiceStatus,
    ) -> Result<IssueView, ApiError> {
        self.picked.issue(c, &number).await?;
        let new = NewIssue {
            distributor_id: goods.customer.distributor_id,
            id: self.id,
            number: &number,
            invoice_id: goods.invoice,
            warehouse_id: goods.warehouse,
            business_date: goods.day,
            actor: caller.user_id,
            at: app.now(),
        };
        store::insert_issue(c, &new, &self.lots, goods.total, status).await?;
        Ok(IssueView {
            issue_id: self.id,
            issue_number: number,
            business_date: goods.day,
            amount: goods.total,
            picks: self.lots.into_iter().map(|lot| lot.from.into()).collect(),
        })
    }
}

/// The pieces in the line's unit when they are whole ones of it, otherwise in pieces.
pub(super) fn typed(
    line_unit: Unit,
    line_pieces: Quantity,
    line_quantity: i64,
    pieces: Quantity,
) -> (i64, Unit) {
    let pieces = pieces.pieces();
    match line_pieces.pieces().checked_div(line_quantity) {
        Some(per_unit) if line_unit == Unit::Whole && per_unit > 0 && pieces % per_unit == 0 => {
            (pieces / per_unit, Unit::Whole)
        }
        _ => (pieces, Unit::Retail),
    }
}

/// What each lot of each line amounts to: the lots of a line are parts of it one after the other.
fn issued_lots(portions: &[Portion<'_>], picks: &[PickedLot]) -> Result<Vec<IssuedLot>, OrderError> {
    let mut lots = Vec::with_capacity(picks.len());
    for portion in portions {
        let mut before = portion.line.issued;
        for from in picks.iter().filter(|pick| pick.line_no == portion.line.line_no) {
            let amounts = portion.line.amounts.part(portion.line.pieces, before, from.pieces)?;
            before = before.checked_add(from.pieces)?;
            lots.push(IssuedLot { from: from.clone(), amounts });
        }
    }
    Ok(lots)
}
