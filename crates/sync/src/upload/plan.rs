//! In which order operations are applied, and which must wait.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::ledger::{Fate, Reason, Settled, Surroundings};
use super::operation::Operation;

/// Operations that go into one transaction.
pub(crate) struct Step<'a> {
    pub operations: Vec<&'a Operation>,
    /// One with a transaction of its own.
    pub alone: bool,
}

/// An operation that can't be applied yet.
#[derive(Debug)]
pub(crate) struct Blocked<'a> {
    pub op: &'a Operation,
    /// The operation or thing it waits for.
    pub waits_for: Uuid,
    pub behind: Fate,
}

impl Blocked<'_> {
    /// What became of it: it waits, or will never be when what it depends on was dismissed.
    pub fn settled(&self) -> Settled {
        let (fate, waits_for, reason) = match self.behind {
            Fate::Dismissed => (
                Fate::Dismissed,
                None,
                Reason::new(
                    "sync.dismissed",
                    "Thao tác mà bản ghi này phụ thuộc đã bị bỏ.",
                    "What this depends on was dismissed.",
                ),
            ),
            _ => (
                Fate::Waiting,
                Some(self.waits_for),
                Reason::new(
                    "sync.waiting",
                    "Đã lưu; chờ thao tác mà nó phụ thuộc được xử lý.",
                    "Kept; it waits until what it depends on is settled.",
                ),
            ),
        };
        Settled { fate, reason: Some(reason), waits_for, result: None, flags: self.op.flags.clone() }
    }
}

/// Whether what belongs to the operation's thing can't be before it.
pub(crate) fn begins(op: &Operation) -> bool {
    matches!(op.kind.as_str(), "check_in" | "customer")
}

/// Whether the operation makes a document with a number: its transaction should be short.
fn is_document(op: &Operation) -> bool {
    matches!(op.kind.as_str(), "order" | "receipt" | "customer")
}

/// The operations of a batch, in the order of the phone.
pub(crate) struct Plan<'a> {
    open: Vec<&'a Operation>,
    /// What is known of operations: of those in the batch, and those they name.
    fates: BTreeMap<Uuid, Fate>,
    /// Visits and new outlets that aren't there because their operation is stuck.
    stuck: BTreeMap<Uuid, Fate>,
    visits: BTreeSet<Uuid>,
    /// Visits and new outlets that an operation of the batch is yet to begin.
    begun_by: BTreeMap<Uuid, Uuid>,
}

/// Whether an operation can be applied.
enum Readiness {
    Ready,
    /// After an operation that is still open.
    Later,
    Blocked(Uuid, Fate),
}

impl<'a> Plan<'a> {
    /// For new operations, sorted by the phone's numbers.
    pub fn new(fresh: &[&'a Operation], known: &BTreeMap<Uuid, Fate>, around: &Surroundings) -> Plan<'a> {
        Plan {
            open: fresh.to_vec(),
            fates: known
                .iter()
                .filter(|(id, _)| !fresh.iter().any(|op| op.id == **id))
                .map(|(id, fate)| (*id, *fate))
                .collect(),
            stuck: around.stuck.iter().copied().collect(),
            visits: around.visits.iter().copied().collect(),
            begun_by: fresh
                .iter()
                .filter(|op| begins(op) && op.malformed.is_none())
                .filter_map(|op| Some((op.entity?, op.id)))
                .collect(),
        }
    }

    /// The next operations: all that belong to the field and can be done, else one document.
    pub fn next_step(&mut self) -> Option<Step<'a>> {
        let mut together: Vec<&'a Operation> = Vec::new();
        let mut in_step: BTreeSet<Uuid> = BTreeSet::new();
        for op in &self.open {
            if !is_document(op) && matches!(self.readiness(op, &in_step), Readiness::Ready) {
                together.push(op);
                in_step.insert(op.id);
            }
        }
        let alone = together.is_empty();
        if alone {
            let nothing = BTreeSet::new();
            together
                .extend(self.open.iter().find(|op| matches!(self.readiness(op, &nothing), Readiness::Ready)));
        }
        if together.is_empty() {
            return None;
        }
        self.open.retain(|op| !together.iter().any(|taken| taken.id == op.id));
        Some(Step { operations: together, alone })
    }

    /// Notes what became of an operation.
    pub fn settle(&mut self, op: &Operation, fate: Fate) {
        self.fates.insert(op.id, fate);
        let Some(entity) = op.entity.filter(|_| begins(op)) else { return };
        self.begun_by.remove(&entity);
        if fate.is_done() {
            self.stuck.remove(&entity);
            if op.kind == "check_in" {
                self.visits.insert(entity);
            }
        } else {
            self.stuck.insert(entity, fate);
        }
    }

    /// Those that are left: they wait.
    pub fn blocked(&self) -> Vec<Blocked<'a>> {
        let nothing = BTreeSet::new();
        let mut blocked: Vec<Blocked<'a>> = Vec::new();
        for op in &self.open {
            let (waits_for, behind) = match self.readiness(op, &nothing) {
                Readiness::Blocked(id, fate) => (id, fate),
                // Behind another that is left, or in a circle.
                Readiness::Later | Readiness::Ready => {
                    (op.depends_on.first().copied().or(op.visit()).unwrap_or(op.id), Fate::Waiting)
                }
            };
            blocked.push(Blocked { op, waits_for, behind });
        }
        blocked
    }

    fn readiness(&self, op: &Operation, in_step: &BTreeSet<Uuid>) -> Readiness {
        // Whatever it depends on, it will be refused.
        if op.malformed.is_some() {
            return Readiness::Ready;
        }
        let mut later = false;
        for needed in op.depends_on.iter().filter(|id| **id != op.id) {
            match self.fates.get(needed) {
                Some(fate) if fate.is_done() => {}
                Some(fate) => return Readiness::Blocked(*needed, *fate),
                None if in_step.contains(needed) => {}
                None if self.open.iter().any(|other| other.id == *needed) => later = true,
                // It never came: perhaps another batch brings it.
                None => return Readiness::Blocked(*needed, Fate::Waiting),
            }
        }
        for thing in op.refers_to().into_iter().chain(op.visit()) {
            if let Some(beginner) = self.begun_by.get(&thing).filter(|id| **id != op.id) {
                later |= !in_step.contains(beginner);
            } else if let Some(fate) = self.stuck.get(&thing) {
                return Readiness::Blocked(thing, *fate);
            }
        }
        if let Some(visit) = op.visit()
            && !self.visits.contains(&visit)
            && !self.begun_by.contains_key(&visit)
        {
            return Readiness::Blocked(visit, Fate::Waiting);
        }
        if later { Readiness::Later } else { Readiness::Ready }
    }
}
