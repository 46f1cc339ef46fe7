//! Operations as they come.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use platform::Flag;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// The longest name of a kind.
const LONGEST_KIND: usize = 50;
/// An operation depends on at most so many others.
const MOST_DEPENDENCIES: usize = 50;
/// A clock that is off by less is right.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// The flag of what was done on a device whose clock was off.
const CLOCK_OFF: &str = "sync.clock_off";

/// What somebody did on a phone.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub id: Uuid,
    pub seq: i64,
    pub kind: String,
    pub entity: Option<Uuid>,
    /// By the device's clock.
    pub device_at: Option<DateTime<Utc>>,
    /// What it counts for, after the clock was set right.
    pub at: DateTime<Utc>,
    pub depends_on: Vec<Uuid>,
    pub version: i32,
    pub payload: Value,
    /// Exactly as it came.
    pub content: String,
    /// Of what it says; a repeat has the same.
    pub digest: Vec<u8>,
    /// Why it can't be one, in Vietnamese and English.
    pub malformed: Option<(String, String)>,
    /// What is odd about its time.
    pub flags: Vec<Flag>,
}

/// What has no id to be known by.
#[derive(Debug)]
pub(crate) struct Stray {
    pub op_id: Option<String>,
    pub content: String,
}

/// How far the device's clock is behind ours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clocks {
    pub now: DateTime<Utc>,
    /// Ours − the device's, when it told its time.
    pub offset: Option<TimeDelta>,
}

impl Clocks {
    /// When it happened, with what is odd about it.
    ///
    /// A device whose clock is right is believed. One that is off by a known time was off by as much when the thing
    /// happened, as far as anybody knows. What would be in the future happened at the latest now.
    pub fn set_right(self, device: DateTime<Utc>) -> (DateTime<Utc>, Vec<Flag>) {
        let mut flags = Vec::new();
        let mut at = device.trunc_subsecs(6);
        if let Some(offset) = self.offset.filter(|offset| offset.abs() > CLOCK_TOLERANCE) {
            at = at.checked_add_signed(offset).map_or(at, |right| right.trunc_subsecs(6));
            let seconds = offset.num_seconds();
            flags.push(
                Flag::new(
                    CLOCK_OFF,
                    format!("Đồng hồ máy lệch {seconds} giây; giờ đã được chỉnh theo hệ thống."),
                    format!("The device's clock is {seconds} seconds off; the time was set right."),
                )
                .with(json!({ "offsetSeconds": seconds, "deviceAt": device })),
            );
        }
        if at > self.now + CLOCK_TOLERANCE {
            flags.push(
                Flag::new(
                    "sync.in_future",
                    "Giờ trên máy ở tương lai; tính là lúc hệ thống nhận được.",
                    "The device's time is in the future; it counts for when we received it.",
                )
                .with(json!({ "deviceAt": device })),
            );
        }
        (at.min(self.now), flags)
    }
}

/// Everything may be missing or wrong.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Loose {
    op_id: Option<Value>,
    seq: Option<Value>,
    kind: Option<Value>,
    entity_id: Option<Value>,
    at: Option<Value>,
    depends_on: Option<Value>,
    v: Option<Value>,
    payload: Option<Value>,
}

fn uuid(value: &Value) -> Option<Uuid> {
    value.as_str().and_then(|text| text.parse().ok())
}

/// Reads an operation; one with an id is one, whatever else is wrong with it.
pub(crate) fn read(raw: &RawValue, clocks: Clocks) -> Result<Operation, Stray> {
    let content = raw.get().to_owned();
    let Ok(loose) = serde_json::from_str::<Loose>(&content) else {
        return Err(Stray { op_id: None, content });
    };
    let Some(id) = loose.op_id.as_ref().and_then(uuid).filter(|id| !id.is_nil()) else {
        let op_id = loose.op_id.and_then(|id| id.as_str().map(str::to_owned));
        return Err(Stray { op_id, content });
    };
    let mut wrong: Option<&'static str> = None;
    let mut check = |fine: bool, field: &'static str| {
        if !fine && wrong.is_none() {
            wrong = Some(field);
        }
    };
    let seq = loose.seq.as_ref().and_then(Value::as_i64).filter(|seq| *seq >= 0);
    check(seq.is_some(), "seq");
    let kind = loose.kind.as_ref().and_then(Value::as_str).filter(|kind| {
        !kind.is_empty()
            && kind.len() <= LONGEST_KIND
            && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    });
    check(kind.is_some(), "kind");
    let entity = loose.entity_id.as_ref().and_then(uuid);
    check(entity.is_some() || loose.entity_id.as_ref().is_none_or(Value::is_null), "entityId");
    let device_at: Option<DateTime<Utc>> = loose
        .at
        .as_ref()
        .and_then(Value::as_str)
        .and_then(|at| at.parse().ok())
        .filter(|at: &DateTime<Utc>| (2000..=2100).contains(&chrono::Datelike::year(at)));
    check(device_at.is_some(), "at");
    let depends_on: Option<Vec<Uuid>> = match &loose.depends_on {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(ids)) if ids.len() <= MOST_DEPENDENCIES => ids.iter().map(uuid).collect(),
        Some(one) => uuid(one).map(|id| vec![id]),
    };
    check(depends_on.is_some(), "dependsOn");
    let version = match &loose.v {
        None | Some(Value::Null) => Some(1),
        Some(v) => v.as_i64().and_then(|v| i32::try_from(v).ok()).filter(|v| *v >= 1),
    };
    check(version.is_some(), "v");
    let payload = loose.payload.unwrap_or(Value::Null);
    check(payload.is_object(), "payload");
    let malformed = wrong.map(|field| {
        (
            format!("Trường `{field}` bị thiếu hoặc không hợp lệ."),
            format!("The field `{field}` is missing or not valid."),
        )
    });
    let (at, flags) = device_at.map_or((clocks.now, Vec::new()), |at| clocks.set_right(at));
    let kind = kind.unwrap_or_default().to_owned();
    let digest = digest(&kind, entity, loose.at.as_ref(), &payload);
    Ok(Operation {
        id,
        seq: seq.unwrap_or_default(),
        kind,
        entity,
        device_at,
        at,
        depends_on: depends_on.unwrap_or_default(),
        version: version.unwrap_or(1),
        payload,
        content,
        digest,
        malformed,
        flags,
    })
}

/// The number of the operation isn't part of it: a phone that got an old backup counts anew.
fn digest(kind: &str, entity: Option<Uuid>, at: Option<&Value>, payload: &Value) -> Vec<u8> {
    let mut text = String::new();
    canonical(&json!([kind, entity, at]), &mut text);
    canonical(payload, &mut text);
    Sha256::digest(text.as_bytes()).to_vec()
}

/// The same text for the same JSON, whatever the order of its members.
fn canonical(value: &Value, into: &mut String) {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|a, b| a.0.cmp(b.0));
            into.push('{');
            for (name, value) in sorted {
                into.push_str(&Value::from(name.as_str()).to_string());
                into.push(':');
                canonical(value, into);
                into.push(',');
            }
            into.push('}');
        }
        Value::Array(items) => {
            into.push('[');
            for item in items {
                canonical(item, into);
                into.push(',');
            }
            into.push(']');
        }
        simple => into.push_str(&simple.to_string()),
    }
}

impl Operation {
    /// The things of other operations that it is about: a visit, a customer.
    pub fn refers_to(&self) -> Vec<Uuid> {
        ["visitId", "customerId"]
            .iter()
            .filter_map(|name| self.payload.get(name).and_then(uuid))
            .filter(|id| Some(*id) != self.entity)
            .collect()
    }

    /// How far the device's clock was behind when it is known to have been off; times in the payload are off as much.
    pub fn clock_was_behind(&self) -> TimeDelta {
        let known = self.flags.iter().any(|flag| flag.code == CLOCK_OFF);
        self.device_at.filter(|_| known).map_or_else(TimeDelta::zero, |device| self.at - device)
    }

    /// The visit it belongs to, unless it begins it.
    pub fn visit(&self) -> Option<Uuid> {
        match self.kind.as_str() {
            "check_out" => self.entity,
            "check_in" => None,
            _ => self.payload.get("visitId").and_then(uuid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clocks(offset: Option<TimeDelta>) -> Clocks {
        Clocks { now: "2026-08-06T10:00:00Z".parse().unwrap(), offset }
    }

    fn parse(text: &str) -> Result<Operation, Stray> {
        read(&RawValue::from_string(text.to_owned()).unwrap(), clocks(None))
    }

    const GOOD: &str = r#"{"opId":"00000000-0000-7000-8000-000000000001","seq":4,"kind":"check_in",
        "entityId":"00000000-0000-7000-8000-000000000002","at":"2026-08-06T09:00:00Z","payload":{"a":1,"b":[1.50,{"y":2,"x":1}]}}"#;

    #[test]
    fn the_order_of_members_and_the_number_do_not_make_another_operation() {
        let again = GOOD.replace(r#""seq":4"#, r#""seq":1"#).replace(r#"{"y":2,"x":1}"#, r#"{"x":1,"y":2}"#);
        assert_eq!(parse(GOOD).unwrap().digest, parse(&again).unwrap().digest);
        let other = GOOD.replace(r#""y":2"#, r#""y":3"#);
        assert_ne!(parse(GOOD).unwrap().digest, parse(&other).unwrap().digest);
        assert_eq!(parse(GOOD).unwrap().content, GOOD);
    }

    #[test]
    fn what_is_wrong_is_named_and_all_of_it_is_kept() {
        for (from, to, field) in [
            (r#""seq":4"#, r#""seq":"four""#, "seq"),
            (r#""kind":"check_in""#, r#""kind":"a b""#, "kind"),
            ("2026-08-06T09:00:00Z", "yesterday", "at"),
            ("2026-08-06T09:00:00Z", "+262142-01-01T00:00:00Z", "at"),
            (r#""payload":{"#, r#""payload":[1],"p":{"#, "payload"),
            (r#""seq":4"#, r#""seq":4,"dependsOn":["x"]"#, "dependsOn"),
        ] {
            let text = GOOD.replace(from, to);
            let op = parse(&text).unwrap();
            assert!(op.malformed.as_ref().unwrap().1.contains(field), "{field}");
            assert_eq!(op.content, text);
        }
        for stray in ["7", "null", r#"{"seq":1}"#, r#"{"opId":"x"}"#] {
            assert_eq!(parse(stray).unwrap_err().content, stray);
        }
    }

    #[test]
    fn a_clock_that_is_off_by_a_known_time_is_set_right() {
        let device: DateTime<Utc> = "2026-08-06T06:30:00Z".parse().unwrap();
        assert_eq!(clocks(None).set_right(device), (device, vec![]));
        assert_eq!(clocks(Some(TimeDelta::minutes(4))).set_right(device), (device, vec![]));
        let (at, flags) = clocks(Some(TimeDelta::hours(3))).set_right(device);
        assert_eq!(at, device + TimeDelta::hours(3));
        assert_eq!(flags[0].code, "sync.clock_off");
    }

    #[test]
    fn nothing_happens_in_the_future() {
        let now = clocks(None).now;
        let (at, flags) = clocks(None).set_right(now + TimeDelta::days(400));
        assert_eq!((at, flags[0].code.as_ref()), (now, "sync.in_future"));
        assert_eq!(clocks(None).set_right(now + TimeDelta::minutes(2)), (now, vec![]));
    }
}
