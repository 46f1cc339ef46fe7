/// What a server speaks beside the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Azure Service Bus: claims by tokens, plain addresses.
    ServiceBus,
    /// RabbitMQ 3 with its plug-in for AMQP 1.0: log-in by name and password, addresses that name what they are.
    RabbitMq,
}

/// How to reach a bus.
#[derive(Clone, PartialEq, Eq)]
pub struct BusSettings {
    pub(crate) dialect: Dialect,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: bool,
    /// The user of RabbitMQ, the key's name of Service Bus.
    pub(crate) name: String,
    /// The password, the key.
    pub(crate) secret: String,
    /// RabbitMQ's virtual host.
    pub(crate) virtual_host: Option<String>,
}

impl std::fmt::Debug for BusSettings {
    /// Without secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BusSettings")
            .field("dialect", &self.dialect)
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// A connection string that can't be used. It is not shown: it holds a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection string of the bus is not usable: {0}")]
pub struct Unusable(&'static str);

impl BusSettings {
    /// From what Azure gives (`Endpoint=sb://name.servicebus.windows.net/;SharedAccessKeyName=…;SharedAccessKey=…`, with
    /// `UseDevelopmentEmulator=true` without TLS), or an address of RabbitMQ (`amqp://user:password@host:5672/vhost`, `amqps://…`).
    ///
    /// # Errors
    /// What is missing.
    pub fn parse(connection: &str) -> Result<BusSettings, Unusable> {
        let connection = connection.trim();
        if let Some(rest) = connection.strip_prefix("amqp://") {
            return rabbit(rest, false);
        }
        if let Some(rest) = connection.strip_prefix("amqps://") {
            return rabbit(rest, true);
        }
        let value = |name: &str| {
            connection.split(';').find_map(|pair| {
                let (key, value) = pair.split_once('=')?;
                (key.trim().eq_ignore_ascii_case(name) && !value.trim().is_empty())
                    .then(|| value.trim().to_owned())
            })
        };
        let endpoint = value("Endpoint")
            .ok_or(Unusable("it begins with neither Endpoint=sb://, amqp:// nor amqps://"))?;
        let place = endpoint.strip_prefix("sb://").unwrap_or(&endpoint).trim_end_matches('/');
        let tls = !value("UseDevelopmentEmulator").is_some_and(|v| v.eq_ignore_ascii_case("true"));
        let (host, port) = host_and_port(place, if tls { 5671 } else { 5672 })?;
        Ok(BusSettings {
            dialect: Dialect::ServiceBus,
            host,
            port,
            tls,
            name: value("SharedAccessKeyName").ok_or(Unusable("it has no SharedAccessKeyName"))?,
            secret: value("SharedAccessKey").ok_or(Unusable("it has no SharedAccessKey"))?,
            virtual_host: None,
        })
    }

    /// What the server speaks.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }
}

fn rabbit(rest: &str, tls: bool) -> Result<BusSettings, Unusable> {
    let (account, place) = rest.rsplit_once('@').ok_or(Unusable("it has no user:password@"))?;
    let (name, secret) = account.split_once(':').ok_or(Unusable("it has no user:password@"))?;
    let (place, path) = place.split_once('/').map_or((place, ""), |(place, path)| (place, path));
    let (host, port) = host_and_port(place, if tls { 5671 } else { 5672 })?;
    let path = plain(path)?;
    Ok(BusSettings {
        dialect: Dialect::RabbitMq,
        host,
        port,
        tls,
        name: plain(name)?,
        secret: plain(secret)?,
        virtual_host: (!path.is_empty()).then_some(path),
    })
}

fn host_and_port(place: &str, default: u16) -> Result<(String, u16), Unusable> {
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().map_err(|_| Unusable("its port is no number"))?),
        None => (place, default),
    };
    if host.is_empty() || !host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b)) {
        return Err(Unusable("its host is not a name"));
    }
    Ok((host.to_owned(), port))
}

/// `%40` and so on as what they stand for.
fn plain(text: &str) -> Result<String, Unusable> {
    let wrong = Unusable("a %-sign in it is not followed by two hexadecimal digits");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = after.get(..2).and_then(|d| std::str::from_utf8(d).ok()).ok_or(wrong)?;
            bytes.push(u8::from_str_radix(digits, 16).map_err(|_| wrong)?);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).map_err(|_| Unusable("it is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_strings_are_read_as_azure_gives_them() {
        let azure = BusSettings::parse(
            "Endpoint=sb://diligo.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=a2V5==",
        )
        .unwrap();
        assert_eq!(azure.dialect, Dialect::ServiceBus);
        assert_eq!((azure.host.as_str(), azure.port), ("diligo.servicebus.windows.net", 5671));
        assert!(azure.tls);
        assert_eq!((azure.name.as_str(), azure.secret.as_str()), ("Root", "a2V5=="));
        let local = BusSettings::parse(
            "Endpoint=sb://127.0.0.1:27672;SharedAccessKeyName=k;SharedAccessKey=v;UseDevelopmentEmulator=true;",
        )
        .unwrap();
        assert_eq!((local.host.as_str(), local.port, local.tls), ("127.0.0.1", 27672, false));
    }

    #[test]
    fn a_rabbit_is_named_by_its_address() {
        let rabbit = BusSettings::parse("amqps://dms:p%40ss@rabbit:5673/dms").unwrap();
        assert_eq!(rabbit.dialect, Dialect::RabbitMq);
        assert_eq!((rabbit.host.as_str(), rabbit.port, rabbit.tls), ("rabbit", 5673, true));
        assert_eq!((rabbit.name.as_str(), rabbit.secret.as_str()), ("dms", "p@ss"));
        assert_eq!(rabbit.virtual_host.as_deref(), Some("dms"));
        assert_eq!(BusSettings::parse("amqp://a:b@rabbit").unwrap().port, 5672);
    }

    #[test]
    fn what_is_missing_is_said_without_the_secret() {
        for wrong in
            ["", "secret", "Endpoint=sb://x;SharedAccessKey=secret", "amqp://rabbit", "amqp://a:%secret@h"]
        {
            let error = BusSettings::parse(wrong).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        let shown = format!("{:?}", BusSettings::parse("amqp://a:secret@rabbit").unwrap());
        assert!(!shown.contains("secret"), "{shown}");
    }
}
