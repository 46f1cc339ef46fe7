//! Changes, and changes of what one may see.

use chrono::TimeDelta;
use test_kit::TestApp;

use crate::phone::{Phone, run};

async fn phones(t: &TestApp) -> (Phone, Phone, Phone) {
    let mut phones = (Phone::new("nvbh01"), Phone::new("nvbh02"), Phone::new("gsbh01"));
    sync_all(t, &mut phones).await;
    phones
}

async fn sync_all(t: &TestApp, phones: &mut (Phone, Phone, Phone)) {
    for phone in [&mut phones.0, &mut phones.1, &mut phones.2] {
        phone.sync(t).await;
        phone.assert_holds(&phone.fresh(t).await);
    }
}

#[tokio::test]
async fn what_changes_comes_and_what_does_not_stays_away() {
    let t = TestApp::start(sync::router()).await;
    let mut owner = t.database.owner().await;
    let mut phone = Phone::new("nvbh01");
    phone.sync(&t).await;
    run(&mut owner, "update customers set name = 'Cô Ba mới' where id = #7001; update customers set name = 'X' where id = #7021; update customers set name = 'Y' where id = #7003").await;
    let answer = phone.ask(&t, 500).await.expect(200);
    let changes = answer["changes"].as_object().unwrap();
    assert_eq!(changes.keys().collect::<Vec<_>>(), ["customers"]);
    assert_eq!(changes["customers"]["upserted"].as_array().unwrap().len(), 1);
    assert!(changes["customers"].get("deleted").is_none(), "an outlet that never was the rep's");
    phone.take(&answer);
    assert_eq!(phone.thing("customers", 0x7001)["name"], "Cô Ba mới");
    run(
        &mut owner,
        "update products set selling_price = 250000, image = 'https://example.com/a.png', image_sha256 = repeat('a', 64), image_type = 'image/png'
           where id = #4001; update products set status = 'inactive' where id = #4003;
         update stock_items set reserved = 100 where product_id = #4001 and warehouse_id = #5001;
         insert into price_lists (id, code, name, scope, scope_value, valid_from, created_at, updated_at)
         values (#a001, 'B1', '', 'customer', (#7001)::text, '2026-01-01', now(), now()), (#a002, 'B2', '', 'customer', (#7003)::text, '2026-01-01', now(), now());
         insert into price_list_items values (#a001, #4001, 1, 1)",
    )
    .await;
    phone.sync(&t).await;
    assert_eq!(phone.short("products"), ["4001", "4002"]);
    assert_eq!(phone.thing("products", 0x4001)["image"], "a".repeat(64));
    assert_eq!(phone.short("prices"), ["a001"], "a price list for an outlet of somebody else");
    assert_eq!(phone.contents["stock"].values().next().unwrap()["available"], 500);
    run(&mut owner, "delete from price_list_items where price_list_id = #a001; update price_lists set status = 'inactive' where id = #a001").await;
    phone.sync(&t).await;
    assert_eq!(phone.ids("prices").len(), 0);
    phone.assert_holds(&phone.fresh(&t).await);
}

#[tokio::test]
async fn a_product_comes_and_goes_with_who_may_sell_it() {
    let t = TestApp::start(sync::router()).await;
    let mut owner = t.database.owner().await;
    run(&mut owner, "insert into categories (id, code, name) values (#c001, 'SUA', 'Sữa'); update products set category_id = #c001 where id = #4001").await;
    let (mut one, mut two) = (Phone::new("nvbh01"), Phone::new("nvbh11"));
    let mut seen = async |change: &str| {
        run(&mut owner, change).await;
        let mut seen = Vec::new();
        for phone in [&mut one, &mut two] {
            phone.sync(&t).await;
            phone.assert_holds(&phone.fresh(&t).await);
            seen.push(phone.short("products").join(" "));
        }
        seen
    };
    let all = "4001 4002 4003";
    assert_eq!(seen("select").await, [all, all]);
    let named = "update products set distributors = array[#1002] where id = #4002";
    assert_eq!(seen(named).await, ["4001 4003", all]);
    let category = "update categories set distributors = array[#1001] where id = #c001";
    assert_eq!(seen(category).await, ["4001 4003", "4002 4003"]);
    // The product's own word holds before its category's.
    let own = "update products set distributors = array[#1002] where id = #4001";
    assert_eq!(seen(own).await, ["4003", all]);
    let nobody_named = "update products set distributors = null; update categories set distributors = null";
    assert_eq!(seen(nobody_named).await, [all, all]);
}

#[tokio::test]
async fn a_route_that_is_given_to_another_takes_its_outlets_along() {
    let t = TestApp::start(sync::router()).await;
    let mut owner = t.database.owner().await;
    let mut p = phones(&t).await;
    assert!(p.1.ids("customers").is_empty());
    run(
        &mut owner,
        "update route_assignments set valid_to = '2026-08-05' where id = #8101;
         insert into route_assignments (distributor_id, id, route_id, user_id, valid_from) values (#1001, #8105, #8001, #3012, '2026-08-06')",
    )
    .await;
    sync_all(&t, &mut p).await;
    assert!(p.0.ids("customers").is_empty() && p.0.ids("routes").is_empty());
    assert_eq!(p.1.short("customers"), ["7001", "7002", "7004"]);
    assert_eq!(p.1.short("routes"), ["8001"]);
}

#[tokio::test]
async fn a_substitution_begins_and_ends_as_the_days_pass() {
    let t = TestApp::start(sync::router()).await;
    let mut owner = t.database.owner().await;
    run(
        &mut owner,
        "insert into route_substitutions (distributor_id, id, route_id, user_id, first_day, last_day, created_by, created_at)
         values (#1001, #8201, #8001, #3012, '2026-08-07', '2026-08-08', #3004, now());
         update route_assignments set valid_to = '2026-08-08' where id = #8101",
    )
    .await;
    let mut p = phones(&t).await;
    let mut seen = Vec::new();
    for _ in 6..=10 {
        sync_all(&t, &mut p).await;
        seen.push((p.0.ids("customers").len(), p.1.ids("customers").len()));
        t.clock.advance(TimeDelta::days(1));
    }
    assert_eq!(seen, [(3, 0), (3, 3), (3, 3), (0, 0), (0, 0)]);
    // One who slept through all of it comes out right as well.
    t.clock.set(test_kit::world::now());
    let mut p = phones(&t).await;
    t.clock.advance(TimeDelta::days(2));
    sync_all(&t, &mut p).await;
    assert_eq!(p.1.ids("customers").len(), 3);
    run(
        &mut owner,
        "update route_substitutions set cancelled_at = now(), cancelled_by = #3004 where id = #8201",
    )
    .await;
    sync_all(&t, &mut p).await;
    assert_eq!(p.1.ids("customers").len(), 0);
}

#[tokio::test]
async fn outlets_move_between_routes_and_leave_the_trade() {
    let t = TestApp::start(sync::router()).await;
    let mut owner = t.database.owner().await;
    run(
        &mut owner,
        "insert into routes (distributor_id, id, code, name, unit_id, weekdays, start_date, created_at, updated_at)
         values (#1001, #8003, 'T03', 'Tuyến 3', #2012, '{1,2,3,4,5}', '2026-01-05', now(), now());
         insert into route_assignments (distributor_id, id, route_id, user_id, valid_from) values (#1001, #8103, #8003, #3012, '2026-01-05')",
    )
    .await;
    let mut p = phones(&t).await;
    run(&mut owner, "delete from route_customers where customer_id = #7001; insert into route_customers values (#1001, #8003, #7001, 1, 'F4')").await;
    sync_all(&t, &mut p).await;
    assert_eq!(
        (p.0.short("customers"), p.1.short("customers")),
        (vec!["7002".into(), "7004".into()], vec!["7001".into()])
    );
    assert_eq!(p.2.short("customers"), ["7001", "7002", "7004"]);
    run(&mut owner, "update customers set status = 'inactive' where id = #7002").await;
    sync_all(&t, &mut p).await;
    assert_eq!(p.0.short("customers"), ["7004"]);
    run(&mut owner, "update customers set status = 'active' where id = #7002; update routes set status = 'inactive' where id = #8003").await;
    sync_all(&t, &mut p).await;
    assert_eq!((p.0.ids("customers").len(), p.1.ids("customers").len(), p.1.ids("routes").len()), (2, 0, 0));
    run(&mut owner, "update routes set status = 'active', unit_id = null where id = #8003; update customers set deleted_at = now() where id = #7002").await;
    sync_all(&t, &mut p).await;
    assert_eq!(
        (p.0.short("customers"), p.1.short("customers")),
        (vec!["7004".to_owned()], vec!["7001".to_owned()])
    );
    // A pending outlet is its finder's, until it is turned down.
    run(&mut owner, "update customers set created_by = #3011 where id = #7003").await;
    sync_all(&t, &mut p).await;
    assert_eq!(p.0.short("customers"), ["7003", "7004"]);
    run(&mut owner, "update customers set status = 'inactive' where id = #7003").await;
    sync_all(&t, &mut p).await;
    assert_eq!(p.0.short("customers"), ["7004"]);
}

#[tokio::test]
async fn promotions_come_and_go_with_their_audience_and_their_days() {
    let t = TestApp::start(sync::router()).await;
    let mut owner = t.database.owner().await;
    let mut phone = Phone::new("nvbh01");
    phone.sync(&t).await;
    run(
        &mut owner,
        "insert into promotions (id, code, name, search_key, valid_from, valid_to, status, definition, created_at, updated_at)
         values (#b001, 'KM1', 'A', '', '2026-08-01', '2026-08-07', 'active', '{\"audience\": {}}', now(), now()),
                (#b002, 'KM2', 'B', '', '2026-08-01', '2026-12-31', 'active', jsonb_build_object('audience', jsonb_build_object('distributors', array[#1002])), now(), now()),
                (#b003, 'KM3', 'C', '', '2026-08-01', '2026-12-31', 'draft', '{}', now(), now())",
    )
    .await;
    phone.sync(&t).await;
    assert_eq!(phone.short("promotions"), ["b001"]);
    run(&mut owner, "update promotions set definition = jsonb_build_object('audience', jsonb_build_object('distributors', array[#1002, #1001])) where id = #b002; update promotions set status = 'active' where id = #b003").await;
    phone.sync(&t).await;
    assert_eq!(phone.short("promotions"), ["b001", "b002", "b003"]);
    run(&mut owner, "update promotions set status = 'paused' where id = #b003").await;
    t.clock.advance(TimeDelta::days(2));
    phone.sync(&t).await;
    assert_eq!(phone.short("promotions"), ["b002"], "one was paused, one is over");
    run(&mut owner, "update promotions set definition = jsonb_build_object('audience', jsonb_build_object('distributors', array[#1002])) where id = #b002").await;
    phone.sync(&t).await;
    assert!(phone.ids("promotions").is_empty());
}

#[tokio::test]
async fn a_van_comes_with_its_stock_and_goes_with_it() {
    let t = TestApp::start(sync::router()).await;
    let mut owner = t.database.owner().await;
    let (mut one, mut two) = (Phone::new("nvbh01"), Phone::new("nvbh02"));
    one.sync(&t).await;
    two.sync(&t).await;
    run(
        &mut owner,
        "insert into warehouses (distributor_id, id, code, name, kind, rep_id, created_at) values (#1001, #5003, 'XE1', 'Xe 1', 'van', #3011, now());
         insert into stock_items (distributor_id, warehouse_id, product_id, on_hand) values (#1001, #5003, #4001, 24)",
    )
    .await;
    one.sync(&t).await;
    two.sync(&t).await;
    assert_eq!((one.contents["stock"].len(), two.contents["stock"].len()), (3, 2));
    run(&mut owner, "update warehouses set rep_id = #3012 where id = #5003").await;
    one.sync(&t).await;
    two.sync(&t).await;
    assert_eq!((one.contents["stock"].len(), two.contents["stock"].len()), (2, 3));
    one.assert_holds(&one.fresh(&t).await);
    two.assert_holds(&two.fresh(&t).await);
}

#[tokio::test]
async fn albums_and_policies_are_on_the_phone() {
    let t = TestApp::start(sync::router()).await;
    let mut owner = t.database.owner().await;
    let mut phone = Phone::new("nvbh01");
    phone.sync(&t).await;
    assert_eq!(phone.ids("albums").len(), 6);
    assert!(phone.ids("visitPolicies").is_empty());
    // The company's, one of the rep's team, one of another's.
    run(
        &mut owner,
        "insert into visit_policies (id, unit_id, customer_type, valid_from, content, updated_at)
         select #b001, null::uuid, null, '2026-01-01'::date, '{\"radiusMetres\": 200}'::jsonb, now()
         union all select #b002, x.unit_id, 'Tạp hóa', '2026-01-01', '{\"minMinutes\": 5}', now()
         from user_units x join users u on u.id = x.user_id where u.username = 'nvbh01' and x.is_primary
         union all select #b003, x.unit_id, null, '2026-01-01', '{\"minMinutes\": 9}', now()
         from user_units x join users u on u.id = x.user_id where u.username = 'nvbh11' and x.is_primary;
         update photo_albums set active = false where key = 'posm'",
    )
    .await;
    phone.sync(&t).await;
    assert_eq!(phone.short("visitPolicies"), ["b001", "b002"]);
    let team = phone.thing("visitPolicies", 0xb002);
    assert!(team["depth"].as_i64() > phone.thing("visitPolicies", 0xb001)["depth"].as_i64());
    assert_eq!((&team["customerType"], &team["content"]["minMinutes"]), (&"Tạp hóa".into(), &5.into()));
    assert_eq!(phone.ids("albums").len(), 5);
    phone.assert_holds(&phone.fresh(&t).await);
}
