use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use super::{Answer, BlobStore, Error, Key, Link, Passing};

/// So many at a time are listed.
const LISTED: usize = 5_000;

/// Files in a folder of this machine.
#[derive(Debug)]
pub struct FolderStore {
    root: PathBuf,
}

impl FolderStore {
    /// In this folder, which is made when it is first written to.
    pub fn new(root: PathBuf) -> Self {
        FolderStore { root }
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.root.join(key.as_str())
    }
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let at = Error::at(path.display().to_string());
    |source| at(Box::new(source))
}

impl BlobStore for FolderStore {
    fn write<'a>(&'a self, key: &'a Key, bytes: Bytes) -> Answer<'a, ()> {
        Box::pin(async move {
            let path = self.path(key);
            let folder = path.parent().unwrap_or(&self.root).to_owned();
            tokio::fs::create_dir_all(&folder).await.map_err(failed(&folder))?;
            // Written beside, flushed and renamed: a crash never leaves half a file under its name.
            let beside = folder.join(format!(".{}", Uuid::now_v7().simple()));
            let mut file = tokio::fs::File::create(&beside).await.map_err(failed(&beside))?;
            file.write_all(&bytes).await.map_err(failed(&beside))?;
            file.sync_all().await.map_err(failed(&beside))?;
            tokio::fs::rename(&beside, &path).await.map_err(failed(&path))
        })
    }

    fn read<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Bytes>> {
        Box::pin(async move {
            let path = self.path(key);
            match tokio::fs::read(&path).await {
                Ok(bytes) => Ok(Some(bytes.into())),
                Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
                Err(e) => Err(failed(&path)(e)),
            }
        })
    }

    fn size<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<u64>> {
        Box::pin(async move {
            let path = self.path(key);
            match tokio::fs::metadata(&path).await {
                Ok(file) => Ok(Some(file.len())),
                Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
                Err(e) => Err(failed(&path)(e)),
            }
        })
    }

    fn remove<'a>(&'a self, key: &'a Key) -> Answer<'a, ()> {
        Box::pin(async move {
            let path = self.path(key);
            match tokio::fs::remove_file(&path).await {
                Err(e) if e.kind() != ErrorKind::NotFound => Err(failed(&path)(e)),
                _ => Ok(()),
            }
        })
    }

    fn list_passing<'a>(&'a self, what: Passing, before: SystemTime) -> Answer<'a, Vec<Key>> {
        Box::pin(async move {
            let folder = self.root.join(what.folder());
            let mut entries = match tokio::fs::read_dir(&folder).await {
                Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
                opened => opened.map_err(failed(&folder))?,
            };
            let mut old = Vec::new();
            while let Some(entry) = entries.next_entry().await.map_err(failed(&folder))? {
                if old.len() == LISTED {
                    break;
                }
                let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
                let written = match entry.metadata().await.and_then(|file| file.modified()) {
                    // Gone meanwhile.
                    Err(e) if e.kind() == ErrorKind::NotFound => continue,
                    known => known.map_err(failed(&folder))?,
                };
                if written < before {
                    // What a crash left beside goes too.
                    old.push(Key(format!("{}/{name}", what.folder())));
                }
            }
            Ok(old)
        })
    }

    fn link<'a>(&'a self, _: &'a Key, _: Duration) -> Answer<'a, Option<Link>> {
        Box::pin(async { Ok(None) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::BlobId;
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

    #[tokio::test]
    async fn passing_things_are_found_by_their_age() {
        let root = std::env::temp_dir().join(format!("dms-blobs-{}", Uuid::now_v7().simple()));
        let store = FolderStore::new(root.clone());
        let hour = Duration::from_secs(3600);
        assert!(store.list_passing(Passing::Part, SystemTime::now() + hour).await.unwrap().is_empty());
        let key = Key::passing(Passing::Part, Uuid::now_v7());
        store.write(&key, Bytes::from_static(b"part")).await.unwrap();
        assert!(store.list_passing(Passing::Part, SystemTime::now() - hour).await.unwrap().is_empty());
        assert_eq!(
            store.list_passing(Passing::Part, SystemTime::now() + hour).await.unwrap(),
            std::slice::from_ref(&key)
        );
        assert!(store.list_passing(Passing::Link, SystemTime::now() + hour).await.unwrap().is_empty());
        store.remove(&key).await.unwrap();
        store.remove(&key).await.unwrap();
        assert_eq!(store.size(&key).await.unwrap(), None);
        std::fs::remove_dir_all(root).unwrap();
    }
}
