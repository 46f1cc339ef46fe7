//! The SQL of the catalogue.

pub(crate) mod bulk;
mod labels;
mod price_lists;
mod products;
mod sale;

pub use labels::{Label, brand_id, category_id, list_brands, list_categories};
pub use price_lists::{
    find_price_list, insert_price_list, list_price_lists, lock_price_list, owner_of, update_price_list,
};
pub use products::{
    ProductFilter, available, delete_product, find_product, insert_product, list_products, lock_product,
    update_product,
};
pub use sale::{ProductName, find_products, price_book};
