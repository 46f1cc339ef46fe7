//! The store in Azure, against Azure's own emulator.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use adapters::blob::{AzureSettings, AzureStore, BlobId, BlobStore as _, Key, Passing};
use bytes::Bytes;
use uuid::Uuid;

const CONTAINER: &str = "dms-files";
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// The emulator; it ends with this value, or with the test's process, whose end closes its standard input.
struct Emulator {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Emulator {
    /// None, with the reason on standard error, only where it can't be installed.
    fn start() -> Option<Emulator> {
        let package = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/azurite");
        if let Err(why) = install(&package) {
            eprintln!("SKIPPED: Azure's emulator can't be installed: {why}");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new("node")
            .arg(package.join("start.mjs"))
            .arg(port.to_string())
            .arg(folder.path())
            .arg(CONTAINER)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said.trim(), "ready", "Azure's emulator did not start");
        Some(Emulator { process, port, _folder: folder })
    }

    fn store(&self) -> AzureStore {
        let settings = AzureSettings::parse(&format!(
            "AccountName=devstoreaccount1;AccountKey={KEY};BlobEndpoint=http://127.0.0.1:{}/devstoreaccount1;",
            self.port
        ));
        AzureStore::new(&settings.unwrap(), CONTAINER).unwrap()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn install(package: &Path) -> Result<(), String> {
    if package.join("node_modules/azurite/package.json").exists() {
        return Ok(());
    }
    let npm = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(package)
        .output()
        .map_err(|e| format!("npm: {e}"))?;
    if npm.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&npm.stderr).into_owned()) }
}

#[tokio::test]
async fn the_store_in_azure_keeps_the_ports_promises() {
    let Some(emulator) = Emulator::start() else { return };
    let store = emulator.store();

    let id = store.put(Bytes::from_static(b"hello")).await.unwrap();
    assert_eq!(store.put(Bytes::from_static(b"hello")).await.unwrap(), id);
    assert_eq!(store.get(&id).await.unwrap().as_deref(), Some(&b"hello"[..]));
    assert_eq!(store.get(&BlobId::of(b"other")).await.unwrap(), None);

    let photo = Bytes::from(vec![7; 15 * 1024 * 1024]);
    let large = store.put(photo.clone()).await.unwrap();
    assert_eq!(store.size(&Key::content(&large)).await.unwrap(), Some(15 * 1024 * 1024));
    assert!(store.get(&large).await.unwrap().unwrap() == photo);

    let small = Key::thumbnail(&large, 320);
    store.write(&small, Bytes::from_static(b"a")).await.unwrap();
    store.write(&small, Bytes::from_static(b"bc")).await.unwrap();
    assert_eq!(store.size(&small).await.unwrap(), Some(2));

    let part = Key::passing(Passing::Part, Uuid::now_v7());
    store.write(&part, Bytes::from_static(b"part")).await.unwrap();
    let hour = Duration::from_secs(3600);
    assert!(store.list_passing(Passing::Part, SystemTime::now() - hour).await.unwrap().is_empty());
    assert_eq!(
        store.list_passing(Passing::Part, SystemTime::now() + hour).await.unwrap(),
        std::slice::from_ref(&part)
    );
    store.remove(&part).await.unwrap();
    store.remove(&part).await.unwrap();
    assert_eq!(store.read(&part).await.unwrap(), None);
}

#[tokio::test]
async fn a_link_lets_its_holder_write_that_one_blob() {
    let Some(emulator) = Emulator::start() else { return };
    let store = emulator.store();
    let key = Key::passing(Passing::Link, Uuid::now_v7());
    let link = store.link(&key, Duration::from_secs(600)).await.unwrap().unwrap();

    let send = async |method: &str, url: &str| -> String {
        let mut curl = tokio::process::Command::new("curl");
        curl.args(["-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", method, "--data-binary", "straight"]);
        for (name, value) in &link.headers {
            curl.arg("-H").arg(format!("{name}: {value}"));
        }
        String::from_utf8(curl.arg(url).output().await.unwrap().stdout).unwrap()
    };
    assert_eq!(send("PUT", &link.url).await, "201");
    assert_eq!(store.read(&key).await.unwrap().as_deref(), Some(&b"straight"[..]));
    assert_eq!(send("DELETE", &link.url).await, "403");
    let other = Key::passing(Passing::Link, Uuid::now_v7());
    let elsewhere = link.url.replace(key.as_str(), other.as_str());
    assert_eq!(send("PUT", &elsewhere).await, "403");
    assert_eq!(store.size(&other).await.unwrap(), None);
}

#[tokio::test]
async fn a_store_that_is_gone_says_so() {
    let settings = AzureSettings::parse(&format!(
        "AccountName=devstoreaccount1;AccountKey={KEY};BlobEndpoint=http://127.0.0.1:9/devstoreaccount1"
    ));
    let store = AzureStore::new(&settings.unwrap(), CONTAINER).unwrap();
    let error = store.get(&BlobId::of(b"")).await.unwrap_err().to_string();
    assert!(error.starts_with("the file store failed at "), "{error}");
    assert!(!error.contains(KEY));
}
