//! The first download.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use http_body_util::BodyExt as _;
use test_kit::TestApp;
use tower::ServiceExt as _;
use tower_http::compression::CompressionLayer;

use crate::phone::{Phone, id, run};

#[tokio::test]
async fn a_new_phone_gets_what_its_rep_works_with() {
    let t = TestApp::start(sync::router()).await;
    let mut phone = Phone::new("nvbh01");
    phone.sync(&t).await;
    assert_eq!(phone.short("customers"), ["7001", "7002", "7004"]);
    assert_eq!(phone.short("routes"), ["8001"]);
    assert_eq!(phone.short("products"), ["4001", "4002", "4003"]);
    assert_eq!(phone.short("warehouses"), ["5001"]);
    let shop = phone.thing("customers", 0x7001);
    assert_eq!(shop["name"], "Tạp hóa Cô Ba");
    assert_eq!(shop["creditLimit"], 5_000_000);
    assert_eq!(shop["routes"][0]["routeId"], id(0x8001));
    let stock: Vec<_> = phone.contents["stock"].values().map(|s| s["available"].as_i64().unwrap()).collect();
    assert_eq!(stock, [600, 240]);
}

#[tokio::test]
async fn a_download_in_small_pages_can_be_asked_for_again_at_any_point() {
    let t = TestApp::start(sync::router()).await;
    let mut phone = Phone::new("nvbh01");
    let mut pages = 0;
    loop {
        // The answer is lost; the same cursor brings it again.
        let lost = phone.ask(&t, 2).await.expect(200);
        let again = phone.ask(&t, 2).await.expect(200);
        assert_eq!(lost["changes"], again["changes"]);
        pages += 1;
        if !phone.take(&again) {
            break;
        }
    }
    assert!(pages > 4, "{pages}");
    phone.assert_holds(&phone.fresh(&t).await);
}

#[tokio::test]
async fn supervisors_and_offices_get_what_they_oversee() {
    let t = TestApp::start(sync::router()).await;
    let mut supervisor = Phone::new("gsbh01");
    supervisor.sync(&t).await;
    assert_eq!(supervisor.short("customers"), ["7001", "7002", "7004"]);
    let mut office = Phone::new("npp01");
    office.sync(&t).await;
    assert_eq!(office.short("customers"), ["7001", "7002", "7003", "7004"]);
    let mut other = Phone::new("nvbh11");
    other.sync(&t).await;
    assert_eq!(other.short("customers"), ["7021"]);
    assert_eq!(other.short("warehouses"), ["5002"]);
    t.admin().get("/api/v1/sync/delta").await.problem(403, "sync.not_for_company");
    t.anonymous().get("/api/v1/sync/delta").await.problem(401, "unauthorized");
    t.rep1().get("/api/v1/sync/delta?limit=0").await.problem(400, "validation");
}

/// 300 outlets, 200 products with their stock and a price list, 60 promotions.
async fn a_full_bag(t: &TestApp) {
    let mut owner = t.database.owner().await;
    run(
        &mut owner,
        "insert into customers (distributor_id, id, code, name, search_key, phone, contact_person, customer_group, customer_type,
           address, ward, district, province, area, latitude, longitude, credit_limit, payment_term_days, status, created_at, updated_at)
         select #1001, gen_random_uuid(), 'KH' || lpad(i::text, 6, '0'), (array['Tạp hóa', 'Hiệu thuốc', 'Siêu thị mini'])[1 + i % 3]
             || ' ' || (array['Cô Ba', 'Chú Tư', 'Minh Anh', 'Hồng Phát', 'Ngọc Lan'])[1 + i % 5] || ' ' || i, '',
           '09' || (10000000 + (random() * 89999999)::int), (array['Nguyễn Văn An', 'Trần Thị Bình', 'Lê Hoàng'])[1 + i % 3],
           (array['A', 'B', 'C', 'D'])[1 + i % 4], (array['Tạp hóa', 'Hiệu thuốc', 'Siêu thị mini'])[1 + i % 3],
           i || ' đường ' || (array['Lê Lợi', 'Trần Hưng Đạo', 'Nguyễn Huệ'])[1 + i % 3] || ', phường ' || i % 20, 'Phường ' || i % 20,
           'Quận ' || i % 12, 'TP. Hồ Chí Minh', 'HCM' || i % 4, 10.7 + random() / 5, 106.6 + random() / 5, 5000000, 30, 'active',
           now(), now()
         from generate_series(1, 300) i;
         insert into route_customers (distributor_id, route_id, customer_id, sequence, frequency)
         select distributor_id, #8001, id, row_number() over (order by code), 'F4' from customers
         where code like 'KH000%' and length(code) = 8;
         insert into customer_balances (distributor_id, customer_id, balance)
         select distributor_id, id, (random() * 9000000)::int from customers where code like 'KH000%' and length(code) = 8;
         insert into products (id, code, name, search_key, supplier, unit_name, sub_unit_name, conversion_rate, selling_price,
           selling_price_sub, vat_percent, barcode, display_order, created_at, updated_at)
         select gen_random_uuid(), 'SP' || 10000 + i, 'Sữa tắm Hương Hoa ' || (array['hồng', 'lài', 'cúc', 'sen'])[1 + i % 4] || ' '
             || 100 * i || 'ml', '', 'Công ty Một', 'Thùng', 'Chai', 12 + i % 3 * 12, 240000 + 1000 * i, 10000 + 50 * i,
           (array[0, 5, 8, 10])[1 + i % 4], 8930000000000 + (random() * 9999999)::int, i, now(), now()
         from generate_series(1, 200) i;
         insert into stock_items (distributor_id, warehouse_id, product_id, on_hand, reserved)
         select #1001, #5001, id, 1000, 10 from products where code like 'SP10%';
         insert into price_lists (id, code, name, scope, distributor_id, priority, valid_from, created_at, updated_at)
         values (#a001, 'BG1', 'Bảng giá', 'distributor', #1001, 1, '2026-01-01', now(), now());
         insert into price_list_items (price_list_id, product_id, price, price_sub)
         select #a001, id, selling_price - 1000, selling_price_sub - 50 from products where code like 'SP10%';
         insert into promotions (id, code, name, search_key, valid_from, valid_to, status, priority, definition, created_at, updated_at)
         select gen_random_uuid(), 'KM' || i, 'Mua 3 thùng tặng 1 chai, chương trình ' || i, '', '2026-08-01', '2026-12-31', 'active', i,
           jsonb_build_object('automatic', true, 'audience', jsonb_build_object('channels', jsonb_build_array('GT')),
             'kind', jsonb_build_object('kind', 'product', 'productId', (select id from products where code = 'SP' || 10000 + i),
               'measure', 'quantity', 'tiers', jsonb_build_array(
                 jsonb_build_object('from', 36, 'reward', jsonb_build_object('kind', 'gift', 'productId',
                   (select id from products where code = 'SP' || 10100 + i), 'pieces', 1, 'repeat', 'perMultiple')),
                 jsonb_build_object('from', 120, 'reward', jsonb_build_object('kind', 'percent', 'percent', 5))))),
           now(), now()
         from generate_series(1, 60) i",
    )
    .await;
}

async fn compressed(body: Vec<u8>, encoding: &str) -> usize {
    let router = Router::new().route("/", get(|| async { body })).layer(CompressionLayer::new());
    let request = Request::get("/").header("accept-encoding", encoding).body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-encoding"], encoding);
    response.into_body().collect().await.unwrap().to_bytes().len()
}

#[tokio::test]
async fn a_full_bag_is_small_on_the_wire() {
    let t = TestApp::start(sync::router()).await;
    a_full_bag(&t).await;
    let mut phone = Phone::new("nvbh01");
    let (mut plain, mut gzip, mut brotli) = (0, 0, 0);
    loop {
        let answer = phone.ask(&t, 500).await;
        let body = answer.expect(200);
        plain += answer.bytes.len();
        gzip += compressed(answer.bytes.clone(), "gzip").await;
        brotli += compressed(answer.bytes, "br").await;
        if !phone.take(&body) {
            break;
        }
    }
    assert_eq!(phone.contents["customers"].len(), 303);
    assert_eq!(phone.contents["products"].len(), 203);
    assert_eq!(phone.contents["promotions"].len(), 60);
    println!("first download: {plain} bytes, gzip {gzip}, brotli {brotli}");
    assert!(gzip <= 150_000 && brotli <= 150_000, "gzip {gzip}, brotli {brotli}");
}

#[tokio::test]
async fn an_empty_delta_is_small_and_reads_the_logs_by_their_indexes() {
    let t = TestApp::start(sync::router()).await;
    a_full_bag(&t).await;
    let mut phone = Phone::new("nvbh01");
    phone.sync(&t).await;
    let answer = phone.ask(&t, 500).await;
    let body = answer.expect(200);
    assert_eq!(body["changes"], serde_json::json!({}));
    assert_eq!(body["cursor"].as_str(), phone.cursor.as_deref());
    assert!(answer.bytes.len() <= 300, "{}", answer.bytes.len());
}
