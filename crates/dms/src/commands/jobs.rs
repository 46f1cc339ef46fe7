use std::process::ExitCode;

use anyhow::bail;
use chrono::{DateTime, Utc};
use db::Context;
use domain::business_day::local_time;
use jobs::runner::{self, Ended, RunError};
use platform::{App, Config};

use crate::database::Database;
use crate::parts;

#[derive(clap::Subcommand)]
pub enum Jobs {
    /// List the jobs, when they run next, and how their last runs ended.
    List,
    /// Run a job now, in this process, and wait for its end.
    #[command(after_help = "Example: dms jobs run stock-snapshots\n\nExit code 1: it failed.")]
    Run {
        /// Its name, as the list has it.
        name: String,
    },
}

impl Jobs {
    pub async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let database = Database::open(&config).await?;
        let app = parts::app(config, &database)?;
        let done = match self {
            Jobs::List => list(&app).await,
            Jobs::Run { name } => run(&app, &name).await,
        };
        database.close().await;
        done
    }
}

async fn list(app: &App) -> anyhow::Result<ExitCode> {
    runner::register(app, &worker::jobs()).await?;
    let mut tx = app.db.read(&Context::system("command line")).await?;
    for job in jobs::list_jobs(&mut tx).await? {
        let last = match (&job.last_outcome, job.last_started_at) {
            (Some(outcome), Some(at)) => {
                format!("{outcome} {}  {}", wall(at), job.last_detail.unwrap_or_default())
            }
            _ => "never run".to_owned(),
        };
        println!("{:<18} {:<17} next {}  {last}", job.name, job.schedule, wall(job.next_at));
    }
    Ok(ExitCode::SUCCESS)
}

async fn run(app: &App, name: &str) -> anyhow::Result<ExitCode> {
    match runner::run_now(app, &worker::jobs(), name, "command line").await {
        Ok(Ended::Done(detail)) => {
            println!("{name}: {detail}");
            Ok(ExitCode::SUCCESS)
        }
        Ok(Ended::Failed(why)) => {
            eprintln!("{name} failed: {why}");
            Ok(ExitCode::FAILURE)
        }
        Err(RunError::Unknown) => {
            let names: Vec<&str> = worker::jobs().iter().map(|job| job.name).collect();
            bail!("no job {name}; there are {}", names.join(", "))
        }
        Err(error) => Err(error.into()),
    }
}

fn wall(at: DateTime<Utc>) -> String {
    local_time(at).format("%Y-%m-%d %H:%M").to_string()
}
