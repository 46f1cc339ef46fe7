use test_kit::world;

use crate::{counts, errors, number, send, start};

#[tokio::test]
async fn opening_stock_is_posted_to_the_ledger_once() {
    let t = start().await;
    let file = "Mã kho,Tên kho,Mã hàng,Số lượng\nKHO02,Kho Gò Vấp,SP001,\"1,200\"\nKHO02,Kho Gò Vấp,SP003,48\nKHO01,,SP003,24\n";
    let report = send(&t.npp01(), "opening-stock", file).await;
    assert_eq!((counts(&report), errors(&report)), ((3, 0, 0), vec![]));
    let stock = "select sum(on_hand)::bigint from stock_items i join warehouses w on w.id = i.warehouse_id where w.code = 'KHO02'";
    assert_eq!(number(&t, stock).await, 1_248);
    assert_eq!(counts(&send(&t.npp01(), "opening-stock", file).await), (0, 0, 3));
    let less = file.replace("1,200", "1,000");
    assert_eq!(counts(&send(&t.npp01(), "opening-stock", less).await), (0, 1, 2));
    assert_eq!(number(&t, stock).await, 1_048);
    let ledger =
        "select sum(quantity)::bigint from stock_movements m join warehouses w on w.id = m.warehouse_id
                  where w.code = 'KHO02' and m.reason = 'opening'";
    assert_eq!(number(&t, ledger).await, 1_048);
}

#[tokio::test]
async fn a_smaller_opening_leaves_the_goods_of_other_lots_alone() {
    let t = start().await;
    let file = "Mã kho,Mã hàng,Số lượng,Số lô,Hạn sử dụng\nKHO02,SP001,100,,\nKHO02,SP001,50,B,31/12/2027\n";
    assert_eq!(counts(&send(&t.npp01(), "opening-stock", file).await), (2, 0, 0));
    let less = file.replace("100,,", "90,,");
    assert_eq!(counts(&send(&t.npp01(), "opening-stock", less.clone()).await), (0, 1, 1));
    assert_eq!(counts(&send(&t.npp01(), "opening-stock", less).await), (0, 0, 2));
    let of_lot = "select sum(s.on_hand)::bigint from stock_lots s join lots l on l.id = s.lot_id
                  join warehouses w on w.id = s.warehouse_id where w.code = 'KHO02' and l.lot_number = 'B'";
    assert_eq!(number(&t, of_lot).await, 50);
}

#[tokio::test]
async fn a_file_that_is_sent_twice_at_once_is_loaded_once() {
    let t = start().await;
    let file = "Mã kho,Mã hàng,Số lượng\nKHO02,SP001,100\nKHO01,SP003,24\n";
    let (office, other) = (t.npp01(), t.npp01());
    let (first, second) =
        tokio::join!(send(&office, "opening-stock", file), send(&other, "opening-stock", file));
    let mut both = [counts(&first), counts(&second)];
    both.sort_unstable();
    assert_eq!(both, [(0, 0, 2), (2, 0, 0)]);
}

#[tokio::test]
async fn stock_that_can_not_be_is_told() {
    let t = start().await;
    let file = "Mã kho,Tên kho,Mã hàng,Số lượng
KHO01,,SP999,5
KHO01,,SP003,-5
KHO01,,SP002,\"1,5\"
KHO01,,SP001,
";
    let report = send(&t.npp01(), "opening-stock", file).await;
    assert_eq!(counts(&report), (0, 0, 0));
    assert_eq!(
        errors(&report),
        [(2, "Mã hàng", "SP999"), (3, "Số lượng", "-5"), (4, "Số lượng", "1,5"), (5, "Số lượng", "")]
    );
}

#[tokio::test]
async fn routes_with_their_outlets_and_reps_are_loaded_once() {
    let t = start().await;
    let file = "Mã tuyến,Tên tuyến,Tên đăng nhập,Thứ,Ngày bắt đầu,Mã khách hàng,Thứ tự,Tần suất
T09,Tuyến 9,nvbh02,\"2,5\",03/08/2026,KH001,1,F2
T09,Tuyến 9,nvbh02,\"2,5\",03/08/2026,KH002,2,\"W1,3\"
";
    let url = "routes?distributorCode=NPP01";
    let report = send(&t.admin(), url, file).await;
    assert_eq!((counts(&report), errors(&report)), ((2, 0, 0), vec![]));
    let route: (Vec<i16>, chrono::NaiveDate, uuid::Uuid) = sqlx::query_as(
        "select r.weekdays, r.start_date, a.user_id from routes r join route_assignments a on a.route_id = r.id where r.code = 'T09'",
    )
    .fetch_one(&mut t.database.owner().await)
    .await
    .unwrap();
    assert_eq!(route, (vec![1, 4], chrono::NaiveDate::from_ymd_opt(2026, 8, 3).unwrap(), world::REP2.uuid()));
    assert_eq!(counts(&send(&t.admin(), url, file).await), (0, 0, 2));
    assert_eq!(counts(&send(&t.admin(), url, file.replace("KH001,1,F2", "KH001,5,F2")).await), (0, 1, 1));
    let again = t
        .admin()
        .upload("/api/v1/routes/import?distributorCode=NPP01", "file", "f", file.as_bytes(), &[])
        .await;
    assert_eq!(counts(&again.expect(200)), (0, 1, 1));
    let bad = file.replace("nvbh02", "nvbh11").replace("KH001", "KH777").replace("W1,3", "W9");
    let report = send(&t.admin(), url, bad).await;
    let expected = [(2, "Mã khách hàng", "KH777"), (3, "Tần suất", "W9")];
    assert_eq!((counts(&report), errors(&report)), ((0, 0, 0), expected.to_vec()));
    let report = send(&t.admin(), url, file.replace("nvbh02", "nvbh11")).await;
    assert_eq!(errors(&report), [(2, "Tên đăng nhập", "nvbh11"), (3, "Tên đăng nhập", "nvbh11")]);
}

#[tokio::test]
async fn routes_files_name_phases_and_weekdays_of_outlets() {
    let t = start().await;
    let file = "Mã tuyến,Thứ,Ngày bắt đầu,Mã khách hàng,Thứ tự,Tần suất,Thứ viếng thăm
T09,\"2,3,5\",03/08/2026,KH001,1,F1.3,
T09,\"2,3,5\",03/08/2026,KH002,2,8,\"2,5\"
T09,\"2,3,5\",03/08/2026,KH004,3,2.2,3
";
    let url = "routes?distributorCode=NPP01";
    assert_eq!(counts(&send(&t.admin(), url, file).await), (3, 0, 0));
    assert_eq!(counts(&send(&t.admin(), url, file).await), (0, 0, 3));
    let stored: Vec<String> = sqlx::query_scalar(
        "select rc.frequency from route_customers rc join routes r on r.id = rc.route_id where r.code = 'T09' order by rc.sequence",
    )
    .fetch_all(&mut t.database.owner().await)
    .await
    .unwrap();
    assert_eq!(stored, ["F1.3", "F8@1,4", "F2.2@2"]);
    // Without the column of weekdays they stay as they were, unless the frequency is another.
    let short = "Mã tuyến,Mã khách hàng,Tần suất\nT09,KH002,F8\nT09,KH004,F4\n";
    assert_eq!(counts(&send(&t.admin(), url, short).await), (0, 1, 1));
    // Weekdays that aren't the route's, or too few; and a route that loses a day that an outlet has chosen.
    let wrong = file.replace("\"2,5\"\n", "\"2,6\"\n").replace("2.2,3", "F12,3");
    let report = send(&t.admin(), url, wrong).await;
    assert_eq!(errors(&report), [(3, "Thứ viếng thăm", "F8@1,5"), (4, "Thứ viếng thăm", "F12@2")]);
    let fewer = "Mã tuyến,Thứ,Mã khách hàng\nT09,2,KH001\n";
    assert_eq!(errors(&send(&t.admin(), url, fewer).await), [(2, "Thứ viếng thăm", "T09")]);
}

#[tokio::test]
async fn users_get_their_unit_and_role_and_keep_their_password() {
    let t = start().await;
    let file = "Tên đăng nhập,Họ tên,Vai trò,Mã nhà phân phối,Đơn vị (#),Mật khẩu
NVBH90,Nguyễn Văn Chín,NVBH,NPP01,1.1.1.1.1,Diligo@2026
asm90,Trần Thị Mười,ASM,,1.1.1,Diligo@2026
";
    let report = send(&t.admin(), "users", file).await;
    assert_eq!((counts(&report), errors(&report)), ((2, 0, 0), vec![]));
    let made = "select count(*) from users u join user_units uu on uu.user_id = u.id join credentials c on c.user_id = u.id
                where u.username = 'nvbh90' and u.role = 'sales_rep' and uu.unit_id = '00000000-0000-0000-0000-000000002012'
                  and uu.is_primary and c.must_change";
    assert_eq!(number(&t, made).await, 1);
    assert_eq!(counts(&send(&t.admin(), "users", file).await), (0, 0, 2));
    let renamed = file.replace("Nguyễn Văn Chín", "Nguyễn Văn Mới").replace("Diligo@2026", "");
    assert_eq!(counts(&send(&t.admin(), "users", renamed).await), (0, 1, 1));
    assert_eq!(number(&t, "select count(*) from password_history").await, 2);

    let bad = "Tên đăng nhập,Họ tên,Vai trò,Mã nhà phân phối,Đơn vị (#),Mật khẩu
a b,Sai Tên,NVBH,NPP01,1.1.1.1.1,Diligo@2026
nvbh91,Sai Vai,Thợ hàn,NPP01,,Diligo@2026
nvbh92,Sai NPP,NVBH,NPP99,,Diligo@2026
nvbh93,Sai Đơn Vị,NVBH,NPP01,9.9,Diligo@2026
nvbh94,Yếu,NVBH,NPP01,,123
nvbh95,Không Có,NVBH,NPP01,,
";
    let report = send(&t.admin(), "users", bad).await;
    assert_eq!(
        errors(&report),
        [
            (2, "Tên đăng nhập", "a b"),
            (3, "Vai trò", "Thợ hàn"),
            (4, "Mã nhà phân phối", "NPP99"),
            (5, "Đơn vị (#)", "9.9"),
            (6, "Mật khẩu", ""),
            (7, "Mật khẩu", ""),
        ]
    );
}
