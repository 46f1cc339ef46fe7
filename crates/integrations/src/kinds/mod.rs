//! The kinds of files: which columns each has, and how its rows are understood. What they mean for what is kept is the
//! business of the capability that keeps it (`import` there).

pub mod customers;
pub mod distributors;
pub mod opening_receivables;
pub mod opening_stock;
pub mod org_units;
pub mod price_lists;
pub mod products;
pub mod routes;
pub mod stock_count;
pub mod users;

use domain::permission::{
    CatalogManage, CustomersEdit, DistributorsManage, ImportsRun, InventoryManage, OrgManage, Permission,
    ReceivablesManage, RoutesManage, UsersManageCompany,
};
use inventory::import_count::CountRow;
use platform::RowError;

use crate::error::ImportError;
use crate::table::{self, Column};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportKind {
    /// The organisation tree.
    OrgUnits,
    /// Distributors.
    Distributors,
    /// Products.
    Products,
    /// Outlets of a distributor, with their routes.
    Customers,
    /// Users.
    Users,
    /// Outlets on the routes of a distributor.
    Routes,
    /// What the warehouses of a distributor hold when the system starts.
    OpeningStock,
    /// What the customers of a distributor owe when the system starts.
    OpeningReceivables,
    /// Price lists.
    PriceLists,
}

impl ImportKind {
    /// All of them.
    pub const ALL: &'static [ImportKind] = &[
        ImportKind::OrgUnits,
        ImportKind::Distributors,
        ImportKind::Products,
        ImportKind::Customers,
        ImportKind::Users,
        ImportKind::Routes,
        ImportKind::OpeningStock,
        ImportKind::OpeningReceivables,
        ImportKind::PriceLists,
    ];

    /// As paths and the command line spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            ImportKind::OrgUnits => "org-units",
            ImportKind::Distributors => "distributors",
            ImportKind::Products => "products",
            ImportKind::Customers => "customers",
            ImportKind::Users => "users",
            ImportKind::Routes => "routes",
            ImportKind::OpeningStock => "opening-stock",
            ImportKind::OpeningReceivables => "opening-receivables",
            ImportKind::PriceLists => "price-lists",
        }
    }

    /// Its columns, in the order of the company's files.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            ImportKind::OrgUnits => org_units::COLUMNS,
            ImportKind::Distributors => distributors::COLUMNS,
            ImportKind::Products => products::COLUMNS,
            ImportKind::Customers => customers::COLUMNS,
            ImportKind::Users => users::COLUMNS,
            ImportKind::Routes => routes::COLUMNS,
            ImportKind::OpeningStock => opening_stock::COLUMNS,
            ImportKind::OpeningReceivables => opening_receivables::COLUMNS,
            ImportKind::PriceLists => price_lists::COLUMNS,
        }
    }

    /// Whether the file belongs to one distributor, and so must be loaded for one.
    pub const fn of_distributor(self) -> bool {
        matches!(
            self,
            ImportKind::Customers
                | ImportKind::Routes
                | ImportKind::OpeningStock
                | ImportKind::OpeningReceivables
        )
    }

    /// The permissions that loading it takes.
    pub const fn permissions(self) -> [&'static str; 2] {
        let own = match self {
            ImportKind::OrgUnits => OrgManage::NAME,
            ImportKind::Distributors => DistributorsManage::NAME,
            ImportKind::Products => CatalogManage::NAME,
            ImportKind::Customers => CustomersEdit::NAME,
            ImportKind::Users => UsersManageCompany::NAME,
            ImportKind::Routes => RoutesManage::NAME,
            ImportKind::OpeningStock => InventoryManage::NAME,
            ImportKind::OpeningReceivables => ReceivablesManage::NAME,
            ImportKind::PriceLists => CatalogManage::NAME,
        };
        [ImportsRun::NAME, own]
    }
}

impl std::str::FromStr for ImportKind {
    type Err = ImportError;

    fn from_str(text: &str) -> Result<Self, ImportError> {
        ImportKind::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or(ImportError::UnknownKind)
    }
}

/// The good rows of a file, as the capability they belong to takes them.
#[derive(Debug)]
pub enum Rows {
    /// Of the organisation tree.
    OrgUnits(Vec<org::import::UnitRow>),
    /// Of distributors.
    Distributors(Vec<org::import::DistributorRow>),
    /// Of products.
    Products(Vec<catalog::import::ProductRow>),
    /// Of outlets.
    Customers(customers::Rows),
    /// Of users.
    Users(Vec<users::UserRow>),
    /// Of outlets on routes.
    Routes(Vec<routes::RouteRow>),
    /// Of stock.
    OpeningStock(Vec<inventory::import::OpeningRow>),
    /// Of debts.
    OpeningReceivables(Vec<receivables::import::OpeningRow>),
    /// Of prices.
    PriceLists(Vec<catalog::import_prices::PriceRow>),
}

/// A file that was read.
#[derive(Debug)]
pub struct Parsed {
    /// How many rows it has below its headers, blank ones not counted.
    pub count: u32,
    /// The good ones.
    pub rows: Rows,
    /// What is wrong with the others.
    pub errors: Vec<RowError>,
    /// Headers that nothing is done with.
    pub ignored_columns: Vec<String>,
}

/// Reads a file of this kind.
///
/// # Errors
/// When it can't be read, or required headers are missing.
pub fn parse(kind: ImportKind, bytes: &[u8]) -> Result<Parsed, ImportError> {
    let mut errors = Vec::new();
    let (rows, read) = match kind {
        ImportKind::OrgUnits => {
            let (mut rows, read) = collect(bytes, kind, &mut errors, org_units::row)?;
            org_units::check(&mut rows, &mut errors);
            (Rows::OrgUnits(rows), read)
        }
        ImportKind::Distributors => {
            let (mut rows, read) = collect(bytes, kind, &mut errors, distributors::row)?;
            distributors::check(&mut rows, &mut errors);
            (Rows::Distributors(rows), read)
        }
        ImportKind::Products => {
            let (mut rows, read) = collect(bytes, kind, &mut errors, products::row)?;
            products::check(&mut rows, &mut errors);
            (Rows::Products(rows), read)
        }
        ImportKind::Customers => {
            let (mut rows, read) = collect(bytes, kind, &mut errors, customers::row)?;
            customers::check(&mut rows, &mut errors);
            (Rows::Customers(customers::Rows::of(rows)), read)
        }
        ImportKind::Users => {
            let (mut rows, read) = collect(bytes, kind, &mut errors, users::row)?;
            users::check(&mut rows, &mut errors);
            (Rows::Users(rows), read)
        }
        ImportKind::Routes => {
            let (mut rows, read) = collect(bytes, kind, &mut errors, routes::row)?;
            routes::check(&mut rows, &mut errors);
            (Rows::Routes(rows), read)
        }
        ImportKind::OpeningStock => {
            let (mut rows, read) = collect(bytes, kind, &mut errors, opening_stock::row)?;
            opening_stock::check(&mut rows, &mut errors);
            (Rows::OpeningStock(rows), read)
        }
        ImportKind::OpeningReceivables => {
            let (mut rows, read) = collect(bytes, kind, &mut errors, opening_receivables::row)?;
            opening_receivables::check(&mut rows, &mut errors);
            (Rows::OpeningReceivables(rows), read)
        }
        ImportKind::PriceLists => {
            let (mut rows, read) = collect(bytes, kind, &mut errors, price_lists::row)?;
            price_lists::check(&mut rows, &mut errors);
            (Rows::PriceLists(rows), read)
        }
    };
    Ok(Parsed { count: read.0, rows, errors, ignored_columns: read.1 })
}

/// A sheet that people counted with, read.
#[derive(Debug)]
pub struct ParsedCount {
    /// How many rows it has below its headers, blank ones not counted.
    pub count: u32,
    /// The good ones.
    pub rows: Vec<CountRow>,
    /// What is wrong with the others.
    pub errors: Vec<RowError>,
    /// Headers that nothing is done with.
    pub ignored_columns: Vec<String>,
}

/// Reads a sheet that people counted with.
///
/// # Errors
/// As [`parse`].
pub fn parse_count(bytes: &[u8]) -> Result<ParsedCount, ImportError> {
    let mut errors = Vec::new();
    let (rows, (count, ignored_columns)) =
        collect_columns(bytes, stock_count::COLUMNS, &mut errors, stock_count::row)?;
    Ok(ParsedCount { count, rows, errors, ignored_columns })
}

/// The good rows; how many rows there are, and the headers that were ignored.
type Collected<T> = (Vec<T>, (u32, Vec<String>));

fn collect<T>(
    bytes: &[u8],
    kind: ImportKind,
    errors: &mut Vec<RowError>,
    row: impl Fn(crate::fields::Fields<'_>) -> Option<T>,
) -> Result<Collected<T>, ImportError> {
    collect_columns(bytes, kind.columns(), errors, row)
}

fn collect_columns<T>(
    bytes: &[u8],
    columns: &'static [Column],
    errors: &mut Vec<RowError>,
    row: impl Fn(crate::fields::Fields<'_>) -> Option<T>,
) -> Result<Collected<T>, ImportError> {
    let mut rows = Vec::new();
    let mut count = 0;
    let header = table::read(bytes, columns, &mut |cells| {
        count += 1;
        if let Some((at, surplus)) = cells.surplus() {
            let value: String = surplus.text().chars().take(200).collect();
            errors.push(RowError::new(
                cells.number,
                format!("Cột {at}"),
                value,
                "Dòng có nhiều ô hơn tiêu đề; kiểm tra dấu phẩy chưa đặt trong ngoặc kép",
                "The row has more cells than there are headers; look for a comma that is not in quotes",
            ));
            return;
        }
        rows.extend(row(crate::fields::Fields::of(&cells, errors)));
    })?;
    Ok((rows, (count, header.ignored().to_vec())))
}
