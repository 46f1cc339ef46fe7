use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use platform::{Config, Language};

use crate::database::Database;
use crate::parts;

#[derive(clap::Args)]
pub struct Import {
    /// org-units, users, distributors, products, customers, routes, price-lists, opening-stock or opening-receivables.
    kind: integrations::ImportKind,
    /// The file: CSV or XLSX.
    file: PathBuf,
    /// The code of the distributor whose rows these are.
    #[arg(long, value_name = "CODE")]
    distributor: Option<String>,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    /// Load the good rows even when others are bad; without it nothing is loaded then.
    #[arg(long)]
    good_rows: bool,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

impl Import {
    /// Exit code 1 when a row is bad.
    pub async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let bytes: Vec<u8> =
            std::fs::read(&self.file).with_context(|| format!("can't read {}", self.file.display()))?;
        let database = Database::open(&config).await?;
        let done = self.load(config, &database, bytes).await;
        database.close().await;
        done
    }

    async fn load(&self, config: Config, database: &Database, bytes: Vec<u8>) -> anyhow::Result<ExitCode> {
        let app = parts::app(config, database)?;
        let options = integrations::Options {
            dry_run: self.dry_run,
            mode: if self.good_rows { integrations::Mode::Good } else { integrations::Mode::All },
            distributor_code: self.distributor.clone(),
        };
        let cx = db::Context::system("command line");
        let report = integrations::run(&app, &cx, self.kind, bytes.into(), &options)
            .await
            .map_err(|e| anyhow::anyhow!("{}", e.text(Language::Vi).to_owned()))?
            .view(Language::Vi);
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            for e in &report.errors {
                println!("dòng {}, cột {}: {:?}: {}", e.row, e.column, e.value, e.message);
            }
            if report.error_count > report.errors.len() {
                println!("… và {} lỗi nữa", report.error_count - report.errors.len());
            }
            println!(
                "{} dòng: {} mới, {} cập nhật, {} không đổi, {} lỗi{}",
                report.rows,
                report.created,
                report.updated,
                report.unchanged,
                report.error_count,
                if self.dry_run { " (chạy thử, chưa lưu)" } else { "" }
            );
        }
        Ok(if report.error_count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
