use std::process::ExitCode;

use db::{Context, Db};
use domain::business_day::local_time;
use jobs::dead_letters::{self, ReplayError};
use platform::{Clock as _, Config, SystemClock};
use uuid::Uuid;

use crate::database::Database;

/// So many are read at a time.
const PART: i64 = 500;

#[derive(clap::Subcommand)]
pub enum DeadLetters {
    /// List them, the latest first.
    List {
        /// Only of this consumer.
        #[arg(long, value_name = "NAME")]
        consumer: Option<String>,
        /// As JSON, one a line, with their content.
        #[arg(long)]
        json: bool,
    },
    /// Hand events to their consumer again.
    #[command(after_help = "Example: dms dead-letters replay --all --consumer notifications")]
    Replay(Which),
    /// Give events up for good; the audit log keeps their content.
    Drop(Which),
}

#[derive(clap::Args)]
#[group(required = true)]
pub struct Which {
    /// The letters, by id.
    #[arg(value_name = "ID")]
    ids: Vec<Uuid>,
    /// All of them.
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// With --all: only of this consumer.
    #[arg(long, value_name = "NAME", requires = "all")]
    consumer: Option<String>,
}

impl DeadLetters {
    /// Exit code 1: some could not be replayed or were not there; each was named.
    pub async fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let database = Database::open(config).await?;
        let done = self.act(&database.db).await;
        database.close().await;
        done
    }

    async fn act(self, db: &Db) -> anyhow::Result<ExitCode> {
        let cx = Context::system("command line");
        let now = SystemClock.now();
        let mut bad = 0;
        let mut good = 0;
        match self {
            DeadLetters::List { consumer, json } => {
                let mut tx = db.snapshot(&cx).await?;
                let mut seen = 0;
                loop {
                    let (letters, _) = dead_letters::list(&mut tx, consumer.as_deref(), PART, seen).await?;
                    if letters.is_empty() {
                        break;
                    }
                    for letter in &letters {
                        if json {
                            println!("{}", serde_json::to_string(letter)?);
                        } else {
                            let died = local_time(letter.died_at).format("%Y-%m-%d %H:%M:%S");
                            let (id, consumer, kind) = (letter.id, &letter.consumer, &letter.kind);
                            println!(
                                "{id}  {died}  {consumer}  {kind}  {} tries: {}",
                                letter.attempts, letter.error
                            );
                        }
                    }
                    seen += PART;
                }
                return Ok(ExitCode::SUCCESS);
            }
            DeadLetters::Replay(which) => {
                for id in which.find(db, &cx).await? {
                    let mut tx = db.begin(&cx).await?;
                    match dead_letters::replay(&mut tx, &cx, now, id).await {
                        Ok(()) => {
                            tx.commit().await?;
                            good += 1;
                        }
                        Err(ReplayError::Database(error)) => return Err(error.into()),
                        Err(error @ (ReplayError::NotFound | ReplayError::NotAnEvent)) => {
                            eprintln!("{id}: {error}");
                            bad += 1;
                        }
                    }
                }
                println!("{good} wait for their consumers again");
            }
            DeadLetters::Drop(which) => {
                for id in which.find(db, &cx).await? {
                    let mut tx = db.begin(&cx).await?;
                    if dead_letters::drop(&mut tx, &cx, now, id).await? {
                        tx.commit().await?;
                        good += 1;
                    } else {
                        eprintln!("{id}: there is no such dead letter");
                        bad += 1;
                    }
                }
                println!("{good} dropped");
            }
        }
        Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl Which {
    async fn find(self, db: &Db, cx: &Context) -> Result<Vec<Uuid>, sqlx::Error> {
        if !self.all {
            return Ok(self.ids);
        }
        let mut ids = Vec::new();
        let mut tx = db.snapshot(cx).await?;
        loop {
            let seen = i64::try_from(ids.len()).unwrap_or(i64::MAX);
            let (letters, _) = dead_letters::list(&mut tx, self.consumer.as_deref(), PART, seen).await?;
            if letters.is_empty() {
                // The oldest first, as they happened.
                ids.reverse();
                return Ok(ids);
            }
            ids.extend(letters.iter().map(|letter| letter.id));
        }
    }
}
