//! The SQL of the catalogue.

pub(crate) mod bulk;
mod cache;
mod codes;
mod labels;
mod price_lists;
mod products;
mod sale;
mod sellers;

pub use cache::{Catalogue, kept_catalogue, read_catalogue, refresh_catalogue};
pub(crate) use codes::{find_customer_id, find_distributor_id, find_price_list_id, list_conversions};
pub use labels::{Label, brand_id, category_id, list_brands, list_categories};
pub use price_lists::{
    find_price_list, insert_price_list, list_price_lists, lock_price_list, owner_of, update_price_list,
};
pub use products::{
    ProductFilter, available, delete_product, find_image, find_product, insert_product, list_in_use,
    list_products, lock_product, update_image, update_product,
};
pub use sale::{PriceSource, ProductName, SaleBook, find_products, sale_book};
pub use sellers::{
    find_category_sellers, find_product_sellers, lock_category_sellers, lock_product_sellers,
    name_category_sellers, name_distributors, name_product_sellers,
};
