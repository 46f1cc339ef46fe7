//! Files by their content: the name of a blob is the SHA-256 of its bytes, so a file is stored once and never changes.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

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

/// A file could not be stored or read.
#[derive(Debug, thiserror::Error)]
#[error("the file store failed at {path}")]
pub struct Error {
    path: PathBuf,
    source: std::io::Error,
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Stores files by content.
pub trait BlobStore: Send + Sync + 'static {
    /// Stores the bytes and gives their name; storing the same again changes nothing.
    fn put(&self, bytes: Bytes) -> Answer<'_, BlobId>;

    /// The bytes, if they are here.
    fn get<'a>(&'a self, id: &'a BlobId) -> Answer<'a, Option<Bytes>>;
}

/// Files in a folder, spread over 256 folders by the first two digits.
#[derive(Debug)]
pub struct FolderStore {
    root: PathBuf,
}

impl FolderStore {
    /// In this folder, which is made when it is first written to.
    pub fn new(root: PathBuf) -> Self {
        FolderStore { root }
    }

    fn path(&self, id: &BlobId) -> PathBuf {
        self.root.join(&id.as_str()[..2]).join(id.as_str())
    }
}

impl BlobStore for FolderStore {
    fn put(&self, bytes: Bytes) -> Answer<'_, BlobId> {
        Box::pin(async move {
            let id = BlobId::of(&bytes);
            let path = self.path(&id);
            let folder = path.parent().unwrap_or(&self.root).to_owned();
            let fail = |path: &Path| {
                let path = path.to_owned();
                move |source| Error { path, source }
            };
            if tokio::fs::try_exists(&path).await.map_err(fail(&path))? {
                return Ok(id);
            }
            tokio::fs::create_dir_all(&folder).await.map_err(fail(&folder))?;
            // Written beside, flushed and renamed: a crash never leaves half a file under its name.
            let beside = folder.join(format!(".{}", Uuid::now_v7().simple()));
            let mut file = tokio::fs::File::create(&beside).await.map_err(fail(&beside))?;
            file.write_all(&bytes).await.map_err(fail(&beside))?;
            file.sync_all().await.map_err(fail(&beside))?;
            tokio::fs::rename(&beside, &path).await.map_err(fail(&path))?;
            Ok(id)
        })
    }

    fn get<'a>(&'a self, id: &'a BlobId) -> Answer<'a, Option<Bytes>> {
        Box::pin(async move {
            let path = self.path(id);
            match tokio::fs::read(&path).await {
                Ok(bytes) => Ok(Some(bytes.into())),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(source) => Err(Error { path, source }),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_stored_comes_back_under_its_digest() {
        let root = std::env::temp_dir().join(format!("dms-blobs-{}", Uuid::now_v7().simple()));
        let store = FolderStore::new(root.clone());
        let id = store.put(Bytes::from_static(b"hello")).await.unwrap();
        assert_eq!(id.as_str(), "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        assert_eq!(store.put(Bytes::from_static(b"hello")).await.unwrap(), id);
        assert_eq!(store.get(&id).await.unwrap().as_deref(), Some(&b"hello"[..]));
        assert_eq!(store.get(&BlobId::of(b"other")).await.unwrap(), None);
        std::fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_path_is_not_a_name() {
        assert!(BlobId::parse("../../etc/passwd").is_none());
    }
}
