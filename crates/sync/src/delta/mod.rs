//! The download: everything at first, then what changed.
//!
//! The server keeps nothing about a phone: the cursor says what it has seen of the log of changes, and on which business
//! day. What the log names, and what that day's passing changes, are *candidates*: each is read as it is now, in the scope
//! the caller has now. One that is in it is sent, one that isn't is to be removed. So a change of the scope needs no
//! memory of the scope before, as long as everything that may have left it is a candidate.

mod log;
mod scope;
mod things;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use platform::{ApiResult, App, Caller};
use sqlx::PgConnection;
use uuid::Uuid;

pub(crate) use self::scope::Viewer;
use self::things::Which;
pub use self::view::{Changes, Delta, Part};
use crate::cursor::{Cursor, Key, Pass, Position, Sealed};
use crate::error::start_anew;
use crate::kind::Kind;

/// Orders are on the phone for so many days.
const ORDER_DAYS: i32 = 7;
/// What the user was told is on the phone for so many days.
const NOTIFICATION_DAYS: i32 = 30;

/// What changed since the cursor, at most about `limit` things; without a cursor everything.
///
/// # Errors
/// 410 `sync.start_anew` for a cursor that can't be gone on from; 403 for the company's own people.
pub(crate) async fn download(
    app: &App,
    caller: &Caller,
    cursor: Option<&str>,
    limit: usize,
) -> ApiResult<Delta> {
    let viewer = Viewer::of(caller, app.today())?;
    let sealed = match cursor {
        None => None,
        Some(text) => Some(Sealed::read(text).ok_or_else(start_anew)?),
    };
    let mut tx = app.db.lookup(caller.context()).await?;
    let answer = match sealed {
        None => {
            let (epoch, to) = log::beginning(&mut tx, &viewer).await?;
            let pass = Pass { to, day: viewer.today, kind: Kind::Routes, last: None };
            page_of_all(&mut tx, &viewer, pass, limit).await?.sealed(&viewer, &epoch, app.now())
        }
        Some(sealed) => continued(&mut tx, &viewer, sealed, limit, app.now()).await?,
    };
    Ok(answer)
}

/// An answer whose cursor isn't sealed yet.
struct Answer {
    changes: Changes,
    cursor: Cursor,
}

impl Answer {
    fn sealed(self, viewer: &Viewer, epoch: &str, server_time: DateTime<Utc>) -> Delta {
        let has_more = self.cursor.pass.is_some();
        let cursor = self.cursor.sealed(&Key::new(epoch, viewer.user, &viewer.fingerprint()));
        Delta { cursor, has_more, server_time, changes: self.changes }
    }
}

async fn continued(
    c: &mut PgConnection,
    viewer: &Viewer,
    sealed: Sealed,
    limit: usize,
    now: DateTime<Utc>,
) -> ApiResult<Delta> {
    let nothing = Position::default();
    let cursor = &sealed.cursor;
    let (from, day) = match (&cursor.from, &cursor.pass) {
        (Some((from, day)), _) => (from, *day),
        // The first download goes on; the log is read only to check the seal and that its end can still be reached.
        (None, Some(pass)) => (&pass.to, pass.day),
        (None, None) => (&nothing, viewer.today),
    };
    let seen = log::read(c, viewer, from).await?;
    if !sealed.is_sealed_with(&Key::new(&seen.epoch, viewer.user, &viewer.fingerprint())) {
        return Err(start_anew());
    }
    if seen.horizon >= from.low() {
        return Err(start_anew());
    }
    let answer = match (&cursor.from, &cursor.pass) {
        (None, Some(pass)) => page_of_all(c, viewer, pass.clone(), limit).await?,
        (None, None) => return Err(start_anew()),
        (Some(_), None) if seen.entries.is_empty() && day == viewer.today => {
            Answer { changes: Changes::default(), cursor: cursor.clone() }
        }
        (Some(at), pass) => {
            let pass = pass.clone().unwrap_or_else(|| Pass {
                to: seen.position(from),
                day: viewer.today,
                kind: Kind::Routes,
                last: None,
            });
            let candidates = candidates(c, viewer, &seen.entries, day).await?;
            page_of_changes(c, viewer, at.clone(), pass, &candidates, limit).await?
        }
    };
    Ok(answer.sealed(viewer, &seen.epoch, now))
}

/// Things that may have changed, or left the scope.
#[derive(Debug, Default)]
struct Candidates {
    by_kind: BTreeMap<Kind, BTreeSet<Uuid>>,
    /// Customers whose own data changed: one that isn't the viewer's now never was, as far as these rows tell.
    data_only: BTreeSet<Uuid>,
}

impl Candidates {
    fn add(&mut self, kind: Kind, ids: impl IntoIterator<Item = Uuid>) {
        self.by_kind.entry(kind).or_default().extend(ids);
    }
}

async fn candidates(
    c: &mut PgConnection,
    viewer: &Viewer,
    entries: &[log::Entry],
    since: NaiveDate,
) -> Result<Candidates, sqlx::Error> {
    let mut found = Candidates::default();
    let mut data_only = BTreeSet::new();
    let (mut members, mut walks, mut moved) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        let ids = || entry.ids.iter().copied();
        match entry.kind.as_str() {
            "customer" => data_only.extend(ids()),
            "member" => members.push(entry),
            "walk" => walks.push(entry),
            "route" => moved.push(entry),
            "warehouse" => found.add(Kind::Warehouses, ids()),
            "stock" => found.add(Kind::Stock, ids()),
            "product" => found.add(Kind::Products, ids()),
            "price_list" => found.add(Kind::Prices, ids()),
            "promotion" => found.add(Kind::Promotions, ids()),
            "survey" => found.add(Kind::Surveys, ids()),
            "display_program" => found.add(Kind::DisplayPrograms, ids()),
            "order" => found.add(Kind::Orders, ids()),
            "visit_policy" => found.add(Kind::VisitPolicies, ids()),
            "album" => found.add(Kind::Albums, ids()),
            "notification" => found.add(Kind::Notifications, ids()),
            // Written by a newer version of the program beside us.
            _ => {}
        }
    }
    let day_passed = since != viewer.today;
    if day_passed || !(members.is_empty() && walks.is_empty() && moved.is_empty()) {
        let now = log::routes_on(c, viewer, viewer.today).await?;
        let then = if day_passed { log::routes_on(c, viewer, since).await? } else { now.clone() };
        let mut mine: BTreeSet<Uuid> = &now | &then;
        let mut gained_or_lost: BTreeSet<Uuid> = &now ^ &then;
        for walk in &walks {
            let theirs = viewer.rep.is_some() && walk.parent != viewer.rep;
            gained_or_lost.extend(walk.ids.iter().filter(|route| !theirs || mine.contains(route)));
        }
        for route in &moved {
            let left =
                viewer.units.as_ref().zip(route.parent).is_some_and(|(mine, left)| mine.contains(&left));
            gained_or_lost.extend(
                route.ids.iter().filter(|id| left || viewer.sees_all() || mine.contains(id)).copied(),
            );
        }
        mine.extend(&gained_or_lost);
        for member in members {
            if viewer.sees_all() || member.parent.is_some_and(|route| mine.contains(&route)) {
                found.add(Kind::Customers, member.ids.iter().copied());
            }
        }
        let routes: Vec<Uuid> = gained_or_lost.into_iter().collect();
        if !routes.is_empty() {
            found.add(Kind::Customers, log::customers_on(c, viewer, &routes).await?);
        }
        found.add(Kind::Routes, routes);
    }
    if day_passed {
        let aged = log::aged(c, viewer, since).await?;
        found.add(Kind::Prices, aged.prices);
        found.add(Kind::Promotions, aged.promotions);
        found.add(Kind::DisplayPrograms, aged.display_programs);
        found.add(Kind::Orders, aged.orders);
        found.add(Kind::Notifications, aged.notifications);
        data_only.extend(aged.registered);
    }
    if let Some(customers) = found.by_kind.get(&Kind::Customers)
        && !viewer.sees_all()
    {
        // Lists for one customer come and go with the customer.
        let ids: Vec<Uuid> = customers.iter().copied().collect();
        found.add(Kind::Prices, log::lists_for(c, &ids).await?);
    }
    if found.by_kind.contains_key(&Kind::Warehouses) {
        // A warehouse that is new to the viewer comes with all its stock; the others' rows do no harm.
        let new: Vec<Uuid> = found.by_kind.get(&Kind::Warehouses).into_iter().flatten().copied().collect();
        found.add(Kind::Stock, things::products_in(c, viewer, &new).await?);
    }
    data_only.retain(|id| !found.by_kind.get(&Kind::Customers).is_some_and(|known| known.contains(id)));
    found.add(Kind::Customers, data_only.iter().copied());
    found.data_only = data_only;
    Ok(found)
}

/// The next page of the first download.
async fn page_of_all(
    c: &mut PgConnection,
    viewer: &Viewer,
    mut pass: Pass,
    limit: usize,
) -> Result<Answer, sqlx::Error> {
    let mut changes = Changes::default();
    let mut left = limit;
    loop {
        let page = i64::try_from(left).unwrap_or(i64::MAX);
        let (many, last) = fill(c, viewer, pass.kind, Which::After(pass.last, page), &mut changes).await?;
        left -= many.min(left);
        if left == 0 {
            pass.last = last.or(pass.last);
            return Ok(Answer { changes, cursor: Cursor { from: None, pass: Some(pass) } });
        }
        match pass.kind.next() {
            Some(kind) => (pass.kind, pass.last) = (kind, None),
            None => {
                return Ok(Answer {
                    changes,
                    cursor: Cursor { from: Some((pass.to, pass.day)), pass: None },
                });
            }
        }
    }
}

/// The next page of changes.
async fn page_of_changes(
    c: &mut PgConnection,
    viewer: &Viewer,
    from: (Position, NaiveDate),
    pass: Pass,
    candidates: &Candidates,
    limit: usize,
) -> Result<Answer, sqlx::Error> {
    let mut changes = Changes::default();
    let mut left = limit;
    for (kind, ids) in candidates.by_kind.range(pass.kind..) {
        let after = pass.last.filter(|_| *kind == pass.kind);
        let mut rest = ids.iter().copied().filter(|id| after.is_none_or(|after| *id > after));
        let ids: Vec<Uuid> = rest.by_ref().take(left).collect();
        left -= ids.len();
        send(c, viewer, *kind, &ids, candidates, &mut changes).await?;
        if left == 0 && rest.next().is_some() {
            let pass = Pass { kind: *kind, last: ids.last().copied().or(after), ..pass };
            return Ok(Answer { changes, cursor: Cursor { from: Some(from), pass: Some(pass) } });
        }
    }
    Ok(Answer { changes, cursor: Cursor { from: Some((pass.to, pass.day)), pass: None } })
}

/// Reads candidates: those that are the viewer's are sent, the others are to be removed.
async fn send(
    c: &mut PgConnection,
    viewer: &Viewer,
    kind: Kind,
    ids: &[Uuid],
    candidates: &Candidates,
    changes: &mut Changes,
) -> Result<(), sqlx::Error> {
    if ids.is_empty() {
        return Ok(());
    }
    fill(c, viewer, kind, Which::Named(ids), changes).await?;
    let mut gone: BTreeSet<Uuid> = ids.iter().copied().collect();
    match kind {
        Kind::Routes => drop_sent(&mut gone, &mut changes.routes, |r| r.id.uuid()),
        Kind::Customers => {
            let sent: BTreeSet<Uuid> = changes.customers.upserted.iter().map(|c| c.id.uuid()).collect();
            let unknown: Vec<Uuid> =
                gone.iter().filter(|id| candidates.data_only.contains(id)).copied().collect();
            let unsent: Vec<Uuid> = unknown.into_iter().filter(|id| !sent.contains(id)).collect();
            if !unsent.is_empty() {
                let theirs: BTreeSet<Uuid> = log::related(c, viewer, &unsent).await?.into_iter().collect();
                gone.retain(|id| !candidates.data_only.contains(id) || theirs.contains(id));
            }
            drop_sent(&mut gone, &mut changes.customers, |c| c.id.uuid());
        }
        Kind::Products => drop_sent(&mut gone, &mut changes.products, |p| p.id.uuid()),
        Kind::Prices => drop_sent(&mut gone, &mut changes.prices, |p| p.id.uuid()),
        Kind::Promotions => drop_sent(&mut gone, &mut changes.promotions, |p| p.id.uuid()),
        Kind::Warehouses => drop_sent(&mut gone, &mut changes.warehouses, |w| w.id.uuid()),
        Kind::Stock => {}
        Kind::Surveys => drop_sent(&mut gone, &mut changes.surveys, |s| s.id),
        Kind::DisplayPrograms => drop_sent(&mut gone, &mut changes.display_programs, |d| d.id),
        Kind::Orders => drop_sent(&mut gone, &mut changes.orders, |o| o.id.uuid()),
        Kind::VisitPolicies => drop_sent(&mut gone, &mut changes.visit_policies, |p| p.id),
        Kind::Albums => drop_sent(&mut gone, &mut changes.albums, |a| a.id),
        Kind::Notifications => drop_sent(&mut gone, &mut changes.notifications, |n| n.id.uuid()),
    }
    Ok(())
}

fn drop_sent<T>(gone: &mut BTreeSet<Uuid>, part: &mut Part<T>, id: impl Fn(&T) -> Uuid) {
    for sent in &part.upserted {
        gone.remove(&id(sent));
    }
    part.deleted.extend(gone.iter());
}

/// Adds things to the answer; how many, and the last one's id.
async fn fill(
    c: &mut PgConnection,
    v: &Viewer,
    kind: Kind,
    which: Which<'_>,
    changes: &mut Changes,
) -> Result<(usize, Option<Uuid>), sqlx::Error> {
    fn put<T>(part: &mut Part<T>, found: Vec<T>, id: impl Fn(&T) -> Uuid) -> (usize, Option<Uuid>) {
        let told = (found.len(), found.last().map(id));
        part.upserted.extend(found);
        told
    }
    Ok(match kind {
        Kind::Routes => put(&mut changes.routes, things::routes(c, v, which).await?, |r| r.id.uuid()),
        Kind::Customers => {
            put(&mut changes.customers, things::customers(c, v, which).await?, |c| c.id.uuid())
        }
        Kind::Products => put(&mut changes.products, things::products(c, v, which).await?, |p| p.id.uuid()),
        Kind::Prices => put(&mut changes.prices, things::prices(c, v, which).await?, |p| p.id.uuid()),
        Kind::Promotions => {
            put(&mut changes.promotions, things::promotions(c, v, which).await?, |p| p.id.uuid())
        }
        Kind::Warehouses => {
            put(&mut changes.warehouses, things::warehouses(c, v, which).await?, |w| w.id.uuid())
        }
        Kind::Stock => put(&mut changes.stock, things::stock(c, v, which).await?, |s| s.product_id.uuid()),
        Kind::Surveys => put(&mut changes.surveys, things::surveys(c, which).await?, |s| s.id),
        Kind::DisplayPrograms => {
            put(&mut changes.display_programs, things::display_programs(c, v, which).await?, |d| d.id)
        }
        Kind::Orders => put(&mut changes.orders, things::orders(c, v, which).await?, |o| o.id.uuid()),
        Kind::VisitPolicies => {
            put(&mut changes.visit_policies, things::visit_policies(c, v, which).await?, |p| p.id)
        }
        Kind::Albums => put(&mut changes.albums, things::albums(c, which).await?, |a| a.id),
        Kind::Notifications => {
            put(&mut changes.notifications, things::notifications(c, v, which).await?, |n| n.id.uuid())
        }
    })
}
