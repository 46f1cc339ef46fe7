use serde_json::json;
use test_kit::TestApp;

use crate::{counts, errors, number, send, start};

const PRODUCTS: &str = "\
Số thứ tự,Nhãn hiệu,Mã sản phẩm,Tên sản phẩm,Ngành hàng,Nhãn Ngành hàng,Nhà cung cấp,ĐVT chẵn,ĐVT lẻ,Hệ số quy đổi,Cảnh báo tồn kho,Giá nhập,Giá nhập lẻ,Giá,Giá lẻ,VAT,Mô tả,Hình ảnh,Khóa,Ghi chú
1,Diligo,SP101,\"Sữa tắm, hương sen\",CSCT,Chăm sóc cơ thể,Cty A,Thùng,Chai,12,24,\"1,200,000\",100.000,1.500.000,125 000,8%,,,,a
2,Diligo,SP102,Dầu gội,CSCT,Chăm sóc cơ thể,,Thùng,Chai,6,,600000,100000,720000,120000,10,,,x,b
3,,SP103,Bông tẩy trang,,,,,Gói,1,,,,15.000,,0,,,,
";

#[tokio::test]
async fn a_real_file_of_products_is_understood_and_loading_it_again_changes_nothing() {
    let t = start().await;
    let report = send(&t.admin(), "products", PRODUCTS).await;
    assert_eq!((counts(&report), errors(&report)), ((3, 0, 0), vec![]));
    assert_eq!(report["ignoredColumns"], json!(["Ghi chú"]));
    let same = "select count(*) from products p join brands b on b.id = p.brand_id join categories k on k.id = p.category_id
                where p.code = 'SP101' and p.name = 'Sữa tắm, hương sen' and b.name = 'Diligo' and k.code = 'CSCT'
                  and k.name = 'Chăm sóc cơ thể' and p.conversion_rate = 12 and p.purchase_price = 1200000
                  and p.purchase_price_sub = 100000 and p.selling_price = 1500000 and p.selling_price_sub = 125000
                  and p.vat_percent = 8 and p.low_stock_threshold = 24 and p.status = 'active'";
    assert_eq!(number(&t, same).await, 1);
    assert_eq!(
        number(&t, "select count(*) from products where code = 'SP102' and status = 'inactive'").await,
        1
    );
    let single =
        "select count(*) from products where code = 'SP103' and unit_name = 'Gói' and sub_unit_name = 'Gói'
                  and conversion_rate = 1 and selling_price_sub = 15000 and brand_id is null";
    assert_eq!(number(&t, single).await, 1);
    let before = number(&t, "select sum(version)::bigint from products").await;
    assert_eq!(counts(&send(&t.admin(), "products", PRODUCTS).await), (0, 0, 3));
    assert_eq!(number(&t, "select sum(version)::bigint from products").await, before);
    let dearer = PRODUCTS.replace("1.500.000", "1.600.000");
    assert_eq!(counts(&send(&t.admin(), "products", dearer).await), (0, 1, 2));
}

#[tokio::test]
async fn a_file_does_not_change_units_of_products_in_use() {
    let t = start().await;
    send(&t.admin(), "products", PRODUCTS).await;
    // Milk is in stock; the shampoo was only just made.
    let file = "Mã sản phẩm,Tên sản phẩm,ĐVT chẵn,ĐVT lẻ,Hệ số quy đổi,Giá,Giá lẻ\nSP001,Sữa tươi,,,12,240000,10000\nSP002,Xà phòng,Bao,,,,\nSP102,Dầu gội,Kiện,,8,960000,120000\n";
    let report = send(&t.admin(), "products", file).await;
    let wrong = [(2, "Hệ số quy đổi", "12"), (3, "ĐVT chẵn", "Bao")];
    assert_eq!((counts(&report), errors(&report)), ((0, 0, 0), wrong.to_vec()));
    assert!(report["errors"][0]["message"].as_str().unwrap().contains("make a new product"));
    let report = send(&t.admin(), "products?mode=good", file).await;
    assert_eq!((counts(&report), errors(&report)), ((0, 1, 0), wrong.to_vec()));
    let rates =
        "select count(*) from products where (code, conversion_rate) in (('SP001', 24), ('SP102', 8))";
    assert_eq!(number(&t, rates).await, 2);
}

#[tokio::test]
async fn bad_products_are_told_by_row_and_column() {
    let t = start().await;
    let file = "Mã sản phẩm,Tên sản phẩm,ĐVT chẵn,ĐVT lẻ,Hệ số quy đổi,Giá,Giá lẻ,VAT
A1,Một,Thùng,Chai,0,1000,100,8
A2,Hai,Thùng,Chai,12,-5,100,7
A3,Ba,,,12,1000,100,8
A4,Bốn,Thùng,Chai,12,1000,,8
A5,Năm,Thùng,Chai,12,,,8
A6,Sáu,Thùng,Chai,,1200,100,8
A7,Bảy,Thùng,Chai,1000000,,1000000000,8
";
    let report = send(&t.admin(), "products", file).await;
    assert_eq!(counts(&report), (0, 0, 0));
    assert_eq!(
        errors(&report),
        [
            (2, "Hệ số quy đổi", "0"),
            (3, "Giá", "-5"),
            (3, "VAT", "7"),
            (4, "ĐVT chẵn", ""),
            (5, "Giá lẻ", ""),
            (6, "Giá", ""),
            (7, "Hệ số quy đổi", ""),
            (8, "Giá", ""),
        ]
    );
}

#[tokio::test]
async fn one_price_of_a_new_product_follows_from_the_other() {
    let t = start().await;
    let file = "Mã sản phẩm,Tên sản phẩm,ĐVT chẵn,ĐVT lẻ,Hệ số quy đổi,Giá,Giá lẻ
B1,Một,Thùng,Chai,12,,100
B2,Hai,Thùng,Chai,12,1200,
";
    let report = send(&t.admin(), "products", file).await;
    assert_eq!((counts(&report), errors(&report)), ((2, 0, 0), vec![]));
    let same = "select count(*) from products where code in ('B1', 'B2') and selling_price = 1200 and selling_price_sub = 100";
    assert_eq!(number(&t, same).await, 2);
    let known = "Mã sản phẩm,Tên sản phẩm,Giá\nB1,Một,\n";
    assert_eq!(counts(&send(&t.admin(), "products", known).await), (0, 0, 1));
}

const UNITS: &str = "\
#,Mã đơn vị,Tên đơn vị,Giám sát,Nhóm bán hàng,Mã cha
2,DLG,Công ty Diligo,,,
2.1,GT,Kênh GT,,,DLG
2.1.1,MB,Miền Bắc,,,GT
2.1.1.1,NPP77,NPP Hà Nội,,,MB
2.1.1.1.1,NPP77,Tổ 1,x,x,NPP77
2.1.1.1.10,NPP77,Tổ 10,x,x,NPP77
2.1.1.2,KV,Khu vực 2,,,MB
";

async fn unit(t: &TestApp, index: &str) -> serde_json::Value {
    sqlx::query_scalar(
        "select jsonb_build_object('kind', u.kind, 'depth', cardinality(u.ancestors), 'parent', p.index_path,
           'distributor', d.code, 'supervisor', u.is_supervisor, 'group', u.is_sales_group)
         from org_units u left join org_units p on p.id = u.parent_id left join distributors d on d.id = u.distributor_id
         where u.index_path = $1",
    )
    .bind(index)
    .fetch_one(&mut t.database.owner().await)
    .await
    .unwrap()
}

const DISTRIBUTORS: &str = "\
Loại NPP,Mã nhà phân phối,Mã số thuế,Tên nhà phân phối,Tên đơn vị trên HĐGTGT,Nhóm NPP,Kênh SO,Khu vực,Tỉnh/TP,Nhãn Tỉnh/TP,Email/ Fax,Số điện thoại,Ngân hàng,Số tài khoản ngân hàng,Cột lạ
NPP,NPP77,0101234567,NPP Hà Nội,Công ty TNHH Hà Nội,A,GT,MB,HN,Hà Nội,a@b.vn,0912345678 - 0987654321,VCB,0011 223,1
Đại lý,,0107654321,Đại lý Hải Phòng,,B,GT,MB,HP,Hải Phòng,,,,,2
";

#[tokio::test]
async fn a_tree_is_known_by_its_indexes_although_codes_repeat() {
    let t = start().await;
    assert_eq!(counts(&send(&t.admin(), "org-units", UNITS).await), (7, 0, 0));
    assert_eq!(unit(&t, "2").await["kind"], "company");
    assert_eq!(unit(&t, "2.1").await["kind"], "channel");
    assert_eq!(unit(&t, "2.1.1").await["kind"], "region");
    let team = json!({"kind": "team", "depth": 5, "parent": "2.1.1.1", "distributor": null, "supervisor": true, "group": true});
    assert_eq!(unit(&t, "2.1.1.1.10").await, team);
    assert_eq!(counts(&send(&t.admin(), "org-units", UNITS).await), (0, 0, 7));

    let report = send(&t.admin(), "distributors", DISTRIBUTORS).await;
    assert_eq!((counts(&report), errors(&report)), ((2, 0, 0), vec![]));
    let linked = unit(&t, "2.1.1.1").await;
    assert_eq!((&linked["kind"], &linked["distributor"]), (&json!("distributor"), &json!("NPP77")));
    let team = unit(&t, "2.1.1.1.1").await;
    assert_eq!((&team["kind"], &team["distributor"]), (&json!("team"), &json!("NPP77")));
    assert_eq!(unit(&t, "2.1.1.2").await["distributor"], json!(null));
    assert_eq!(counts(&send(&t.admin(), "org-units", UNITS).await), (0, 0, 7));
    let again = send(&t.admin(), "distributors", DISTRIBUTORS).await;
    assert_eq!((counts(&again), &again["ignoredColumns"]), ((0, 0, 2), &json!(["Cột lạ"])));
    let renamed = UNITS.replace("Khu vực 2", "Khu vực Ba Đình");
    assert_eq!(counts(&send(&t.admin(), "org-units", renamed).await), (0, 1, 6));
}

#[tokio::test]
async fn units_that_do_not_fit_the_tree_are_told() {
    let t = start().await;
    let file = "#,Mã đơn vị,Tên đơn vị,Mã cha
3,A,Công ty,
3.1,B,Vùng,C
3.2.1,D,Tổ,B
x.1,E,Tổ,A
3.4,F,Tổ,A
3.4,G,Tổ,A
";
    let report = send(&t.admin(), "org-units", file).await;
    assert_eq!(counts(&report), (0, 0, 0));
    assert_eq!(
        errors(&report),
        [(3, "Mã cha", "C"), (4, "#", "3.2.1"), (5, "#", "x.1"), (6, "#", "3.4"), (7, "#", "3.4")]
    );
}
