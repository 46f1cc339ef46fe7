//! Opening debts and price lists.

use serde_json::json;
use test_kit::world;

use crate::{counts, errors, number, send, start};

const DEBTS: &str = "Mã khách hàng,Số chứng từ,Ngày,Hạn thanh toán,Số tiền
KH001,HD-01,01/06/2026,01/07/2026,\"1,500,000\"
KH001,HD-02,20/07/2026,,250000
KH002,HD-03,10/07/2026,,-40000
";

#[tokio::test]
async fn opening_debts_are_posted_once_and_corrected_by_the_difference() {
    let t = start().await;
    let report = send(&t.npp01(), "opening-receivables", DEBTS).await;
    assert_eq!((counts(&report), errors(&report)), ((3, 0, 0), vec![]));
    let owed = "select sum(balance)::bigint from customer_balances";
    assert_eq!(number(&t, owed).await, 1_710_000);
    // Due as the file says, or the customer's 30 days later.
    let due = "select count(*) from receivable_entries where (document_number, due_date, business_date) in
        (('HD-01', date '2026-07-01', date '2026-06-01'), ('HD-02', date '2026-08-19', date '2026-07-20'))";
    assert_eq!(number(&t, due).await, 2);
    assert_eq!(counts(&send(&t.npp01(), "opening-receivables", DEBTS).await), (0, 0, 3));
    assert_eq!(number(&t, "select count(*) from receivable_entries").await, 3);

    let less = DEBTS.replace("1,500,000", "1,200,000").replace("-40000", "10000");
    assert_eq!(counts(&send(&t.npp01(), "opening-receivables", &less).await), (0, 2, 1));
    assert_eq!(number(&t, owed).await, 1_460_000);
    let open =
        "select open_amount from receivable_open_items i join receivable_entries e on e.id = i.entry_id
        where document_number = 'HD-01' and e.amount > 0";
    assert_eq!(number(&t, open).await, 1_200_000);
    assert_eq!(counts(&send(&t.npp01(), "opening-receivables", &less).await), (0, 0, 3));
    let mut owner = t.database.owner().await;
    assert_eq!(receivables::verify(&mut owner).await.unwrap(), []);
}

#[tokio::test]
async fn two_loads_of_one_file_at_once_post_it_once() {
    let t = start().await;
    let npp01 = t.npp01();
    let load = || send(&npp01, "opening-receivables", DEBTS);
    let (a, b) = tokio::join!(load(), load());
    let mut both = [counts(&a), counts(&b)];
    both.sort_unstable();
    assert_eq!(both, [(0, 0, 3), (3, 0, 0)]);
    assert_eq!(number(&t, "select sum(balance)::bigint from customer_balances").await, 1_710_000);
}

#[tokio::test]
async fn debts_that_can_not_be_are_told() {
    let t = start().await;
    send(&t.npp01(), "opening-receivables", DEBTS).await;
    let file = "Mã khách hàng,Số chứng từ,Ngày,Hạn thanh toán,Số tiền
KH999,HD-01,01/06/2026,,5
KH001,HD-01,01/06/2026,02/07/2026,5
KH001,HD-09,07/08/2026,,5
KH001,HD-10,,,5
KH001,HD-11,01/06/2026,,\"1,5\"
KH001,HD-12,01/06/2026,,5
KH001,HD-12,01/06/2026,,6
";
    let report = send(&t.npp01(), "opening-receivables", file).await;
    assert_eq!(counts(&report), (0, 0, 0));
    assert_eq!(
        errors(&report),
        [
            (2, "Mã khách hàng", "KH999"),
            (3, "Hạn thanh toán", "2026-07-02"),
            (4, "Ngày", "2026-08-07"),
            (5, "Ngày", ""),
            (6, "Số tiền", "1,5"),
            (7, "Số chứng từ", "KH001 / HD-12"),
            (8, "Số chứng từ", "KH001 / HD-12"),
        ]
    );
    let foreign = send(&t.npp02(), "opening-receivables", DEBTS).await;
    assert_eq!(counts(&foreign), (0, 0, 0));
    let path = "/api/v1/imports/opening-receivables";
    t.supervisor().upload(path, "file", "f.csv", DEBTS.as_bytes(), &[]).await.problem(403, "forbidden");
}

const PRICES: &str =
    "Mã bảng giá,Tên bảng giá,Phạm vi,Áp dụng cho,Ưu tiên,Từ ngày,Đến ngày,Mã sản phẩm,Giá,Giá lẻ
BG01,Giá hè,Công ty,,5,01/06/2026,31/08/2026,SP001,\"230,000\",9600
BG01,Giá hè,Công ty,,5,01/06/2026,31/08/2026,SP002,175000,
BG02,,Khách hàng,NPP01/KH001,,01/06/2026,,SP001,,9000
";

#[tokio::test]
async fn price_lists_are_loaded_once() {
    let t = start().await;
    let report = send(&t.admin(), "price-lists", PRICES).await;
    assert_eq!((counts(&report), errors(&report)), ((3, 0, 0), vec![]));
    assert_eq!(counts(&send(&t.admin(), "price-lists", PRICES).await), (0, 0, 3));
    assert_eq!(number(&t, "select sum(version)::bigint from price_lists where code like 'BG%'").await, 2);
    // One price that is missing is worked out of the other: 175,000 ÷ 12, 9,000 × 24.
    let prices = "select count(*) from price_list_items i join price_lists l on l.id = i.price_list_id
        where (l.code, i.price, i.price_sub) in (('BG01', 230000, 9600), ('BG01', 175000, 14583), ('BG02', 216000, 9000))";
    assert_eq!(number(&t, prices).await, 3);
    let scope = format!(
        "select priority::bigint from price_lists where scope = 'customer' and scope_value = '{}'",
        world::SHOP1
    );
    assert_eq!(number(&t, scope.leak()).await, 0);

    let file = PRICES.replace("175000,", "170000,").replace("31/08", "30/09");
    assert_eq!(counts(&send(&t.admin(), "price-lists", file).await), (0, 1, 2));
    let until = "select count(*) from price_lists where valid_to = '2026-09-30' and version = 2";
    assert_eq!(number(&t, until).await, 1);
    let path = "/api/v1/imports/price-lists";
    t.npp01().upload(path, "file", "f.csv", PRICES.as_bytes(), &[]).await.problem(403, "forbidden");
}

#[tokio::test]
async fn prices_that_can_not_be_are_told() {
    let t = start().await;
    let file = "Mã bảng giá,Tên bảng giá,Phạm vi,Áp dụng cho,Từ ngày,Đến ngày,Mã sản phẩm,Giá,Giá lẻ
BG01,A,,,01/06/2026,,SP999,5,5
BG01,A,,,01/06/2026,,SP001,,
BG02,A,,,,,SP001,5,5
BG03,A,,,02/06/2026,01/06/2026,SP001,5,5
BG04,A,NPP,NPP99,01/06/2026,,SP001,5,5
BG05,A,Kênh,,01/06/2026,,SP001,5,5
BG06,A,,,01/06/2026,,SP001,5,5
BG06,B,,,01/06/2026,,SP002,5,5
BG07,A,,,01/06/2026,,SP001,,100000000000
";
    let report = send(&t.admin(), "price-lists", file).await;
    assert_eq!(counts(&report), (0, 0, 0));
    assert_eq!(
        errors(&report),
        [
            (2, "Mã sản phẩm", "SP999"),
            (3, "Giá", ""),
            (4, "Từ ngày", ""),
            (5, "Đến ngày", "2026-06-01"),
            (6, "Áp dụng cho", "NPP99"),
            (7, "Áp dụng cho", ""),
            (9, "Mã bảng giá", "BG06"),
            (10, "Giá lẻ", "100000000000"),
        ]
    );
    assert_eq!(json!(number(&t, "select count(*) from price_lists where code like 'BG%'").await), 0);
}
