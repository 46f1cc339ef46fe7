use std::fmt::Write as _;

use crate::{counts, errors, send, start};

/// Rows go in by arrays: one by one, 50,000 would take minutes.
#[tokio::test]
async fn many_customers_go_in_at_once() {
    let t = start().await;
    let mut file =
        String::from("Mã khách hàng,Khách hàng,SĐT,Vĩ độ,Kinh độ,Địa chỉ giao hàng,Mã tuyến,Tên tuyến\n");
    for n in 0..6_000 {
        let code = if n % 10 == 0 { String::new() } else { format!("C{n:06}") };
        let route = n / 100;
        writeln!(file, "{code},Tạp hóa {n},,10.{n:05},106.7,Số {n} Lê Lợi,T{route:04},Tuyến {route}")
            .unwrap();
    }
    let report = send(&t.npp01(), "customers", &file).await;
    assert_eq!((counts(&report), errors(&report)), ((6_000, 0, 0), vec![]));
    assert_eq!(counts(&send(&t.npp01(), "customers", &file).await), (0, 0, 6_000));
}
