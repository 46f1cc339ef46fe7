//! The endpoints.

pub(crate) mod create_product;
pub(crate) mod delete_product;
pub(crate) mod get_product;
pub(crate) mod image;
pub(crate) mod labels;
pub(crate) mod list_products;
pub(crate) mod price_list_view;
pub(crate) mod price_lists;
pub(crate) mod product_view;
pub(crate) mod read_price_lists;
pub(crate) mod sellers;
pub(crate) mod update_product;
