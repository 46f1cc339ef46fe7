use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, bail};
use db::Context;
use domain::{DistributorId, OrgUnitId, Role, UserId};
use identity::model::{NewUser, Profile};
use identity::service::{self, Editor};
use identity::{HashedPassword, Passwords};
use platform::Config;
use uuid::Uuid;

use crate::database::Database;

#[derive(clap::Subcommand)]
pub enum Admin {
    /// Create a user. The password is read from standard input.
    #[command(
        after_help = "Example: dms admin create-user lan --name 'Trần Thị Lan' --role distributor_admin --distributor NPP01"
    )]
    CreateUser(CreateUser),
    /// Give a user a new password, read from standard input; ends the user's sessions and opens a locked account.
    ResetPassword {
        /// The log-in name.
        username: String,
    },
}

#[derive(clap::Args)]
pub struct CreateUser {
    /// The log-in name.
    username: String,
    /// The person's name.
    #[arg(long)]
    name: String,
    /// sales_rep, supervisor, area_manager, regional_manager, distributor_admin or company_admin.
    #[arg(long)]
    role: Role,
    /// The code of the distributor the user belongs to.
    #[arg(long, value_name = "CODE")]
    distributor: Option<String>,
    /// The units the user belongs to, by hierarchical index (1.1.2); the first is the main one.
    #[arg(long, value_name = "INDEX")]
    unit: Vec<String>,
}

impl Admin {
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let password = read_password()?;
        let database = Database::open(&config).await?;
        let done = self.act(&database, &password).await;
        database.close().await;
        done
    }

    async fn act(self, database: &Database, password: &str) -> anyhow::Result<()> {
        let editor = Editor::company(Context::system("command line"));
        let now = platform::Clock::now(&platform::SystemClock);
        let hash = hash(password).await?;
        let mut tx = database.db.begin(&editor.context).await?;
        match self {
            Admin::CreateUser(user) => {
                let new = user.resolve(&mut tx).await?;
                service::create_user(&mut tx, &editor, now, &new, &hash).await?;
                tx.commit().await?;
                println!("created {}", new.username);
            }
            Admin::ResetPassword { username } => {
                let id = service::find_user(&mut tx, &username)
                    .await?
                    .with_context(|| format!("no user {username}"))?;
                service::reset_password(&mut tx, &editor, now, id, &hash).await?;
                tx.commit().await?;
                println!("{username} has a new password");
            }
        }
        Ok(())
    }
}

impl CreateUser {
    async fn resolve(self, c: &mut db::PgConnection) -> anyhow::Result<NewUser> {
        let distributor_id: Option<DistributorId> = match &self.distributor {
            Some(code) => Some(
                org::distributors::find_by_code(c, code)
                    .await?
                    .with_context(|| format!("no distributor {code}"))?
                    .id,
            ),
            None => None,
        };
        let mut unit_ids: Vec<OrgUnitId> = Vec::with_capacity(self.unit.len());
        for index in &self.unit {
            let unit =
                org::units::find_by_index(c, index).await?.with_context(|| format!("no unit {index}"))?;
            unit_ids.push(unit.id);
        }
        Ok(NewUser {
            id: UserId::new(Uuid::now_v7()),
            username: self.username,
            profile: Profile {
                full_name: self.name,
                phone: String::new(),
                email: String::new(),
                role: self.role,
                distributor_id,
                primary_unit_id: unit_ids.first().copied(),
                unit_ids,
            },
            must_change_password: false,
        })
    }
}

async fn hash(password: &str) -> anyhow::Result<HashedPassword> {
    domain::password::check(password)?;
    Ok(Passwords::default().hash(password).await?)
}

/// From standard input, so that it stands neither in the shell's history nor in the list of processes.
fn read_password() -> anyhow::Result<String> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprintln!("password (it will be shown; or pipe it in):");
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line).context("the password can't be read")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("a password is needed on standard input");
    }
    Ok(password.to_owned())
}
