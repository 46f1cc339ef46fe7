use chrono::{DateTime, NaiveDate, Utc};
use domain::{Conversion, DistributorId, ProductId, Quantity, StockCheckId, Unit, VisitId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::OwnVisit;
use crate::model::{ShelfCount, ShelfLine};
use crate::service::CountedProduct;

/// How many pieces a case of these products has; unknown products are left out.
pub(crate) async fn list_conversions(
    c: &mut PgConnection,
    products: &[Uuid],
) -> Result<Vec<(ProductId, Conversion)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: ProductId", conversion_rate as "conversion: Conversion" from products where id = any ($1)"#,
        products,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.conversion)).collect())
}

/// A line to write.
pub(crate) struct NewShelfLine<'a> {
    pub counted: &'a CountedProduct,
    pub pieces: Quantity,
}

/// Adds a count with its lines.
pub(crate) async fn insert_shelf_count(
    c: &mut PgConnection,
    visit: &OwnVisit,
    id: StockCheckId,
    at: DateTime<Utc>,
    received_at: DateTime<Utc>,
    lines: &[NewShelfLine<'_>],
) -> Result<(), sqlx::Error> {
    let products: Vec<Uuid> = lines.iter().map(|l| l.counted.product_id.uuid()).collect();
    let units: Vec<&str> = lines.iter().map(|l| l.counted.unit.as_str()).collect();
    let quantities: Vec<i64> = lines.iter().map(|l| l.counted.quantity).collect();
    let pieces: Vec<i64> = lines.iter().map(|l| l.pieces.pieces()).collect();
    let expiries: Vec<Option<NaiveDate>> = lines.iter().map(|l| l.counted.expiry).collect();
    sqlx::query!(
        "with head as (
           insert into visit_stock_checks (distributor_id, id, visit_id, customer_id, at, received_at)
           values ($1, $2, $3, $4, $5, $6)
         )
         insert into visit_stock_lines (distributor_id, check_id, line_no, product_id, unit, quantity, pieces, expiry)
         select $1, $2, t.n, t.product, t.unit, t.quantity, t.pieces, t.expiry
         from unnest($7::uuid[], $8::text[], $9::bigint[], $10::bigint[], $11::date[])
           with ordinality as t (product, unit, quantity, pieces, expiry, n)",
        visit.distributor.uuid(),
        id.uuid(),
        visit.id.uuid(),
        visit.customer.uuid(),
        at,
        received_at,
        &products,
        &units as &[&str],
        &quantities,
        &pieces,
        &expiries as &[Option<NaiveDate>],
    )
    .execute(c)
    .await?;
    Ok(())
}

/// A count of the visit, or its latest.
pub(crate) async fn find_shelf_count(
    c: &mut PgConnection,
    distributor: DistributorId,
    visit: VisitId,
    id: Option<StockCheckId>,
) -> Result<Option<ShelfCount>, sqlx::Error> {
    let head = sqlx::query!(
        r#"select id as "id: StockCheckId", at from visit_stock_checks
           where distributor_id = $1 and visit_id = $2 and ($3::uuid is null or id = $3)
           order by at desc, id desc limit 1"#,
        distributor.uuid(),
        visit.uuid(),
        id.map(StockCheckId::uuid),
    )
    .fetch_optional(&mut *c)
    .await?;
    let Some(head) = head else { return Ok(None) };
    let lines = sqlx::query_as!(
        ShelfLine,
        r#"select l.product_id as "product_id: ProductId", p.code as product_code, p.name as product_name, l.quantity,
             l.unit as "unit: Unit", l.pieces, l.expiry
           from visit_stock_lines l join products p on p.id = l.product_id
           where l.distributor_id = $1 and l.check_id = $2 order by l.line_no"#,
        distributor.uuid(),
        head.id.uuid(),
    )
    .fetch_all(c)
    .await?;
    Ok(Some(ShelfCount { check_id: head.id, at: head.at, lines }))
}
