//! A client's connection: sessions, links, credit, settlement.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Shared;
use super::broker::{Message, check_claim, plain};
use crate::codec::{Malformed, Value, field, string, symbol};

const SASL: &[u8; 8] = b"AMQP\x03\x01\x00\x00";
const AMQP: &[u8; 8] = b"AMQP\x00\x01\x00\x00";
const CLAIMS: &str = "$cbs";
const HEARTBEAT: Duration = Duration::from_secs(2);
const CREDIT: u32 = 1_000;
const WINDOW: u32 = 0x7fff_ffff;
const MAX_MESSAGE: u64 = 262_144;
/// Several messages in one.
const BATCH: u32 = 0x8001_3700;

impl From<Malformed> for io::Error {
    fn from(_: Malformed) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, "malformed")
    }
}

/// What the client sends to us by.
struct Incoming {
    address: String,
    count: u32,
    credit: u32,
    partial: Vec<u8>,
    delivery: u32,
    batch: bool,
}

/// What we send to the client by.
struct Outgoing {
    address: String,
    count: u32,
    credit: u32,
    in_flight: BTreeMap<u32, Message>,
    replies: VecDeque<Vec<u8>>,
}

#[derive(Default)]
struct Session {
    incoming: HashMap<u32, Incoming>,
    outgoing: HashMap<u32, Outgoing>,
    next_in: u32,
    next_out: u32,
    /// Transfers the client still takes.
    window: u32,
}

struct Connection {
    shared: Shared,
    out: Vec<u8>,
    max_frame: usize,
    sessions: HashMap<u16, Session>,
}

impl Drop for Connection {
    /// What the client had in hand goes back.
    fn drop(&mut self) {
        for (_, session) in self.sessions.drain() {
            for (_, link) in session.outgoing {
                self.shared.give_back(link);
            }
        }
    }
}

impl Shared {
    fn give_back(&self, link: Outgoing) {
        let mut broker = self.broker.lock();
        for (_, message) in link.in_flight {
            broker.give_back(&link.address, message);
        }
        drop(broker);
        self.ring();
    }

    fn ring(&self) {
        self.news.send_modify(|n| *n += 1);
    }
}

/// Serves until the client goes, or does something that it shouldn't.
pub(super) async fn serve(mut stream: TcpStream, shared: Shared) {
    let mut news = shared.news.subscribe();
    let mut hung = shared.hung.subscribe();
    let mut connection = Connection { shared, out: Vec::new(), max_frame: 512, sessions: HashMap::new() };
    let mut read = Vec::new();
    let mut beat = tokio::time::interval(HEARTBEAT);
    let _ = stream.set_nodelay(true);
    loop {
        if hung.wait_for(|hung| !*hung).await.is_err() {
            return;
        }
        match connection.digest(&mut read) {
            Ok(true) => {}
            Ok(false) | Err(_) => {
                let _ = stream.write_all(&connection.out).await;
                return;
            }
        }
        if !connection.out.is_empty() {
            if stream.write_all(&connection.out).await.is_err() {
                return;
            }
            connection.out.clear();
        }
        tokio::select! {
            got = stream.read_buf(&mut read) => if !got.is_ok_and(|n| n > 0) { return },
            changed = news.changed() => {
                if changed.is_err() || *hung.borrow() { continue; }
                connection.pump_all();
            }
            _ = beat.tick() => {
                // An empty frame, once there are frames.
                if !connection.sessions.is_empty() && !*hung.borrow() {
                    connection.out.extend([0, 0, 0, 8, 2, 0, 0, 0]);
                }
            }
            _ = hung.changed() => {}
        }
    }
}

impl Connection {
    /// Deals with all that is there; false when the connection is to end.
    fn digest(&mut self, read: &mut Vec<u8>) -> io::Result<bool> {
        loop {
            if read.len() < 8 {
                return Ok(true);
            }
            if read.starts_with(b"AMQP") {
                let header: Vec<u8> = read.drain(..8).collect();
                self.out.extend(&header);
                if header == SASL {
                    // "multiple" symbols: one by itself is enough.
                    self.frame(1, 0, &Value::described(0x40, vec![symbol("ANONYMOUS")]), &[]);
                } else if header != AMQP {
                    return Ok(false);
                }
                continue;
            }
            let length = u32::from_be_bytes([read[0], read[1], read[2], read[3]]) as usize;
            if length < 8 {
                return Err(Malformed.into());
            }
            if read.len() < length {
                return Ok(true);
            }
            let frame: Vec<u8> = read.drain(..length).collect();
            let channel = u16::from_be_bytes([frame[6], frame[7]]);
            let mut body = frame.get(usize::from(frame[4]) * 4..).ok_or(Malformed)?;
            if body.is_empty() {
                continue;
            }
            let performative = Value::read(&mut body)?;
            let (code, fields) = performative.composite().ok_or(Malformed)?;
            if !self.act(channel, code, fields, body)? {
                return Ok(false);
            }
        }
    }

    fn frame(&mut self, kind: u8, channel: u16, performative: &Value, payload: &[u8]) {
        let start = self.out.len();
        self.out.extend([0, 0, 0, 0, 2, kind]);
        self.out.extend(channel.to_be_bytes());
        performative.write(&mut self.out);
        self.out.extend(payload);
        let length = (self.out.len() - start) as u32;
        self.out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }

    fn say(&mut self, channel: u16, code: u64, fields: Vec<Value>) {
        self.frame(0, channel, &Value::described(code, fields), &[]);
    }

    fn act(&mut self, channel: u16, code: u64, fields: &[Value], payload: &[u8]) -> io::Result<bool> {
        match code {
            // sasl-init
            0x41 => self.frame(1, 0, &Value::described(0x44, vec![Value::Other(0x50, vec![0])]), &[]),
            // open
            0x10 => {
                self.max_frame = field(fields, 2).uint().unwrap_or(u32::MAX).clamp(512, 65_536) as usize;
                let max = Value::Uint(65_536);
                self.say(
                    0,
                    0x10,
                    vec![string("emulator"), Value::Null, max, Value::Other(0x60, vec![0, 255])],
                );
            }
            // begin
            0x11 => {
                let session = Session {
                    next_in: field(fields, 1).uint().unwrap_or(0),
                    window: field(fields, 2).uint().unwrap_or(0),
                    ..Session::default()
                };
                self.sessions.insert(channel, session);
                let remote = Value::Other(0x60, channel.to_be_bytes().to_vec());
                let window = Value::Uint(WINDOW);
                self.say(
                    channel,
                    0x11,
                    vec![remote, Value::Uint(0), window.clone(), window, Value::Uint(255)],
                );
            }
            0x12 => self.attach(channel, fields)?,
            0x13 => self.flow(channel, fields)?,
            0x14 => return self.transfer(channel, fields, payload),
            0x15 => self.disposition(channel, fields)?,
            // detach
            0x16 => {
                let handle = field(fields, 0).uint().ok_or(Malformed)?;
                let session = self.sessions.get_mut(&channel).ok_or(Malformed)?;
                let known = session.incoming.remove(&handle).is_some();
                let outgoing = session.outgoing.remove(&handle);
                let known = known || outgoing.is_some();
                if let Some(link) = outgoing {
                    self.shared.give_back(link);
                }
                if known {
                    self.say(channel, 0x16, vec![Value::Uint(handle), Value::Bool(true)]);
                }
            }
            // end
            0x17 => {
                if let Some(session) = self.sessions.remove(&channel) {
                    for (_, link) in session.outgoing {
                        self.shared.give_back(link);
                    }
                }
                self.say(channel, 0x17, Vec::new());
            }
            // close
            0x18 => {
                self.say(0, 0x18, Vec::new());
                return Ok(false);
            }
            _ => return Err(Malformed.into()),
        }
        Ok(true)
    }

    fn attach(&mut self, channel: u16, fields: &[Value]) -> io::Result<()> {
        let handle = field(fields, 1).uint().ok_or(Malformed)?;
        let they_receive = field(fields, 2).is_true();
        let (source, target) = (field(fields, 5).clone(), field(fields, 6).clone());
        let end = if they_receive { &source } else { &target };
        let address = end.composite().and_then(|(_, fields)| field(fields, 0).str()).unwrap_or_default();
        let address = plain(address);
        let broker = self.shared.broker.lock();
        let known = address == CLAIMS
            || if they_receive { broker.can_receive(&address) } else { broker.can_send(&address) };
        drop(broker);
        // What a sender asks for is ours to say: the first of us to settle is enough.
        let settle = if they_receive { field(fields, 4).clone() } else { Value::Other(0x50, vec![0]) };
        let count = if they_receive { Value::Uint(0) } else { Value::Null };
        let answer = vec![
            field(fields, 0).clone(),
            Value::Uint(handle),
            Value::Bool(!they_receive),
            field(fields, 3).clone(),
            settle,
            source,
            target,
            Value::Null,
            Value::Null,
            count,
            Value::Ulong(MAX_MESSAGE),
        ];
        self.say(channel, 0x12, answer);
        if !known {
            let text = format!("The messaging entity '{address}' could not be found.");
            let error = Value::described(0x1d, vec![symbol("amqp:not-found"), string(&text)]);
            self.say(channel, 0x16, vec![Value::Uint(handle), Value::Bool(true), error]);
            return Ok(());
        }
        let session = self.sessions.get_mut(&channel).ok_or(Malformed)?;
        if they_receive {
            let link = Outgoing {
                address,
                count: 0,
                credit: 0,
                in_flight: BTreeMap::new(),
                replies: VecDeque::new(),
            };
            session.outgoing.insert(handle, link);
        } else {
            let count = field(fields, 9).uint().unwrap_or(0);
            let link = Incoming { address, count, credit: 0, partial: Vec::new(), delivery: 0, batch: false };
            session.incoming.insert(handle, link);
            self.grant(channel, handle)?;
        }
        Ok(())
    }

    /// Lets the client send more when it has little left.
    fn grant(&mut self, channel: u16, handle: u32) -> io::Result<()> {
        let session = self.sessions.get_mut(&channel).ok_or(Malformed)?;
        let (next_in, next_out) = (session.next_in, session.next_out);
        let link = session.incoming.get_mut(&handle).ok_or(Malformed)?;
        if link.credit <= CREDIT / 2 {
            link.credit = CREDIT;
            let count = link.count;
            self.say_flow(channel, next_in, next_out, Some((handle, count, CREDIT)));
        }
        Ok(())
    }

    fn say_flow(&mut self, channel: u16, next_in: u32, next_out: u32, link: Option<(u32, u32, u32)>) {
        let window = Value::Uint(WINDOW);
        let mut fields = vec![Value::Uint(next_in), window.clone(), Value::Uint(next_out), window];
        if let Some((handle, count, credit)) = link {
            fields.extend([Value::Uint(handle), Value::Uint(count), Value::Uint(credit)]);
        }
        self.say(channel, 0x13, fields);
    }

    fn flow(&mut self, channel: u16, fields: &[Value]) -> io::Result<()> {
        let session = self.sessions.get_mut(&channel).ok_or(Malformed)?;
        let window = field(fields, 1).uint().unwrap_or(0);
        let seen = field(fields, 0).uint().unwrap_or(0);
        session.window = seen.wrapping_add(window).wrapping_sub(session.next_out);
        let (drain, echo) = (field(fields, 8).is_true(), field(fields, 9).is_true());
        let mut answer = echo.then_some(None);
        if let Some(handle) = field(fields, 4).uint()
            && let Some(link) = session.outgoing.get_mut(&handle)
        {
            let count = field(fields, 5).uint().unwrap_or(0);
            let credit = field(fields, 6).uint().unwrap_or(0);
            link.credit = count.wrapping_add(credit).wrapping_sub(link.count);
            self.pump(channel, handle);
            let session = self.sessions.get_mut(&channel).ok_or(Malformed)?;
            if drain && let Some(link) = session.outgoing.get_mut(&handle) {
                link.count = link.count.wrapping_add(link.credit);
                link.credit = 0;
                answer = Some(Some((handle, link.count, 0)));
            }
        } else {
            self.pump_all();
        }
        if let Some(link) = answer
            && let Some(session) = self.sessions.get(&channel)
        {
            let (next_in, next_out) = (session.next_in, session.next_out);
            self.say_flow(channel, next_in, next_out, link);
        }
        Ok(())
    }

    fn transfer(&mut self, channel: u16, fields: &[Value], payload: &[u8]) -> io::Result<bool> {
        let handle = field(fields, 0).uint().ok_or(Malformed)?;
        let session = self.sessions.get_mut(&channel).ok_or(Malformed)?;
        session.next_in = session.next_in.wrapping_add(1);
        let link = session.incoming.get_mut(&handle).ok_or(Malformed)?;
        if let Some(delivery) = field(fields, 1).uint() {
            link.delivery = delivery;
            link.batch = field(fields, 3).uint() == Some(BATCH);
        }
        link.partial.extend(payload);
        if field(fields, 5).is_true() {
            return Ok(true);
        }
        link.count = link.count.wrapping_add(1);
        link.credit = link.credit.saturating_sub(1);
        let message = std::mem::take(&mut link.partial);
        let (delivery, address, batch) = (link.delivery, link.address.clone(), link.batch);
        if address == CLAIMS {
            let answer = check_claim(&message)?;
            let waits = session.outgoing.iter_mut().find(|(_, link)| link.address == CLAIMS);
            if let Some((handle, link)) = waits {
                link.replies.push_back(answer);
                let handle = *handle;
                self.confirm(channel, delivery);
                self.pump(channel, handle);
            }
        } else {
            let mut broker = self.shared.broker.lock();
            broker.enqueue(&address, batch, &message)?;
            let lost = broker.lose_confirmations > 0;
            broker.lose_confirmations = broker.lose_confirmations.saturating_sub(1);
            drop(broker);
            self.shared.ring();
            if lost {
                return Ok(false);
            }
            self.confirm(channel, delivery);
        }
        self.grant(channel, handle)?;
        Ok(true)
    }

    /// Tells the client that we have its message.
    fn confirm(&mut self, channel: u16, delivery: u32) {
        let accepted = Value::described(0x24, Vec::new());
        let one = Value::Uint(delivery);
        self.say(channel, 0x15, vec![Value::Bool(true), one.clone(), one, Value::Bool(true), accepted]);
    }

    fn disposition(&mut self, channel: u16, fields: &[Value]) -> io::Result<()> {
        if !field(fields, 0).is_true() {
            // What the client says of what it sent: it was settled long ago.
            return Ok(());
        }
        let first = field(fields, 1).uint().ok_or(Malformed)?;
        let last = field(fields, 2).uint().unwrap_or(first);
        let settled = field(fields, 3).is_true();
        let state = field(fields, 4);
        let (code, details) = state.composite().unwrap_or((0x24, &[]));
        for delivery in first..=last {
            let session = self.sessions.get_mut(&channel).ok_or(Malformed)?;
            let found = session.outgoing.values_mut().find_map(|link| {
                link.in_flight.remove(&delivery).map(|message| (link.address.clone(), message))
            });
            if let Some((address, message)) = found {
                let mut broker = self.shared.broker.lock();
                match code {
                    // accepted
                    0x24 => {}
                    // rejected
                    0x25 => {
                        let (reason, description) = reason(details);
                        broker.bury(&address, message, &reason, &description);
                    }
                    // released, modified
                    _ => broker.give_back(&address, message),
                }
                drop(broker);
                self.shared.ring();
            }
            if !settled {
                let one = Value::Uint(delivery);
                let outcome = Value::described(code, Vec::new());
                self.say(
                    channel,
                    0x15,
                    vec![Value::Bool(false), one.clone(), one, Value::Bool(true), outcome],
                );
            }
        }
        Ok(())
    }

    fn pump_all(&mut self) {
        let links: Vec<(u16, u32)> = self
            .sessions
            .iter()
            .flat_map(|(channel, session)| session.outgoing.keys().map(|handle| (*channel, *handle)))
            .collect();
        for (channel, handle) in links {
            self.pump(channel, handle);
        }
    }

    /// Sends what there is, as far as the client takes it.
    fn pump(&mut self, channel: u16, handle: u32) {
        loop {
            let Some(session) = self.sessions.get_mut(&channel) else { return };
            let Some(link) = session.outgoing.get_mut(&handle) else { return };
            if link.credit == 0 || session.window == 0 {
                return;
            }
            let delivery = session.next_out;
            let (payload, settled) = if let Some(reply) = link.replies.pop_front() {
                (reply, true)
            } else if link.address == CLAIMS {
                return;
            } else {
                let Some(message) = self.shared.broker.lock().next(&link.address) else { return };
                let payload = message.write();
                link.in_flight.insert(delivery, message);
                (payload, false)
            };
            link.credit -= 1;
            link.count = link.count.wrapping_add(1);
            let tag = uuid::Uuid::now_v7().into_bytes().to_vec();
            let most = self.max_frame - 128;
            let mut parts = payload.chunks(most).peekable();
            let mut first = true;
            while let Some(part) = parts.next() {
                if let Some(session) = self.sessions.get_mut(&channel) {
                    session.next_out = session.next_out.wrapping_add(1);
                    session.window = session.window.saturating_sub(1);
                }
                let more = Value::Bool(parts.peek().is_some());
                let performative = if first {
                    let tag = Value::Binary(tag.clone());
                    vec![
                        Value::Uint(handle),
                        Value::Uint(delivery),
                        tag,
                        Value::Uint(0),
                        Value::Bool(settled),
                        more,
                    ]
                } else {
                    let nothing = Value::Null;
                    vec![
                        Value::Uint(handle),
                        nothing.clone(),
                        nothing.clone(),
                        nothing.clone(),
                        nothing,
                        more,
                    ]
                };
                self.frame(0, channel, &Value::described(0x14, performative), part);
                first = false;
            }
        }
    }
}

/// Why a message was rejected, as Service Bus's clients say it.
fn reason(details: &[Value]) -> (String, String) {
    let mut found = ("rejected".to_owned(), String::new());
    if let Some((_, error)) = field(details, 0).composite()
        && let Value::Map(pairs) = field(error, 2)
    {
        for (key, value) in pairs {
            match (key.str(), value.str()) {
                (Some("DeadLetterReason"), Some(reason)) => found.0 = reason.to_owned(),
                (Some("DeadLetterErrorDescription"), Some(text)) => found.1 = text.to_owned(),
                _ => {}
            }
        }
    }
    found
}
