//! Where a phone stands in the log of changes: opaque to it, sealed so that only its owner can use it here and now.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{Datelike as _, NaiveDate};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::kind::Kind;

/// The form of the cursor; another one is not understood.
const FORM: u8 = 1;
/// Bytes of the seal.
const SEAL: usize = 12;
/// So many transactions under way at one moment are remembered one by one.
const MOST_PENDING: usize = 200;

/// How far the log was seen: all rows of transactions up to `cap` that had ended then. `cap` is one whose rows were seen,
/// so it is committed and no number up to it is ever given again, not even after a crash.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Position {
    /// The newest transaction of which rows were seen.
    pub cap: i64,
    /// Older ones that were still under way, ascending.
    pub pending: Vec<i64>,
}

impl Position {
    /// Rows of older transactions were all seen.
    pub fn low(&self) -> i64 {
        self.pending.first().map_or(self.cap.saturating_add(1), |first| (*first).min(self.cap + 1))
    }

    /// The position after rows up to `cap` were seen in this snapshot.
    pub fn after(cap: i64, snapshot: &Snapshot) -> Position {
        let mut pending: Vec<i64> = snapshot.running.iter().copied().filter(|xid| *xid <= cap).collect();
        pending.sort_unstable();
        match pending.get(..MOST_PENDING) {
            // Too many to name: what came after the first of them comes once more.
            Some(_) if pending.len() > MOST_PENDING => {
                Position { cap: pending.first().map_or(cap, |first| first - 1), pending: Vec::new() }
            }
            _ => Position { cap, pending },
        }
    }
}

/// The transactions that a statement saw as still running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub running: Vec<i64>,
}

impl Snapshot {
    /// From the text of a `pg_snapshot`: `xmin:xmax:xid,xid`.
    pub fn parse(text: &str) -> Option<Snapshot> {
        let (_, list) = text.rsplit_once(':')?;
        let running = list.split(',').filter(|xid| !xid.is_empty()).map(str::parse).collect::<Result<_, _>>();
        Some(Snapshot { running: running.ok()? })
    }
}

/// A download that takes several answers: what they lead to, and what was sent last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pass {
    /// The position when it began: where the phone stands when it ends.
    pub to: Position,
    /// The business day when it began.
    pub day: NaiveDate,
    /// The kind of the last thing sent.
    pub kind: Kind,
    /// The last thing of it; none when the kind is yet to begin.
    pub last: Option<Uuid>,
}

/// Where a phone stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// What it had before; none in the first download.
    pub from: Option<(Position, NaiveDate)>,
    /// The download under way.
    pub pass: Option<Pass>,
}

/// A cursor as it came: its content is not to be trusted before the seal is checked.
pub(crate) struct Sealed {
    pub cursor: Cursor,
    content: Vec<u8>,
    seal: [u8; SEAL],
}

impl Sealed {
    /// Reads it; none when it isn't one of ours.
    pub fn read(text: &str) -> Option<Sealed> {
        let mut content = URL_SAFE_NO_PAD.decode(text).ok()?;
        let seal = content.split_off(content.len().checked_sub(SEAL)?);
        let cursor = decode(&content)?;
        Some(Sealed { cursor, content, seal: seal.try_into().ok()? })
    }

    /// Whether it was sealed with this key.
    pub fn is_sealed_with(&self, key: &Key) -> bool {
        key.seal(&self.content) == self.seal
    }
}

/// What a cursor is bound to: the epoch of the log, the user, and what the user may see.
pub(crate) struct Key([u8; 32]);

impl Key {
    /// Of these parts.
    pub fn new(epoch: &str, user: Uuid, scope: &str) -> Key {
        let mut digest = Sha256::new();
        digest.update(epoch.as_bytes());
        digest.update([0]);
        digest.update(user.as_bytes());
        digest.update(scope.as_bytes());
        Key(digest.finalize().into())
    }

    fn seal(&self, content: &[u8]) -> [u8; SEAL] {
        let inner = Sha256::new().chain_update(self.0).chain_update(content).finalize();
        let outer = Sha256::new().chain_update(self.0).chain_update(inner).finalize();
        let mut seal = [0; SEAL];
        seal.copy_from_slice(&outer[..SEAL]);
        seal
    }
}

impl Cursor {
    /// Its text.
    pub fn sealed(&self, key: &Key) -> String {
        let mut content = vec![FORM, u8::from(self.from.is_some()) | u8::from(self.pass.is_some()) << 1];
        if let Some((position, day)) = &self.from {
            put_position(&mut content, position);
            put_day(&mut content, *day);
        }
        if let Some(pass) = &self.pass {
            put_position(&mut content, &pass.to);
            put_day(&mut content, pass.day);
            content.push(pass.kind as u8);
            content.extend(pass.last.unwrap_or_default().as_bytes());
        }
        let seal = key.seal(&content);
        content.extend(seal);
        URL_SAFE_NO_PAD.encode(content)
    }
}

fn put(into: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        into.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    into.push(value.to_le_bytes()[0]);
}

fn put_position(into: &mut Vec<u8>, position: &Position) {
    put(into, position.cap.unsigned_abs());
    put(into, position.pending.len() as u64);
    for xid in &position.pending {
        put(into, (position.cap - xid).unsigned_abs());
    }
}

fn put_day(into: &mut Vec<u8>, day: NaiveDate) {
    put(into, u64::from(day.num_days_from_ce().unsigned_abs()));
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn position(&mut self) -> Option<Position> {
        let cap = i64::try_from(self.number()?).ok()?;
        let many = usize::try_from(self.number()?).ok().filter(|many| *many <= MOST_PENDING)?;
        let mut pending = Vec::with_capacity(many);
        for _ in 0..many {
            pending.push(cap.checked_sub(i64::try_from(self.number()?).ok()?)?);
        }
        Some(Position { cap, pending })
    }

    fn day(&mut self) -> Option<NaiveDate> {
        NaiveDate::from_num_days_from_ce_opt(i32::try_from(self.number()?).ok()?)
    }

    fn id(&mut self) -> Option<Uuid> {
        let (id, rest) = self.0.split_at_checked(16)?;
        self.0 = rest;
        Uuid::from_slice(id).ok()
    }
}

fn decode(content: &[u8]) -> Option<Cursor> {
    let mut reader = Reader(content);
    if reader.byte()? != FORM {
        return None;
    }
    let parts = reader.byte()?;
    let from = if parts & 1 == 1 { Some((reader.position()?, reader.day()?)) } else { None };
    let pass = if parts & 2 == 2 {
        let (to, day) = (reader.position()?, reader.day()?);
        let kind = Kind::of(reader.byte()?)?;
        Some(Pass { to, day, kind, last: Some(reader.id()?).filter(|id| !id.is_nil()) })
    } else {
        None
    };
    (reader.0.is_empty() && parts < 4).then_some(Cursor { from, pass })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key::new("epoch", Uuid::from_u128(7), "rep")
    }

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 8, 6).unwrap()
    }

    fn cursor() -> Cursor {
        let position = Position { cap: 5_000_000_000, pending: vec![4_999_999_000, 4_999_999_998] };
        let to = Position { cap: 5_000_000_100, pending: vec![] };
        let pass = Pass { to, day: day(), kind: Kind::Products, last: Some(Uuid::from_u128(9)) };
        Cursor { from: Some((position, day())), pass: Some(pass) }
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_only_by_its_owner() {
        let text = cursor().sealed(&key());
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{text}");
        let read = Sealed::read(&text).unwrap();
        assert_eq!(read.cursor, cursor());
        assert!(read.is_sealed_with(&key()));
        for other in [
            Key::new("another epoch", Uuid::from_u128(7), "rep"),
            Key::new("epoch", Uuid::from_u128(8), "rep"),
            Key::new("epoch", Uuid::from_u128(7), "supervisor"),
        ] {
            assert!(!read.is_sealed_with(&other));
        }
    }

    #[test]
    fn whatever_is_changed_in_a_cursor_breaks_it() {
        let text = cursor().sealed(&key());
        for at in 0..text.len() {
            for put in ['A', 'z', '5', '_'] {
                let mut forged: Vec<char> = text.chars().collect();
                if forged[at] == put {
                    continue;
                }
                forged[at] = put;
                let forged: String = forged.into_iter().collect();
                assert!(Sealed::read(&forged).is_none_or(|read| !read.is_sealed_with(&key())), "{forged}");
            }
            assert!(Sealed::read(&text[..at]).is_none_or(|read| !read.is_sealed_with(&key())));
        }
    }

    #[test]
    fn a_cursor_at_rest_is_short() {
        let position = Position { cap: 5_000_000_000, pending: vec![4_999_999_998] };
        assert!(Cursor { from: Some((position, day())), pass: None }.sealed(&key()).len() < 50);
    }

    #[test]
    fn transactions_under_way_below_the_newest_seen_one_are_remembered() {
        let snapshot = Snapshot::parse("10:21:10,13,20").unwrap();
        let position = Position::after(15, &snapshot);
        assert_eq!(position, Position { cap: 15, pending: vec![10, 13] });
        assert_eq!(position.low(), 10);
        assert_eq!(Position::after(9, &Snapshot::parse("21:21:").unwrap()).low(), 10);
        let many: Vec<String> = (100..400).map(|xid| xid.to_string()).collect();
        let snapshot = Snapshot::parse(&format!("100:500:{}", many.join(","))).unwrap();
        assert_eq!(Position::after(450, &snapshot), Position { cap: 99, pending: vec![] });
    }
}
