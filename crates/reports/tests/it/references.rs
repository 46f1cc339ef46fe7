use test_kit::world;

use crate::start;

#[tokio::test]
async fn a_row_that_names_a_product_that_is_not_there_is_found() {
    let t = start().await;
    let mut owner = t.database.owner().await;
    assert_eq!(reports::verify_references(&mut owner).await.unwrap(), []);
    let gone = uuid::Uuid::from_u128(0xdead);
    sqlx::query("update stock_items set product_id = $1 where warehouse_id = $2 and product_id = $3")
        .bind(gone)
        .bind(world::MAIN1.uuid())
        .bind(world::MILK.uuid())
        .execute(&mut owner)
        .await
        .unwrap();
    let found = reports::verify_references(&mut owner).await.unwrap();
    let told: Vec<_> = found.iter().map(|f| (f.reference.as_str(), f.id, f.rows)).collect();
    assert_eq!(told, [("stock_items.product_id", gone, 1)]);
    assert_eq!(found[0].distributor_id, world::NPP01);
}
