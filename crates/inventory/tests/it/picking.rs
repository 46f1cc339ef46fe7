use chrono::{Days, NaiveDate};
use domain::Quantity;
use inventory::Reason;
use inventory::stock::{self, IssueLine, Pick, StockError};
use test_kit::world;

use crate::{balance, findings, issue, issue_line, pieces, posting, receive_line, start};

fn good_until(day: NaiveDate) -> Pick {
    Pick::Fefo { not_expiring_before: Some(day) }
}

/// Milk: 100 pieces of lot A good until 2026-10-31, 500 of lot B until 2027-03-31.
const A_EXPIRES: NaiveDate = NaiveDate::from_ymd_opt(2026, 10, 31).unwrap();

#[tokio::test]
async fn lots_that_expire_too_soon_for_the_buyer_stay() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let line = |n, day| IssueLine { pick: good_until(day), ..issue_line(1, world::MILK, n) };
    // The day itself is still good.
    let picked = issue(&mut tx, &posting("PX-1"), &[line(60, A_EXPIRES)]).await.unwrap();
    assert_eq!(picked[0].lot_id, world::MILK_LOT_A);
    let later = A_EXPIRES + Days::new(1);
    let picked = issue(&mut tx, &posting("PX-2"), &[line(60, later)]).await.unwrap();
    assert_eq!(picked.iter().map(|p| p.lot_id).collect::<Vec<_>>(), [world::MILK_LOT_B]);
    // 40 of A and 440 of B are there: the shortage tells what is good long enough.
    let Err(StockError::Short(short)) = issue(&mut tx, &posting("PX-3"), &[line(450, later)]).await else {
        panic!("expected a shortage")
    };
    assert_eq!((short[0].wanted, short[0].available), (pieces(450), pieces(440)));
    assert_eq!(short[0].not_expiring_before, Some(later));
    tx.commit().await.unwrap();
    assert_eq!(balance(&t, world::MILK).await, (480, 0));
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn expired_goods_leave_by_hand_or_when_nobody_minds_and_not_otherwise() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let expired = world::today() - Days::new(1);
    stock::receive(
        &mut tx,
        &posting("PN"),
        Reason::Receipt,
        &[receive_line(world::WATER, "OLD", Some(expired), 10)],
    )
    .await
    .unwrap();
    let sold = IssueLine { pick: good_until(world::today()), ..issue_line(1, world::WATER, 1) };
    let Err(StockError::Short(short)) = issue(&mut tx, &posting("PX"), &[sold]).await else {
        panic!("expected a shortage")
    };
    assert_eq!(short[0].available, Quantity::ZERO);
    let any = issue(&mut tx, &posting("PX"), &[issue_line(1, world::WATER, 1)]).await.unwrap();
    let by_hand = Pick::ByHand(vec![(any[0].lot_id, pieces(2))]);
    let line = IssueLine { pick: by_hand, ..issue_line(1, world::WATER, 2) };
    assert_eq!(issue(&mut tx, &posting("PX"), &[line]).await.unwrap()[0].lot_number, "OLD");
}

#[tokio::test]
async fn lots_picked_by_hand_are_taken_as_picked_and_before_the_others() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let by_hand = |n, lots| IssueLine { pick: Pick::ByHand(lots), ..issue_line(2, world::MILK, n) };
    let lots = vec![(world::MILK_LOT_B, pieces(5)), (world::MILK_LOT_A, pieces(95))];
    let lines = [issue_line(1, world::MILK, 10), by_hand(100, lots)];
    let picked = issue(&mut tx, &posting("PX-1"), &lines).await.unwrap();
    let lots: Vec<_> = picked.iter().map(|p| (p.line_no, p.lot_id, p.pieces.pieces())).collect();
    assert_eq!(
        lots,
        [
            (1, world::MILK_LOT_A, 5),
            (1, world::MILK_LOT_B, 5),
            (2, world::MILK_LOT_B, 5),
            (2, world::MILK_LOT_A, 95)
        ]
    );
    let wrong_sum = by_hand(10, vec![(world::MILK_LOT_B, pieces(9))]);
    assert!(matches!(issue(&mut tx, &posting("PX-2"), &[wrong_sum]).await, Err(StockError::OutOfRange)));
    for lot in [world::MILK_LOT_A, world::SOAP_LOT, world::MILK_LOT_2] {
        let empty_or_foreign = by_hand(1, vec![(lot, pieces(1))]);
        assert!(matches!(
            issue(&mut tx, &posting("PX-2"), &[empty_or_foreign]).await,
            Err(StockError::Short(s)) if s[0].available == Quantity::ZERO
        ));
    }
    tx.commit().await.unwrap();
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn the_available_part_is_reserved_and_told() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let (d, w) = (world::NPP01, world::MAIN1);
    let wanted = [
        (world::SOAP, pieces(200)),
        (world::WATER, pieces(5)),
        (world::SOAP, pieces(100)),
        (world::MILK, pieces(7)),
    ];
    let given = stock::reserve_available(&mut tx, d, w, &wanted, None).await.unwrap();
    assert_eq!(given, [(world::MILK, pieces(7)), (world::SOAP, pieces(240)), (world::WATER, pieces(0))]);
    let again = stock::reserve_available(&mut tx, d, w, &[(world::SOAP, pieces(1))], None).await.unwrap();
    assert_eq!(again, [(world::SOAP, pieces(0))]);
    tx.commit().await.unwrap();
    assert_eq!(balance(&t, world::SOAP).await, (240, 240));
}

#[tokio::test]
async fn goods_that_come_back_are_a_return_at_the_price_sold() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let line = stock::ReceiveLine {
        sold_value: domain::Money::new(18_000),
        ..receive_line(world::MILK, "A", Some(A_EXPIRES), 2)
    };
    stock::return_goods(&mut tx, &posting("PT-1"), &[line]).await.unwrap();
    tx.commit().await.unwrap();
    let row: (String, i64, i64) = sqlx::query_as(
        "select reason, quantity, sold_value from stock_movements where document_number = 'PT-1'",
    )
    .fetch_one(&mut t.database.owner().await)
    .await
    .unwrap();
    assert_eq!(row, ("return".to_owned(), 2, 18_000));
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn a_rep_has_the_van_that_is_in_use() {
    let t = start().await;
    let van = serde_json::json!({ "code": "XE01", "name": "Xe 1", "kind": "van", "repId": world::REP1 });
    let van = t.npp01().post("/api/v1/warehouses", van).await.expect(201);
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let of = inventory::store::van_of(&mut tx, world::NPP01, world::REP1).await.unwrap();
    assert_eq!(serde_json::json!(of), van["warehouseId"]);
    assert_eq!(inventory::store::van_of(&mut tx, world::NPP01, world::REP2).await.unwrap(), None);
}
