//! Master data, all of it in one transaction.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use anyhow::Context as _;
use catalog::model::{CatalogStatus, PriceListData, PriceListItem, ProductData};
use chrono::{DateTime, Duration, Utc};
use db::{Context, PgConnection};
use domain::price::PriceScope;
use domain::pricing::{Basis, Limits, OrderReward, ProductReward, PromotionKind, Tier, Tiers};
use domain::{Audience, Money, Percent, ProductId, Unit};
use identity::model::{NewUser, Profile};
use identity::service::Editor;
use identity::{HashedPassword, Passwords};
use org::model::DistributorStatus;
use platform::{ApiError, App};
use promotions::model::{Definition, PromotionData};
use routes::{NewAssignment, NewRoute, NewStop, RouteStatus};
use tokio::task::JoinSet;

use super::shape::{Company, Territory};
use super::{HISTORY_DAYS, goods, told};
use crate::company::{self, DISTRIBUTORS, PEOPLE, UNITS};
use crate::dice::id;
use crate::store::{self, State};
use crate::towns::TOWNS;

/// Makes all master data; `false` when somebody else has made some meanwhile.
pub async fn make(app: &App, company: &Company) -> anyhow::Result<bool> {
    let hashes = hashes().await?;
    let promotions = promotions(company)?;
    let cx = Context::system("demo");
    // As if the company had set up the system a few days before its first sale.
    let at = company.now - Duration::days(HISTORY_DAYS + 5);
    platform::transaction!(app.db, &cx, "demo.master", |tx| {
        if !store::lock_filling(tx).await? || store::find_state(tx).await? != State::Empty {
            return Ok(false);
        }
        for (distributor, town) in DISTRIBUTORS.iter().zip(&TOWNS) {
            org::distributors::create(
                tx,
                &cx,
                at,
                distributor.id(),
                DistributorStatus::Active,
                &distributor.data(town),
            )
            .await?;
        }
        for unit in &UNITS {
            org::units::create(tx, &cx, at, &unit.new_unit()).await?;
        }
        users(tx, &cx, at, &hashes).await?;
        catalogue(tx, &cx, at, company).await?;
        for (place, promotion) in promotions.iter().enumerate() {
            let id = id("promotion", &place.to_string()).into();
            promotions::service::create(tx, &cx, at, id, promotion).await?;
            promotions::service::activate(tx, &cx, at, company.first_day(), id).await?;
        }
        for distributor in 0..DISTRIBUTORS.len() {
            outlets(tx, at, company, distributor).await?;
            warehouses(tx, at, company, distributor).await?;
            for territory in &company.territories[distributor] {
                routes(tx, at, company, distributor, territory).await?;
            }
        }
        store::insert_marker(tx, &cx, store::BEGUN, company.now).await?;
        Ok(true)
    })
    .map_err(told("making the master data"))
}

/// One for each account: the same password never has the same hash.
async fn hashes() -> anyhow::Result<Vec<HashedPassword>> {
    let passwords = Passwords::default();
    let mut tasks = JoinSet::new();
    for _ in &PEOPLE {
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
    hashes: &[HashedPassword],
) -> Result<(), ApiError> {
    let editor = Editor::company(cx.clone());
    for (person, hash) in PEOPLE.iter().zip(hashes) {
        let new = NewUser {
            id: person.id(),
            username: person.username.to_owned(),
            profile: Profile {
                full_name: person.full_name.to_owned(),
                phone: person.phone.to_owned(),
                email: format!("{}@example.com", person.username),
                role: person.role,
                distributor_id: person.distributor.map(|d| DISTRIBUTORS[d].id()),
                unit_ids: person.unit_ids(),
                primary_unit_id: None,
            },
            must_change_password: false,
        };
        identity::service::create_user(c, &editor, at, &new, hash).await?;
    }
    Ok(())
}

async fn catalogue(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    company: &Company,
) -> Result<(), ApiError> {
    for (place, (id, p)) in company.products.iter().enumerate() {
        let data = ProductData {
            product_code: p.code.to_owned(),
            name: p.name.to_owned(),
            brand: p.brand.to_owned(),
            category: p.category.to_owned(),
            supplier: company::NAME.to_owned(),
            unit_name: p.case.to_owned(),
            sub_unit_name: p.piece.to_owned(),
            conversion_rate: p.factor,
            purchase_price: p.case_purchase(),
            purchase_price_sub: p.purchase(),
            selling_price: p.case_price(),
            selling_price_sub: p.price,
            vat: p.vat,
            low_stock_threshold: 3 * p.factor,
            // A range of numbers that shops use within their own walls.
            barcode: format!("200{:010}", place + 1),
            display_order: i32::try_from(place + 1).unwrap_or(i32::MAX),
            ..ProductData::blank()
        };
        catalog::service::create_product(c, cx, at, *id, &data).await?;
    }
    for list in price_lists(company) {
        let id = id("price-list", &list.code).into();
        catalog::service::create_price_list(c, cx, at, id, &list).await?;
    }
    Ok(())
}

/// The company's list, and one for mini supermarkets with 3 % off the case.
fn price_lists(company: &Company) -> Vec<PriceListData> {
    let list = |code: &str, name: &str, scope, percent: i64| {
        let mut items: Vec<PriceListItem> = company
            .products
            .iter()
            .map(|(product_id, p)| PriceListItem {
                product_id: *product_id,
                price: p.case_price() * percent / 100 / 100 * 100,
                price_sub: p.price,
            })
            .collect();
        items.sort_by_key(|item| item.product_id);
        PriceListData {
            code: code.to_owned(),
            name: name.to_owned(),
            scope,
            priority: 0,
            valid_from: company.day(-HISTORY_DAYS - 5),
            valid_to: None,
            status: CatalogStatus::Active,
            items,
        }
    };
    let mini = PriceScope::Channel { channel: "MT".to_owned() };
    vec![
        list("BG-CHUNG", "Bảng giá chung toàn công ty", PriceScope::Company, 100),
        list("BG-MT", "Bảng giá siêu thị mini (kênh MT)", mini, 97),
    ]
}

fn promotions(company: &Company) -> anyhow::Result<Vec<PromotionData>> {
    let products = |wanted: &[&str]| -> BTreeSet<ProductId> {
        company.products.iter().filter(|(_, p)| wanted.contains(&p.code)).map(|(id, _)| *id).collect()
    };
    let one_free = ProductReward::FreeGoods {
        product_id: None,
        quantity: NonZeroU32::MIN,
        unit: Unit::Retail,
        per_multiple: true,
    };
    let percent =
        |percent| Ok::<_, anyhow::Error>(ProductReward::Percent { percent: Percent::whole(percent)? });
    let promotion = |code: &str, name: &str, priority, kind| PromotionData {
        code: code.to_owned(),
        name: name.to_owned(),
        valid_from: company.day(-HISTORY_DAYS),
        valid_to: company.day(60),
        priority,
        definition: Definition {
            exclusive_group: None,
            automatic: true,
            audience: Audience::default(),
            order_types: BTreeSet::new(),
            weekdays: BTreeSet::new(),
            first_order_only: false,
            budget: Limits::NONE,
            per_customer: Limits::NONE,
            kind,
        },
    };
    Ok(vec![
        promotion(
            "KM12T1",
            "Mua 12 tặng 1 – Nước ngọt Suối Mây vị chanh 330ml",
            30,
            PromotionKind::Product {
                products: products(&["SM001"]),
                basis: Basis::Pieces,
                tiers: Tiers::try_from(vec![Tier { at_least: 12, reward: one_free }])?,
            },
        ),
        promotion(
            "KMGIAT",
            "Giặt xả Trắng Bong: từ 2 thùng giảm 3%, từ 5 thùng giảm 5%",
            20,
            PromotionKind::Product {
                products: products(&["TB001", "TB002", "TB003", "TB004", "TB005"]),
                basis: Basis::Cases,
                tiers: Tiers::try_from(vec![
                    Tier { at_least: 2, reward: percent(3)? },
                    Tier { at_least: 5, reward: percent(5)? },
                ])?,
            },
        ),
        promotion(
            "KMDON",
            "Đơn từ 3 triệu giảm 1%, từ 6 triệu giảm 150.000 đồng",
            10,
            PromotionKind::Order {
                tiers: Tiers::try_from(vec![
                    Tier {
                        at_least: 3_000_000,
                        reward: OrderReward::Percent { percent: Percent::whole(1)? },
                    },
                    Tier { at_least: 6_000_000, reward: OrderReward::Amount { amount: Money::new(150_000) } },
                ])?,
            },
        ),
    ])
}

/// The reps propose outlets; those that are still pending are the reps' own.
async fn outlets(
    c: &mut PgConnection,
    at: DateTime<Utc>,
    company: &Company,
    distributor: usize,
) -> Result<(), ApiError> {
    let system = Context::system("demo");
    for (place, outlet) in company.outlets[distributor].iter().enumerate() {
        let pending = outlet.data.status == customers::model::CustomerStatus::Pending;
        let finder = company.territories[distributor].iter().find(|t| pending && t.outlets.contains(&place));
        let (cx, at) = match finder {
            Some(territory) => (territory.rep.caller().context().clone(), company.now - Duration::days(2)),
            None => (system.clone(), at),
        };
        let id = DISTRIBUTORS[distributor].id();
        customers::service::create(c, &cx, at, at, id, outlet.id, outlet.data.clone()).await?;
    }
    Ok(())
}

async fn warehouses(
    c: &mut PgConnection,
    at: DateTime<Utc>,
    company: &Company,
    distributor: usize,
) -> Result<(), ApiError> {
    let d = DISTRIBUTORS[distributor].id();
    let main = Company::main_warehouse(distributor);
    let code = format!("KHO{}", distributor + 1);
    store::insert_warehouse(c, d, main, &code, &format!("Kho chính {}", TOWNS[distributor].name), None, at)
        .await?;
    if let Some(second) = company.territories[distributor].get(1) {
        let name = format!("Xe bán hàng {}", second.rep.full_name);
        let van = goods::van_warehouse(distributor);
        store::insert_warehouse(
            c,
            d,
            van,
            &format!("XE{}", distributor + 1),
            &name,
            Some(second.rep.id()),
            at,
        )
        .await?;
    }
    Ok(())
}

async fn routes(
    c: &mut PgConnection,
    at: DateTime<Utc>,
    company: &Company,
    distributor: usize,
    territory: &Territory,
) -> Result<(), ApiError> {
    let d = DISTRIBUTORS[distributor].id();
    for route in &territory.routes {
        let new = NewRoute {
            code: route.code.clone(),
            name: route.name.clone(),
            unit: territory.rep.unit_ids().first().copied(),
            schedule: route.schedule.clone(),
            status: RouteStatus::Active,
        };
        routes::store::insert_route(c, d, route.id, &new, at).await?;
        let walker = NewAssignment {
            rep: territory.rep.id(),
            from: route.schedule.start_date,
            note: String::new(),
            by: None,
        };
        routes::store::insert_assignment(c, d, route.id, &walker).await?;
        let stops: Vec<NewStop> = (1..)
            .zip(&route.stops)
            .map(|(sequence, (place, rhythm))| NewStop {
                customer: company.outlets[distributor][*place].id,
                sequence,
                rhythm: rhythm.clone(),
            })
            .collect();
        routes::store::update_route_customers(c, d, route.id, &stops).await?;
    }
    Ok(())
}
