use std::fs::{File, Permissions};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Becomes the server; drills use it, too.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rabbitmq");
const START_LIMIT: Duration = Duration::from_secs(120);

/// A RabbitMQ of its own, with durable queues and a topic; it ends with this value.
pub struct Rabbit {
    folder: TempDir,
    queues: Vec<String>,
    port: u16,
    distribution: u16,
    registry_port: u16,
    /// Erlang's name server.
    registry: Option<Child>,
    process: Option<Child>,
}

impl Rabbit {
    /// With these queues, and the topic `events`.
    ///
    /// # Panics
    /// When it can't be started; with what it wrote, or what to install.
    pub fn start(queues: &[&str]) -> Rabbit {
        let folder = TempDir::with_prefix("dms-rabbit-").expect("a temporary folder");
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("our own folder");
        let mut rabbit = Rabbit {
            folder,
            queues: queues.iter().map(|&name| name.to_owned()).collect(),
            port: free_port(),
            distribution: free_port(),
            registry_port: free_port(),
            registry: None,
            process: None,
        };
        rabbit.go_up();
        rabbit
    }

    /// How clients find it.
    pub fn connection_string(&self) -> String {
        format!("amqp://dms:s3cret%40@127.0.0.1:{}", self.port)
    }

    /// Starts it again on what it kept, and waits until it listens.
    ///
    /// # Panics
    /// When it doesn't come up; with what it wrote.
    pub fn go_up(&mut self) {
        if self.registry.is_none() {
            let registry = Command::new("epmd")
                .args(["-address", "127.0.0.1", "-port", &self.registry_port.to_string()])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            self.registry = Some(
                registry
                    .expect("RabbitMQ is not installed: run `scripts/setup test` (Debian: rabbitmq-server)"),
            );
        }
        let log = self.folder.path().join("log");
        let log = File::options().create(true).append(true).open(log).expect("a log file");
        let process = Command::new(SCRIPT)
            .arg(self.folder.path())
            .args([self.port, self.registry_port, self.distribution].map(|port| port.to_string()))
            .args(&self.queues)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log file"))
            .stderr(log)
            .spawn();
        self.process = Some(process.expect("RabbitMQ's server"));
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.process.as_mut().and_then(|p| p.try_wait().expect("our own process"));
            if ended.is_some() || began.elapsed() > START_LIMIT {
                let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                panic!("RabbitMQ did not come up: {log}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Kills it as a power cut would.
    pub fn kill(&mut self) {
        self.signal("KILL");
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Lets it hang: its connections stay open, and nothing comes.
    pub fn hang(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal("CONT");
    }

    /// The virtual machine, which the script started or became.
    fn signal(&self, signal: &str) {
        if let Ok(pid) = std::fs::read_to_string(self.folder.path().join("pid")) {
            let _ = Command::new("kill").args([&format!("-{signal}"), pid.trim()]).status();
        }
    }
}

impl Drop for Rabbit {
    fn drop(&mut self) {
        self.go_on();
        self.kill();
        if let Some(mut registry) = self.registry.take() {
            let _ = registry.kill();
            let _ = registry.wait();
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}
