use std::path::PathBuf;
use std::time::Duration;

use db::embedded::{Embedded, Error};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};
use uuid::Uuid;

struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        Folder(std::env::temp_dir().join(format!("dms-embedded-{}", Uuid::now_v7().simple())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The pid of the server, as it writes it itself.
fn server_pid(folder: &Folder) -> String {
    let file = std::fs::read_to_string(folder.0.join("postgres/data/postmaster.pid"))
        .expect("the server's pid file");
    file.lines().next().expect("a pid").to_owned()
}

/// Connects as soon as the server answers; the limit only ends a test that would hang.
async fn connect(server: &Embedded) -> PgConnection {
    for _ in 0..1200 {
        if let Ok(c) = PgConnection::connect_with(&server.options()).await {
            return c;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server did not come back");
}

#[tokio::test]
async fn what_was_committed_survives_a_killed_server_and_a_restart() {
    let folder = Folder::new();
    let server = Embedded::start(&folder.0).await.unwrap();
    let mut c = connect(&server).await;
    c.execute("create table t (v int)").await.unwrap();
    c.execute("insert into t values (1)").await.unwrap();

    let pid = server_pid(&folder);
    assert!(std::process::Command::new("kill").args(["-9", &pid]).status().unwrap().success());
    // The connection of the killed server is dead; a new one works once the server has recovered.
    while c.ping().await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut c = connect(&server).await;
    c.execute("insert into t values (2)").await.unwrap();
    drop(c);
    server.stop().await;
    drop(server);

    let server = Embedded::start(&folder.0).await.unwrap();
    let mut c = connect(&server).await;
    let sum: i64 = sqlx::query_scalar("select sum(v) from t").fetch_one(&mut c).await.unwrap();
    assert_eq!(sum, 3);
    c.close().await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn a_folder_serves_one_process_at_a_time() {
    let folder = Folder::new();
    let first = Embedded::start(&folder.0).await.unwrap();
    assert!(matches!(Embedded::start(&folder.0).await, Err(Error::InUse(_))));
    first.stop().await;
}

#[tokio::test]
async fn a_folder_that_the_servers_user_cannot_enter_still_works() {
    use std::os::unix::fs::PermissionsExt as _;
    let outer = Folder::new();
    std::fs::create_dir_all(&outer.0).unwrap();
    std::fs::set_permissions(&outer.0, std::fs::Permissions::from_mode(0o700)).unwrap();
    let inner = outer.0.join("data");
    let server = Embedded::start(&inner).await.unwrap();
    connect(&server).await.close().await.unwrap();
    server.stop().await;
    let home = inner.join("postgres");
    if home.is_symlink() {
        std::fs::remove_dir_all(std::fs::read_link(home).unwrap()).unwrap();
    }
}
