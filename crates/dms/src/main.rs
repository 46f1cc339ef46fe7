//! `dms`: commands, wiring, lifecycle; nothing else.

mod commands;
mod database;
mod health;
mod keys;
mod lifecycle;
mod parts;
mod server;
mod web;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use commands::serve::Part;
use platform::Config;

/// A request makes hundreds of small allocations; this allocator does them in half of the time of the C library's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// DILIGO DMS: distribution management for makers of consumer goods and their distributors.
///
/// Without settings everything runs on this machine: a private PostgreSQL in the data folder, the API, the live hub,
/// the worker and both web apps on one port. Settings come from a file, then the environment
/// (ConnectionStrings__DefaultConnection, Jwt__SigningKey, LogLevel, …), then the options below.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    /// A TOML file with settings.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the private database, the files and the keys [default: data].
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything in one process.
    ///
    /// Serves the back office at http://localhost:8080/, the phone app at /field/, the API at /api/v1 (described at
    /// /swagger), the live hub at /hubs/dms, and metrics and health on a port of their own.
    #[command(after_help = "Example: dms serve --data /var/lib/dms --demo small")]
    Serve(commands::serve::Serve),
    /// Run the API and the web apps only; `dms serve --parts api`.
    Api(commands::serve::Ports),
    /// Run the live hub only; `dms serve --parts hub`.
    Hub(commands::serve::Ports),
    /// Run events, jobs and thumbnails only; `dms serve --parts worker`.
    Worker(commands::serve::Ports),
    /// List jobs, or run one now.
    #[command(subcommand)]
    Jobs(commands::jobs::Jobs),
    /// List, replay or drop events that could not be handled.
    #[command(subcommand)]
    DeadLetters(commands::dead_letters::DeadLetters),
    /// Bring the database's schema up to date; safe to repeat.
    Migrate,
    /// Fill an empty database with a believable company of our own making.
    #[command(
        after_help = "Example: dms demo --scale small\n\nThe accounts it makes are printed when it is done."
    )]
    Demo(commands::demo::Demo),
    /// Load one of the company's files (CSV or XLSX).
    #[command(after_help = "Example: dms import customers khach-hang.csv --distributor NPP01 --dry-run")]
    Import(commands::import::Import),
    /// Manage users from the command line.
    #[command(subcommand)]
    Admin(commands::admin::Admin),
    /// Recompute every ledger and balance and name each row that is wrong.
    Verify(commands::verify::Verify),
    /// Build the monthly snapshots of stock that reports read.
    ///
    /// The running server does so by itself, soon after a month has ended; this waits while it is at it.
    #[command(after_help = "Example: dms snapshots --again")]
    Snapshots(commands::snapshots::Snapshots),
    /// Check the settings and whether everything answers that is needed; says what is wrong and what to do.
    Doctor(commands::doctor::Doctor),
    /// Ask Prometheus whether a new version is as good as the one before: 0 promote, 10 roll back, 11 unclear.
    #[command(
        after_help = "Example: dms canary-check --prometheus http://prometheus:9090 --canary 'track=\"canary\"' --stable 'track=\"stable\"' --watch 10m"
    )]
    CanaryCheck(commands::canary::CanaryCheck),
    /// Print the OpenAPI document of the API.
    Openapi,
}

impl Command {
    /// What traces call this process; none for commands that leave no traces.
    fn service(&self) -> Option<&'static str> {
        match self {
            Command::Serve(serve) => Some(serve.service()),
            Command::Api(_) => Some(Part::Api.service()),
            Command::Hub(_) => Some(Part::Hub.service()),
            Command::Worker(_) | Command::Jobs(_) => Some(Part::Worker.service()),
            _ => None,
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            // The whole chain, once, for the person at the terminal.
            eprintln!("dms: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    if let Command::Openapi = cli.command {
        println!("{}", api::document().to_pretty_json()?);
        return Ok(ExitCode::SUCCESS);
    }
    let mut config = Config::load(cli.config.as_deref())?;
    if let Some(data) = cli.data {
        config.data_dir = data;
    }
    let long_work = matches!(cli.command, Command::Demo(_) | Command::Verify(_));
    let telemetry = lifecycle::start_telemetry(&config, long_work, cli.command.service())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Serve(serve) => serve.run(config).await.map(|()| ExitCode::SUCCESS),
            Command::Api(ports) => ports.serve(Part::Api).run(config).await.map(|()| ExitCode::SUCCESS),
            Command::Hub(ports) => ports.serve(Part::Hub).run(config).await.map(|()| ExitCode::SUCCESS),
            Command::Worker(ports) => ports.serve(Part::Worker).run(config).await.map(|()| ExitCode::SUCCESS),
            Command::Jobs(jobs) => jobs.run(config).await,
            Command::DeadLetters(letters) => letters.run(&config).await,
            Command::Migrate => commands::migrate::run(&config).await.map(|()| ExitCode::SUCCESS),
            Command::Demo(demo) => demo.run(config).await.map(|()| ExitCode::SUCCESS),
            Command::Import(import) => import.run(config).await,
            Command::Admin(admin) => admin.run(config).await.map(|()| ExitCode::SUCCESS),
            Command::Verify(verify) => verify.run(&config).await,
            Command::Snapshots(snapshots) => snapshots.run(&config).await.map(|()| ExitCode::SUCCESS),
            Command::Doctor(doctor) => doctor.run(&config).await,
            Command::CanaryCheck(check) => check.run().await,
            Command::Openapi => Ok(ExitCode::SUCCESS),
        }
    });
    telemetry.stop();
    outcome
}
