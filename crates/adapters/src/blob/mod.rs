//! Files by their content: the name of a blob is the SHA-256 of its bytes, so a file is stored once and never changes.
//!
//! Beside the contents a store holds what is made of them (thumbnails) and what is to become one (parts of uploads).
//! [`FolderStore`] is a folder of one machine; [`AzureStore`] is shared by all servers.

mod azure;
mod folder;

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

pub use azure::{AzureStore, Settings as AzureSettings};
pub use folder::FolderStore;

/// The SHA-256 of a blob's bytes, as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobId(String);

impl BlobId {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        BlobId(hex::encode(Sha256::digest(bytes)))
    }

    /// From its text; none when it isn't one.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        hex.then(|| BlobId(text.to_owned()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for BlobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is only there for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// A part of a content that is being sent.
    Part,
    /// A content that a client sent straight to the store, not checked yet.
    Link,
}

impl Passing {
    fn folder(self) -> &'static str {
        match self {
            Passing::Part => "parts",
            Passing::Link => "links",
        }
    }
}

/// Where something lies in a store: ASCII, `/` between folders.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// A content: spread over 256 folders by the first two digits.
    pub fn content(id: &BlobId) -> Key {
        Key(format!("{}/{id}", &id.0[..2]))
    }

    /// A content made smaller, to this many pixels.
    pub fn thumbnail(id: &BlobId, pixels: u32) -> Key {
        Key(format!("thumbs/{}/{id}-{pixels}.jpg", &id.0[..2]))
    }

    /// Something that is only there for a while.
    pub fn passing(what: Passing, id: Uuid) -> Key {
        Key(format!("{}/{}", what.folder(), id.simple()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A file could not be stored or read.
#[derive(Debug, thiserror::Error)]
#[error("the file store failed at {key}")]
pub struct Error {
    key: String,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Error {
    fn at(key: impl Into<String>) -> impl FnOnce(Box<dyn std::error::Error + Send + Sync>) -> Error {
        let key = key.into();
        |source| Error { key, source }
    }
}

/// What a store's methods give.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Leave to send one blob straight to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where to PUT the bytes. It is a secret: whoever has it may write.
    pub url: String,
    /// Headers that must go with them.
    pub headers: Vec<(&'static str, &'static str)>,
}

/// Stores files.
pub trait BlobStore: Send + Sync + 'static {
    /// Stores the bytes under the key, whole or not at all; what lay there is replaced.
    fn write<'a>(&'a self, key: &'a Key, bytes: Bytes) -> Answer<'a, ()>;

    /// The bytes under the key, if there are any.
    fn read<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Bytes>>;

    /// How many bytes lie under the key.
    fn size<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<u64>>;

    /// Removes what lies under the key; that nothing does is well, too.
    fn remove<'a>(&'a self, key: &'a Key) -> Answer<'a, ()>;

    /// What of the passing things was written before `before`; at most some thousands at a time.
    fn list_passing<'a>(&'a self, what: Passing, before: SystemTime) -> Answer<'a, Vec<Key>>;

    /// A link by which a client may PUT one blob here itself; none where the store signs no links.
    fn link<'a>(&'a self, key: &'a Key, valid: Duration) -> Answer<'a, Option<Link>>;

    /// Stores the content and gives its name; storing the same again changes nothing.
    fn put(&self, bytes: Bytes) -> Answer<'_, BlobId> {
        Box::pin(async move {
            let id = BlobId::of(&bytes);
            let key = Key::content(&id);
            if self.size(&key).await? != u64::try_from(bytes.len()).ok() {
                self.write(&key, bytes).await?;
            }
            Ok(id)
        })
    }

    /// The content, if it is here.
    fn get<'a>(&'a self, id: &'a BlobId) -> Answer<'a, Option<Bytes>> {
        Box::pin(async move { self.read(&Key::content(id)).await })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_not_a_name() {
        assert!(BlobId::parse("../../etc/passwd").is_none());
        assert!(BlobId::parse(&"A".repeat(64)).is_none());
    }
}
