//! The catalogue through the API, on a real database.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod images;

use axum::http::Method;
use domain::{Buyer, ProductId};
use serde_json::{Value, json};
use test_kit::{TestApp, world};
use uuid::Uuid;

async fn start() -> TestApp {
    TestApp::start(catalog::router()).await
}

fn path(id: ProductId) -> String {
    format!("/api/v1/products/{id}")
}

fn codes(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|p| p["productCode"].as_str().unwrap()).collect()
}

fn tea() -> Value {
    json!({
        "productCode": "SP100", "name": "Trà đào", "brand": "Diligo", "category": "Đồ uống", "unitName": "Thùng",
        "subUnitName": "Chai", "conversionRate": 24, "sellingPrice": 240000, "sellingPriceSub": 11000,
        "purchasePrice": 200000, "purchasePriceSub": 9000, "vat": 8
    })
}

#[tokio::test]
async fn a_product_shows_what_the_caller_has_in_stock_and_reps_do_not_see_its_cost() {
    let t = start().await;
    let rep = t.rep1().get(&path(world::MILK)).await.expect(200);
    assert_eq!(rep["productCode"], "SP001");
    assert_eq!((&rep["sellingPrice"], &rep["sellingPriceSub"]), (&json!(240_000), &json!(10_000)));
    assert_eq!((&rep["vat"], &rep["conversionRate"]), (&json!(8), &json!(24)));
    assert_eq!(rep["stockQuantity"], 600);
    assert!(rep.get("purchasePrice").is_none() && rep.get("purchasePriceSub").is_none());
    let boss = t.supervisor().get(&path(world::MILK)).await.expect(200);
    assert_eq!((&boss["purchasePrice"], &boss["purchasePriceSub"]), (&json!(192_000), &json!(8_000)));
    assert_eq!(t.npp02().get(&path(world::MILK)).await.expect(200)["stockQuantity"], 100);
    assert_eq!(t.admin().get("/api/v1/products").await.expect(200)["data"][0]["stockQuantity"], 700);
}

#[tokio::test]
async fn products_are_found_without_diacritics_by_brand_and_by_status() {
    let t = start().await;
    t.admin().post("/api/v1/products", tea()).await.expect(201);
    let list = async |query: &str| t.rep1().get(&format!("/api/v1/products?{query}")).await.expect(200);
    assert_eq!(codes(&list("search=sua%20tuoi").await), ["SP001"]);
    assert_eq!(codes(&list("search=sp00").await), ["SP001", "SP002", "SP003"]);
    assert_eq!(codes(&list("brand=Diligo").await), ["SP100"]);
    assert_eq!(codes(&list("category=%C4%90%E1%BB%93%20u%E1%BB%91ng").await), ["SP100"]);
    assert!(codes(&list("status=inactive").await).is_empty());
    assert_eq!(list("pageSize=2&page=2").await["pagination"]["totalItems"], 4);
    assert_eq!(list("brand=Nobody").await["pagination"]["totalPages"], 0);
    assert_eq!(t.rep1().get("/api/v1/brands?search=dili").await.expect(200)["data"][0]["name"], "Diligo");
    assert_eq!(t.rep1().get("/api/v1/categories").await.expect(200)["data"][0]["code"], "Đồ uống");
}

#[tokio::test]
async fn only_the_company_changes_the_catalogue() {
    let t = start().await;
    for actor in [t.rep1(), t.supervisor(), t.npp01()] {
        actor.post("/api/v1/products", tea()).await.problem(403, "forbidden");
        actor.put(&path(world::MILK), json!({"version": 1, "name": "X"})).await.problem(403, "forbidden");
        actor.delete(&path(world::MILK)).await.problem(403, "forbidden");
        actor.post("/api/v1/price-lists", json!({})).await.problem(403, "forbidden");
    }
    t.anonymous().get("/api/v1/products").await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_product_is_made_once_changed_by_version_and_deleted_softly() {
    let t = start().await;
    let made = t.admin().post_once("/api/v1/products", "k", tea()).await.expect(201);
    assert_eq!(t.admin().post_once("/api/v1/products", "k", tea()).await.expect(201), made);
    t.admin().post("/api/v1/products", tea()).await.problem(409, "catalog.product_code_taken");
    let url = format!("/api/v1/products/{}", made["id"].as_str().unwrap());
    let changed = t.admin().put(&url, json!({"version": 1, "sellingPrice": 250_000})).await.expect(200);
    assert_eq!((&changed["sellingPrice"], &changed["name"]), (&json!(250_000), &json!("Trà đào")));
    t.admin().put(&url, json!({"version": 1, "sellingPrice": 1})).await.problem(412, "stale_version");
    t.admin()
        .request(Method::DELETE, &url, None, &[("if-match", "\"1\"")])
        .await
        .problem(412, "stale_version");
    t.admin().delete(&url).await.expect(204);
    t.admin().get(&url).await.problem(404, "not_found");
    t.admin().put(&url, json!({"version": 3, "name": "X"})).await.problem(404, "not_found");
}

#[tokio::test]
async fn units_of_a_product_in_use_stay_and_others_may_be_changed() {
    let t = start().await;
    let version = t.admin().get(&path(world::MILK)).await.expect(200)["version"].clone();
    for change in [json!({"conversionRate": 12}), json!({"unitName": "Bao"}), json!({"subUnitName": "Gói"})]
    {
        let mut body = change;
        body["version"] = version.clone();
        let problem = t.admin().put(&path(world::MILK), body).await.problem(422, "catalog.units_in_use");
        assert!(problem["detail"].as_str().unwrap().contains("make a new product"));
    }
    // Everything else may be changed, and the spelling of a unit.
    let unit =
        t.admin().get(&path(world::MILK)).await.expect(200)["unitName"].as_str().unwrap().to_uppercase();
    let body = json!({"version": version, "unitName": unit, "sellingPrice": 250_000});
    assert_eq!(t.admin().put(&path(world::MILK), body).await.expect(200)["unitName"], unit);

    let made = t.admin().post("/api/v1/products", tea()).await.expect(201);
    let url = format!("/api/v1/products/{}", made["id"].as_str().unwrap());
    let changed = t
        .admin()
        .put(&url, json!({"version": 1, "conversionRate": 30, "unitName": "Kiện"}))
        .await
        .expect(200);
    assert_eq!(changed["conversionRate"], 30);
    // Somebody counts it on a shelf: from now on it stays.
    let mut owner = t.database.owner().await;
    sqlx::query("set session_replication_role = replica").execute(&mut owner).await.unwrap();
    sqlx::query(
        "insert into visit_stock_lines (distributor_id, check_id, line_no, product_id, unit, quantity, pieces)
         values ($1, gen_random_uuid(), 1, $2, 'whole', 1, 30)",
    )
    .bind(world::NPP01.uuid())
    .bind(made["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap())
    .execute(&mut owner)
    .await
    .unwrap();
    t.admin()
        .put(&url, json!({"version": 2, "conversionRate": 20}))
        .await
        .problem(422, "catalog.units_in_use");
}

#[tokio::test]
async fn wrong_fields_of_a_product_are_named() {
    let t = start().await;
    let body = json!({"name": "", "conversionRate": 0, "sellingPrice": -1, "vat": 7});
    let problem = t.admin().post("/api/v1/products", body).await.problem(400, "validation");
    let mut fields: Vec<&String> = problem["errors"].as_object().unwrap().keys().collect();
    fields.sort();
    let expected =
        ["conversionRate", "name", "productCode", "sellingPrice", "sellingPriceSub", "unitName", "vat"];
    assert_eq!(fields, expected);
    t.admin().post("/api/v1/products", json!({"colour": "red"})).await.expect(400);
}

fn list(code: &str, scope: Value, price: i64) -> Value {
    json!({
        "code": code, "name": code, "scope": scope, "validFrom": "2026-08-01", "validTo": "2026-08-31",
        "items": [{"productId": world::MILK, "price": price, "priceSub": price / 20}]
    })
}

fn buyer() -> Buyer {
    Buyer {
        customer_id: world::SHOP1,
        distributor_id: world::NPP01,
        channel: Some("GT".into()),
        customer_group: Some("A".into()),
        customer_type: None,
        area: None,
    }
}

async fn price_of_milk(t: &TestApp, username: &str, day: chrono::NaiveDate) -> Option<i64> {
    let mut tx = t.app.db.read(&t.context(username)).await.unwrap();
    let products = [world::MILK, world::SOAP];
    let book = catalog::store::sale_book(&mut tx, &buyer(), &products, day).await.unwrap();
    // From memory it is the same.
    let mut company = t.app.db.snapshot(&t.context("admin")).await.unwrap();
    let kept =
        catalog::store::read_catalogue(&mut company).await.unwrap().sale_book(&buyer(), &products, day);
    assert_eq!((&kept.prices, &kept.sources, &kept.names), (&book.prices, &book.sources, &book.names));
    let book = book.prices;
    assert_eq!(book.0.get(&world::SOAP).map(|price| price.prices.whole.dong()), Some(180_000));
    book.0.get(&world::MILK).map(|price| price.prices.whole.dong())
}

#[tokio::test]
async fn the_most_specific_price_list_of_the_day_makes_the_price() {
    let t = start().await;
    let day = world::today();
    assert_eq!(price_of_milk(&t, "nvbh01", day).await, Some(240_000));
    for (code, scope, price) in [
        ("CTY", json!({"kind": "company"}), 230_000),
        ("GT", json!({"kind": "channel", "channel": "GT"}), 220_000),
        ("B", json!({"kind": "customerGroup", "customerGroup": "B"}), 100_000),
        ("NPP2", json!({"kind": "distributor", "distributorId": world::NPP02}), 90_000),
    ] {
        t.admin().post("/api/v1/price-lists", list(code, scope, price)).await.expect(201);
    }
    assert_eq!(price_of_milk(&t, "nvbh01", day).await, Some(220_000));
    let own = json!({"kind": "customer", "customerId": world::SHOP1});
    let made = t.admin().post("/api/v1/price-lists", list("KH1", own.clone(), 210_000)).await.expect(201);
    assert_eq!(price_of_milk(&t, "nvbh01", day).await, Some(210_000));
    let after = day.checked_add_months(chrono::Months::new(1)).unwrap();
    assert_eq!(price_of_milk(&t, "nvbh01", after).await, Some(240_000));
    let mut off = list("KH1", own, 210_000);
    (off["status"], off["version"]) = (json!("inactive"), json!(1));
    let url = format!("/api/v1/price-lists/{}", made["id"].as_str().unwrap());
    t.admin().put(&url, off.clone()).await.expect(200);
    assert_eq!(price_of_milk(&t, "nvbh01", day).await, Some(220_000));
    t.admin().put(&url, off).await.problem(412, "stale_version");
}

#[tokio::test]
async fn a_price_says_where_it_is_from_and_a_future_list_takes_effect_by_itself() {
    let t = start().await;
    let mut future = list("T9", json!({"kind": "company"}), 250_000);
    (future["validFrom"], future["validTo"]) = (json!("2026-09-01"), json!(null));
    t.admin().post("/api/v1/price-lists", future).await.expect(201);
    t.admin().put(&path(world::MILK), json!({"version": 1, "sellingPrice": 241_000})).await.expect(200);
    let mut tx = t.app.db.read(&t.context("nvbh01")).await.unwrap();
    let mut seen = Vec::new();
    for day in ["2026-08-31", "2026-09-01"] {
        let day = day.parse().unwrap();
        let book = catalog::store::sale_book(&mut tx, &buyer(), &[world::MILK], day).await.unwrap();
        let source = &book.sources[&world::MILK];
        let price = book.prices.0[&world::MILK].prices.whole.dong();
        seen.push((price, source.price_list.as_ref().map(|(_, code)| code.clone()), source.version));
    }
    assert_eq!(seen, [(241_000, None, 2), (250_000, Some("T9".to_owned()), 1)]);
}

#[tokio::test]
async fn price_lists_of_another_distributor_are_hidden() {
    let t = start().await;
    let theirs = json!({"kind": "customer", "customerId": world::SHOP21});
    let made = t.admin().post("/api/v1/price-lists", list("KH21", theirs, 1_000)).await.expect(201);
    let url = format!("/api/v1/price-lists/{}", made["id"].as_str().unwrap());
    assert_eq!(t.rep11().get(&url).await.expect(200)["items"][0]["productCode"], "SP001");
    t.rep1().get(&url).await.problem(404, "not_found");
    assert_eq!(t.rep1().get("/api/v1/price-lists").await.expect(200)["pagination"]["totalItems"], 0);
    let seen = t.rep11().get("/api/v1/price-lists?search=kh21&status=active").await.expect(200);
    assert_eq!(seen["data"][0]["itemCount"], 1);
}

#[tokio::test]
async fn a_price_list_names_what_exists_once_and_for_a_real_period() {
    let t = start().await;
    let company = json!({"kind": "company"});
    let mut unknown = list("X", company.clone(), 1_000);
    unknown["items"][0]["productId"] = json!(Uuid::from_u128(99));
    t.admin().post("/api/v1/price-lists", unknown).await.problem(422, "catalog.unknown_product");
    let nobody = json!({"kind": "customer", "customerId": Uuid::from_u128(99)});
    t.admin().post("/api/v1/price-lists", list("X", nobody, 1)).await.problem(422, "catalog.unknown_scope");
    let mut twice = list("X", company.clone(), 1_000);
    twice["items"] = json!([twice["items"][0], twice["items"][0]]);
    twice["validTo"] = json!("2026-07-31");
    let problem = t.admin().post("/api/v1/price-lists", twice).await.problem(400, "validation");
    assert_eq!(problem["errors"].as_object().unwrap().len(), 2);
    t.admin().post("/api/v1/price-lists", list("X", company.clone(), 1_000)).await.expect(201);
    t.admin()
        .post("/api/v1/price-lists", list("X", company, 1))
        .await
        .problem(409, "catalog.price_list_code_taken");
}

#[tokio::test]
async fn names_of_products_are_found_even_when_they_are_no_longer_sold() {
    let t = start().await;
    t.admin().put(&path(world::WATER), json!({"version": 1, "status": "inactive"})).await.expect(200);
    let mut tx = t.app.db.read(&t.context("nvbh01")).await.unwrap();
    let asked = [world::WATER, world::MILK, Uuid::from_u128(99).into()];
    let names = catalog::store::find_products(&mut tx, &asked).await.unwrap();
    assert_eq!((names.len(), names[&world::WATER].active, names[&world::MILK].active), (2, false, true));
    let book = catalog::store::sale_book(&mut tx, &buyer(), &asked, world::today()).await.unwrap().prices;
    assert_eq!(book.0.keys().collect::<Vec<_>>(), [&world::MILK], "what is not sold has no price");
}

#[tokio::test]
async fn a_file_of_prices_drops_from_a_list_what_was_deleted_meanwhile() {
    use catalog::import_prices::{Headers, PriceRow, load};
    let t = start().await;
    t.admin().post("/api/v1/price-lists", list("X", json!({"kind": "company"}), 200_000)).await.expect(201);
    let delete = "update products set deleted_at = now() where id = $1";
    sqlx::query(delete).bind(world::MILK.uuid()).execute(&mut t.database.owner().await).await.unwrap();
    let row = PriceRow {
        row: 2,
        list_code: "X".into(),
        list_name: None,
        scope: None,
        priority: None,
        valid_from: None,
        valid_to: None,
        product_code: "SP002".into(),
        price: Some(170_000),
        price_sub: Some(14_000),
    };
    let headers = Headers {
        list: "",
        valid_from: "",
        valid_to: "",
        scope_value: "",
        product: "",
        price: "",
        price_sub: "",
    };
    let context = t.context("admin");
    let (mut tx, mut errors) = (t.app.db.begin(&context).await.unwrap(), Vec::new());
    let loaded =
        load(&mut tx, &context, world::now(), world::today(), &[row], headers, &mut errors).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((loaded.created, errors.len()), (1, 0));
    let items: Vec<uuid::Uuid> = sqlx::query_scalar("select product_id from price_list_items")
        .fetch_all(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(items, [world::SOAP.uuid()]);
}

fn sellers(id: ProductId) -> String {
    format!("{}/distributors", path(id))
}

fn named(view: &Value) -> Vec<&str> {
    view["distributors"].as_array().unwrap().iter().map(|d| d["code"].as_str().unwrap()).collect()
}

/// The codes of the products in somebody's list.
async fn listed(t: &TestApp, who: &str, query: &str) -> Vec<String> {
    let page = t.actor(who).get(&format!("/api/v1/products?{query}")).await.expect(200);
    codes(&page).into_iter().map(str::to_owned).collect()
}

/// What the first distributor may sell of milk and soap, as an order reads it; from memory it is the same.
async fn sold(t: &TestApp) -> (bool, bool) {
    let products = [world::MILK, world::SOAP];
    let mut tx = t.app.db.read(&t.context("nvbh01")).await.unwrap();
    let book = catalog::store::sale_book(&mut tx, &buyer(), &products, world::today()).await.unwrap();
    let mut company = t.app.db.snapshot(&t.context("admin")).await.unwrap();
    let catalogue = catalog::store::read_catalogue(&mut company).await.unwrap();
    let kept = catalogue.sale_book(&buyer(), &products, world::today());
    assert_eq!((&kept.prices, &kept.names, &kept.not_here), (&book.prices, &book.names, &book.not_here));
    assert_eq!((kept.sources, book.prices.0.len()), (book.sources, 2 - book.not_here.len()));
    (!book.not_here.contains_key(&world::MILK), !book.not_here.contains_key(&world::SOAP))
}

async fn version(t: &TestApp) -> Uuid {
    sqlx::query_scalar("select version from master_versions where name = 'catalogue'")
        .fetch_one(&mut t.database.owner().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_product_is_sold_by_everybody_or_by_those_it_names() {
    let t = start().await;
    let url = sellers(world::MILK);
    let view = t.admin().get(&url).await.expect(200);
    assert_eq!((named(&view).len(), &view["version"]), (0, &json!(1)));
    let before = version(&t).await;
    let body = json!({"version": 1, "distributorIds": [world::NPP02, world::NPP02]});
    let view = t.admin().put(&url, body.clone()).await.expect(200);
    assert_eq!((named(&view), &view["version"]), (vec!["NPP02"], &json!(2)));
    assert_ne!(version(&t).await, before, "what processes keep is old now");
    assert_eq!(sold(&t).await, (false, true));

    // Lists show what one may sell; the company sees all, or what one distributor may sell.
    assert_eq!(listed(&t, "nvbh01", "").await, ["SP002", "SP003"]);
    assert_eq!(listed(&t, "npp01", "").await, ["SP002", "SP003"]);
    assert_eq!(listed(&t, "nvbh11", "").await, ["SP001", "SP002", "SP003"]);
    assert_eq!(listed(&t, "admin", "").await, ["SP001", "SP002", "SP003"]);
    let of = |distributor| format!("distributorId={distributor}");
    assert_eq!(listed(&t, "admin", &of(world::NPP01)).await, ["SP002", "SP003"]);
    assert_eq!(listed(&t, "nvbh01", &of(world::NPP01)).await, ["SP002", "SP003"]);
    t.rep1().get(&format!("/api/v1/products?{}", of(world::NPP02))).await.problem(404, "not_found");
    // What is in stock or on an old document still has a name.
    t.rep1().get(&path(world::MILK)).await.expect(200);

    // Nothing changes, nothing is written; somebody else was faster; nobody is named any more.
    let same = json!({"version": 2, "distributorIds": [world::NPP02]});
    assert_eq!(t.admin().put(&url, same).await.expect(200)["version"], 2);
    t.admin().put(&url, body).await.problem(412, "stale_version");
    let view = t.admin().put(&url, json!({"version": 2, "distributorIds": []})).await.expect(200);
    assert_eq!((named(&view).len(), &view["version"]), (0, &json!(3)));
    assert_eq!(sold(&t).await, (true, true));
    let audited: Vec<(Value, Value)> = sqlx::query_as(
        "select before, after from audit_log where action = 'products.distributors' and entity_id = $1 order by at, id",
    )
    .bind(world::MILK.uuid())
    .fetch_all(&mut t.database.owner().await)
    .await
    .unwrap();
    let (none, some) = (json!({"distributorIds": []}), json!({"distributorIds": [world::NPP02]}));
    assert_eq!(audited, [(none.clone(), some.clone()), (some, none)]);
}

#[tokio::test]
async fn a_categorys_word_holds_for_products_that_name_nobody() {
    let t = start().await;
    let change = json!({"version": 1, "category": "Sữa"});
    t.admin().put(&path(world::MILK), change.clone()).await.expect(200);
    t.admin().put(&path(world::SOAP), change).await.expect(200);
    let categories = t.admin().get("/api/v1/categories").await.expect(200);
    let url = format!("/api/v1/categories/{}/distributors", categories["data"][0]["id"].as_str().unwrap());
    let before = version(&t).await;
    let body = json!({"version": 1, "distributorIds": [world::NPP02]});
    assert_eq!(named(&t.admin().put(&url, body.clone()).await.expect(200)), ["NPP02"]);
    assert_ne!(version(&t).await, before, "what processes keep is old now");
    t.admin().put(&url, body).await.problem(412, "stale_version");
    assert_eq!(sold(&t).await, (false, false));
    assert_eq!(listed(&t, "nvbh01", "").await, ["SP003"]);
    // The product's own word comes first.
    let own = json!({"version": 2, "distributorIds": [world::NPP01]});
    let view = t.admin().put(&sellers(world::SOAP), own).await.expect(200);
    assert_eq!((named(&view), &view["category"][0]["code"]), (vec!["NPP01"], &json!("NPP02")));
    assert_eq!(sold(&t).await, (false, true));
    assert_eq!(listed(&t, "nvbh01", "").await, ["SP002", "SP003"]);
    assert_eq!(listed(&t, "nvbh11", "").await, ["SP001", "SP003"]);
    assert_eq!(
        t.admin().put(&url, json!({"version": 2, "distributorIds": []})).await.expect(200)["version"],
        3
    );
    assert_eq!(sold(&t).await, (true, true));
}

#[tokio::test]
async fn only_the_company_says_who_may_sell_what_and_names_who_exists() {
    let t = start().await;
    let milk = sellers(world::MILK);
    let category = format!("/api/v1/categories/{}/distributors", Uuid::from_u128(99));
    let body = json!({"version": 1, "distributorIds": [world::NPP01]});
    for actor in [t.rep1(), t.supervisor(), t.area_manager(), t.npp01()] {
        for url in [&milk, &category] {
            actor.get(url).await.problem(403, "forbidden");
            actor.put(url, body.clone()).await.problem(403, "forbidden");
        }
    }
    t.anonymous().get(&milk).await.problem(401, "unauthorized");
    // Nor does the database let a distributor's people.
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let refused = sqlx::query("update products set distributors = null").execute(&mut *tx).await;
    assert!(refused.unwrap_err().to_string().contains("permission denied"));
    for url in [&category, &sellers(Uuid::from_u128(99).into())] {
        t.admin().get(url).await.problem(404, "not_found");
        t.admin().put(url, body.clone()).await.problem(404, "not_found");
    }
    let unknown = json!({"version": 1, "distributorIds": [world::NPP01, Uuid::from_u128(99)]});
    t.admin().put(&milk, unknown).await.problem(422, "catalog.unknown_distributor");
    let many: Vec<Uuid> = (0..2001).map(Uuid::from_u128).collect();
    t.admin().put(&milk, json!({"version": 1, "distributorIds": many})).await.problem(400, "validation");
    t.admin().put(&milk, json!({"distributorIds": []})).await.problem(400, "validation");
}
