//! The endpoints.

mod albums;
mod check_in;
mod check_out;
mod list;
mod locations;
mod notes;
mod one;
mod photo_content;
mod photos;
mod policies;
mod steps;
mod surveys;

use axum::extract::DefaultBodyLimit;
use platform::App;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

/// All endpoints of visits, their policies, surveys, and where outlets stand.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_visits))
        .routes(routes!(check_in::check_in))
        .routes(routes!(one::get_visit))
        .routes(routes!(check_out::check_out))
        .routes(routes!(steps::set_outlet_state))
        .routes(routes!(steps::count_shelf))
        .routes(routes!(steps::fill_survey))
        .routes(routes!(notes::write_notes))
        .routes(routes!(photos::add_photo).layer(DefaultBodyLimit::max(files::form::MAX_FORM)))
        .routes(routes!(photo_content::get_photo_content))
        .routes(routes!(albums::list_albums, albums::set_albums))
        .routes(routes!(policies::list_policies, policies::set_policy))
        .routes(routes!(policies::effective_policy))
        .routes(routes!(surveys::list_surveys, surveys::create_survey))
        .routes(routes!(surveys::list_asked))
        .routes(routes!(surveys::get_survey, surveys::edit_survey))
        .routes(routes!(surveys::get_version))
        .routes(routes!(surveys::publish_survey))
        .routes(routes!(surveys::close_survey))
        .routes(routes!(surveys::list_answers))
        .routes(routes!(locations::propose_location))
        .routes(routes!(locations::list_locations))
        .routes(routes!(locations::list_proposals))
        .routes(routes!(locations::approve_proposal))
        .routes(routes!(locations::reject_proposal))
}
