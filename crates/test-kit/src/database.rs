use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use db::{Db, PoolSizes};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use uuid::Uuid;

/// A database of one test; gone when the test has passed.
pub struct TestDatabase {
    server: PgConnectOptions,
    name: String,
    folder: PathBuf,
}

impl TestDatabase {
    /// Copies the template, which the first test of a schema makes.
    pub async fn create() -> TestDatabase {
        let server = server();
        let template = template_name();
        let mut c = PgConnection::connect_with(&server).await.expect("the test server answers");
        // One at a time makes the template; copying it needs nobody connected to it.
        c.execute("select pg_advisory_lock(7240962)").await.expect("a lock");
        let known = sqlx::query("select 1 from pg_database where datname = $1")
            .bind(&template)
            .fetch_optional(&mut c)
            .await
            .expect("the list of databases");
        if known.is_none() {
            let fresh = format!("{template}_fresh");
            run(&mut c, format!("drop database if exists {fresh} with (force)")).await;
            run(&mut c, format!("create database {fresh}")).await;
            let options = server.clone().database(&fresh);
            migrations::run(&options).await.expect("the migrations run");
            let mut seed = PgConnection::connect_with(&options).await.expect("the fresh database answers");
            seed.execute(include_str!("../seed.sql")).await.expect("the seed loads");
            seed.close().await.expect("the connection closes");
            run(&mut c, format!("alter database {fresh} rename to {template}")).await;
        }
        let name = format!("dms_test_{}", Uuid::now_v7().simple());
        run(&mut c, format!("create database {name} template {template}")).await;
        c.close().await.expect("the connection closes");
        TestDatabase::new(server, name)
    }

    /// With the schema and nothing in it: for what fills a database itself.
    pub async fn empty() -> TestDatabase {
        let server = server();
        let name = format!("dms_test_{}", Uuid::now_v7().simple());
        let mut c = PgConnection::connect_with(&server).await.expect("the test server answers");
        run(&mut c, format!("create database {name}")).await;
        c.close().await.expect("the connection closes");
        let database = TestDatabase::new(server, name);
        migrations::run(&database.options()).await.expect("the migrations run");
        database
    }

    fn new(server: PgConnectOptions, name: String) -> TestDatabase {
        let folder = std::env::temp_dir().join(&name);
        TestDatabase { server, name, folder }
    }

    /// How to reach it as a superuser.
    pub fn options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    /// A connection as a superuser, for whom row-level security does nothing: to look and to prepare. Like the application's
    /// it compiles no queries.
    pub async fn owner(&self) -> PgConnection {
        PgConnection::connect_with(&self.options().options([("jit", "off")]))
            .await
            .expect("the test database answers")
    }

    /// The pools of the application, as its own roles.
    pub async fn pools(&self) -> Db {
        Db::connect(&self.options(), PoolSizes { app: 8, system: 3 }).await.expect("the pools open")
    }

    /// A folder for this test's files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for TestDatabase {
    /// A failed test keeps its database for a look.
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("database of the failed test: {}", self.name);
            return;
        }
        let _ = std::fs::remove_dir_all(&self.folder);
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropped = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                if let Ok(mut c) = PgConnection::connect_with(&server).await {
                    run(&mut c, format!("drop database if exists {name} with (force)")).await;
                }
            });
        });
        let _ = dropped.join();
    }
}

fn server() -> PgConnectOptions {
    let url = std::env::var("DMS_TEST_DATABASE_URL").expect(
        "DMS_TEST_DATABASE_URL must name a PostgreSQL superuser; `scripts/with-postgres cargo nextest run` sets it",
    );
    PgConnectOptions::from_str(&url).expect("DMS_TEST_DATABASE_URL is a PostgreSQL URL")
}

async fn run(c: &mut PgConnection, sql: String) {
    c.execute(AssertSqlSafe(sql)).await.expect("the statement runs");
}

/// Named by what is in it, so that a changed schema makes a new one.
fn template_name() -> String {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hash = DefaultHasher::new();
    for migration in migrations::MIGRATOR.iter() {
        migration.checksum.hash(&mut hash);
    }
    include_str!("../seed.sql").hash(&mut hash);
    format!("dms_template_{:016x}", hash.finish())
}
