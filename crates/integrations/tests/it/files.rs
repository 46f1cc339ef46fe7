use axum::http::Method;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use test_kit::Actor;

use crate::{counts, errors, number, send, start};

async fn upload(actor: &Actor<'_>, kind: &str, bytes: &[u8]) -> test_kit::Answer {
    actor.upload(&format!("/api/v1/imports/{kind}"), "file", "f", bytes, &[]).await
}

#[tokio::test]
async fn a_file_with_wrong_headers_is_refused_with_the_names_of_those_missing() {
    let t = start().await;
    let problem = upload(&t.admin(), "products", "Mã sản phẩm,Tên\nSP1,A\n".as_bytes()).await;
    let problem = problem.problem(422, "imports.headers");
    assert_eq!(problem["missingColumns"], serde_json::json!(["Tên sản phẩm", "Giá"]));
    assert!(problem["detail"].as_str().unwrap().contains("Tên sản phẩm, Giá"));
}

#[tokio::test]
async fn files_that_can_not_be_read_say_what_to_do() {
    let t = start().await;
    for (bytes, code) in [
        (&b""[..], "imports.empty"),
        (b"\xFF\xFEa", "imports.unreadable"),
        (b"PK\x03\x04 no zip", "imports.unreadable"),
        (b"\xD0\xCF\x11\xE0 old", "imports.unreadable"),
        (b"\x89PNG\r\n\x1a\n\0\0", "imports.unreadable"),
    ] {
        upload(&t.admin(), "products", bytes).await.problem(422, code);
    }
    let nothing = t.admin().upload("/api/v1/imports/products", "photo", "f", b"x", &[]).await;
    nothing.problem(400, "validation");
    t.admin().post("/api/v1/imports/nothing", serde_json::json!({})).await.problem(404, "not_found");
    upload(&t.admin(), "products", &vec![b'a'; 21 * 1024 * 1024]).await.problem(413, "too_large");
}

#[tokio::test]
async fn a_plain_body_is_a_file_too() {
    let t = start().await;
    let request = axum::http::Request::builder()
        .method(Method::POST)
        .uri("/api/v1/imports/products")
        .header("authorization", "Bearer admin")
        .header("content-type", "text/csv")
        .body("Mã sản phẩm,Tên sản phẩm,Giá,ĐVT lẻ,Hệ số quy đổi\nP1,Trà,10.000,Chai,1\n".into())
        .unwrap();
    assert_eq!(counts(&t.send(request).await.expect(200)), (1, 0, 0));
}

#[tokio::test]
async fn each_kind_needs_its_own_right() {
    let t = start().await;
    for kind in ["org-units", "distributors", "products", "users", "routes"] {
        upload(&t.npp01(), kind, b"x").await.problem(403, "forbidden");
    }
    for kind in ["customers", "opening-stock"] {
        upload(&t.supervisor(), kind, b"x").await.problem(403, "forbidden");
        upload(&t.rep1(), kind, b"x").await.problem(403, "forbidden");
        upload(&t.anonymous(), kind, b"x").await.problem(401, "unauthorized");
    }
}

#[tokio::test]
async fn a_template_filled_in_is_a_file_that_loads() {
    let t = start().await;
    for kind in integrations::ImportKind::ALL {
        let answer = t.rep1().get(&format!("/api/v1/imports/{}/template", kind.as_str())).await;
        answer.expect(200);
        let refused =
            upload(&t.admin(), &format!("{}?distributorCode=NPP01", kind.as_str()), &answer.bytes).await;
        assert_eq!(refused.expect(200)["rows"], 0, "{}", kind.as_str());
    }
    t.rep1().get("/api/v1/imports/nothing/template").await.problem(404, "not_found");
}

#[tokio::test]
async fn numbers_dates_and_titles_of_a_workbook_are_understood() {
    let t = start().await;
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("Ghi chú").unwrap().write_string(0, 0, "Không phải dữ liệu").unwrap();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, "DANH SÁCH KHÁCH HÀNG").unwrap();
    let headers =
        ["STT", "Mã khách hàng", "Khách hàng", "SĐT", "Sinh nhật", "Vĩ độ", "Kinh độ", "Hạn mức công nợ"];
    for (at, header) in (0..).zip(headers) {
        sheet.write_string(2, at, header).unwrap();
    }
    let date = Format::new().set_num_format("dd/mm/yyyy");
    sheet.write_number(3, 0, 1.0).unwrap();
    sheet.write_number(3, 1, 1001.0).unwrap();
    sheet.write_string(3, 2, "Tạp hóa Cô Tư").unwrap();
    sheet.write_number(3, 3, 912_345_678.0).unwrap();
    sheet.write_datetime_with_format(3, 4, ExcelDateTime::from_ymd(1980, 8, 5).unwrap(), &date).unwrap();
    sheet.write_number(3, 5, 10.777).unwrap();
    sheet.write_number(3, 6, 106.701).unwrap();
    sheet.write_number(3, 7, 5_000_000.0).unwrap();
    sheet.write_string(3, 9, "ghi chú bên ngoài bảng").unwrap();
    sheet.write_number(5, 7, 1.5).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let report = send(&t.npp01(), "customers?mode=good", &bytes).await;
    assert_eq!((counts(&report), errors(&report)), ((1, 0, 0), vec![(6, "Khách hàng", "")]));
    let same = "select count(*) from customers where code = '1001' and phone = '0912345678' and birthday = '1980-08-05'
                and latitude = 10.777 and longitude = 106.701 and credit_limit = 5000000";
    assert_eq!(number(&t, same).await, 1);
}

#[tokio::test]
async fn a_file_that_trickles_is_given_up() {
    let t = start().await;
    let silent =
        axum::body::Body::from_stream(futures_util::stream::pending::<std::io::Result<bytes::Bytes>>());
    let request = axum::http::Request::post("/api/v1/imports/customers")
        .header("authorization", "Bearer npp01")
        .body(silent)
        .unwrap();
    tokio::time::pause();
    t.send(request).await.problem(408, "body_too_slow");
}

#[tokio::test]
async fn a_file_that_says_it_is_too_large_is_not_waited_for() {
    let t = start().await;
    let silent =
        axum::body::Body::from_stream(futures_util::stream::pending::<std::io::Result<bytes::Bytes>>());
    let request = axum::http::Request::post("/api/v1/imports/customers")
        .header("authorization", "Bearer npp01")
        .header("content-length", 21 * 1024 * 1024)
        .body(silent)
        .unwrap();
    t.send(request).await.problem(413, "too_large");
}

#[tokio::test]
async fn a_thousand_bad_rows_are_told_and_the_others_counted() {
    let t = start().await;
    let mut file = "Mã kho,Tên kho,Mã hàng,Số lượng\n".to_owned();
    for row in 0..1_500 {
        file.push_str(&format!("KHO01,,NO{row},5\n"));
    }
    let report = upload(&t.npp01(), "opening-stock", file.as_bytes()).await.expect(200);
    assert_eq!(report["errors"].as_array().unwrap().len(), 1_000);
    assert_eq!(report["errorCount"], 1_500);
}
