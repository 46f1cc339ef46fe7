//! Users, through the same rules as one by one.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use db::{Context, PgConnection, Tenants};
use domain::UserId;
use identity::model::{NewUser, Profile, UserStatus};
use identity::service::{self, Editor};
use identity::{HashedPassword, PasswordError, Passwords, UserError};
use platform::{ApiError, App, Loaded, RowError};
use uuid::Uuid;

use crate::error::ImportError;
use crate::kinds::users::{DISTRIBUTOR, PASSWORD, UNIT, USERNAME, UserRow};
use crate::store;
use crate::table::Column;

/// Hashes the passwords of users that don't exist yet, before the transaction: it takes its time. By row; weak ones
/// are left out, and told when the rows are loaded.
pub async fn hash_passwords(
    app: &App,
    cx: &Context,
    rows: &[UserRow],
) -> Result<HashMap<u32, HashedPassword>, ApiError> {
    if cx.tenants != Tenants::Company {
        return Err(ImportError::CompanyOnly.into());
    }
    let names: Vec<String> = rows.iter().map(|row| row.username.clone()).collect();
    let mut tx = app.db.read(cx).await?;
    let known = store::find_users(&mut tx, &names).await?;
    drop(tx);
    let passwords = Passwords::default();
    let mut hashed = HashMap::new();
    for row in rows.iter().filter(|row| !known.contains_key(&row.username)) {
        let Some(password) = &row.password else { continue };
        match passwords.hash(password).await {
            Ok(hash) => drop(hashed.insert(row.row, hash)),
            Err(PasswordError::Busy) => return Err(ApiError::unavailable()),
            Err(PasswordError::Broken(cause)) => return Err(ApiError::internal(cause)),
            Err(_) => {}
        }
    }
    Ok(hashed)
}

/// Loads users. New ones need a password, which they must change; of known ones the password stays.
pub async fn load(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    rows: &[UserRow],
    passwords: &HashMap<u32, HashedPassword>,
    errors: &mut Vec<RowError>,
) -> Result<Loaded, ApiError> {
    let editor = Editor::company(cx.clone());
    let names: Vec<String> = rows.iter().map(|row| row.username.clone()).collect();
    let known = store::find_users(c, &names).await?;
    let distributors = store::list_distributors(c).await?;
    let units = store::list_units(c).await?;
    let mut loaded = Loaded::default();
    for row in rows {
        let wrong = |column: &Column, value: &str, vi: String, en: String| {
            RowError::new(row.row, column.name, value, vi, en)
        };
        let before = known.get(&row.username);
        let distributor = match &row.distributor_code {
            None => before.and_then(|user| user.profile.distributor_id),
            Some(code) => match distributors.get(code) {
                Some(id) => Some(*id),
                None => {
                    errors.push(wrong(
                        &DISTRIBUTOR,
                        code,
                        "Không có nhà phân phối mã này".into(),
                        "No distributor has this code".into(),
                    ));
                    continue;
                }
            },
        };
        let unit_ids = match &row.unit_index {
            None => before.map(|user| user.profile.unit_ids.clone()).unwrap_or_default(),
            Some(index) => match units.get(index) {
                Some(id) => vec![*id],
                None => {
                    errors.push(wrong(
                        &UNIT,
                        index,
                        "Không có đơn vị này".into(),
                        "There is no such unit".into(),
                    ));
                    continue;
                }
            },
        };
        let kept = before.map(|user| &user.profile);
        let profile = Profile {
            full_name: row.full_name.clone(),
            phone: row.phone.clone().or_else(|| kept.map(|p| p.phone.clone())).unwrap_or_default(),
            email: row.email.clone().or_else(|| kept.map(|p| p.email.clone())).unwrap_or_default(),
            role: row.role,
            distributor_id: distributor,
            primary_unit_id: kept
                .and_then(|p| p.primary_unit_id)
                .filter(|unit| unit_ids.contains(unit))
                .or(unit_ids.first().copied()),
            unit_ids,
        };
        let outcome = match before {
            Some(user) => {
                let status = row.status.unwrap_or(user.status);
                let same = profile == user.profile && status == user.status;
                let changed = change(c, &editor, at, user, &profile, status).await;
                changed.map(|()| if same { &mut loaded.unchanged } else { &mut loaded.updated })
            }
            None => {
                let Some(password) = passwords.get(&row.row) else {
                    errors.push(password_error(row));
                    continue;
                };
                let id = UserId::new(Uuid::now_v7());
                let new = NewUser { id, username: row.username.clone(), profile, must_change_password: true };
                let made = service::create_user(c, &editor, at, &new, password).await;
                match (made, row.status) {
                    (Ok(()), Some(UserStatus::Inactive)) => {
                        service::set_status(c, &editor, at, id, UserStatus::Inactive).await
                    }
                    (made, _) => made,
                }
                .map(|()| &mut loaded.created)
            }
        };
        match outcome {
            Ok(count) => *count += 1,
            Err(UserError::Database(error)) => return Err(error.into()),
            // The rules of users; their texts say what to do.
            Err(error) => {
                let error = ApiError::from(error);
                let text = |language| error.text(language).to_owned();
                let (vi, en) = (text(platform::Language::Vi), text(platform::Language::En));
                errors.push(wrong(&USERNAME, &row.username, vi, en));
            }
        }
    }
    Ok(loaded)
}

async fn change(
    c: &mut PgConnection,
    editor: &Editor,
    at: DateTime<Utc>,
    user: &store::KnownUser,
    profile: &Profile,
    status: UserStatus,
) -> Result<(), UserError> {
    if *profile != user.profile {
        service::update_user(c, editor, at, user.id, user.version, profile).await?;
    }
    if status != user.status {
        service::set_status(c, editor, at, user.id, status).await?;
    }
    Ok(())
}

fn password_error(row: &UserRow) -> RowError {
    let (vi, en) = match &row.password {
        None => ("Người dùng mới cần mật khẩu", "A new user needs a password"),
        Some(_) => (
            "Mật khẩu cần ít nhất 8 ký tự, có chữ hoa, chữ thường, số và ký tự đặc biệt",
            "A password needs 8 characters, with upper and lower case, a digit and a special character",
        ),
    };
    RowError::new(row.row, PASSWORD.name, "", vi, en)
}
