//! What the emulator keeps: queues of messages.

use std::collections::{HashMap, VecDeque};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::{KEY, KEY_NAME};
use crate::codec::{Malformed, Value, string, symbol};

/// After so many deliveries without success a message is dead.
const MAX_DELIVERIES: u32 = 10;

const HEADER: u64 = 0x70;
const ANNOTATIONS: u64 = 0x72;
const APPLICATION: u64 = 0x74;
const DATA: u64 = 0x75;

/// A message, as its sections.
pub(super) struct Message {
    sections: Vec<(u64, Value)>,
    /// Deliveries that failed.
    failed: u32,
    sequence: i64,
    enqueued: i64,
}

pub(super) struct Broker {
    queues: HashMap<String, VecDeque<Message>>,
    topics: HashMap<String, Vec<String>>,
    sequence: i64,
    pub lose_confirmations: u32,
}

/// `sb://host/name` and `/name` are `name`; names know no case.
pub(super) fn plain(address: &str) -> String {
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => address,
    };
    path.trim_start_matches('/').to_lowercase()
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64)
}

impl Message {
    fn read(mut bytes: &[u8]) -> Result<Message, Malformed> {
        let mut sections = Vec::new();
        while !bytes.is_empty() {
            match Value::read(&mut bytes)? {
                Value::Described(descriptor, value) => match *descriptor {
                    Value::Ulong(code) => sections.push((code, *value)),
                    _ => return Err(Malformed),
                },
                _ => return Err(Malformed),
            }
        }
        Ok(Message { sections, failed: 0, sequence: 0, enqueued: 0 })
    }

    fn clone_sections(&self) -> Message {
        Message {
            sections: self.sections.clone(),
            failed: 0,
            sequence: self.sequence,
            enqueued: self.enqueued,
        }
    }

    /// As it is delivered, with what the broker adds.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut section = |code: u64, value: &Value| {
            Value::Described(Box::new(Value::Ulong(code)), Box::new(value.clone())).write(&mut out);
        };
        let header = vec![
            Value::Bool(true),
            Value::Null,
            Value::Null,
            Value::Bool(self.failed == 0),
            Value::Uint(self.failed),
        ];
        section(HEADER, &Value::List(header));
        let mut annotations = match self.sections.iter().find(|(code, _)| *code == ANNOTATIONS) {
            Some((_, Value::Map(pairs))) => pairs.clone(),
            _ => Vec::new(),
        };
        annotations.push((symbol("x-opt-sequence-number"), Value::Long(self.sequence)));
        annotations.push((symbol("x-opt-enqueued-time"), Value::Timestamp(self.enqueued)));
        annotations.push((symbol("x-opt-locked-until"), Value::Timestamp(now() + 60_000)));
        section(ANNOTATIONS, &Value::Map(annotations));
        for (code, value) in &self.sections {
            if *code != HEADER && *code != ANNOTATIONS {
                section(*code, value);
            }
        }
        out
    }

    /// The body's first section and a property, for the node that checks claims.
    fn body(&self) -> Option<&Value> {
        self.sections.iter().find(|(code, _)| (0x75..=0x77).contains(code)).map(|(_, value)| value)
    }

    fn property(&self, name: &str) -> Option<&Value> {
        match self.sections.iter().find(|(code, _)| *code == APPLICATION) {
            Some((_, Value::Map(pairs))) => {
                pairs.iter().find(|(key, _)| key.str() == Some(name)).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    fn id(&self) -> Value {
        match self.sections.iter().find(|(code, _)| *code == 0x73) {
            Some((_, Value::List(fields))) => fields.first().cloned().unwrap_or(Value::Null),
            _ => Value::Null,
        }
    }
}

impl Broker {
    pub(super) fn new(queues: &[&str], topics: &[(&str, &[&str])]) -> Broker {
        let mut broker =
            Broker { queues: HashMap::new(), topics: HashMap::new(), sequence: 0, lose_confirmations: 0 };
        for queue in queues {
            broker.add(queue);
        }
        for (topic, subscriptions) in topics {
            let names: Vec<String> =
                subscriptions.iter().map(|name| format!("{topic}/subscriptions/{name}")).collect();
            names.iter().for_each(|name| broker.add(name));
            broker
                .topics
                .insert(topic.to_lowercase(), names.iter().map(|name| name.to_lowercase()).collect());
        }
        broker
    }

    fn add(&mut self, queue: &str) {
        let queue = queue.to_lowercase();
        self.queues.insert(format!("{queue}/$deadletterqueue"), VecDeque::new());
        self.queues.insert(queue, VecDeque::new());
    }

    pub(super) fn can_receive(&self, address: &str) -> bool {
        self.queues.contains_key(address)
    }

    pub(super) fn can_send(&self, address: &str) -> bool {
        self.queues.contains_key(address) || self.topics.contains_key(address)
    }

    pub(super) fn waiting(&self, place: &str) -> usize {
        self.queues.get(&place.to_lowercase()).map_or(0, VecDeque::len)
    }

    /// Takes an encoded message, or several in one.
    pub(super) fn enqueue(&mut self, address: &str, batch: bool, bytes: &[u8]) -> Result<(), Malformed> {
        let message = Message::read(bytes)?;
        let messages = if batch {
            let parts = message.sections.iter().filter(|(code, _)| *code == DATA);
            let parts = parts.map(|(_, part)| match part {
                Value::Binary(bytes) => Message::read(bytes),
                _ => Err(Malformed),
            });
            parts.collect::<Result<Vec<Message>, Malformed>>()?
        } else {
            vec![message]
        };
        let targets = self.topics.get(address).cloned().unwrap_or_else(|| vec![address.to_owned()]);
        for message in messages {
            for target in &targets {
                self.sequence += 1;
                let mut copy = message.clone_sections();
                (copy.sequence, copy.enqueued) = (self.sequence, now());
                if let Some(queue) = self.queues.get_mut(target) {
                    queue.push_back(copy);
                }
            }
        }
        Ok(())
    }

    pub(super) fn put_raw(&mut self, queue: &str, body: &[u8]) {
        self.sequence += 1;
        let message = Message {
            sections: vec![(DATA, Value::Binary(body.to_vec()))],
            failed: 0,
            sequence: self.sequence,
            enqueued: now(),
        };
        if let Some(queue) = self.queues.get_mut(&queue.to_lowercase()) {
            queue.push_back(message);
        }
    }

    pub(super) fn next(&mut self, address: &str) -> Option<Message> {
        self.queues.get_mut(address)?.pop_front()
    }

    /// A delivery came to nothing.
    pub(super) fn give_back(&mut self, address: &str, mut message: Message) {
        message.failed += 1;
        if message.failed >= MAX_DELIVERIES && !address.ends_with("/$deadletterqueue") {
            self.bury(address, message, "MaxDeliveryCountExceeded", "");
        } else if let Some(queue) = self.queues.get_mut(address) {
            // Where it was.
            let place = queue.partition_point(|other| other.sequence < message.sequence);
            queue.insert(place, message);
        }
    }

    pub(super) fn bury(&mut self, address: &str, mut message: Message, reason: &str, description: &str) {
        let more = [
            (string("DeadLetterReason"), string(reason)),
            (string("DeadLetterErrorDescription"), string(description)),
        ];
        match message.sections.iter_mut().find(|(code, _)| *code == APPLICATION) {
            Some((_, Value::Map(pairs))) => pairs.extend(more),
            _ => {
                let at = message.sections.iter().position(|(code, _)| *code > APPLICATION);
                let at = at.unwrap_or(message.sections.len());
                message.sections.insert(at, (APPLICATION, Value::Map(more.to_vec())));
            }
        }
        message.failed = 0;
        if let Some(queue) = self.queues.get_mut(&format!("{address}/$deadletterqueue")) {
            queue.push_back(message);
        }
    }
}

/// The answer to somebody who shows a token.
pub(super) fn check_claim(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    let request = Message::read(bytes)?;
    let token = request.body().and_then(Value::str).unwrap_or_default();
    let kind = request.property("type").and_then(Value::str);
    let valid = request.property("operation").and_then(Value::str) == Some("put-token")
        // Microsoft's client calls its signed tokens "jwt".
        && matches!(kind, Some("servicebus.windows.net:sastoken" | "jwt"))
        && is_ours(token);
    let (code, text) = if valid { (202, "Accepted") } else { (401, "Unauthorized") };
    let properties = [vec![Value::Null; 5], vec![request.id()]].concat();
    let status =
        vec![(string("status-code"), Value::Int(code)), (string("status-description"), string(text))];
    let mut out = Vec::new();
    for (code, value) in
        [(0x73, Value::List(properties)), (APPLICATION, Value::Map(status)), (0x77, Value::Null)]
    {
        Value::Described(Box::new(Value::Ulong(code)), Box::new(value)).write(&mut out);
    }
    Ok(out)
}

/// Signed with our key and not over.
fn is_ours(token: &str) -> bool {
    let Some(fields) = token.strip_prefix("SharedAccessSignature ") else { return false };
    let get = |name: &str| {
        fields
            .split('&')
            .find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))
            .map(|(_, value)| value)
    };
    let (Some(resource), Some(signature), Some(expiry), Some(key_name)) =
        (get("sr"), get("sig"), get("se"), get("skn"))
    else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()) else { return false };
    mac.update(format!("{resource}\n{expiry}").as_bytes());
    key_name == KEY_NAME
        && unescaped(signature) == STANDARD.encode(mac.finalize().into_bytes())
        && expiry.parse::<i64>().is_ok_and(|seconds| seconds * 1_000 > now())
}

fn unescaped(text: &str) -> String {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        out.extend(u8::from_str_radix(digits, 16).ok().map(char::from));
        out.push_str(rest);
    }
    out
}
