//! The upload: every operation takes effect once, in the order of the phone, whoever sends it and how often.
//!
//! An operation is written to the ledger in the transaction of its effects, with its answer. Two that come at once meet at
//! the ledger's key: the one that comes second is undone as a whole, looks again, and finds the first one's answer.
//!
//! What happens in the field together is written together, in one transaction, without savepoints: that all of it is as it
//! should be is the rule. Where one is not, the transaction is undone and done again with a savepoint for each. Documents
//! with numbers (orders, receipts, new outlets) each have a transaction of their own: nobody else waits for a batch.

mod effects;
mod envelope;
pub(crate) mod ledger;
pub(crate) mod lenient;
pub(crate) mod operation;
mod plan;

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use db::PgConnection;
use platform::{ApiError, ApiResult, App, Caller, Flag, Language, transaction};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use sqlx::Connection as _;
use uuid::Uuid;

pub use self::envelope::{OperationResult, Upload, UploadDocument, Uploaded};
pub(crate) use self::ledger::{Fate, Reason, Sender, Settled};
use self::ledger::{Heard, Known, NewCase, Stored};
pub(crate) use self::operation::{Clocks, Operation};
use self::operation::{Stray, read};
use self::plan::{Blocked, Plan};

/// Operations in one upload.
const MOST_OPERATIONS: usize = 500;
/// A device that only repeats itself is noted no more often than this.
const NOTED_EVERY: chrono::TimeDelta = chrono::TimeDelta::minutes(1);
/// So often a batch is begun anew because somebody else was sending the same.
const MOST_ATTEMPTS: usize = 8;

/// Takes what a phone sends, and says of each operation what became of it.
///
/// # Errors
/// 400 when the batch itself can't be read; it is kept all the same. 503 when the database is busy: nothing is lost, the
/// phone sends it again.
pub(crate) async fn take(
    app: &App,
    caller: &Caller,
    bytes: &[u8],
    app_header: Option<&str>,
    language: Language,
) -> ApiResult<Uploaded> {
    let distributor = own_distributor(caller)?;
    let mut sender = Sender {
        distributor,
        user: caller.user_id.uuid(),
        unit: caller.primary_unit.map(|unit| unit.uuid()),
        device: String::new(),
        app_version: String::new(),
        incarnation: 1,
        received_at: app.now(),
    };
    let upload: Upload = match envelope::parse(bytes) {
        Ok(upload) => upload,
        Err(error) => {
            keep_batch(app, caller, &sender, bytes).await?;
            return Err(error);
        }
    };
    sender.device = upload.device_id.trim().to_owned();
    sender.app_version = upload.app_version(app_header);
    let clocks =
        Clocks { now: sender.received_at, offset: upload.sent_at.map(|sent| sender.received_at - sent) };
    let (operations, strays) = sorted_out(&upload.operations, clocks);
    let mut settled = BTreeMap::new();
    let mut attempts = 0;
    loop {
        attempts += 1;
        match batch(app, caller, &mut sender, &upload, clocks, &operations, &mut settled).await {
            Err(error) if was_first(&error) && attempts < MOST_ATTEMPTS => {}
            Err(error) => return Err(error),
            Ok(()) => break,
        }
    }
    if !strays.is_empty() {
        transaction!(app.db, caller.context(), "sync.strays", |tx| {
            for stray in strays.iter().flatten() {
                let reason = no_operation();
                ledger::keep_stray(tx, &sender, stray, &reason, &Sha256::digest(stray.content.as_bytes()))
                    .await?;
            }
            Ok(())
        })?;
    }
    app.wake.now();
    let mut answered = BTreeSet::new();
    let results = operations
        .iter()
        .zip(&strays)
        .map(|pair| match pair {
            (Some(op), _) => match settled.get(&op.id) {
                Some(Outcome::Reused) => OperationResult::reused(op.id, language),
                Some(Outcome::Settled { settled, known, digest }) => {
                    if *digest == op.digest {
                        let repeated = *known || !answered.insert(op.id);
                        OperationResult::of(op.id, settled, repeated, language)
                    } else {
                        OperationResult::reused(op.id, language)
                    }
                }
                None => OperationResult::unsettled(op.id, language),
            },
            (None, stray) => OperationResult::stray(stray.as_ref(), &no_operation(), language),
        })
        .collect();
    Ok(Uploaded { server_time: app.now(), results })
}

/// What became of an operation, and whether it was known before this upload.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Settled {
        settled: Settled,
        known: bool,
        digest: Vec<u8>,
    },
    /// Another operation has its id.
    Reused,
}

/// The distributor in whose ledger somebody's work is: theirs, else the first of those they work for.
fn own_distributor(caller: &Caller) -> ApiResult<Uuid> {
    let first = match &caller.tenants {
        db::Tenants::Distributors(ids) => ids.iter().min().copied(),
        db::Tenants::Company => None,
    };
    Ok(caller.distributor_id.or(first).map_or_else(|| caller.distributor(None), Ok)?.uuid())
}

fn no_operation() -> Reason {
    Reason::new(
        "sync.malformed",
        "Bản ghi không có mã thao tác (opId) hợp lệ; đã lưu lại để xem.",
        "The record has no valid operation id (opId); it was kept to be read.",
    )
}

async fn keep_batch(app: &App, caller: &Caller, sender: &Sender, bytes: &[u8]) -> ApiResult<()> {
    let stray = Stray { op_id: None, content: String::from_utf8_lossy(bytes).into_owned() };
    let reason = Reason::new(
        "sync.malformed_batch",
        "Gói dữ liệu không đọc được; đã lưu lại để xem.",
        "The batch can't be read; it was kept.",
    );
    let sender = Sender { device: "?".to_owned(), ..sender.clone() };
    transaction!(app.db, caller.context(), "sync.keep_batch", |tx| {
        Ok(ledger::keep_stray(tx, &sender, &stray, &reason, &Sha256::digest(bytes)).await?)
    })
}

/// Operations and what isn't one, each in its place.
fn sorted_out(raw: &[Box<RawValue>], clocks: Clocks) -> (Vec<Option<Operation>>, Vec<Option<Stray>>) {
    raw.iter()
        .map(|raw| match read(raw, clocks) {
            Ok(op) => (Some(op), None),
            Err(stray) => (None, Some(stray)),
        })
        .unzip()
}

/// Somebody else sent the same at the same moment and was first.
fn was_first(error: &ApiError) -> bool {
    error.code() == FIRST || error.constraint() == Some("sync_operations_pkey")
}

const FIRST: &str = "sync.somebody_was_first";

fn somebody_was_first() -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, FIRST, "Hãy gửi lại.", "Send it again.").retry_after(1)
}

/// The failure is the database's or the line's to it, and says nothing about the record: the phone sends it again.
fn says_nothing(error: &ApiError) -> bool {
    error.status() == StatusCode::SERVICE_UNAVAILABLE
        || error.database().is_some_and(|cause| {
            matches!(
                cause,
                sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::Protocol(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed
                    | sqlx::Error::BeginFailed
            )
        })
}

/// One go at the batch; what was settled stays settled when it is begun anew.
async fn batch(
    app: &App,
    caller: &Caller,
    sender: &mut Sender,
    upload: &Upload,
    clocks: Clocks,
    operations: &[Option<Operation>],
    settled: &mut BTreeMap<Uuid, Outcome>,
) -> ApiResult<()> {
    let mut ids: Vec<Uuid> = Vec::new();
    for op in operations.iter().flatten() {
        ids.push(op.id);
        ids.extend(&op.depends_on);
    }
    ids.sort_unstable();
    ids.dedup();
    let mut tx = app.db.lookup(caller.context()).await?;
    let known: BTreeMap<Uuid, Known> = ledger::find_known(&mut tx, sender, &ids).await?.into_iter().collect();
    let device = ledger::find_device(&mut tx, sender.distributor, sender.user, &sender.device).await?;
    let mut fresh: Vec<&Operation> = Vec::new();
    let mut reused: Vec<&Operation> = Vec::new();
    let mut taken: BTreeMap<Uuid, &[u8]> = BTreeMap::new();
    for op in operations.iter().flatten() {
        match known.get(&op.id) {
            Some(Known { digest, .. }) if *digest != op.digest => reused.push(op),
            Some(Known { settled: before, .. }) if before.fate != Fate::Waiting => {
                let done_here = settled.contains_key(&op.id);
                settled.entry(op.id).or_insert_with(|| Outcome::Settled {
                    settled: before.clone(),
                    known: !done_here,
                    digest: op.digest.clone(),
                });
            }
            _ => match taken.get(&op.id) {
                // Twice in one batch.
                Some(digest) if **digest != op.digest[..] => reused.push(op),
                Some(_) => {}
                None => {
                    taken.insert(op.id, &op.digest);
                    fresh.push(op);
                }
            },
        }
    }
    if let Some(device) = &device {
        // New operations under numbers that others have: an old backup was put on the phone.
        let unheard: Vec<&&Operation> =
            fresh.iter().filter(|op| !known.contains_key(&op.id) && op.seq <= device.last_seq).collect();
        let seqs: Vec<i64> = unheard.iter().map(|op| op.seq).collect();
        let ids: Vec<Uuid> = unheard.iter().map(|op| op.id).collect();
        let again = !seqs.is_empty() && ledger::are_taken(&mut tx, sender, &seqs, &ids).await?;
        sender.incarnation = device.incarnation + i32::from(again);
    }
    let things: BTreeSet<Uuid> =
        fresh.iter().flat_map(|op| op.refers_to().into_iter().chain(op.visit())).collect();
    let things: Vec<Uuid> = things.into_iter().collect();
    let mut around = ledger::Surroundings::default();
    if !fresh.is_empty() {
        around = ledger::find_surroundings(&mut tx, sender, &things).await?;
    }
    tx.commit().await?;

    if !reused.is_empty() {
        transaction!(app.db, caller.context(), "sync.reused", |tx| {
            for op in &reused {
                let stray = Stray { op_id: Some(op.id.to_string()), content: op.content.clone() };
                let digest = Sha256::digest(op.content.as_bytes());
                ledger::keep_stray(tx, sender, &stray, &envelope::id_reused(), &digest).await?;
            }
            Ok(())
        })?;
        for op in &reused {
            if !known.contains_key(&op.id) {
                continue;
            }
            settled.entry(op.id).or_insert(Outcome::Reused);
        }
    }
    fresh.sort_by_key(|op| (op.seq, op.id));
    let before: BTreeMap<Uuid, Fate> = known.iter().map(|(id, known)| (*id, known.settled.fate)).collect();
    let mut fates = Vec::new();
    let outcome = settle_all(app, caller, sender, &fresh, &before, &around, &mut fates).await;
    let mut done: Vec<Uuid> = Vec::new();
    for (op, fate) in fates {
        if fate.fate.is_done() {
            done.push(op.id);
            done.extend(op.entity);
        }
        settled.insert(op.id, Outcome::Settled { settled: fate, known: false, digest: op.digest.clone() });
    }
    outcome?;
    if around.any_waiting {
        for (op, fate) in revive(app, caller, sender, done).await? {
            if let Some(outcome) = settled.get_mut(&op.id) {
                *outcome = Outcome::Settled { settled: fate, known: false, digest: op.digest };
            }
        }
    }
    let due = device.as_ref().is_none_or(|d| sender.received_at - d.last_seen > NOTED_EVERY);
    if due || !fresh.is_empty() || operations.is_empty() {
        let heard = Heard {
            queue_length: upload.queue.as_ref().map_or(0, |q| i32::try_from(q.length).unwrap_or(i32::MAX)),
            oldest_queued_at: upload.queue.as_ref().and_then(|q| q.oldest_at),
            clock_offset_ms: clocks.offset.map(|offset| offset.num_milliseconds()),
            last_seq: operations.iter().flatten().map(|op| op.seq).max().unwrap_or(0),
        };
        // Beside the effects: what a device says of itself is no part of them, and may be lost.
        transaction!(app.db, caller.context(), "sync.device", |tx| {
            ledger::note_device(tx, sender, &heard).await?;
            Ok(())
        })?;
    }
    Ok(())
}

/// Applies operations in the order of the phone, and writes down those that must wait. What was settled stands in `all`,
/// also when it ends in an error half way.
async fn settle_all<'a>(
    app: &App,
    caller: &Caller,
    sender: &Sender,
    operations: &[&'a Operation],
    known: &BTreeMap<Uuid, Fate>,
    around: &ledger::Surroundings,
    all: &mut Vec<(&'a Operation, Settled)>,
) -> ApiResult<()> {
    let mut plan = Plan::new(operations, known, around);
    while let Some(step) = plan.next_step() {
        let fates = apply_group(app, caller, sender, &step.operations, step.alone).await?;
        for (op, fate) in step.operations.into_iter().zip(fates) {
            plan.settle(op, fate.fate);
            all.push((op, fate));
        }
    }
    let blocked: Vec<(&'a Operation, Settled)> =
        plan.blocked().into_iter().map(|blocked| (blocked.op, blocked.settled())).collect();
    if !blocked.is_empty() {
        transaction!(app.db, caller.context(), "sync.blocked", |tx| {
            let rows: Vec<(&Operation, &Settled)> = blocked.iter().map(|(op, fate)| (*op, fate)).collect();
            if ledger::write(tx, sender, &rows).await? < rows.len() as u64 {
                return Err(somebody_was_first());
            }
            Ok(())
        })?;
    }
    all.extend(blocked);
    Ok(())
}

/// Applies operations that were waiting for one of `done`, and those that wait for these, and so on.
pub(crate) async fn revive(
    app: &App,
    caller: &Caller,
    sender: &Sender,
    mut done: Vec<Uuid>,
) -> ApiResult<Vec<(Operation, Settled)>> {
    let mut revived = Vec::new();
    while !done.is_empty() {
        let mut tx = app.db.lookup(caller.context()).await?;
        let stored = ledger::list_waiting_for(&mut tx, sender, &done).await?;
        let waiting: Vec<Operation> = stored.iter().filter_map(reread).collect();
        done.clear();
        if waiting.is_empty() {
            break;
        }
        let needed: Vec<Uuid> = waiting.iter().flat_map(|op| op.depends_on.iter().copied()).collect();
        let known = ledger::find_known(&mut tx, sender, &needed).await?;
        let known = known.into_iter().map(|(id, known)| (id, known.settled.fate)).collect();
        let things: Vec<Uuid> =
            waiting.iter().flat_map(|op| op.refers_to().into_iter().chain(op.visit())).collect();
        let around = ledger::find_surroundings(&mut tx, sender, &things).await?;
        tx.commit().await?;
        let operations: Vec<&Operation> = waiting.iter().collect();
        let mut fates = Vec::new();
        let outcome = settle_all(app, caller, sender, &operations, &known, &around, &mut fates).await;
        for (op, fate) in fates {
            if fate.fate.is_done() {
                done.push(op.id);
                done.extend(op.entity);
            }
            revived.push((op.clone(), fate));
        }
        match outcome {
            // The same at the same moment, elsewhere: whoever was first sees to the rest.
            Err(error) if was_first(&error) => break,
            other => other?,
        }
    }
    Ok(revived)
}

/// An operation as it was when it came.
pub(crate) fn reread(stored: &Stored) -> Option<Operation> {
    let raw = RawValue::from_string(stored.content.clone()).ok()?;
    let mut op = read(&raw, Clocks { now: stored.received_at, offset: None }).ok()?;
    if let Some(at) = stored.effective_at {
        op.at = at;
    }
    Some(op)
}

/// Applies operations in one transaction, with the ledger.
async fn apply_group(
    app: &App,
    caller: &Caller,
    sender: &Sender,
    operations: &[&Operation],
    alone: bool,
) -> ApiResult<Vec<Settled>> {
    let quick = transaction!(app.db, caller.context(), "sync.apply", |tx| {
        let mut fates = Vec::with_capacity(operations.len());
        let fine: Vec<&Operation> =
            operations.iter().copied().filter(|op| refused_at_once(caller, op).is_none()).collect();
        let mut done = effects::together(tx, app, caller, &fine).await?;
        for op in operations {
            fates.push(match (done.remove(&op.id), refused_at_once(caller, op)) {
                (Some(done), _) => finished(op, done),
                (None, Some(fate)) => fate,
                (None, None) => finished(op, effects::apply(tx, app, caller, op).await?),
            });
        }
        record(tx, sender, operations, &fates).await?;
        Ok(fates)
    });
    match quick {
        Err(error) if was_first(&error) || says_nothing(&error) => Err(error),
        Err(error) if alone && operations.len() == 1 => {
            // It was undone as a whole: what is left to write is why.
            let fates = vec![refused(operations[0], &error)];
            transaction!(app.db, caller.context(), "sync.refuse", |tx| {
                record(tx, sender, operations, &fates).await
            })?;
            Ok(fates)
        }
        Err(_) => carefully(app, caller, sender, operations).await,
        done => done,
    }
}

/// As [`apply_group`], with a savepoint for each operation: one that is refused takes nothing with it but itself and
/// those that depend on it.
async fn carefully(
    app: &App,
    caller: &Caller,
    sender: &Sender,
    operations: &[&Operation],
) -> ApiResult<Vec<Settled>> {
    transaction!(app.db, caller.context(), "sync.apply_carefully", |tx| {
        let mut fates: Vec<Settled> = Vec::with_capacity(operations.len());
        let mut stuck: BTreeMap<Uuid, Fate> = BTreeMap::new();
        for op in operations {
            let waits_for = op
                .depends_on
                .iter()
                .copied()
                .chain(op.refers_to())
                .chain(op.visit())
                .find_map(|id| stuck.get(&id).map(|fate| (id, *fate)));
            let fate = match (refused_at_once(caller, op), waits_for) {
                (Some(fate), _) => fate,
                (None, Some((id, fate))) => Blocked { op, waits_for: id, behind: fate }.settled(),
                (None, None) => {
                    let mut savepoint = tx.begin().await?;
                    match effects::apply(&mut savepoint, app, caller, op).await {
                        Ok(done) => {
                            savepoint.commit().await?;
                            finished(op, done)
                        }
                        Err(error) if says_nothing(&error) => return Err(error),
                        Err(error) => {
                            savepoint.rollback().await?;
                            refused(op, &error)
                        }
                    }
                }
            };
            if !fate.fate.is_done() {
                stuck.insert(op.id, fate.fate);
                // Only what begins something holds up what belongs to it.
                if plan::begins(op) {
                    stuck.extend(op.entity.map(|entity| (entity, fate.fate)));
                }
            }
            fates.push(fate);
        }
        record(tx, sender, operations, &fates).await?;
        Ok(fates)
    })
}

/// Malformed, or not the caller's to do: known without trying.
fn refused_at_once(caller: &Caller, op: &Operation) -> Option<Settled> {
    if let Some((vi, en)) = &op.malformed {
        return Some(rejected(op, Reason::new("sync.malformed", vi.clone(), en.clone())));
    }
    let permission = effects::permission(&op.kind)?;
    if caller.role.grants(permission) {
        return None;
    }
    let error = ApiError::forbidden(permission);
    Some(rejected(op, reason_of(&error)))
}

fn rejected(op: &Operation, reason: Reason) -> Settled {
    Settled {
        fate: Fate::Rejected,
        reason: Some(reason),
        waits_for: None,
        result: None,
        flags: op.flags.clone(),
    }
}

fn reason_of(error: &ApiError) -> Reason {
    let problem = error.problem(Language::Vi, "");
    let fields = |language| {
        let problem = error.problem(language, "");
        let mut text = error.text(language).to_owned();
        for (field, messages) in &problem.errors {
            text.push_str(&format!(" {field}: {}.", messages.join("; ")));
        }
        text
    };
    Reason { code: problem.code, vi: fields(Language::Vi), en: fields(Language::En) }
}

/// What refuses an operation decides its fate: what is malformed or forbidden will never be otherwise; the rest a person
/// can settle.
fn refused(op: &Operation, error: &ApiError) -> Settled {
    if error.status() == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(operation = %op.id, kind = op.kind, cause = error.log_text(), "an operation failed; it is held");
    }
    let fate = match error.status() {
        StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN => Fate::Rejected,
        _ => Fate::Held,
    };
    Settled { fate, ..rejected(op, reason_of(error)) }
}

fn finished(op: &Operation, done: effects::Done) -> Settled {
    let mut flags: Vec<Flag> = op.flags.clone();
    flags.extend(done.flags);
    let reason = done.differs.then(|| {
        Reason::new(
            "sync.differs",
            "Hệ thống tính khác với máy; cần người xem lại.",
            "The system reckons otherwise than the device; somebody must look at it.",
        )
    });
    Settled {
        fate: if done.differs { Fate::Differs } else { Fate::Applied },
        reason,
        waits_for: None,
        result: Some(done.result),
        flags,
    }
}

/// Writes the ledger, and opens the cases.
async fn record(
    c: &mut PgConnection,
    sender: &Sender,
    operations: &[&Operation],
    fates: &[Settled],
) -> ApiResult<()> {
    let rows: Vec<(&Operation, &Settled)> = operations.iter().copied().zip(fates).collect();
    if ledger::write(c, sender, &rows).await? < rows.len() as u64 {
        return Err(somebody_was_first());
    }
    let cases: Vec<NewCase<'_>> = rows.iter().filter_map(|(op, settled)| case_of(op, settled)).collect();
    Ok(ledger::open_cases(c, sender, &cases).await?)
}

/// A person must look at what is held, what differs, and what is odd; a clock that is off is the device's matter.
fn case_of<'a>(op: &'a Operation, settled: &'a Settled) -> Option<NewCase<'a>> {
    let odd = settled.flags.iter().find(|flag| !flag.code.starts_with("sync."));
    let reason = match (settled.fate, odd) {
        (Fate::Held | Fate::Differs, _) => settled.reason.clone()?,
        (Fate::Applied, Some(flag)) => Reason::new(&flag.code, flag.vi.clone(), flag.en.clone()),
        _ => return None,
    };
    Some(NewCase { op, held: settled.fate == Fate::Held, reason, flags: &settled.flags })
}

/// Tries a held operation again, as its sender.
pub(crate) async fn apply_again(
    c: &mut PgConnection,
    app: &App,
    sender: &Caller,
    op: &Operation,
) -> ApiResult<Settled> {
    Ok(finished(op, effects::apply(c, app, sender, op).await?))
}

/// The JSON of an operation, or its text where it is none.
pub(crate) fn readable(content: &str) -> Value {
    serde_json::from_str(content).unwrap_or_else(|_| Value::from(content))
}
