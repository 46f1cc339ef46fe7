use ::redis::{Client, ConnectionAddr, IntoConnectionInfo as _, RedisError};

/// A connection string that isn't one. Its text is a secret and is not repeated.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The part of this name.
    #[error("its part {0} is not valid")]
    Part(String),
    /// No address in it.
    #[error("it names no server")]
    NoServer,
    /// The client library refuses it.
    #[error("it is not an address of a Redis")]
    Refused(#[from] RedisError),
}

/// A client for `redis://…` and `rediss://…`, or for what Azure gives out: `name:6380,password=…,ssl=True`.
///
/// # Errors
/// When it is neither.
pub fn client(text: &str) -> Result<Client, SettingsError> {
    let text = text.trim();
    if text.contains("://") {
        return Ok(Client::open(text)?);
    }
    let mut server = None;
    let (mut user, mut password, mut tls, mut database) = (None, None, None, 0);
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=') else {
            server = server.or(Some(part));
            continue;
        };
        let wrong = || SettingsError::Part(name.trim().to_owned());
        match name.trim().to_ascii_lowercase().as_str() {
            "password" => password = Some(value),
            "user" => user = Some(value),
            "ssl" => tls = Some(value.to_ascii_lowercase().parse::<bool>().map_err(|_| wrong())?),
            "defaultdatabase" => database = value.parse::<i64>().map_err(|_| wrong())?,
            // What else .NET's client takes says how it is to wait and to try; ours has its own ways.
            _ => {}
        }
    }
    let server = server.ok_or(SettingsError::NoServer)?;
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) => {
            (host, Some(port.parse::<u16>().map_err(|_| SettingsError::Part("port".to_owned()))?))
        }
        None => (server, None),
    };
    // As .NET's client does: that port is the one with TLS.
    let tls = tls.unwrap_or(port == Some(6380));
    let (host, port) = (host.to_owned(), port.unwrap_or(if tls { 6380 } else { 6379 }));
    let address = if tls {
        ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
    } else {
        ConnectionAddr::Tcp(host, port)
    };
    let info = address.into_connection_info()?;
    let mut redis = info.redis_settings().clone().set_db(database);
    if let Some(user) = user {
        redis = redis.set_username(user);
    }
    if let Some(password) = password {
        redis = redis.set_password(password);
    }
    Ok(Client::open(info.set_redis_settings(redis))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> String {
        client(text).unwrap().get_connection_info().addr().to_string()
    }

    #[test]
    fn what_azure_gives_out_is_understood() {
        let text = "dms.redis.cache.windows.net:6380,password=a=b=,ssl=True,abortConnect=False";
        let client = client(text).unwrap();
        let info = client.get_connection_info();
        assert!(
            matches!(info.addr(), ConnectionAddr::TcpTls { host, port: 6380, insecure: false, .. } if host == "dms.redis.cache.windows.net")
        );
        assert_eq!(info.redis_settings().password(), Some("a=b="));
    }

    #[test]
    fn addresses_are_understood_with_their_usual_ports() {
        assert_eq!(address("redis-master"), "redis-master:6379");
        assert_eq!(address("redis-master:7000,defaultDatabase=3"), "redis-master:7000");
        assert_eq!(address("redis://localhost"), "localhost:6379");
    }

    #[test]
    fn what_is_wrong_is_named_without_its_value() {
        for (text, says) in [
            ("", "it names no server"),
            ("password=geheim", "it names no server"),
            ("host:geheim", "its part port is not valid"),
            ("host,ssl=geheim", "its part ssl is not valid"),
        ] {
            assert_eq!(client(text).unwrap_err().to_string(), says);
        }
    }
}
