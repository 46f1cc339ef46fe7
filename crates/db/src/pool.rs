use std::fmt::Write as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Postgres};

use crate::retry::{Stage, is_transient};
use crate::{Context, Tenants};

/// An open transaction; dropping it rolls back.
pub type Tx = sqlx::Transaction<'static, Postgres>;

/// How many connections each role may hold.
#[derive(Debug, Clone, Copy)]
pub struct PoolSizes {
    /// For callers of distributors (`dms_app`).
    pub app: u32,
    /// For the company's callers and the worker (`dms_system`).
    pub system: u32,
}

impl Default for PoolSizes {
    /// 8 to 16 connections are the best on few cores; more only wait for each other.
    fn default() -> Self {
        PoolSizes { app: 12, system: 6 }
    }
}

/// The connections of one pool now.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// `app` (callers of distributors) or `system` (the company, the worker).
    pub pool: &'static str,
    /// Open, in use or not.
    pub open: u32,
    /// Open and not in use.
    pub idle: u32,
    /// So many may be open.
    pub max: u32,
}

/// A connection that was used so lately is taken to be alive.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// Each query is planned for its values, in any way there is.
macro_rules! planned_anew {
    () => {
        "; SET LOCAL plan_cache_mode = auto; SET LOCAL enable_seqscan = on"
    };
}

/// The database: one pool per role.
#[derive(Debug, Clone)]
pub struct Db {
    app: PgPool,
    system: PgPool,
}

impl Db {
    /// Opens the pools; the login behind `options` must be a member of both roles.
    ///
    /// # Errors
    /// When the server can't be reached or refuses the roles.
    pub async fn connect(options: &PgConnectOptions, sizes: PoolSizes) -> Result<Db, sqlx::Error> {
        // What distributors' callers do again and again finds its rows by keys. A plan is kept, and one that was made on
        // the first day, when reading a whole table was the least, would be wrong by noon.
        let by_keys = options.clone().options([("enable_seqscan", "off")]);
        Ok(Db {
            app: pool(&by_keys, "dms_app", sizes.app).await?,
            system: pool(options, "dms_system", sizes.system).await?,
        })
    }

    /// A transaction for the context: callers of distributors run as `dms_app`, the company as `dms_system`.
    ///
    /// Commands find their rows by keys, so each statement is planned once for a connection: planning again for each
    /// value takes the server longer than the statement itself.
    ///
    /// # Errors
    /// When no connection is free in time or the server can't be reached.
    pub async fn begin(&self, cx: &Context) -> Result<Tx, sqlx::Error> {
        self.open(cx, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE").await
    }

    /// Like [`Db::begin`], for work on queues, which are empty when its statements are planned and may be full of what is
    /// gone later: never read whole.
    ///
    /// # Errors
    /// As [`Db::begin`].
    pub async fn begin_on_queue(&self, cx: &Context) -> Result<Tx, sqlx::Error> {
        self.open(cx, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL enable_seqscan = off").await
    }

    /// Like [`Db::read`], for queries that find their rows by keys; planned once, as in [`Db::begin`].
    ///
    /// # Errors
    /// As [`Db::begin`].
    pub async fn lookup(&self, cx: &Context) -> Result<Tx, sqlx::Error> {
        self.open(cx, "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY").await
    }

    /// Like [`Db::begin`], for work that only reads: lists and reports, planned for the filters that are set.
    ///
    /// # Errors
    /// As [`Db::begin`].
    pub async fn read(&self, cx: &Context) -> Result<Tx, sqlx::Error> {
        self.open(cx, concat!("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY", planned_anew!())).await
    }

    /// Like [`Db::read`], all of it on one picture of the data: for work of many statements that must agree.
    ///
    /// # Errors
    /// As [`Db::begin`].
    pub async fn snapshot(&self, cx: &Context) -> Result<Tx, sqlx::Error> {
        self.open(cx, concat!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", planned_anew!())).await
    }

    /// Like [`Db::snapshot`], for work over all data that takes the time it takes.
    ///
    /// # Errors
    /// As [`Db::begin`].
    pub async fn long_snapshot(&self, cx: &Context) -> Result<Tx, sqlx::Error> {
        const BEGIN: &str = concat!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0",
            planned_anew!()
        );
        self.open(cx, BEGIN).await
    }

    /// Isolation and access mode are always said, also where they are the default: a request whose client hangs up at this
    /// point leaves its connection inside a transaction that nobody knows of, and the next BEGIN goes on in it, with what
    /// it doesn't say itself.
    ///
    /// Opening and saying who acts is one round trip. `SET LOCAL` costs the server a tenth of `set_config`, which has to
    /// be planned; it takes no parameters, so only UUIDs go into the text.
    async fn open(&self, cx: &Context, begin: &str) -> Result<Tx, sqlx::Error> {
        let mut sql = String::with_capacity(192);
        sql.push_str(begin);
        let user = cx.user.map(|u| u.to_string()).unwrap_or_default();
        // Writing to a String can't fail.
        let _ = write!(sql, "; SET LOCAL app.user_id = '{user}'");
        let pool = match &cx.tenants {
            Tenants::Company => &self.system,
            Tenants::Distributors(ids) => {
                sql.push_str("; SET LOCAL app.distributors = '");
                for (i, id) in ids.iter().enumerate() {
                    let _ = write!(sql, "{}{id}", if i == 0 { "" } else { "," });
                }
                sql.push('\'');
                &self.app
            }
        };
        // Nothing has happened yet: each connection that turns out to be dead gives way to the next.
        for _ in 0..pool.size() {
            match pool.begin_with(AssertSqlSafe(sql.clone())).await {
                Err(error) if is_transient(&error, Stage::Body) => {}
                outcome => return outcome,
            }
        }
        pool.begin_with(AssertSqlSafe(sql)).await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it doesn't.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        let mut connection = self.system.acquire().await?;
        sqlx::Connection::ping(&mut *connection).await
    }

    /// The connections of each pool.
    pub fn usage(&self) -> [Usage; 2] {
        let of = |pool: &PgPool, name| Usage {
            pool: name,
            open: pool.size(),
            idle: u32::try_from(pool.num_idle()).unwrap_or(u32::MAX),
            max: pool.options().get_max_connections(),
        };
        [of(&self.app, "app"), of(&self.system, "system")]
    }

    /// Closes all connections, after the work in hand.
    pub async fn close(&self) {
        self.app.close().await;
        self.system.close().await;
    }
}

async fn pool(options: &PgConnectOptions, role: &str, size: u32) -> Result<PgPool, sqlx::Error> {
    let options = options.clone().application_name(&format!("dms/{role}")).options([
        ("role", role),
        ("statement_timeout", "30s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("timezone", "UTC"),
        // Commands and lookups; see [`Db::begin`].
        ("plan_cache_mode", "force_generic_plan"),
        // Compiling a query takes longer than any of ours runs.
        ("jit", "off"),
    ]);
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(5))
        .idle_timeout(Duration::from_secs(300))
        // A connection that has just worked is not asked again whether it lives: that would be a round trip for each
        // transaction. One that broke meanwhile fails at its BEGIN, where nothing has happened yet.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                Ok(meta.idle_for < TRUSTED_FOR || sqlx::Connection::ping(connection).await.is_ok())
            })
        })
        .connect_with(options)
        .await
}
