//! What the company sells: products with their units and prices, brands, categories, price lists.

mod error;
mod http;
pub mod import;
pub mod import_prices;
pub mod model;
pub mod service;
pub mod store;

pub use error::CatalogError;

use axum::extract::DefaultBodyLimit;
use platform::App;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

/// The endpoints of the catalogue.
pub fn router() -> OpenApiRouter<App> {
    use http::{
        create_product, delete_product, get_product, image, labels, list_products, price_lists,
        read_price_lists, sellers, update_product,
    };
    OpenApiRouter::new()
        .routes(routes!(list_products::list_products, create_product::create_product))
        .routes(routes!(
            get_product::get_product,
            update_product::update_product,
            delete_product::delete_product
        ))
        .routes(
            routes!(image::get_product_image, image::set_product_image, image::remove_product_image)
                .layer(DefaultBodyLimit::max(files::form::MAX_FORM)),
        )
        .routes(routes!(labels::list_brands))
        .routes(routes!(labels::list_categories))
        .routes(routes!(sellers::get_product_distributors, sellers::update_product_distributors))
        .routes(routes!(sellers::get_category_distributors, sellers::update_category_distributors))
        .routes(routes!(read_price_lists::list_price_lists, price_lists::create_price_list))
        .routes(routes!(read_price_lists::get_price_list, price_lists::update_price_list))
}
