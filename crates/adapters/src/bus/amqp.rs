use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fe2o3_amqp::connection::ConnectionHandle;
use fe2o3_amqp::link::delivery::DeliveryInfo;
use fe2o3_amqp::link::receiver::CreditMode;
use fe2o3_amqp::link::{RecvError, SendError};
use fe2o3_amqp::sasl_profile::SaslProfile;
use fe2o3_amqp::session::SessionHandle;
use fe2o3_amqp::types::messaging::{
    AmqpValue, Body, Data, Header, Message as AmqpMessage, MessageId, Outcome as AmqpOutcome, Properties,
};
use fe2o3_amqp::types::primitives::{Symbol, Timestamp, Value};
use fe2o3_amqp::{Connection, Delivery, Receiver as AmqpLink, Sender, Session};
use fe2o3_amqp_cbs::client::CbsClient;
use fe2o3_amqp_cbs::token::CbsToken;
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use super::settings::{BusSettings, Dialect};
use super::{Answer, Bus, Error, Message, Outcome, Place, Received, Receiver, sas};

/// So long may connecting, attaching or being let in take.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// So long may the bus take to confirm what was sent to it. One that hangs doesn't break: it is silent.
const CONFIRM_LIMIT: Duration = Duration::from_secs(10);
const CLOSE_LIMIT: Duration = Duration::from_secs(2);
/// Without a sign of life for so long the connection counts as broken, in milliseconds.
const IDLE: u32 = 20_000;
/// So long tokens are good for, and after so long they are renewed.
const TOKEN_LASTS: Duration = Duration::from_secs(3_600);
const RENEW_AFTER: Duration = Duration::from_secs(2_400);
/// Messages on the way to us that we haven't dealt with yet.
const CREDIT: u32 = 400;
/// After the first message of a batch this long for each further one: what is there already, no more.
const FURTHER: Duration = Duration::from_millis(2);
/// Properties and framing of a message, at most.
const OVERHEAD: u64 = 1_024;
/// Within this the bus says that an address is none.
const REFUSAL: Duration = Duration::from_millis(300);

/// A bus that speaks AMQP 1.0.
pub struct AmqpBus {
    settings: BusSettings,
    container: String,
    sending: Mutex<Option<Sending>>,
}

/// A connection that lets us in.
struct Open {
    connection: ConnectionHandle<()>,
    session: SessionHandle<()>,
    claims: Option<CbsClient>,
    host: String,
    entities: Vec<String>,
    renewed: Instant,
}

struct Sending {
    open: Open,
    links: HashMap<String, Sender>,
}

fn broken<E: std::fmt::Debug>(doing: &'static str) -> impl FnOnce(E) -> Error {
    move |error| Error::Broken { doing, why: format!("{error:?}").chars().take(300).collect() }
}

async fn within<T>(
    limit: Duration,
    doing: &'static str,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::time::timeout(limit, work).await.unwrap_or(Err(Error::Silent(doing)))
}

impl AmqpBus {
    /// The bus behind these settings; it is not asked yet. `name` is how it sees us.
    pub fn new(settings: BusSettings, name: &str) -> Self {
        AmqpBus { settings, container: name.to_owned(), sending: Mutex::new(None) }
    }

    async fn open(&self, purpose: &str) -> Result<Open, Error> {
        let doing = "connecting";
        let settings = &self.settings;
        within(CONNECT_LIMIT, doing, async {
            let stream =
                TcpStream::connect((settings.host.as_str(), settings.port)).await.map_err(broken(doing))?;
            stream.set_nodelay(true).map_err(broken(doing))?;
            let virtual_host = settings.virtual_host.as_ref().map(|name| format!("vhost:{name}"));
            let profile = match settings.dialect {
                Dialect::ServiceBus => SaslProfile::Anonymous,
                Dialect::RabbitMq => {
                    SaslProfile::Plain { username: settings.name.clone(), password: settings.secret.clone() }
                }
            };
            let mut connection = Connection::builder()
                .container_id(format!("{}-{purpose}", self.container))
                .scheme(if settings.tls { "amqps" } else { "amqp" })
                .domain(settings.host.as_str())
                .hostname(virtual_host.as_deref().unwrap_or(&settings.host))
                .sasl_hostname(settings.host.as_str())
                // Both servers expect TLS at once on its own port.
                .alt_tls_establishment(true)
                .idle_time_out(IDLE)
                .sasl_profile(profile)
                .open_with_stream(stream)
                .await
                .map_err(broken(doing))?;
            let mut session = Session::begin(&mut connection).await.map_err(broken(doing))?;
            let claims = match settings.dialect {
                Dialect::ServiceBus => Some(CbsClient::attach(&mut session).await.map_err(broken(doing))?),
                Dialect::RabbitMq => None,
            };
            let host = settings.host.clone();
            Ok(Open { connection, session, claims, host, entities: Vec::new(), renewed: Instant::now() })
        })
        .await
    }

    /// Attaches a link to send by, after making sure that there is something at its other end.
    async fn sender(&self, open: &mut Open, to: Place<'_>) -> Result<Sender, Error> {
        let doing = "attaching a sender";
        within(CONNECT_LIMIT, doing, async {
            if self.settings.dialect == Dialect::RabbitMq && matches!(to, Place::Queue(_)) {
                // It takes and forgets messages to a queue that isn't there; receiving from it fails.
                self.probe(open, to).await?;
            }
            open.claim(&self.settings, entity(to)).await?;
            let address = address(self.settings.dialect, to);
            let name = format!("{}-to-{address}", self.container);
            Sender::attach(&mut open.session, name, address).await.map_err(|e| self.refused(doing, to, &e))
        })
        .await
    }

    /// Attaches a link that asks for no messages.
    async fn probe(&self, open: &mut Open, place: Place<'_>) -> Result<(), Error> {
        let doing = "looking for a queue";
        open.claim(&self.settings, entity(place)).await?;
        let link = AmqpLink::builder()
            .name(format!("{}-probe-{}", self.container, entity(place)))
            .source(address(self.settings.dialect, place))
            .credit_mode(CreditMode::Manual)
            .attach(&mut open.session)
            .await
            .map_err(|e| self.refused(doing, place, &e))?;
        // RabbitMQ 3 answers without saying that it is closed, which is an error to the library and none to us.
        let _ = tokio::time::timeout(CLOSE_LIMIT, link.close()).await;
        Ok(())
    }

    /// An address that is none is answered in several ways, none of which can be mistaken for anything else.
    fn refused<E: std::fmt::Debug>(&self, doing: &'static str, place: Place<'_>, error: &E) -> Error {
        let text = format!("{error:?}");
        let not_found =
            ["NotFound", "not-found", "not_found", "no queue", "no exchange", "invalid_destination"];
        if not_found.iter().any(|sign| text.contains(sign)) {
            return Error::NoSuchPlace(entity(place).to_owned());
        }
        broken(doing)(error)
    }

    async fn send_all(
        &self,
        sending: &mut Option<Sending>,
        to: Place<'_>,
        messages: &[Message],
    ) -> Result<Vec<Outcome>, Error> {
        let doing = "sending";
        if sending.as_ref().is_some_and(|sending| sending.open.renewed.elapsed() > RENEW_AFTER)
            && let Some(sending) = sending.as_mut()
        {
            sending.open.renew(&self.settings).await?;
        }
        if sending.is_none() {
            *sending = Some(Sending { open: self.open("sends").await?, links: HashMap::new() });
        }
        let Some(Sending { open, links }) = sending else { return Err(Error::Silent(doing)) };
        let address = address(self.settings.dialect, to);
        if !links.contains_key(&address) {
            let link = self.sender(open, to).await?;
            links.insert(address.clone(), link);
        }
        let Some(link) = links.get_mut(&address) else { return Err(Error::Silent(doing)) };
        let most = link.max_message_size().filter(|most| *most > 0);
        // What waits for a connection that broke would wait for ever.
        let broke = async {
            let why = open.connection.on_close().await;
            Err(broken(doing)(why))
        };
        let sent = within(CONFIRM_LIMIT, doing, async {
            let mut pending = Vec::with_capacity(messages.len());
            for message in messages {
                let size = u64::try_from(message.body.len()).unwrap_or(u64::MAX).saturating_add(OVERHEAD);
                if let Some(most) = most.filter(|most| size > *most) {
                    pending.push(Err(Outcome::Refused(format!("larger than {most} bytes"))));
                    continue;
                }
                match link.send_batchable(encoded(message)).await {
                    Ok(confirmation) => pending.push(Ok(confirmation)),
                    Err(SendError::MessageSizeExceeded(_)) => {
                        pending.push(Err(Outcome::Refused("too large".to_owned())));
                    }
                    Err(error) => return Err(self.refused(doing, to, &error)),
                }
            }
            let mut outcomes = Vec::with_capacity(messages.len());
            for confirmation in pending {
                outcomes.push(match confirmation {
                    Err(refused) => refused,
                    Ok(confirmation) => match confirmation.await.map_err(|e| self.refused(doing, to, &e))? {
                        AmqpOutcome::Accepted(_) => Outcome::Taken,
                        AmqpOutcome::Rejected(rejected) => {
                            Outcome::Refused(format!("{:?}", rejected.error).chars().take(300).collect())
                        }
                        // Nobody has subscribed to the topic.
                        AmqpOutcome::Released(_) if matches!(to, Place::Topic(_)) => Outcome::Taken,
                        other => return Err(broken(doing)(other)),
                    },
                });
            }
            Ok(outcomes)
        });
        tokio::select! {
            sent = sent => sent,
            broke = broke => broke,
        }
    }
}

impl Open {
    /// Has the bus let us at this entity.
    async fn claim(&mut self, settings: &BusSettings, entity: &str) -> Result<(), Error> {
        let doing = "asking to be let in";
        let Some(claims) = &mut self.claims else { return Ok(()) };
        let resource = format!("sb://{}/{entity}", self.host);
        let expiry = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + TOKEN_LASTS;
        let token = sas::token(&resource, &settings.name, &settings.secret, expiry.as_secs())
            .map_err(broken(doing))?;
        let until = Timestamp::from_milliseconds(i64::try_from(expiry.as_millis()).unwrap_or(i64::MAX));
        let token = CbsToken::new(token, "servicebus.windows.net:sastoken", Some(until));
        claims.put_token(resource, token).await.map_err(broken(doing))?;
        if !self.entities.iter().any(|known| known == entity) {
            self.entities.push(entity.to_owned());
        }
        Ok(())
    }

    async fn renew(&mut self, settings: &BusSettings) -> Result<(), Error> {
        let entities = self.entities.clone();
        within(CONNECT_LIMIT, "renewing a token", async {
            for entity in &entities {
                self.claim(settings, entity).await?;
            }
            Ok(())
        })
        .await?;
        self.renewed = Instant::now();
        Ok(())
    }

    /// What was under way when it is closed goes back to the queue.
    async fn close(mut self) {
        let orderly = async {
            let _ = self.session.end().await;
            let _ = self.connection.close().await;
        };
        let _ = tokio::time::timeout(CLOSE_LIMIT, orderly).await;
    }
}

/// The name alone.
fn entity(place: Place<'_>) -> &str {
    match place {
        Place::Queue(name) | Place::Topic(name) => name,
    }
}

fn address(dialect: Dialect, place: Place<'_>) -> String {
    match (dialect, place) {
        (Dialect::ServiceBus, Place::Queue(name) | Place::Topic(name)) => name.to_owned(),
        (Dialect::RabbitMq, Place::Queue(name)) => format!("/amq/queue/{name}"),
        // Routed by the subject.
        (Dialect::RabbitMq, Place::Topic(name)) => format!("/exchange/{name}"),
    }
}

fn encoded(message: &Message) -> AmqpMessage<Data> {
    AmqpMessage::builder()
        .header(Header { durable: true, ..Header::default() })
        .properties(
            Properties::builder()
                .message_id(message.id.to_string())
                .subject(message.subject.clone())
                .group_id(message.group.to_string())
                .content_type(Symbol::from("application/json"))
                .build(),
        )
        .body(Data::from(message.body.as_ref()))
        .build()
}

impl Bus for AmqpBus {
    fn send<'a>(&'a self, to: Place<'a>, messages: &'a [Message]) -> Answer<'a, Vec<Outcome>> {
        Box::pin(async move {
            let mut sending = self.sending.lock().await;
            let outcome = self.send_all(&mut sending, to, messages).await;
            if outcome.is_err()
                && let Some(failed) = sending.take()
            {
                // Nothing of a connection on which something failed is trusted any more.
                tokio::spawn(failed.open.close());
            }
            outcome
        })
    }

    fn receive<'a>(&'a self, queue: &'a str) -> Answer<'a, Box<dyn Receiver>> {
        Box::pin(async move {
            let doing = "attaching a receiver";
            let mut open = self.open(&format!("receives-{queue}")).await?;
            let attached = within(CONNECT_LIMIT, doing, async {
                open.claim(&self.settings, queue).await?;
                AmqpLink::builder()
                    .name(format!("{}-from-{queue}", self.container))
                    .source(address(self.settings.dialect, Place::Queue(queue)))
                    .credit_mode(CreditMode::Auto(CREDIT))
                    .attach(&mut open.session)
                    .await
                    .map_err(|e| self.refused(doing, Place::Queue(queue), &e))
            })
            .await;
            match attached {
                Ok(link) => {
                    let settings = self.settings.clone();
                    Ok(Box::new(AmqpReceiver { settings, open, link, in_hand: HashMap::new(), last: 0 })
                        as Box<dyn Receiver>)
                }
                Err(error) => {
                    open.close().await;
                    Err(error)
                }
            }
        })
    }

    fn check<'a>(&'a self, places: &'a [Place<'a>]) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut open = self.open("looks").await?;
            let mut outcome = Ok(());
            for place in places {
                let mut found = self.sender(&mut open, *place).await;
                if let Ok(link) = &mut found
                    && let Ok(gone) = tokio::time::timeout(REFUSAL, link.on_detach()).await
                {
                    outcome = Err(self.refused("looking for a queue", *place, &gone));
                } else if let Err(error) = found {
                    outcome = Err(error);
                }
                if outcome.is_err() {
                    break;
                }
            }
            open.close().await;
            outcome
        })
    }
}

struct AmqpReceiver {
    settings: BusSettings,
    open: Open,
    link: AmqpLink,
    in_hand: HashMap<u32, DeliveryInfo>,
    last: u32,
}

impl AmqpReceiver {
    fn take(&mut self, delivery: Delivery<Body<Value>>) -> Received {
        let (info, message) = delivery.into_parts();
        self.last = self.last.wrapping_add(1);
        self.in_hand.insert(self.last, info);
        let properties = message.properties.unwrap_or_default();
        let id = properties.message_id.map(|id| match id {
            MessageId::String(text) => text,
            other => format!("{other:?}"),
        });
        let body = match message.body {
            Body::Data(parts) => parts.into_iter().flat_map(|Data(bytes)| bytes.into_vec()).collect(),
            Body::Value(AmqpValue(Value::String(text))) => text.into_bytes(),
            Body::Value(AmqpValue(Value::Binary(bytes))) => bytes.into_vec(),
            other => format!("{other:?}").into_bytes(),
        };
        Received { number: self.last, id, subject: properties.subject, body }
    }
}

impl Receiver for AmqpReceiver {
    fn next(&mut self, most: usize, within: Duration) -> Answer<'_, Vec<Received>> {
        Box::pin(async move {
            let failed = |error: RecvError| broken("receiving")(error);
            if self.open.renewed.elapsed() > RENEW_AFTER {
                self.open.renew(&self.settings).await?;
            }
            let mut received = Vec::new();
            let Ok(first) = tokio::time::timeout(within, self.link.recv::<Body<Value>>()).await else {
                return Ok(received);
            };
            let first = first.map_err(failed)?;
            received.push(self.take(first));
            while received.len() < most {
                match tokio::time::timeout(FURTHER, self.link.recv::<Body<Value>>()).await {
                    Ok(Ok(delivery)) => {
                        let further = self.take(delivery);
                        received.push(further);
                    }
                    // The next call says so again.
                    Ok(Err(_)) | Err(_) => break,
                }
            }
            Ok(received)
        })
    }

    fn complete<'a>(&'a mut self, messages: &'a [Received]) -> Answer<'a, ()> {
        Box::pin(async move {
            let infos: Vec<DeliveryInfo> =
                messages.iter().filter_map(|message| self.in_hand.remove(&message.number)).collect();
            let doing = "completing messages";
            within(CONFIRM_LIMIT, doing, async { self.link.accept_all(infos).await.map_err(broken(doing)) })
                .await
        })
    }

    fn close(self: Box<Self>) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(self.open.close())
    }
}
