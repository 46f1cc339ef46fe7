//! Who somebody is: accounts and passwords, log-in and sessions, users, and the log of who did what.
//!
//! [`Sessions`] is the application's [`platform::Authenticator`]; this crate's handlers find it behind `App::auth`.
//! A session is one log-in on one device. Its access token proves it for 15 minutes; its refresh tokens form a family
//! of which one at a time is good. Passwords, sessions and tokens are out of reach of the database role that callers
//! of a distributor have, so everything here that touches them acts as the system.
//!
//! For the command line and other capabilities: [`service`] creates users and sets passwords in a transaction of the
//! caller's, [`Passwords`] hashes them.

mod cache;
mod error;
mod http;
mod key;
mod lockout;
mod login;
pub mod model;
mod origin;
pub mod password;
mod refresh;
pub mod service;
mod sessions;
mod store;
mod token;

use platform::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use error::UserError;
pub use key::{SigningKey, SigningKeyTooShort};
pub use password::{HashedPassword, PasswordError, Passwords};
pub use sessions::Sessions;
pub use token::{ACCESS_LIFE, REFRESH_LIFE};

/// `/auth`, `/users`, `/roles`, `/audit-log`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::login::login))
        .routes(routes!(http::refresh::refresh))
        .routes(routes!(http::logout::logout))
        .routes(routes!(http::password::change_password))
        .routes(routes!(http::me::me))
        .routes(routes!(http::list_users::list_users, http::create_user::create_user))
        .routes(routes!(http::user::get_user, http::user::update_user))
        .routes(routes!(http::user_status::activate_user))
        .routes(routes!(http::user_status::deactivate_user))
        .routes(routes!(http::reset_password::reset_password))
        .routes(routes!(http::roles::list_roles))
        .routes(routes!(http::audit_log::audit_log))
}
