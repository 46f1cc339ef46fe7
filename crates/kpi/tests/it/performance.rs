use calamine::{Data, Reader as _, Xlsx};
use serde_json::{Value, json};
use test_kit::{TestApp, world};

use crate::{
    PERFORMANCE, TARGETS, actuals, app, assert_sound, august, clocked, mine, placed, refresh, rows, shipped,
    visited,
};

/// A day of the first rep: clocks, visits, opens an outlet, sells; the office ships.
async fn worked(t: &TestApp) {
    clocked(t, "in", august("6 08:00")).await;
    visited(t, august("6 08:30")).await;
    let order = placed(t).await;
    shipped(t, &order).await;
    let shop = json!({ "name": "Tạp hóa mới", "phone": "0912345678", "latitude": 10.78, "longitude": 106.7 });
    t.rep1().post("/api/v1/customers", shop).await.expect(201);
    t.clock.set(august("6 17:30"));
    clocked(t, "out", august("6 17:00")).await;
}

#[tokio::test]
async fn a_reps_day_is_there_after_the_refresh_and_equals_the_reports() {
    let t = app().await;
    assert_eq!(actuals(&mine(&t).await), json!([0, 0, 0, 0, 0, 0, null, 0]));
    worked(&t).await;
    assert!(refresh(&t).await.rows > 0);
    let month = mine(&t).await;
    assert_eq!(actuals(&month), json!([1, 1, 1, 327_600, 327_600, 24, 2, 480]));
    assert_eq!(
        month["days"],
        json!([{ "date": "2026-08-06", "visits": 1, "newCustomers": 1, "orders": 1, "sales": 327_600, "revenue": 327_600,
                 "volume": 24, "skusPerOrder": 2, "workMinutes": 480 }])
    );
    assert_eq!(
        (&month["month"], &month["daysInMonth"], &month["daysElapsed"]),
        (&json!("2026-08"), &json!(31), &json!(6))
    );
    assert_eq!(month["asOf"], json!("2026-08-06T10:30:00Z"));
    let report = async |basis: &str| {
        let path = format!("/api/v1/reports/sales-by-rep?from=2026-08-01&to=2026-08-31&basis={basis}");
        t.npp01().get(&path).await.expect(200)["subtotals"][0]["revenue"].clone()
    };
    assert_eq!(report("issued").await, month["metrics"]["revenue"]["actual"]);
    assert_eq!(report("ordered").await, month["metrics"]["sales"]["actual"]);
    assert_sound(&t).await;
}

#[tokio::test]
async fn refreshing_and_repairing_again_changes_no_row() {
    let t = app().await;
    worked(&t).await;
    refresh(&t).await;
    let before = rows(&t).await;
    assert_eq!(before.len(), 3);
    assert_eq!(refresh(&t).await.rows, 0);
    assert_eq!(kpi::repair(&t.app).await.unwrap(), 0);
    assert_eq!(rows(&t).await, before);
}

#[tokio::test]
async fn what_nobody_should_have_touched_is_found_and_put_right_at_night() {
    let t = app().await;
    visited(&t, august("5 08:30")).await;
    t.clock.set(august("7 17:30"));
    refresh(&t).await;
    assert_sound(&t).await;
    sqlx::query("update kpi_days set visits = visits + 1")
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let found = kpi::verify(&mut t.database.owner().await).await.unwrap();
    assert_eq!(found.iter().map(|f| f.rule.as_str()).collect::<Vec<_>>(), ["kpi.days"]);
    assert_eq!(kpi::repair(&t.app).await.unwrap(), 1);
    assert_sound(&t).await;
}

#[tokio::test]
async fn targets_give_achievement_and_trend() {
    let t = app().await;
    worked(&t).await;
    refresh(&t).await;
    let body = json!({
        "userId": world::REP1, "month": "2026-08", "visits": 31, "sales": 1_000_000, "revenue": 1_638_000, "skusPerOrder": 2.5,
        "focus": [
            { "kind": "product", "id": world::SOAP, "quantity": 62 },
            { "kind": "product", "id": world::WATER, "revenue": 1_000 },
        ],
    });
    t.supervisor().post(TARGETS, body).await.expect(201);
    let month = mine(&t).await;
    let of = |metric: &str| month["metrics"][metric].clone();
    // 6 of 31 days: 6 visits are due, 193,548 of sales, 317,032 of revenue.
    assert_eq!(of("visits"), json!({ "actual": 1, "target": 31, "achievement": 3.23, "trend": "behind" }));
    assert_eq!(
        of("sales"),
        json!({ "actual": 327_600, "target": 1_000_000, "achievement": 32.76, "trend": "ahead" })
    );
    assert_eq!(
        of("revenue"),
        json!({ "actual": 327_600, "target": 1_638_000, "achievement": 20, "trend": "onTrack" })
    );
    assert_eq!(
        of("skusPerOrder"),
        json!({ "actual": 2, "target": 2.5, "achievement": 80, "trend": "behind" })
    );
    assert_eq!(of("orders"), json!({ "actual": 1, "target": null, "achievement": null, "trend": null }));
    let focus: Vec<Value> = month["focus"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| json!([f["code"], f["quantity"], f["revenue"]]))
        .collect();
    let untargeted =
        |actual: i64| json!({ "actual": actual, "target": null, "achievement": null, "trend": null });
    assert_eq!(
        focus,
        [
            json!(["SP002", { "actual": 12, "target": 62, "achievement": 19.35, "trend": "onTrack" }, untargeted(198_000)]),
            json!(["SP003", untargeted(0), { "actual": 0, "target": 1_000, "achievement": 0, "trend": "behind" }]),
        ]
    );
}

#[tokio::test]
async fn brands_and_categories_are_summed_over_their_products() {
    let t = app().await;
    let [brand, category] = ["brands", "categories"].map(|table| {
        let id = uuid::Uuid::now_v7();
        (table, id)
    });
    let mut owner = t.database.owner().await;
    for (table, id) in [brand, category] {
        let sql = format!("insert into {table} (id, code, name) values ('{id}', 'X', 'Nhãn X')");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
    }
    sqlx::query("update products set brand_id = $1, category_id = case code when 'SP001' then $2 end where code <> 'SP003'")
        .bind(brand.1)
        .bind(category.1)
        .execute(&mut owner)
        .await
        .unwrap();
    let order = placed(&t).await;
    shipped(&t, &order).await;
    refresh(&t).await;
    let body = json!({
        "userId": world::REP1, "month": "2026-08",
        "focus": [
            { "kind": "brand", "id": brand.1, "quantity": 100 },
            { "kind": "category", "id": category.1, "quantity": 100 },
        ],
    });
    t.supervisor().post(TARGETS, body).await.expect(201);
    let focus = mine(&t).await["focus"].clone();
    let reached: Vec<Value> = focus
        .as_array()
        .unwrap()
        .iter()
        .map(|f| json!([f["kind"], f["name"], f["quantity"]["actual"]]))
        .collect();
    assert_eq!(reached, [json!(["category", "Nhãn X", 12]), json!(["brand", "Nhãn X", 24])]);
}

#[tokio::test]
async fn units_sum_up_their_people_and_the_units_below() {
    let t = app().await;
    worked(&t).await;
    let other = json!({ "orderType": "PreSales", "customerId": world::SHOP21, "items": [
        { "productId": world::MILK, "quantity": 10, "unit": "retail" }] });
    t.rep11().post("/api/v1/orders", other).await.expect(201);
    refresh(&t).await;
    for (user, sales) in [(world::REP1, 1_000_000), (world::REP2, 500_000), (world::REP11, 300_000)] {
        let body = json!({ "userId": user, "month": "2026-08", "sales": sales });
        t.area_manager().post(TARGETS, body).await.expect(201);
    }
    // The area: a row per distributor.
    let area = t.area_manager().get(PERFORMANCE).await.expect(200);
    assert_eq!(area["unitName"], "Khu vực 1");
    let sales = |of: &Value| json!([of["metrics"]["sales"]["actual"], of["metrics"]["sales"]["target"]]);
    assert_eq!(sales(&area), json!([435_600, 1_800_000]));
    let units: Vec<Value> =
        area["units"].as_array().unwrap().iter().map(|u| json!([u["name"], u["people"], sales(u)])).collect();
    assert_eq!(
        units,
        [json!(["NPP Thành Công", 2, [327_600, 1_500_000]]), json!(["NPP Đại Phát", 1, [108_000, 300_000]])]
    );
    assert_eq!(area["people"], json!([]));
    // The team: a row per rep; who did nothing is there, too.
    let team =
        t.admin().get(&format!("{PERFORMANCE}?month=2026-08&unitId={}", world::TEAM1)).await.expect(200);
    let people: Vec<Value> = team["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| json!([p["username"], p["unitName"], sales(p)]))
        .collect();
    assert_eq!(
        people,
        [json!(["nvbh01", "Tổ 1", [327_600, 1_000_000]]), json!(["nvbh02", "Tổ 1", [0, 500_000]])]
    );
    assert_eq!(actuals(&team), json!([1, 1, 1, 327_600, 327_600, 24, 2, 480]));
    // The company begins at its root.
    let company = t.admin().get(PERFORMANCE).await.expect(200);
    assert_eq!((&company["unitName"], sales(&company)), (&json!("Công ty"), json!([435_600, 1_800_000])));
    assert_eq!(company["units"][0]["name"], "Miền Nam");
}

#[tokio::test]
async fn a_person_counts_where_they_belong_now() {
    let t = app().await;
    worked(&t).await;
    refresh(&t).await;
    sqlx::query("update user_units set unit_id = $1 where user_id = $2")
        .bind(world::UNIT1.uuid())
        .bind(world::REP1.uuid())
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let team = t.supervisor().get(PERFORMANCE).await.expect(200);
    assert_eq!(team["metrics"]["orders"]["actual"], 0);
    let office = t.npp01().get(PERFORMANCE).await.expect(200);
    assert_eq!(
        (&office["metrics"]["orders"]["actual"], &office["people"][0]["username"]),
        (&json!(1), &json!("nvbh01"))
    );
}

#[tokio::test]
async fn the_excel_file_has_a_row_per_rep_and_sums() {
    let t = app().await;
    worked(&t).await;
    refresh(&t).await;
    let body = json!({ "userId": world::REP1, "month": "2026-08", "sales": 982_800, "skusPerOrder": 2.5 });
    t.supervisor().post(TARGETS, body).await.expect(201);
    let answer = t.supervisor().get(&format!("{PERFORMANCE}?month=2026-08&format=xlsx")).await;
    answer.expect(200);
    assert!(answer.headers["content-disposition"].to_str().unwrap().contains("kpi_2026-08.xlsx"));
    let mut file: Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(answer.bytes.clone())).unwrap();
    assert_eq!(file.sheet_names(), ["KPI tháng"]);
    let table: Vec<Vec<Data>> =
        file.worksheet_range_at(0).unwrap().unwrap().rows().map(<[Data]>::to_vec).collect();
    let text = |row: &[Data], at: &[usize]| at.iter().map(|at| row[*at].to_string()).collect::<Vec<_>>();
    assert_eq!(
        table[3][..4].iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["Phòng/nhóm", "Mã NV", "Tên nhân viên", "Viếng thăm: Chỉ tiêu"]
    );
    assert_eq!(
        text(&table[4], &[0, 1, 2, 12, 13, 14, 21, 22, 23]),
        ["Tổ 1", "nvbh01", "Nhân viên 1", "982800", "327600", "33,33", "2,5", "2", "80"]
    );
    assert_eq!(text(&table[5], &[0, 1, 12, 13, 14]), ["Tổ 1", "nvbh02", "", "0", ""]);
    assert_eq!(text(&table[6], &[0, 12, 13]), ["Cộng Tổ 1", "982800", "327600"]);
    assert_eq!(text(&table[7], &[0, 12, 13]), ["Tổng cộng", "982800", "327600"]);
    // One's own, too.
    t.rep1().get(&format!("{PERFORMANCE}?format=xlsx")).await.expect(200);
}
