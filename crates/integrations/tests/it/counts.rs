//! What people counted, from a file.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use serde_json::{Value, json};
use test_kit::{Actor, Answer, TestApp, world};

use crate::{counts, errors, number};

/// A count of the first distributor's main warehouse: 100 milk in lot A, 500 in lot B, 240 soap in lot S.
async fn open() -> (TestApp, String) {
    let t = TestApp::start(integrations::router().merge(inventory::router())).await;
    let count =
        t.npp01().post("/api/v1/inventory/counts", json!({ "warehouseId": world::MAIN1 })).await.expect(201);
    let path = format!("/api/v1/inventory/counts/{}", count["countId"].as_str().unwrap());
    (t, path)
}

async fn load(actor: &Actor<'_>, path: &str, query: &str, file: impl AsRef<[u8]>) -> Answer {
    actor.upload(&format!("{path}/import{query}"), "file", "kiem-ke.csv", file.as_ref(), &[]).await
}

/// Lot and pieces counted.
async fn counted(t: &TestApp, path: &str) -> Vec<(String, Option<i64>)> {
    let count = t.npp01().get(path).await.expect(200);
    let lines = count["lines"].as_array().unwrap();
    let mut lines: Vec<_> =
        lines.iter().map(|l| (l["lotNumber"].as_str().unwrap().to_owned(), l["counted"].as_i64())).collect();
    lines.sort();
    lines
}

fn lot(name: &str, pieces: Option<i64>) -> (String, Option<i64>) {
    (name.to_owned(), pieces)
}

const HEADERS: &str = "Mã hàng,Tên hàng,Số lô,Hạn sử dụng,SL chẵn,SL lẻ\n";

#[tokio::test]
async fn cases_and_pieces_of_a_file_replace_what_was_counted_and_again_change_nothing() {
    let (t, path) = open().await;
    let file = format!(
        "{HEADERS}SP001,Sữa,A,31/10/2026,4,3\nSP001,Sữa,B,31/03/2027,10,\nSP001,Sữa,B,31/03/2027,,7\nSP002,Xà phòng,,,20,\nSP003,Nước,W9,01/02/2027,,5\n"
    );
    let tried = load(&t.npp01(), &path, "?dryRun=true", &file).await.expect(200);
    assert_eq!((counts(&tried), &tried["dryRun"]), ((4, 0, 0), &json!(true)));
    assert_eq!(counted(&t, &path).await, [lot("A", None), lot("B", None), lot("S", None)]);

    let done = load(&t.npp01(), &path, "", &file).await.expect(200);
    assert_eq!((counts(&done), &done["rows"]), ((4, 0, 0), &json!(5)));
    let expected = [lot("A", Some(99)), lot("B", Some(247)), lot("S", Some(240)), lot("W9", Some(5))];
    assert_eq!(counted(&t, &path).await, expected);
    let audited = "select count(*) from audit_log where action = 'inventory.enter_count'";
    assert_eq!(number(&t, audited).await, 1);
    let again = load(&t.npp01(), &path, "", &file).await.expect(200);
    assert_eq!(counts(&again), (0, 0, 4));
    assert_eq!(number(&t, audited).await, 1, "nothing was entered again");

    let other = load(&t.npp01(), &path, "", format!("{HEADERS}SP001,,A,,,90\n")).await.expect(200);
    assert_eq!(counts(&other), (0, 1, 0));
    assert_eq!(counted(&t, &path).await[0], lot("A", Some(90)));
}

#[tokio::test]
async fn the_sheet_of_a_count_can_be_filled_in_and_loaded() {
    let (t, path) = open().await;
    let request = axum::http::Request::builder()
        .uri(format!("{path}/sheet"))
        .header("authorization", "Bearer npp01")
        .body(axum::body::Body::empty())
        .unwrap();
    let sheet = t.send(request).await;
    assert_eq!(sheet.status, 200);
    // Nothing is filled in: nothing was counted.
    let report = load(&t.npp01(), &path, "", &sheet.bytes).await.expect(200);
    assert_eq!((counts(&report), &report["rows"], errors(&report)), ((0, 0, 3), &json!(3), vec![]));
    t.npp02().get(&format!("{path}/sheet")).await.problem(404, "not_found");

    let mut workbook = Workbook::new();
    let page = workbook.add_worksheet();
    for (at, header) in (0..).zip(["Mã vạch", "HSD", "Số lượng"]) {
        page.write_string(0, at, header).unwrap();
    }
    page.write_string(1, 0, "SP001").unwrap();
    let day = ExcelDateTime::from_ymd(2026, 10, 31).unwrap();
    page.write_datetime_with_format(1, 1, &day, &Format::new().set_num_format("dd/mm/yyyy")).unwrap();
    page.write_number(1, 2, 12.0).unwrap();
    let report = load(&t.npp01(), &path, "", workbook.save_to_buffer().unwrap()).await.expect(200);
    assert_eq!(counts(&report), (1, 0, 0));
    assert_eq!(counted(&t, &path).await[0], lot("A", Some(12)));
}

#[tokio::test]
async fn bad_rows_are_named_and_all_or_the_good_ones_are_loaded() {
    let (t, path) = open().await;
    let file = format!(
        "{HEADERS}SP001,,A,,1,\nSP001,,,,1,\nKHONG,,,,,1\nSP002,,,,-1,\nSP002,,S,32/13/2026,,1\nSP002,,,,,hai\n"
    );
    let wrong = [
        (3, "Số lô", ""),
        (4, "Mã hàng", "KHONG"),
        (5, "SL chẵn", "-1"),
        (6, "Hạn sử dụng", "32/13/2026"),
        (7, "SL lẻ", "hai"),
    ];
    let refused = load(&t.npp01(), &path, "", &file).await.expect(200);
    assert_eq!((counts(&refused), errors(&refused)), ((0, 0, 0), wrong.to_vec()));
    assert_eq!(counted(&t, &path).await[0], lot("A", None));
    let loaded = load(&t.npp01(), &path, "?mode=good", &file).await.expect(200);
    assert_eq!((counts(&loaded), errors(&loaded)), ((1, 0, 0), wrong.to_vec()));
    assert_eq!(counted(&t, &path).await[0], lot("A", Some(24)));
    let missing =
        load(&t.npp01(), &path, "", "Tên hàng,Số lô\nSữa,A\n").await.problem(422, "imports.headers");
    assert_eq!(missing["missingColumns"], json!(["Mã hàng", "SL lẻ"]));
}

#[tokio::test]
async fn only_the_office_of_the_warehouse_loads_and_only_while_the_count_is_open() {
    let (t, path) = open().await;
    let file = format!("{HEADERS}SP001,,A,,1,\n");
    load(&t.supervisor(), &path, "", &file).await.problem(403, "forbidden");
    load(&t.npp02(), &path, "", &file).await.problem(404, "not_found");
    load(&t.npp01(), &path, "", &file).await.expect(200);
    let closed: Value = t.npp01().post(&format!("{path}/close"), json!({})).await.expect(200);
    assert_eq!(closed["status"], "Closed");
    load(&t.npp01(), &path, "", &file).await.problem(409, "inventory.count_closed");
}
