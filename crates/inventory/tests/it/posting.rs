use domain::{Money, Quantity, Unit};
use inventory::Reason;
use inventory::stock::{self, IssueLine, Shortage, StockError};
use test_kit::world;

use crate::{balance, findings, issue, issue_line, pieces, posting, posting_in, receive_line, start};

#[tokio::test]
async fn goods_leave_by_first_expiry_and_the_ledger_says_so() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    // 5 cases of 24: 100 pieces are in the lot that expires first.
    let line = IssueLine { typed_quantity: 5, unit: Unit::Whole, ..issue_line(1, world::MILK, 120) };
    let picked = issue(&mut tx, &posting("PX-1"), &[line]).await.unwrap();
    tx.commit().await.unwrap();
    let lots: Vec<_> =
        picked.iter().map(|p| (p.line_no, p.lot_id, p.lot_number.as_str(), p.pieces.pieces())).collect();
    assert_eq!(lots, [(1, world::MILK_LOT_A, "A", 100), (1, world::MILK_LOT_B, "B", 20)]);
    assert_eq!(balance(&t, world::MILK).await, (480, 0));

    let mut c = t.database.owner().await;
    let rows: Vec<(i64, i64, String, i64, i64, i64)> = sqlx::query_as(
        "select quantity, typed_quantity, typed_unit, selling_value, cost_value, sold_value from stock_movements
         where document_number = 'PX-1' order by id",
    )
    .fetch_all(&mut c)
    .await
    .unwrap();
    // Every row holds: quantity = typed quantity × pieces of its unit; the values add up to the line's.
    assert_eq!(
        rows,
        [
            (-96, -4, "whole".to_owned(), -960_000, -768_000, -864_000),
            (-4, -4, "retail".to_owned(), -40_000, -32_000, -36_000),
            (-20, -20, "retail".to_owned(), -200_000, -160_000, -180_000),
        ]
    );
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn a_shortage_names_every_product_and_nothing_moves() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let lines =
        [issue_line(1, world::MILK, 1), issue_line(2, world::SOAP, 300), issue_line(3, world::WATER, 5)];
    let Err(StockError::Short(short)) = issue(&mut tx, &posting("PX-1"), &lines).await else {
        panic!("expected a shortage")
    };
    assert_eq!(
        short,
        [
            Shortage {
                product_id: world::SOAP,
                wanted: pieces(300),
                available: pieces(240),
                not_expiring_before: None
            },
            Shortage {
                product_id: world::WATER,
                wanted: pieces(5),
                available: pieces(0),
                not_expiring_before: None
            },
        ]
    );
    tx.rollback().await.unwrap();
    assert_eq!(balance(&t, world::MILK).await, (600, 0));
}

#[tokio::test]
async fn what_is_reserved_for_one_order_is_not_there_for_another() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let (d, w) = (world::NPP01, world::MAIN1);
    stock::reserve(&mut tx, d, w, &[(world::SOAP, pieces(200))], None).await.unwrap();
    let short =
        stock::reserve(&mut tx, d, w, &[(world::SOAP, pieces(30)), (world::SOAP, pieces(11))], None).await;
    assert!(
        matches!(short, Err(StockError::Short(s)) if s[0].wanted == pieces(41) && s[0].available == pieces(40))
    );
    assert!(matches!(
        issue(&mut tx, &posting("PX-1"), &[issue_line(1, world::SOAP, 41)]).await,
        Err(StockError::Short(_))
    ));

    // The order itself takes its reservation and, with it, no more than that.
    let line = IssueLine { reserved: pieces(150), ..issue_line(1, world::SOAP, 150) };
    issue(&mut tx, &posting("PX-2"), &[line]).await.unwrap();
    stock::release(&mut tx, d, w, &[(world::SOAP, pieces(50))]).await.unwrap();
    assert!(matches!(
        stock::release(&mut tx, d, w, &[(world::SOAP, pieces(1))]).await,
        Err(StockError::ReservationMissing(p)) if p == world::SOAP
    ));
    tx.commit().await.unwrap();
    assert_eq!(balance(&t, world::SOAP).await, (90, 0));
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn goods_without_expiry_leave_last_and_a_known_lot_grows() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let lines = [
        receive_line(world::SOAP, "NEW", Some(world::today()), 5),
        receive_line(world::SOAP, "S", None, 10),
        receive_line(world::WATER, "", None, 7),
    ];
    stock::receive(&mut tx, &posting("PN-1"), Reason::Receipt, &lines).await.unwrap();
    let picked = issue(&mut tx, &posting("PX-1"), &[issue_line(1, world::SOAP, 6)]).await.unwrap();
    tx.commit().await.unwrap();
    let lots: Vec<_> = picked.iter().map(|p| (p.lot_number.as_str(), p.pieces.pieces())).collect();
    assert_eq!(lots, [("NEW", 5), ("S", 1)]);
    assert_eq!(picked[1].lot_id, world::SOAP_LOT);
    assert_eq!(balance(&t, world::SOAP).await, (249, 0));
    assert_eq!(balance(&t, world::WATER).await, (7, 0));
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn a_warehouse_that_allows_it_goes_below_zero_in_the_lot_without_number() {
    let t = start().await;
    sqlx::query("update warehouses set allow_negative = true")
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let lines = [issue_line(1, world::SOAP, 250), issue_line(2, world::WATER, 3)];
    let picked = issue(&mut tx, &posting("PX-1"), &lines).await.unwrap();
    tx.commit().await.unwrap();
    let lots: Vec<_> = picked.iter().map(|p| (p.line_no, p.lot_number.as_str(), p.pieces.pieces())).collect();
    assert_eq!(lots, [(1, "S", 240), (1, "", 10), (2, "", 3)]);
    assert_eq!(balance(&t, world::SOAP).await, (-10, 0));
    assert_eq!(balance(&t, world::WATER).await, (-3, 0));
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn another_distributors_warehouse_does_not_exist() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let wanted = [(world::MILK, pieces(1))];
    for (distributor, warehouse) in [(world::NPP01, world::MAIN2), (world::NPP02, world::MAIN2)] {
        assert!(matches!(
            stock::reserve(&mut tx, distributor, warehouse, &wanted, None).await,
            Err(StockError::UnknownWarehouse)
        ));
        let line = [receive_line(world::MILK, "X", None, 1)];
        assert!(matches!(
            stock::receive(&mut tx, &posting_in(distributor, warehouse, "PN-1"), Reason::Receipt, &line)
                .await,
            Err(StockError::UnknownWarehouse)
        ));
    }
}

#[tokio::test]
async fn amounts_out_of_range_are_refused_and_not_wrapped() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let (d, w) = (world::NPP01, world::MAIN1);
    for n in [0, -1] {
        assert!(matches!(
            stock::reserve(&mut tx, d, w, &[(world::MILK, pieces(n))], None).await,
            Err(StockError::OutOfRange)
        ));
    }
    let most = pieces(i64::MAX);
    assert!(matches!(
        stock::reserve(&mut tx, d, w, &[(world::MILK, most), (world::MILK, most)], None).await,
        Err(StockError::OutOfRange)
    ));
    let wrong = IssueLine { reserved: pieces(2), ..issue_line(1, world::MILK, 1) };
    assert!(matches!(issue(&mut tx, &posting("PX"), &[wrong]).await, Err(StockError::OutOfRange)));
    let wrong = IssueLine { typed_quantity: 2, selling_value: Money::ZERO, ..issue_line(1, world::MILK, 3) };
    assert!(matches!(issue(&mut tx, &posting("PX"), &[wrong]).await, Err(StockError::OutOfRange)));
    assert_eq!(issue(&mut tx, &posting("PX"), &[]).await.unwrap(), []);
    assert_eq!(Quantity::ZERO, pieces(0));
}
