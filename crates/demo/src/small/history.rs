//! The office's history: goods come in, orders are placed, decided, invoiced, delivered and paid, each by the function
//! that the API calls, at its own time. Everything has an id or a key of its own, so that a second run does only what
//! the first one left undone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Days, Duration, Utc};
use db::{audit, numbers};
use domain::business_day::business_date;
use domain::{CustomerId, DocumentKind, GoodsReceiptId, InvoiceId, Money, OrderId, OrderType, ReceiptId};
use inventory::Reason;
use inventory::stock::Posting;
use orders::model::{CreateInvoice, CreateOrder, CreateOrderItem};
use orders::service::Approve;
use platform::{App, AppParts, Caller, Once, TestClock, Wake, transaction};
use receivables::ledger::{Allocate, Credit, EntryKind};

use super::day::{Call, RepDay, at};
use super::goods::{self, Delivery};
use super::plan::{Fate, OrderPlan, Payment};
use super::shape::Company;
use super::told;
use crate::company::{DISTRIBUTORS, Person, find};
use crate::dice::{Dice, id};
use crate::store;

/// Something that happens in the office or at an outlet.
enum Event<'a> {
    Goods(Delivery),
    Order(&'static Person, &'a Call, &'a OrderPlan),
    Decide(&'a OrderPlan),
    Invoice(&'a OrderPlan),
    Issue(&'a OrderPlan),
    Collect { order: &'a OrderPlan, customer: CustomerId, rep: &'static Person, part: Part },
}

/// Which part of an invoice is paid.
#[derive(Debug, Clone, Copy)]
enum Part {
    Whole,
    FirstHalf,
    Rest,
}

impl Part {
    fn of(self, total: Money) -> Money {
        let half = total.dong() / 2 / 1_000 * 1_000;
        match self {
            Part::Whole => total,
            Part::FirstHalf => Money::new(half),
            Part::Rest => Money::new(total.dong() - half),
        }
    }
}

/// Lives a distributor's history.
pub async fn live(app: &App, company: &Company, distributor: usize, days: &[RepDay]) -> anyhow::Result<()> {
    let clock = Arc::new(TestClock::at(company.now));
    let then = App::new(AppParts {
        db: app.db.clone(),
        clock: clock.clone(),
        config: app.config.clone(),
        auth: app.auth.clone(),
        blobs: app.blobs.clone(),
        shared: app.shared.clone(),
        // Nobody is told of what is long past.
        wake: Wake::default(),
    });
    let (approver, office) = match distributor {
        0 => ("gsbh01", "npp01"),
        1 => ("gsbh02", "npp02"),
        _ => ("npp03", "npp03"),
    };
    let person =
        |name: &str| find(name).map(Person::caller).ok_or_else(|| anyhow::anyhow!("{name} is nobody"));
    let mut history = History {
        app: then,
        clock,
        company,
        distributor,
        approver: person(approver)?,
        office: person(office)?,
        decided: decided(app, distributor).await?,
        invoices: BTreeMap::new(),
    };
    let mut events = events(company, distributor, days);
    // Events of one instant stay in the order in which they depend on each other.
    events.sort_by_key(|(at, _)| *at);
    for (number, (at, event)) in (1_usize..).zip(&events) {
        history.clock.set(*at);
        history.happen(event).await?;
        // The tables grow from nothing, and one distributor's are like the others'.
        if distributor == 0 && number >= 32 && number.is_power_of_two() {
            analyze(app).await?;
        }
    }
    Ok(())
}

/// See [`store::analyze`].
pub async fn analyze(app: &App) -> anyhow::Result<()> {
    let cx = db::Context::system("demo");
    transaction!(app.db, &cx, "demo.analyze", |tx| { Ok(store::analyze(tx).await?) })
        .map_err(told("counting rows"))
}

async fn decided(app: &App, distributor: usize) -> anyhow::Result<BTreeSet<OrderId>> {
    let mut tx = app.db.read(&db::Context::system("demo")).await?;
    Ok(store::list_decided_orders(&mut tx, DISTRIBUTORS[distributor].id()).await?.into_iter().collect())
}

fn events<'a>(company: &Company, distributor: usize, days: &'a [RepDay]) -> Vec<(DateTime<Utc>, Event<'a>)> {
    let mut events: Vec<(DateTime<Utc>, Event<'a>)> = goods::deliveries(company, distributor, days)
        .into_iter()
        .map(|(at, goods)| (at, Event::Goods(goods)))
        .collect();
    for day in days {
        for call in &day.calls {
            let Some(order) = &call.order else { continue };
            let next = day.date + Days::new(1);
            events.push((order.at, Event::Order(day.rep, call, order)));
            if order.fate == Fate::Pending {
                continue;
            }
            // The office takes one after the other.
            let turn = Duration::seconds(Dice::of(&order.id.to_string()).between(0, 1_200));
            events.push((at(day.date, 17, 30) + turn, Event::Decide(order)));
            if order.fate < Fate::Invoiced {
                continue;
            }
            // Yesterday's were invoiced in the evening: this morning's office has not opened yet.
            let early = next >= company.today;
            let opens = if early { at(day.date, 18, 0) } else { at(next, 8, 10) };
            events.push((opens + turn, Event::Invoice(order)));
            if order.fate < Fate::Issued {
                continue;
            }
            events.push((at(next, 9, 15) + turn, Event::Issue(order)));
            let customer = company.outlets[distributor][call.outlet].id;
            let mut paid = |after: i64, part: Part| {
                let date = next + Duration::days(after);
                if date < company.today {
                    events.push((
                        at(date, 15, 0) + turn,
                        Event::Collect { order, customer, rep: day.rep, part },
                    ));
                }
            };
            match order.payment {
                Payment::Never => {}
                Payment::Whole(after) => paid(after, Part::Whole),
                Payment::Halves(after) => {
                    paid(after, Part::FirstHalf);
                    paid(after + 3, Part::Rest);
                }
            }
        }
    }
    events
}

fn invoice_id(order: &OrderPlan) -> InvoiceId {
    id("invoice", &order.id.to_string()).into()
}

struct History<'a> {
    app: App,
    clock: Arc<TestClock>,
    company: &'a Company,
    distributor: usize,
    approver: Caller,
    office: Caller,
    /// Orders that an earlier run decided on.
    decided: BTreeSet<OrderId>,
    /// What was invoiced, and for how much.
    invoices: BTreeMap<InvoiceId, Money>,
}

impl History<'_> {
    async fn happen(&mut self, event: &Event<'_>) -> anyhow::Result<()> {
        match event {
            Event::Goods(delivery) => self.receive(delivery).await,
            Event::Order(rep, call, order) => self.place(rep, call, order).await,
            Event::Decide(order) => self.decide(order).await,
            Event::Invoice(order) => self.invoice(order).await,
            Event::Issue(order) => self.issue(order).await,
            Event::Collect { order, customer, rep, part } => self.collect(order, *customer, rep, *part).await,
        }
    }

    /// A repeat with the same key gets the first answer and does nothing.
    fn once(&self, step: &str, order: &OrderPlan) -> Once {
        Once::new(Some(format!("demo/{step}/{}", order.id)), Vec::new())
    }

    async fn receive(&self, delivery: &Delivery) -> anyhow::Result<()> {
        let (app, office) = (&self.app, &self.office);
        let receipt: GoodsReceiptId = id("goods-receipt", &delivery.name).into();
        let distributor = DISTRIBUTORS[self.distributor].id();
        transaction!(app.db, office.context(), "demo.receive", |tx| {
            if store::goods_receipt_exists(tx, distributor, receipt).await? {
                return Ok(());
            }
            let number = numbers::next(tx, distributor, DocumentKind::GoodsReceipt, app.today()).await?;
            let posting = Posting {
                distributor,
                warehouse: delivery.warehouse,
                document_id: receipt.uuid().into(),
                number: &number,
                business_date: app.today(),
                at: app.now(),
                actor: office.user_id,
            };
            store::insert_goods_receipt(tx, &posting, delivery.note).await?;
            inventory::stock::receive(tx, &posting, Reason::Receipt, &delivery.lines).await?;
            let entry = audit::Entry {
                action: "inventory.receive",
                entity: "goods_receipt",
                entity_id: Some(receipt.uuid()),
                distributor: Some(distributor),
                before: None::<&()>,
                after: Some(&serde_json::json!({ "number": number, "lines": delivery.lines.len() })),
            };
            Ok(audit::record(tx, office.context(), app.now(), entry).await?)
        })
        .map_err(told("receiving goods"))
    }

    async fn place(&self, rep: &Person, call: &Call, order: &OrderPlan) -> anyhow::Result<()> {
        let body = CreateOrder {
            id: Some(order.id),
            order_type: OrderType::PreSales,
            customer_id: self.company.outlets[self.distributor][call.outlet].id,
            visit_id: Some(call.id),
            warehouse_id: None,
            at: Some(order.at),
            items: order
                .lines
                .iter()
                .map(|line| CreateOrderItem {
                    product_id: line.product,
                    quantity: line.quantity,
                    unit: line.unit,
                })
                .collect(),
            promotion_ids: Vec::new(),
            gift_choices: Vec::new(),
            payment_method: None,
            amount_paid: None,
            client_totals: None,
            draft: false,
            notes: String::new(),
        };
        let placed =
            orders::service::place(&self.app, &rep.caller(), &self.once("order", order), &body).await;
        placed.map(|_| ()).map_err(told(format!("placing an order of {}", business_date(order.at))))
    }

    async fn decide(&self, order: &OrderPlan) -> anyhow::Result<()> {
        if self.decided.contains(&order.id) {
            return Ok(());
        }
        let (app, approver) = (&self.app, &self.approver);
        let decided = if order.fate == Fate::Rejected {
            let reason = *Dice::of(&order.id.to_string()).pick(&[
                "Khách báo hủy",
                "Trùng đơn hôm trước",
                "Sai số lượng, lập lại đơn",
            ]);
            orders::service::reject(app, approver, &Once::new(None, Vec::new()), order.id, reason).await
        } else {
            orders::service::approve(
                app,
                approver,
                &Once::new(None, Vec::new()),
                order.id,
                Approve::default(),
            )
            .await
        };
        decided.map(|_| ()).map_err(told(format!("deciding on an order of {}", business_date(order.at))))
    }

    async fn invoice(&mut self, order: &OrderPlan) -> anyhow::Result<()> {
        let body = CreateInvoice { id: Some(invoice_id(order)), order_ids: vec![order.id] };
        let invoiced =
            orders::service::create_invoice(&self.app, &self.office, &self.once("invoice", order), &body)
                .await;
        let invoice = invoiced.map_err(told(format!("invoicing an order of {}", business_date(order.at))))?;
        self.invoices.insert(invoice.head.invoice_id, invoice.head.total_amount);
        Ok(())
    }

    async fn issue(&self, order: &OrderPlan) -> anyhow::Result<()> {
        let issued = orders::service::issue(
            &self.app,
            &self.office,
            &self.once("issue", order),
            invoice_id(order),
            &[],
        )
        .await;
        issued
            .map(|_| ())
            .map_err(told(format!("issuing the goods of an order of {}", business_date(order.at))))
    }

    async fn collect(
        &self,
        order: &OrderPlan,
        customer: CustomerId,
        rep: &Person,
        part: Part,
    ) -> anyhow::Result<()> {
        let total = self.invoices.get(&invoice_id(order)).copied().unwrap_or_default();
        let amount = part.of(total);
        if !amount.is_positive() {
            return Ok(());
        }
        let key = format!("{}/{part:?}", order.id);
        let receipt: ReceiptId = id("receipt", &key).into();
        let (app, office) = (&self.app, &self.office);
        let distributor = DISTRIBUTORS[self.distributor].id();
        let cash = Dice::of(&key).percent(75);
        transaction!(app.db, office.context(), "demo.collect", |tx| {
            receivables::ledger::lock_balance(tx, distributor, customer).await?;
            if store::receipt_exists(tx, distributor, receipt).await? {
                return Ok(());
            }
            let number = numbers::next(tx, distributor, DocumentKind::MoneyReceipt, app.today()).await?;
            let money = store::NewReceipt {
                id: receipt,
                number: &number,
                customer,
                amount,
                method: if cash { "cash" } else { "transfer" },
                business_date: app.today(),
                // Cash comes through the rep's hands.
                collected_by: if cash { rep.id() } else { office.user_id },
                at: app.now(),
            };
            store::insert_receipt(tx, distributor, &money).await?;
            let credit = Credit {
                distributor,
                customer,
                kind: EntryKind::Receipt,
                amount,
                document_id: receipt.uuid().into(),
                number: &number,
                business_date: app.today(),
                at: app.now(),
                actor: office.user_id,
            };
            receivables::ledger::credit(tx, &credit, Allocate::OldestDueFirst).await?;
            let entry = audit::Entry {
                action: "receivables.receipt",
                entity: "receipt",
                entity_id: Some(receipt.uuid()),
                distributor: Some(distributor),
                before: None::<&()>,
                after: Some(
                    &serde_json::json!({ "number": number, "amount": amount, "customerId": customer }),
                ),
            };
            Ok(audit::record(tx, office.context(), app.now(), entry).await?)
        })
        .map_err(told("collecting money"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::day;
    use super::super::shape::tests::company;
    use super::*;

    /// What happens to each order, in the order of happening.
    fn steps<'a>(events: &[(DateTime<Utc>, Event<'a>)]) -> BTreeMap<OrderId, Vec<&'static str>> {
        let mut steps: BTreeMap<OrderId, Vec<&'static str>> = BTreeMap::new();
        for (_, event) in events {
            let (order, step) = match event {
                Event::Goods(_) => continue,
                Event::Order(_, _, order) => (order, "order"),
                Event::Decide(order) => (order, "decide"),
                Event::Invoice(order) => (order, "invoice"),
                Event::Issue(order) => (order, "issue"),
                Event::Collect { order, .. } => (order, "collect"),
            };
            steps.entry(order.id).or_default().push(step);
        }
        steps
    }

    #[test]
    fn at_whatever_hour_nothing_lies_ahead_and_each_order_takes_its_steps_in_turn() {
        const ALL: [&str; 6] = ["order", "decide", "invoice", "issue", "collect", "collect"];
        for hour in [0, 1, 6, 9, 12, 20, 23] {
            // From a Sunday on, past midnight in Việt Nam and in Greenwich.
            let company = Company::on(company().now + Duration::hours(31 * hour));
            for distributor in 0..DISTRIBUTORS.len() {
                let days = day::all(&company, distributor);
                let mut events = events(&company, distributor, &days);
                events.sort_by_key(|(at, _)| *at);
                assert!(events.iter().all(|(at, _)| *at < company.now), "{}", company.now);
                for taken in steps(&events).values() {
                    assert_eq!(taken[..], ALL[..taken.len()], "{}", company.now);
                }
            }
        }
    }
}
