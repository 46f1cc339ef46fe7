//! A private PostgreSQL in a folder, for one machine: started by us, reachable only through its socket.
//!
//! - Made in a temporary name and renamed, so a crash half way never leaves half a cluster.
//! - When we run as root the server runs as `postgres` or `nobody`; it refuses to run as root.
//! - It gets SIGINT (fast shutdown) when our process dies, and is started again when it dies itself.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Executor as _};

const START_LIMIT: Duration = Duration::from_secs(120);
const STOP_LIMIT: Duration = Duration::from_secs(25);

/// The private server could not be made, started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No server program on this machine.
    #[error(
        "no PostgreSQL server program found (looked in /usr/lib/postgresql/*/bin and PATH). Install it, e.g. `apt-get install postgresql-15`, or set ConnectionStrings__DefaultConnection to use a server of your own"
    )]
    NotInstalled,
    /// We are root and there is no one else to run the server.
    #[error(
        "running as root, and neither the user `postgres` nor `nobody` exists to run the database server"
    )]
    NoUnprivilegedUser,
    /// Another process uses the folder.
    #[error("another dms is using the data folder {0}")]
    InUse(PathBuf),
    /// A file operation failed.
    #[error("{what} {path}")]
    File {
        /// What was tried.
        what: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A server program failed; its last words.
    #[error("{program} failed: {log}")]
    Program {
        /// `initdb` or `postgres`.
        program: &'static str,
        /// The end of its output.
        log: String,
    },
    /// The server came up but refused a statement.
    #[error("the database server refused the first connection")]
    Sql(#[from] sqlx::Error),
}

/// A running private server. [`Embedded::stop`] ends it in order; when the process dies the kernel tells it.
#[derive(Debug)]
pub struct Embedded {
    socket: PathBuf,
    pid: Arc<AtomicI32>,
    stopping: Arc<AtomicBool>,
    keeper: Mutex<Option<JoinHandle<()>>>,
    _lock: File,
}

impl Embedded {
    /// Starts the server in `root`, making the cluster and the database `dms` on first use.
    ///
    /// # Errors
    /// As [`Error`] says; nothing is left running.
    pub async fn start(root: &Path) -> Result<Embedded, Error> {
        fs::create_dir_all(root).map_err(file("can't create the folder", root))?;
        let root = root.canonicalize().map_err(file("can't reach the folder", root))?;
        let lock = lock(&root)?;
        let cluster = Cluster::prepare(&root)?;
        cluster.initialise()?;
        let socket = cluster.socket.clone();
        let pid = Arc::new(AtomicI32::new(0));
        let stopping = Arc::new(AtomicBool::new(false));
        let keeper = {
            let (pid, stopping) = (pid.clone(), stopping.clone());
            std::thread::Builder::new()
                .name("postgres".into())
                .spawn(move || keep_running(&cluster, &pid, &stopping))
                .map_err(file("can't start a thread to watch", &root))?
        };
        let server = Embedded { socket, pid, stopping, keeper: Mutex::new(Some(keeper)), _lock: lock };
        match server.await_ready(&root).await {
            Ok(()) => Ok(server),
            Err(e) => {
                server.stop().await;
                Err(e)
            }
        }
    }

    /// How to reach the database as its owner.
    pub fn options(&self) -> PgConnectOptions {
        self.options_for("dms")
    }

    fn options_for(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().socket(&self.socket).username("dms").database(database)
    }

    /// The folder of the server's socket, for `psql -h`.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    async fn await_ready(&self, root: &Path) -> Result<(), Error> {
        let deadline = Instant::now() + START_LIMIT;
        let mut connection = loop {
            match PgConnection::connect_with(&self.options_for("postgres")).await {
                Ok(connection) => break connection,
                Err(_) if self.keeper_ended() => {
                    return Err(Error::Program {
                        program: "postgres",
                        log: tail(&root.join("postgres.log")),
                    });
                }
                Err(e) if Instant::now() > deadline => return Err(Error::Sql(e)),
                Err(_) => tokio::time::sleep(Duration::from_millis(25)).await,
            }
        };
        let known = sqlx::query("select 1 from pg_database where datname = 'dms'")
            .fetch_optional(&mut connection)
            .await?;
        if known.is_none() {
            connection.execute("create database dms").await?;
        }
        // `psql` as the application's roles, through the socket.
        connection
            .execute(
                "do $$ declare r text; begin foreach r in array array['dms_app', 'dms_system'] loop
                   if not exists (select from pg_roles where rolname = r) then execute format('create role %I login', r);
                   else execute format('alter role %I login', r); end if; end loop; end $$",
            )
            .await?;
        connection.close().await?;
        Ok(())
    }

    fn keeper_ended(&self) -> bool {
        self.keeper
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .is_none_or(JoinHandle::is_finished)
    }

    /// Fast shutdown: open transactions are rolled back, nothing committed is lost.
    pub async fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        interrupt(self.pid.load(Ordering::SeqCst));
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        let deadline = Instant::now() + STOP_LIMIT;
        if let Some(keeper) = keeper {
            while !keeper.is_finished() && Instant::now() < deadline {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

/// Holds the folder for this process; the kernel lets go when the process ends, however it ends.
fn lock(root: &Path) -> Result<File, Error> {
    let path = root.join("lock");
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(file("can't write", &path))?;
    lock.try_lock().map_err(|_| Error::InUse(root.to_owned()))?;
    Ok(lock)
}

/// Runs the server until told to stop; starts it again when it dies.
fn keep_running(cluster: &Cluster, pid: &AtomicI32, stopping: &AtomicBool) {
    let mut quick_deaths = 0;
    while !stopping.load(Ordering::SeqCst) {
        let started = Instant::now();
        let mut child = match cluster.spawn() {
            Ok(child) => child,
            Err(error) => {
                tracing::error!(error = %error, "the database server can't be started");
                return;
            }
        };
        pid.store(i32::try_from(child.id()).unwrap_or(0), Ordering::SeqCst);
        if stopping.load(Ordering::SeqCst) {
            interrupt(pid.load(Ordering::SeqCst));
        }
        let status = child.wait();
        pid.store(0, Ordering::SeqCst);
        if stopping.load(Ordering::SeqCst) {
            return;
        }
        // After a kill its children may still hold the shared memory; the server refuses to start until they are gone.
        quick_deaths = if started.elapsed() > Duration::from_secs(10) { 0 } else { quick_deaths + 1 };
        if quick_deaths > 40 {
            tracing::error!("the database server keeps ending; giving up");
            return;
        }
        tracing::warn!(status = ?status.ok(), "the database server ended; starting it again");
        std::thread::sleep(Duration::from_millis(250));
    }
}

#[expect(unsafe_code, reason = "kill(2) has no safe wrapper in std; the pid is that of our own child")]
fn interrupt(pid: i32) {
    if pid > 0 {
        // SAFETY: plain system call without memory arguments.
        unsafe { libc::kill(pid, libc::SIGINT) };
    }
}

/// The user the server runs as when we are root.
#[derive(Debug, Clone, Copy)]
struct Owner {
    uid: u32,
    gid: u32,
}

#[derive(Debug)]
struct Cluster {
    programs: PathBuf,
    home: PathBuf,
    socket: PathBuf,
    log: PathBuf,
    owner: Option<Owner>,
}

impl Cluster {
    /// Finds the programs and makes the folders.
    fn prepare(root: &Path) -> Result<Cluster, Error> {
        let programs = find_programs().ok_or(Error::NotInstalled)?;
        let owner = if is_root() { Some(unprivileged().ok_or(Error::NoUnprivilegedUser)?) } else { None };
        let home = home(root, owner)?;
        private_folder(&home, owner)?;
        // A socket's path has at most 107 bytes, so one in a deep folder goes elsewhere.
        let mut socket = home.join("run");
        if socket.as_os_str().len() > 90 {
            let inode =
                std::os::unix::fs::MetadataExt::ino(&fs::metadata(&home).map_err(file("can't read", &home))?);
            socket = PathBuf::from(format!("/tmp/dms-{inode}"));
        }
        private_folder(&socket, owner)?;
        Ok(Cluster { programs, home, socket, log: root.join("postgres.log"), owner })
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .current_dir(&self.home)
            .stdin(Stdio::null());
        if let Some(owner) = self.owner {
            command.uid(owner.uid).gid(owner.gid);
        }
        command
    }

    fn initialise(&self) -> Result<(), Error> {
        if self.data().join("PG_VERSION").exists() {
            return Ok(());
        }
        let fresh = self.home.join("data.init");
        if fresh.exists() {
            fs::remove_dir_all(&fresh).map_err(file("can't remove", &fresh))?;
        }
        private_folder(&fresh, self.owner)?;
        let output = self
            .command("initdb")
            .arg("-D")
            .arg(&fresh)
            .args(["-U", "dms", "-A", "peer", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"])
            .output()
            .map_err(file("can't run initdb in", &fresh))?;
        if !output.status.success() {
            return Err(Error::Program {
                program: "initdb",
                log: String::from_utf8_lossy(&output.stderr).into_owned(),
            });
        }
        // Who can reach the socket (a folder of mode 0700) may be any of the three roles.
        let hba = fresh.join("pg_hba.conf");
        fs::write(&hba, "local all all peer map=dms\n").map_err(file("can't write", &hba))?;
        let ident = fresh.join("pg_ident.conf");
        fs::write(&ident, "dms /^.*$ dms\ndms /^.*$ dms_app\ndms /^.*$ dms_system\n")
            .map_err(file("can't write", &ident))?;
        fs::rename(&fresh, self.data()).map_err(file("can't rename", &fresh))
    }

    #[expect(unsafe_code, reason = "prctl between fork and exec has no safe wrapper")]
    fn spawn(&self) -> Result<Child, Error> {
        let log = || {
            OpenOptions::new()
                .create(true)
                .append(true)
                .open(&self.log)
                .map_err(file("can't write", &self.log))
        };
        let mut command = self.command("postgres");
        command
            .arg("-D")
            .arg(self.data())
            .arg("-k")
            .arg(&self.socket)
            .args(["-c", "listen_addresses=", "-c", "unix_socket_permissions=0700"])
            .args(["-c", &format!("shared_buffers={}MB", shared_buffers())])
            // Fewer checkpoints: each makes the next change of every page write the whole page.
            .args(["-c", "max_wal_size=2GB", "-c", "max_connections=60", "-c", "log_line_prefix=%m [%p] "])
            // Ctrl-C must reach us first, so that work in hand ends before the database does.
            .process_group(0)
            .stdout(log()?)
            .stderr(log()?);
        // SAFETY: prctl is async-signal-safe and touches no memory of ours.
        unsafe {
            command.pre_exec(|| {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGINT);
                Ok(())
            });
        }
        command.spawn().map_err(file("can't run postgres in", &self.home))
    }
}

/// Where the cluster lies: `root/postgres`. When the unprivileged user can't enter `root` (a private temporary
/// folder of root's, say), that is a link to a folder of its own under /var/lib/dms.
fn home(root: &Path, owner: Option<Owner>) -> Result<PathBuf, Error> {
    let home = root.join("postgres");
    if let Ok(target) = fs::read_link(&home) {
        return Ok(target);
    }
    let Some(owner) = owner else { return Ok(home) };
    if home.exists() || can_enter(root, owner) {
        return Ok(home);
    }
    let base = Path::new("/var/lib/dms");
    fs::create_dir_all(base).map_err(file("can't create the folder", base))?;
    let inode = std::os::unix::fs::MetadataExt::ino(&fs::metadata(root).map_err(file("can't read", root))?);
    let mut n = 0;
    let target = loop {
        let candidate = base.join(format!("{inode}-{n}"));
        if !candidate.exists() {
            break candidate;
        }
        n += 1;
    };
    private_folder(&target, Some(owner))?;
    symlink(&target, &home).map_err(file("can't link", &home))?;
    tracing::info!(folder = %target.display(), "the database user can't enter the data folder; its files are here");
    Ok(target)
}

fn can_enter(folder: &Path, owner: Owner) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    folder.ancestors().all(|f| {
        fs::metadata(f).is_ok_and(|m| {
            let bit = if m.uid() == owner.uid {
                0o100
            } else if m.gid() == owner.gid {
                0o010
            } else {
                0o001
            };
            m.mode() & bit != 0
        })
    })
}

/// An eighth of the machine's memory, in megabytes: enough to hold what is used all day, little enough for a laptop.
fn shared_buffers() -> u64 {
    let total_kb = fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        text.lines()
            .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok())
    });
    total_kb.map_or(128, |kb| (kb / 1024 / 8).clamp(128, 1024))
}

#[expect(unsafe_code, reason = "geteuid(2) has no safe wrapper in std")]
fn is_root() -> bool {
    // SAFETY: no arguments, always succeeds.
    unsafe { libc::geteuid() == 0 }
}

fn unprivileged() -> Option<Owner> {
    let passwd = fs::read_to_string("/etc/passwd").ok()?;
    ["postgres", "nobody"].iter().find_map(|name| {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            if fields.next()? != *name {
                return None;
            }
            Some(Owner { uid: fields.nth(1)?.parse().ok()?, gid: fields.next()?.parse().ok()? })
        })
    })
}

/// The newest server of Debian's layout, else the one in PATH.
fn find_programs() -> Option<PathBuf> {
    let complete = |bin: &Path| bin.join("initdb").is_file() && bin.join("postgres").is_file();
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| complete(bin))
        .collect();
    versions.sort();
    versions
        .pop()
        .map(|(_, bin)| bin)
        .or_else(|| std::env::split_paths(&std::env::var_os("PATH")?).find(|bin| complete(bin)))
}

fn private_folder(path: &Path, owner: Option<Owner>) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(file("can't create the folder", path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(file("can't protect", path))?;
    if let Some(owner) = owner {
        chown(path, Some(owner.uid), Some(owner.gid)).map_err(file("can't give away", path))?;
    }
    Ok(())
}

fn file(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File { what, path, source }
}

/// The last 2 kB of a log; empty when there is none.
fn tail(path: &Path) -> String {
    let read = || -> std::io::Result<String> {
        let mut f = File::open(path)?;
        let length = f.metadata()?.len();
        f.seek(std::io::SeekFrom::Start(length.saturating_sub(2048)))?;
        let mut bytes = Vec::new();
        f.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().unwrap_or_default()
}
