//! Units, distributors, people and the catalogue, in one transaction.

use anyhow::Context as _;
use catalog::model::ProductData;
use chrono::{DateTime, Utc};
use db::{Context, PgConnection};
use identity::model::{NewUser, Profile};
use identity::service::Editor;
use identity::{HashedPassword, Passwords};
use org::model::DistributorStatus;
use platform::{ApiError, App};
use tokio::task::JoinSet;

use super::{Company, people};
use crate::dice::id;
use crate::store::{self, State};
use crate::{company, products, told};

/// So many hashes of the one password are made, and shared by the accounts: each takes a while, and everybody knows
/// the password anyway.
const HASHES: usize = 8;

/// Makes the master data; `false` when somebody else has made some meanwhile.
pub(super) async fn make(app: &App, of: &Company) -> anyhow::Result<bool> {
    let hashes = hashes().await?;
    let cx = Context::system("demo");
    let at = of.set_up();
    platform::transaction!(app.db, &cx, "demo.master", |tx| {
        if !store::lock_filling(tx).await? || store::find_state(tx).await? != State::Empty {
            return Ok(false);
        }
        for d in 0..of.size.distributors {
            let (id, data) = (people::distributor_id(d), people::distributor(d));
            org::distributors::create(tx, &cx, at, id, DistributorStatus::Active, &data).await?;
        }
        for unit in people::units(&of.size) {
            org::units::create(tx, &cx, at, &unit).await?;
        }
        users(tx, &cx, at, of, &hashes).await?;
        catalogue(tx, &cx, at, of).await?;
        store::insert_marker(tx, &cx, store::COMPANY_BEGUN, of.began).await?;
        Ok(true)
    })
    .map_err(told("making the master data"))
}

async fn hashes() -> anyhow::Result<Vec<HashedPassword>> {
    let passwords = Passwords::default();
    let mut tasks = JoinSet::new();
    for _ in 0..HASHES {
        let passwords = passwords.clone();
        tasks.spawn(async move { passwords.hash(crate::PASSWORD).await });
    }
    let mut hashes = Vec::new();
    while let Some(hash) = tasks.join_next().await {
        hashes.push(hash?.context("the accounts' password can't be hashed")?);
    }
    Ok(hashes)
}

async fn users(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    of: &Company,
    hashes: &[HashedPassword],
) -> Result<(), ApiError> {
    let editor = Editor::company(cx.clone());
    for (person, hash) in people::people(of).into_iter().zip(hashes.iter().cycle()) {
        let new = NewUser {
            id: person.id,
            profile: Profile {
                full_name: person.full_name,
                phone: String::new(),
                email: format!("{}@example.com", person.username),
                role: person.role,
                distributor_id: person.distributor.map(people::distributor_id),
                unit_ids: vec![person.unit],
                primary_unit_id: None,
            },
            username: person.username,
            must_change_password: false,
        };
        identity::service::create_user(c, &editor, at, &new, hash).await?;
    }
    Ok(())
}

/// What sets a product apart from the one of the small company it is a variant of.
const VARIANTS: &[&str] = &["", " (gói tiết kiệm)", " (bản Tết)", " (hương mới)", " (khuyến mại)"];

/// The products of the small company, and variants of them at other prices until there are enough.
async fn catalogue(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    of: &Company,
) -> Result<(), ApiError> {
    let base = products::all();
    for place in 0..of.size.products as usize {
        let (p, variant) = (&base[place % base.len()], place / base.len());
        let raised = |price: i64| price * (100 + 4 * i64::try_from(variant).unwrap_or(0)) / 100;
        let (piece, case) = (raised(p.price), raised(p.case_price()));
        let suffix = VARIANTS.get(variant).copied().unwrap_or("");
        let data = ProductData {
            product_code: if variant == 0 { p.code.to_owned() } else { format!("{}-{variant}", p.code) },
            name: format!("{}{suffix}", p.name),
            brand: p.brand.to_owned(),
            category: p.category.to_owned(),
            supplier: company::NAME.to_owned(),
            unit_name: p.case.to_owned(),
            sub_unit_name: p.piece.to_owned(),
            conversion_rate: p.factor,
            purchase_price: piece * 87 / 100 * p.factor,
            purchase_price_sub: piece * 87 / 100,
            selling_price: case,
            selling_price_sub: piece,
            vat: p.vat,
            low_stock_threshold: 3 * p.factor,
            barcode: format!("200{:010}", place + 1),
            display_order: i32::try_from(place + 1).unwrap_or(i32::MAX),
            ..ProductData::blank()
        };
        let id = id("company-product", &data.product_code).into();
        catalog::service::create_product(c, cx, at, id, &data).await?;
    }
    Ok(())
}
