use std::fs::{File, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::{Client, Cpu};

/// How long a start may take before the server counts as broken; recovery after a kill is part of it.
const START_LIMIT: Duration = Duration::from_secs(1800);

/// `dms serve` on a folder of its own that is deleted with it, with the small company in it.
pub struct Server {
    binary: PathBuf,
    /// Deleted with the server; not there when the folder is someone else's.
    _temporary: Option<TempDir>,
    folder: PathBuf,
    scale: String,
    settings: Vec<(String, String)>,
    port: u16,
    metrics_port: u16,
    process: Option<Child>,
}

impl Server {
    /// Starts the program on a new folder and waits until it is ready.
    ///
    /// # Panics
    /// When it doesn't come up; with what it wrote.
    pub async fn start(binary: impl Into<PathBuf>) -> Server {
        Self::start_scaled(binary, "small").await
    }

    /// Like [`Server::start`], with the made-up company of this scale.
    ///
    /// # Panics
    /// When it doesn't come up; with what it wrote.
    pub async fn start_scaled(binary: impl Into<PathBuf>, scale: &str) -> Server {
        let folder = temporary_folder();
        let path = folder.path().to_owned();
        Self::start_at(binary.into(), Some(folder), path, scale, &[]).await
    }

    /// Like [`Server::start`], with these settings in its environment.
    ///
    /// # Panics
    /// When it doesn't come up; with what it wrote.
    pub async fn start_with(binary: impl Into<PathBuf>, settings: &[(&str, &str)]) -> Server {
        let folder = temporary_folder();
        let path = folder.path().to_owned();
        Self::start_at(binary.into(), Some(folder), path, "small", settings).await
    }

    /// Like [`Server::start_scaled`], on a folder that stays.
    ///
    /// # Panics
    /// When it doesn't come up; with what it wrote.
    pub async fn start_in(binary: impl Into<PathBuf>, folder: &Path, scale: &str) -> Server {
        std::fs::create_dir_all(folder).expect("the folder");
        Self::start_at(binary.into(), None, folder.to_owned(), scale, &[]).await
    }

    async fn start_at(
        binary: PathBuf,
        temporary: Option<TempDir>,
        folder: PathBuf,
        scale: &str,
        settings: &[(&str, &str)],
    ) -> Server {
        let mut server = Server {
            binary,
            _temporary: temporary,
            folder,
            scale: scale.to_owned(),
            settings: settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            port: free_port(),
            metrics_port: free_port(),
            process: None,
        };
        server.restart().await;
        server
    }

    /// The port of the API.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Starts the process again on the same folder and waits until it is ready.
    ///
    /// # Panics
    /// When it doesn't come up; with what it wrote.
    pub async fn restart(&mut self) {
        let log = self.folder.join("log");
        let out = File::options().create(true).append(true).open(&log).expect("a log file");
        let mut process = Command::new(&self.binary)
            .args(["serve", "--demo", &self.scale, "--port"])
            .arg(self.port.to_string())
            .arg("--metrics-port")
            .arg(self.metrics_port.to_string())
            .arg("--data")
            .arg(self.data())
            .env("LogLevel", "warn")
            // A few users do the work of thousands here.
            .env("RateLimitPerMinute", "0")
            .envs(self.settings.iter().cloned())
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("the log file"))
            .stderr(out)
            .spawn()
            .expect("the dms program");
        let ready = async {
            let mut client = Client::new(self.metrics_port);
            loop {
                if let Some(status) = process.try_wait().expect("our own process") {
                    panic!("dms ended with {status}: {}", tail(&log));
                }
                if client.get("/health/ready").await.is_ok_and(|answer| answer.status == 200) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(START_LIMIT, ready).await.is_err() {
            drop(process.kill());
            panic!("dms is not ready: {}", tail(&log));
        }
        self.process = Some(process);
    }

    /// Kills the process as a power cut would: at once, with no chance to tidy up.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.kill());
            drop(process.wait());
        }
    }

    /// Kills the database server the same way; `dms` is to start it again.
    pub fn kill_database(&self) {
        if let Some(pid) = self.postmaster() {
            drop(Command::new("kill").args(["-9", &pid.to_string()]).status());
        }
    }

    /// Asks the process to stop and waits until it has.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(Command::new("kill").args(["-TERM", &process.id().to_string()]).status());
            drop(process.wait());
        }
    }

    /// Runs another command of the program on the folder of the stopped server.
    ///
    /// # Panics
    /// When the program can't be run.
    pub fn command(&self, arguments: &[&str]) -> Output {
        Command::new(&self.binary)
            .args(arguments)
            .arg("--data")
            .arg(self.data())
            .env("LogLevel", "warn")
            .envs(self.settings.iter().cloned())
            .output()
            .expect("the dms program")
    }

    /// What the process and its database have used so far.
    pub fn cpu(&self) -> Cpu {
        match (&self.process, self.postmaster()) {
            (Some(dms), Some(postmaster)) => Cpu::read(dms.id(), postmaster),
            _ => Cpu::default(),
        }
    }

    /// The folder of the database's socket, and the port in its name.
    pub fn socket(&self) -> Option<PathBuf> {
        self.pid_line(4).map(PathBuf::from)
    }

    fn postmaster(&self) -> Option<u32> {
        self.pid_line(0)?.parse().ok()
    }

    /// A line of the file in which the database server says where it is.
    fn pid_line(&self, line: usize) -> Option<String> {
        let file = std::fs::read_to_string(self.data().join("postgres/data/postmaster.pid")).ok()?;
        file.lines().nth(line).map(|text| text.trim().to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn temporary_folder() -> TempDir {
    let folder = TempDir::with_prefix("dms-live-").expect("a temporary folder");
    // The database server runs as another user when we are root.
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("our own folder");
    folder
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let from = text.lines().count().saturating_sub(20);
    text.lines().skip(from).collect::<Vec<_>>().join("\n")
}
