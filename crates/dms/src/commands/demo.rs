use platform::{App, Config};

use crate::database::Database;
use crate::parts;

/// How large the company is.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Scale {
    /// 3 distributors, 12 users, 300 outlets, 60 products, 30 days of history: seconds to make.
    Small,
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
    }
    println!("accounts (password {}):", demo::PASSWORD);
    for (username, what) in demo::ACCOUNTS {
        println!("  {username:<8} {what}");
    }
    Ok(())
}
