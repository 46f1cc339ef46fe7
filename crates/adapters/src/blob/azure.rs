use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::azure::{MicrosoftAzure, MicrosoftAzureBuilder};
use object_store::path::Path;
use object_store::signer::{Method, Signer as _};
use object_store::{ClientOptions, ObjectStore as _, ObjectStoreExt as _, RetryConfig};

use super::{Answer, BlobStore, Error, Key, Link, Passing};

/// So many at a time are listed.
const LISTED: usize = 5_000;
/// The account of Azure's emulator, which is the same everywhere and no secret.
const EMULATOR: &str = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1";

/// Blobs in a container of Azure Storage, or its emulator. The container must exist.
#[derive(Debug)]
pub struct AzureStore {
    container: MicrosoftAzure,
    signs: bool,
}

/// An account, as its connection string names it.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    account: String,
    key: Option<String>,
    signature: Option<String>,
    endpoint: String,
}

impl std::fmt::Debug for Settings {
    /// Without secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// A connection string that can't be used. It is not shown: it holds a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection string of the storage account is not usable: {0}")]
pub struct Unusable(&'static str);

impl Settings {
    /// From `AccountName=…;AccountKey=…;EndpointSuffix=…`, with `BlobEndpoint` and `SharedAccessSignature` as
    /// alternatives, or `UseDevelopmentStorage=true`.
    ///
    /// # Errors
    /// What is missing.
    pub fn parse(connection: &str) -> Result<Settings, Unusable> {
        let value = |name: &str| {
            connection.split(';').find_map(|pair| {
                let (key, value) = pair.split_once('=')?;
                (key.trim().eq_ignore_ascii_case(name) && !value.trim().is_empty())
                    .then(|| value.trim().to_owned())
            })
        };
        if value("UseDevelopmentStorage").is_some_and(|v| v.eq_ignore_ascii_case("true")) {
            return Settings::parse(EMULATOR);
        }
        let (key, signature) = (value("AccountKey"), value("SharedAccessSignature"));
        if key.is_none() && signature.is_none() {
            return Err(Unusable("it has neither AccountKey nor SharedAccessSignature"));
        }
        let endpoint = value("BlobEndpoint").map(|e| e.trim_end_matches('/').to_owned());
        let account = match (value("AccountName"), &endpoint) {
            (Some(account), _) => account,
            // https://account.blob.core.windows.net
            (None, Some(endpoint)) => endpoint
                .split_once("://")
                .and_then(|(_, host)| host.split_once('.'))
                .map(|(account, _)| account.to_owned())
                .ok_or(Unusable("it has no AccountName"))?,
            (None, None) => return Err(Unusable("it has no AccountName")),
        };
        let endpoint = endpoint.unwrap_or_else(|| {
            let protocol = value("DefaultEndpointsProtocol").unwrap_or_else(|| "https".to_owned());
            let suffix = value("EndpointSuffix").unwrap_or_else(|| "core.windows.net".to_owned());
            format!("{protocol}://{account}.blob.{suffix}")
        });
        Ok(Settings { account, key, signature, endpoint })
    }
}

impl AzureStore {
    /// In this container of the account.
    ///
    /// # Errors
    /// When the settings make no client; the account isn't asked.
    pub fn new(settings: &Settings, container: &str) -> Result<Self, Error> {
        let retry =
            RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(20), ..Default::default() };
        let client = ClientOptions::new()
            .with_timeout(Duration::from_secs(30))
            .with_connect_timeout(Duration::from_secs(5))
            .with_allow_http(settings.endpoint.starts_with("http://"));
        let mut builder = MicrosoftAzureBuilder::new()
            .with_account(&settings.account)
            .with_container_name(container)
            .with_endpoint(settings.endpoint.clone())
            .with_client_options(client)
            .with_retry(retry);
        builder = match (&settings.key, &settings.signature) {
            (Some(key), _) => builder.with_access_key(key),
            (None, Some(signature)) => {
                builder.with_config(object_store::azure::AzureConfigKey::SasKey, signature)
            }
            (None, None) => builder,
        };
        let container = builder.build().map_err(|e| Error::at(container)(Box::new(e)))?;
        Ok(AzureStore { container, signs: settings.key.is_some() })
    }
}

fn path(key: &Key) -> Path {
    Path::from(key.as_str())
}

fn failed(key: &Key) -> impl FnOnce(object_store::Error) -> Error {
    let at = Error::at(key.as_str());
    |source| at(Box::new(source))
}

/// That nothing is there is no failure.
fn if_there<T>(key: &Key, outcome: Result<T, object_store::Error>) -> Result<Option<T>, Error> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(e) => Err(failed(key)(e)),
    }
}

impl BlobStore for AzureStore {
    fn write<'a>(&'a self, key: &'a Key, bytes: Bytes) -> Answer<'a, ()> {
        Box::pin(async move {
            self.container.put(&path(key), bytes.into()).await.map_err(failed(key))?;
            Ok(())
        })
    }

    fn read<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Bytes>> {
        Box::pin(async move {
            match if_there(key, self.container.get(&path(key)).await)? {
                Some(found) => Ok(Some(found.bytes().await.map_err(failed(key))?)),
                None => Ok(None),
            }
        })
    }

    fn size<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<u64>> {
        Box::pin(
            async move { Ok(if_there(key, self.container.head(&path(key)).await)?.map(|found| found.size)) },
        )
    }

    fn remove<'a>(&'a self, key: &'a Key) -> Answer<'a, ()> {
        Box::pin(async move {
            if_there(key, self.container.delete(&path(key)).await)?;
            Ok(())
        })
    }

    fn list_passing<'a>(&'a self, what: Passing, before: SystemTime) -> Answer<'a, Vec<Key>> {
        Box::pin(async move {
            let folder = Path::from(what.folder());
            let mut listed = self.container.list(Some(&folder));
            let mut old = Vec::new();
            while let Some(found) =
                listed.try_next().await.map_err(|e| Error::at(what.folder())(Box::new(e)))?
            {
                if SystemTime::from(found.last_modified) < before {
                    old.push(Key(found.location.to_string()));
                }
                if old.len() == LISTED {
                    break;
                }
            }
            Ok(old)
        })
    }

    fn link<'a>(&'a self, key: &'a Key, valid: Duration) -> Answer<'a, Option<Link>> {
        Box::pin(async move {
            if !self.signs {
                return Ok(None);
            }
            let url = self.container.signed_url(Method::PUT, &path(key), valid).await.map_err(failed(key))?;
            Ok(Some(Link { url: url.into(), headers: vec![("x-ms-blob-type", "BlockBlob")] }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_strings_are_read_as_azure_gives_them() {
        let portal = Settings::parse(
            "DefaultEndpointsProtocol=https;AccountName=diligo;AccountKey=a2V5==;EndpointSuffix=core.windows.net",
        )
        .unwrap();
        assert_eq!((portal.account.as_str(), portal.key.as_deref()), ("diligo", Some("a2V5==")));
        assert_eq!(portal.endpoint, "https://diligo.blob.core.windows.net");
        let signed = Settings::parse(
            "BlobEndpoint=https://diligo.blob.core.windows.net/;SharedAccessSignature=sv=1&sig=x=",
        )
        .unwrap();
        assert_eq!((signed.account.as_str(), signed.signature.as_deref()), ("diligo", Some("sv=1&sig=x=")));
        let emulator = Settings::parse("UseDevelopmentStorage=true").unwrap();
        assert_eq!(emulator.endpoint, "http://127.0.0.1:10000/devstoreaccount1");
    }

    #[test]
    fn what_is_missing_is_said_without_the_secret() {
        assert_eq!(Settings::parse("AccountKey=secret"), Err(Unusable("it has no AccountName")));
        assert!(Settings::parse("AccountName=a").is_err());
        let shown = format!("{:?}", Settings::parse("AccountName=a;AccountKey=secret").unwrap());
        assert!(!shown.contains("secret"), "{shown}");
    }
}
