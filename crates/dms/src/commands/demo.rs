use std::io::{IsTerminal as _, Write as _};

use demo::company_scale::{Progress, Size};
use platform::{App, Config};

use crate::database::Database;
use crate::parts;

/// How large the company is.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Scale {
    /// 3 distributors, 12 users, 300 outlets, 60 products, 30 days of history: seconds to make.
    Small,
    /// 150 distributors, 1,500 users, 100,000 outlets, 300 products, a year with 5 million order lines: minutes to make.
    Company,
}

#[derive(clap::Args)]
pub struct Demo {
    /// How large the company is.
    #[arg(long, value_enum, default_value = "small")]
    scale: Scale,
}

impl Demo {
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let database = Database::open(&config).await?;
        let app = parts::app(config, &database)?;
        let result = fill_if_empty(&app, self.scale).await;
        database.close().await;
        result
    }
}

/// Makes the company unless there is one already.
pub async fn fill_if_empty(app: &App, scale: Scale) -> anyhow::Result<()> {
    match scale {
        Scale::Small => {
            if demo::small::fill_if_empty(app).await? {
                println!("made the demo company");
            } else {
                println!("the database already holds a company; nothing was made");
            }
        }
        Scale::Company => {
            if demo::company_scale::fill_if_empty(app, Size::COMPANY, show).await? {
                println!("made the demo company");
            } else {
                println!("the database already holds a company; nothing was made");
            }
            println!(
                "accounts (password {}): admin, rsm01, asm01, npp01, gsbh01, nvbh001, …",
                demo::PASSWORD
            );
            return Ok(());
        }
    }
    println!("accounts (password {}):", demo::PASSWORD);
    for (username, what) in demo::ACCOUNTS {
        println!("  {username:<8} {what}");
    }
    Ok(())
}

/// A bar on a terminal; elsewhere a line every tenth.
fn show(progress: Progress) {
    const WIDTH: usize = 40;
    let Progress { done, of, what } = progress;
    let mut out = std::io::stderr().lock();
    let shown = if out.is_terminal() {
        let full = usize::try_from(done).unwrap_or(0) * WIDTH / usize::try_from(of).unwrap_or(1).max(1);
        let bar: String = (0..WIDTH).map(|at| if at < full { '█' } else { '░' }).collect();
        let end = if done == of { "\n" } else { "" };
        write!(out, "\r{bar} {done}/{of} {what:<24}{end}").and_then(|()| out.flush())
    } else if done == of || done % (of / 10).max(1) == 0 {
        writeln!(out, "{done}/{of} {what}")
    } else {
        Ok(())
    };
    if let Err(error) = shown {
        tracing::debug!(error = %error, "the progress can't be shown");
    }
}
