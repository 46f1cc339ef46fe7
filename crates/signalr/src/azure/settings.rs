//! Where the service is, and what shows that we may use it.

use std::fmt;

/// The settings of Azure SignalR Service. Secrets are not printed.
#[derive(Clone)]
pub struct AzureSettings {
    pub(super) endpoint: String,
    pub(super) client_endpoint: String,
    pub(super) server_endpoint: String,
    pub(super) key: String,
    /// The keys with which the service may sign: ours, and the other one while keys are changed.
    pub(super) keys: Vec<String>,
    pub(super) upstream_secret: Option<String>,
}

/// A connection string that is none. The string is a secret and is not repeated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AzureSettingsError {
    /// A part is absent.
    #[error("the connection string has no '{0}'")]
    Missing(&'static str),
    /// It wants to sign in by Entra ID.
    #[error("the connection string has no access key; other ways to sign in are not supported")]
    AuthType,
    /// An address that is none.
    #[error("'{0}' of the connection string is not an address")]
    Address(&'static str),
}

impl AzureSettings {
    /// Reads `Endpoint=https://…;AccessKey=…;Version=1.0;` with the optional parts `Port`, `ClientEndpoint` and
    /// `ServerEndpoint`.
    ///
    /// # Errors
    /// It is not of that form.
    pub fn parse(text: &str) -> Result<Self, AzureSettingsError> {
        // Keys may end in '='.
        let parts: Vec<(String, &str)> = text
            .split(';')
            .filter_map(|part| part.trim().split_once('='))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()))
            .collect();
        let get = |name: &str| {
            parts.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| *value)
        };
        if get("authtype").is_some() {
            return Err(AzureSettingsError::AuthType);
        }
        let address = |name: &'static str, text: &str| {
            let fine = text.starts_with("https://") || text.starts_with("http://");
            if fine {
                Ok(text.trim_end_matches('/').to_owned())
            } else {
                Err(AzureSettingsError::Address(name))
            }
        };
        let endpoint = address("Endpoint", get("endpoint").ok_or(AzureSettingsError::Missing("Endpoint"))?)?;
        let key = get("accesskey").ok_or(AzureSettingsError::Missing("AccessKey"))?.to_owned();
        let with_port = match get("port") {
            Some(port) => format!("{endpoint}:{port}"),
            None => endpoint.clone(),
        };
        let other = |name: &'static str| match get(&name.to_ascii_lowercase()) {
            Some(text) => address(name, text),
            None => Ok(with_port.clone()),
        };
        Ok(Self {
            client_endpoint: other("ClientEndpoint")?,
            server_endpoint: other("ServerEndpoint")?,
            endpoint,
            keys: vec![key.clone()],
            key,
            upstream_secret: None,
        })
    }

    /// Also accepts what the service signs with its other key, as it does while keys are changed.
    #[must_use]
    pub fn other_key(mut self, key: impl Into<String>) -> Self {
        self.keys.push(key.into());
        self
    }

    /// Accepts upstream requests only with this `code` in their address: a signature by itself could be used
    /// again by whoever has seen it.
    #[must_use]
    pub fn upstream_secret(mut self, secret: impl Into<String>) -> Self {
        self.upstream_secret = Some(secret.into());
        self
    }
}

impl fmt::Debug for AzureSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureSettings").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_string_is_read_whatever_the_case_and_order_of_its_parts() {
        let settings =
            AzureSettings::parse("accesskey=a+b==; ENDPOINT=https://x.example/;Version=1.0;").unwrap();
        assert_eq!((settings.endpoint.as_str(), settings.key.as_str()), ("https://x.example", "a+b=="));
        assert_eq!(settings.client_endpoint, "https://x.example");
        assert!(!format!("{settings:?}").contains("a+b"));
    }

    #[test]
    fn clients_and_servers_may_have_addresses_of_their_own() {
        let text = "Endpoint=http://x;AccessKey=k;Port=8080;ClientEndpoint=https://clients.example";
        let settings = AzureSettings::parse(text).unwrap();
        assert_eq!(settings.client_endpoint, "https://clients.example");
        assert_eq!(settings.server_endpoint, "http://x:8080");
    }

    #[test]
    fn what_is_no_connection_string_is_refused_without_its_text() {
        for (text, error) in [
            ("", "the connection string has no 'Endpoint'"),
            ("Endpoint=https://x", "the connection string has no 'AccessKey'"),
            ("Endpoint=x;AccessKey=k", "'Endpoint' of the connection string is not an address"),
            (
                "Endpoint=https://x;AuthType=azure.msi",
                "the connection string has no access key; other ways to sign in are not supported",
            ),
        ] {
            assert_eq!(AzureSettings::parse(text).unwrap_err().to_string(), error);
        }
    }
}
