use test_kit::{TestApp, world};

use crate::{counts, errors, number, send, start};

const FILE: &str = "\u{feff}Vĩ độ,Kinh độ,Trạng thái,Mã khách hàng,Khách hàng,SĐT,Người liên hệ,Nhóm khách hàng,Loại khách hàng,Kênh,Địa chỉ giao hàng,Khu vực,Nhãn Khu vực,Sinh nhật,Chức vụ,Email,Hình ảnh,Hạn mức công nợ,Mã tuyến,Tên tuyến,Tên nhóm tuyến,Tên nhân viên tuyến,Cấm sửa vị trí,Khóa\r
10.7769,106.7009,Hoạt động,C001,Tạp hóa Cô Năm,912345678,Cô Năm,A,Tạp hóa,GT,\"12 Lê Lợi, P.1,\r
Quận 1\",HCM1,Hồ Chí Minh 1,05/08/1980,Chủ,,,\"5,000,000\",T05,Tuyến thứ 2,Tổ 1,Nhân viên 2,x,\r
\"10,78\",\"106,71\",Ngừng hoạt động,C002,Hiệu thuốc An Khang,028 3822 1234,,B,Hiệu thuốc,GT,4 Hai Bà Trưng,,Gò Vấp,,,,,2.000.000,,,,,,x\r
0,0,,,Quán Cô Ba,,,,,,Chợ Bến Thành,,,,,,,,T05,Tuyến thứ 2,Tổ 1,Nhân viên 2,,\r
,,,,Quán Cô Ba,,,,,,Chợ Tân Định,,,,,,,,,,,,,\r
";

/// One outlet as the database has it.
async fn outlet(t: &TestApp, name: &str, address: &str) -> serde_json::Value {
    sqlx::query_scalar("select to_jsonb(c) from customers c where name = $1 and address = $2")
        .bind(name)
        .bind(address)
        .fetch_one(&mut t.database.owner().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_real_file_of_customers_is_understood() {
    let t = start().await;
    let report = send(&t.npp01(), "customers", FILE).await;
    assert_eq!(errors(&report), []);
    assert_eq!(report["rows"], 4);
    assert_eq!(counts(&report), (4, 0, 0));
    assert_eq!(report["ignoredColumns"], serde_json::json!(["Hình ảnh"]));

    let first = outlet(&t, "Tạp hóa Cô Năm", "12 Lê Lợi, P.1, Quận 1").await;
    assert_eq!(
        (&first["code"], &first["phone"], &first["area"]),
        (&"C001".into(), &"0912345678".into(), &"HCM1".into())
    );
    assert_eq!((&first["birthday"], &first["credit_limit"]), (&"1980-08-05".into(), &5_000_000.into()));
    assert_eq!((&first["location_locked"], &first["status"]), (&true.into(), &"active".into()));
    let second = outlet(&t, "Hiệu thuốc An Khang", "4 Hai Bà Trưng").await;
    assert_eq!((&second["latitude"], &second["longitude"]), (&10.78.into(), &106.71.into()));
    assert_eq!((&second["status"], &second["record_locked"]), (&"inactive".into(), &true.into()));
    assert_eq!((&second["area"], &second["phone"]), (&"Gò Vấp".into(), &"02838221234".into()));
    let third = outlet(&t, "Quán Cô Ba", "Chợ Bến Thành").await;
    assert!(third["latitude"].is_null() && third["longitude"].is_null(), "0, 0 is no place");
    assert_eq!(third["code"], "KH000001");
    assert_eq!(outlet(&t, "Quán Cô Ba", "Chợ Tân Định").await["code"], "KH000002");
}

#[tokio::test]
async fn the_routes_of_the_file_are_made_and_given_to_the_reps_it_names() {
    let t = start().await;
    send(&t.npp01(), "customers", FILE).await;
    let route: (String, Vec<i16>, uuid::Uuid, uuid::Uuid, i64) = sqlx::query_as(
        "select r.name, r.weekdays, r.unit_id, a.user_id,
           (select count(*) from route_customers rc where rc.route_id = r.id)
         from routes r join route_assignments a on a.route_id = r.id where r.code = 'T05'",
    )
    .fetch_one(&mut t.database.owner().await)
    .await
    .unwrap();
    assert_eq!(route, ("Tuyến thứ 2".into(), vec![1], world::TEAM1.uuid(), world::REP2.uuid(), 2));
}

#[tokio::test]
async fn a_file_loaded_twice_changes_nothing() {
    let t = start().await;
    send(&t.npp01(), "customers", FILE).await;
    let before = number(&t, "select count(*) + sum(version)::bigint from customers").await;
    let audited = number(&t, "select count(*) from audit_log").await;
    let report = send(&t.npp01(), "customers", FILE).await;
    assert_eq!((counts(&report), errors(&report)), ((0, 0, 4), vec![]));
    assert_eq!(number(&t, "select count(*) + sum(version)::bigint from customers").await, before);
    assert_eq!(number(&t, "select count(*) from audit_log").await, audited);
}

#[tokio::test]
async fn an_empty_cell_and_a_locked_location_stay_as_they_are() {
    let t = start().await;
    send(&t.npp01(), "customers", FILE).await;
    let change =
        "Mã khách hàng;Khách hàng;SĐT;Vĩ độ;Kinh độ;Nhóm khách hàng\nC001;Tạp hóa Cô Năm;;11;107;B\n";
    assert_eq!(counts(&send(&t.npp01(), "customers", change).await), (0, 1, 0));
    let first = outlet(&t, "Tạp hóa Cô Năm", "12 Lê Lợi, P.1, Quận 1").await;
    assert_eq!((&first["phone"], &first["customer_group"]), (&"0912345678".into(), &"B".into()));
    assert_eq!(first["latitude"], 10.7769);
}

#[tokio::test]
async fn locked_data_is_changed_only_by_a_row_that_lifts_the_lock() {
    let t = start().await;
    send(&t.npp01(), "customers", FILE).await;
    for lock in ["", "x"] {
        let change = format!(
            "Mã khách hàng,Khách hàng,SĐT,Mã tuyến,Khóa\nC001,Tạp hóa Cô Năm,0987654321,,\nC002,Hiệu thuốc An Khang,0987654321,T09,{lock}\n"
        );
        let report = send(&t.npp01(), "customers", &change).await;
        assert_eq!((counts(&report), errors(&report)), ((0, 0, 0), vec![(3, "Khóa", "C002")]));
        let message = report["errors"][0]["message"].as_str().unwrap();
        assert_eq!(message, "The customer's data is locked. Unlock it before you change it");
    }
    assert_eq!(outlet(&t, "Hiệu thuốc An Khang", "4 Hai Bà Trưng").await["phone"], "02838221234");
    let lifted = "Mã khách hàng,Khách hàng,SĐT,Khóa\nC002,Hiệu thuốc An Khang,0987654321,Không khóa\n";
    assert_eq!(counts(&send(&t.npp01(), "customers", lifted).await), (0, 1, 0));
    let changed = outlet(&t, "Hiệu thuốc An Khang", "4 Hai Bà Trưng").await;
    assert_eq!((&changed["phone"], &changed["record_locked"]), (&"0987654321".into(), &false.into()));
}

const BAD: &str = "\
Mã khách hàng,Khách hàng,Vĩ độ,Kinh độ,Sinh nhật,Hạn mức công nợ,Khóa
C001,Cô Một,,,31/02/1980,,
C002,,,,,,
C003,Cô Ba,200,106,,năm triệu,có lẽ
C004,Cô Bốn,10.7,,,,
C005,Cô Năm,,,,,
C005,Cô Năm B,,,,,
C006,Cô Sáu,,,05/08/1980,1 000 000,
";

#[tokio::test]
async fn every_bad_row_is_told_and_nothing_is_loaded() {
    let t = start().await;
    let before = number(&t, "select count(*) from customers").await;
    let report = send(&t.npp01(), "customers", BAD).await;
    assert_eq!(counts(&report), (0, 0, 0));
    assert_eq!(report["rows"], 7);
    assert_eq!(
        errors(&report),
        [
            (2, "Sinh nhật", "31/02/1980"),
            (3, "Khách hàng", ""),
            (4, "Vĩ độ", "200"),
            (4, "Hạn mức công nợ", "năm triệu"),
            (4, "Khóa", "có lẽ"),
            (5, "Kinh độ", ""),
            (6, "Mã khách hàng", "C005"),
            (7, "Mã khách hàng", "C005"),
        ]
    );
    assert_eq!(report["errors"][0]["message"], "There is no such day");
    assert_eq!(report["errors"][6]["message"], "The same as in row 7");
    assert_eq!(number(&t, "select count(*) from customers").await, before);
}

#[tokio::test]
async fn the_words_and_dates_of_other_systems_are_understood() {
    let t = start().await;
    let file = "Mã khách hàng,Khách hàng,Trạng thái,Sinh nhật,Khóa
C101,Một,Đã duyệt,5.8.80,Không khóa
C102,Hai,Đóng cửa,1980-08-05 00:00:00,Đã khóa
C103,Ba,Mới,05/08,✓
";
    let report = send(&t.npp01(), "customers", file).await;
    assert_eq!((counts(&report), errors(&report)), ((3, 0, 0), vec![]));
    let rows: Vec<(String, Option<String>, bool)> = sqlx::query_as(
        "select status, birthday::text, record_locked from customers where code like 'C10_' order by code",
    )
    .fetch_all(&mut t.database.owner().await)
    .await
    .unwrap();
    let day = || Some("1980-08-05".to_owned());
    let expected = [("active", day(), false), ("inactive", day(), true), ("pending", None, true)];
    assert_eq!(rows, expected.map(|(status, day, locked)| (status.to_owned(), day, locked)));
}

#[tokio::test]
async fn a_row_with_more_cells_than_headers_is_told() {
    let t = start().await;
    let file = "Khách hàng,Địa chỉ\nCô Một,12 Lê Lợi, Quận 1\nCô Hai,5 Lê Lợi,\n";
    let report = send(
        &t.npp01(),
        "customers?mode=good",
        file.replace("Khách hàng,", "Mã KH,Khách hàng,").replace("\nCô", "\n,Cô"),
    )
    .await;
    assert_eq!((counts(&report), errors(&report)), ((1, 0, 0), vec![(2, "Cột 4", "Quận 1")]));
}

#[tokio::test]
async fn the_good_rows_are_loaded_when_they_are_asked_for() {
    let t = start().await;
    let report = send(&t.npp01(), "customers?mode=good", BAD).await;
    assert_eq!((counts(&report), errors(&report).len()), ((1, 0, 0), 8));
    assert_eq!(outlet(&t, "Cô Sáu", "").await["credit_limit"], 1_000_000);
}

#[tokio::test]
async fn a_dry_run_tells_what_would_be_and_changes_nothing() {
    let t = start().await;
    let before = number(&t, "select count(*) from customers").await;
    let report = send(&t.npp01(), "customers?dryRun=true", FILE).await;
    assert_eq!((counts(&report), &report["dryRun"]), ((4, 0, 0), &true.into()));
    assert_eq!(number(&t, "select count(*) from customers").await, before);
    assert_eq!(number(&t, "select count(*) from routes where code = 'T05'").await, 0);
}

#[tokio::test]
async fn the_company_says_whose_customers_they_are_and_a_distributor_has_its_own() {
    let t = start().await;
    let upload = async |actor: test_kit::Actor<'_>, query: &str| {
        actor
            .upload(&format!("/api/v1/imports/customers{query}"), "file", "f.csv", FILE.as_bytes(), &[])
            .await
    };
    upload(t.admin(), "").await.problem(400, "distributor_required");
    upload(t.admin(), "?distributorCode=NPP99").await.problem(422, "imports.unknown_distributor");
    upload(t.npp01(), "?distributorCode=NPP02").await.problem(422, "imports.unknown_distributor");
    upload(t.admin(), "?distributorCode=NPP02").await.expect(200);
    let theirs = "select count(*) from customers c join distributors d on d.id = c.distributor_id
                  where d.code = 'NPP02' and c.code in ('C001', 'C002')";
    assert_eq!(number(&t, theirs).await, 2);
}
