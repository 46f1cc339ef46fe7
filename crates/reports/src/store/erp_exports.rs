use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;

/// The newest file of a day.
#[derive(Debug)]
pub(crate) struct Newest {
    pub business_date: NaiveDate,
    pub version: i32,
    pub content: String,
    pub fingerprint: String,
    pub mark: String,
}

/// The newest files of these days; days without one are left out.
pub(crate) async fn list_newest(
    c: &mut PgConnection,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<Newest>, sqlx::Error> {
    sqlx::query_as!(
        Newest,
        "select distinct on (business_date) business_date, version, content, fingerprint, mark
         from erp_exports
         where business_date between $1 and $2 and state = 'stored'
         order by business_date, version desc",
        first,
        last,
    )
    .fetch_all(c)
    .await
}

/// A file that is made.
#[derive(Debug)]
pub(crate) struct NewExport<'a> {
    pub business_date: NaiveDate,
    pub made_at: DateTime<Utc>,
    pub content: &'a str,
    pub size_bytes: i64,
    pub fingerprint: &'a str,
    pub mark: &'a str,
    pub sales_rows: i64,
    pub net: i64,
    pub vat: i64,
    pub total: i64,
    pub stock_rows: i64,
    pub in_pieces: i64,
    pub out_pieces: i64,
}

/// Notes a file that is about to be stored; gives its version.
pub(crate) async fn insert_making(c: &mut PgConnection, e: &NewExport<'_>) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!(
        "insert into erp_exports (business_date, version, made_at, content, size_bytes, fingerprint, mark, sales_rows, net,
                                  vat, total, stock_rows, in_pieces, out_pieces, state)
         select $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'making'
         from erp_exports where business_date = $1
         returning version",
        e.business_date,
        e.made_at,
        e.content,
        e.size_bytes,
        e.fingerprint,
        e.mark,
        e.sales_rows,
        e.net,
        e.vat,
        e.total,
        e.stock_rows,
        e.in_pieces,
        e.out_pieces,
    )
    .fetch_one(c)
    .await
}

/// The file is in the store.
pub(crate) async fn mark_stored(
    c: &mut PgConnection,
    business_date: NaiveDate,
    version: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update erp_exports set state = 'stored' where business_date = $1 and version = $2",
        business_date,
        version,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The file still has all there is; the documents' mark looks different now.
pub(crate) async fn renew_mark(
    c: &mut PgConnection,
    business_date: NaiveDate,
    version: i32,
    mark: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update erp_exports set mark = $3 where business_date = $1 and version = $2",
        business_date,
        version,
        mark,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// A file that has no reader any more.
#[derive(Debug)]
pub(crate) struct Obsolete {
    pub business_date: NaiveDate,
    pub version: i32,
    pub content: String,
    /// Whether another export is the same file.
    pub shared: bool,
}

/// Files that a newer version has taken the place of, those of days before `before`, and those whose making was cut off.
pub(crate) async fn list_obsolete(
    c: &mut PgConnection,
    before: NaiveDate,
) -> Result<Vec<Obsolete>, sqlx::Error> {
    sqlx::query_as!(
        Obsolete,
        r#"select e.business_date, e.version, e.content,
                  exists (select from erp_exports o where o.content = e.content and o.state = 'stored'
                            and (o.business_date, o.version) <> (e.business_date, e.version)) as "shared!"
           from erp_exports e
           where e.state = 'making'
              or e.state = 'stored'
                 and (e.business_date < $1
                      or exists (select from erp_exports n where n.business_date = e.business_date
                                   and n.version > e.version and n.state = 'stored'))"#,
        before,
    )
    .fetch_all(c)
    .await
}

/// The file is gone. Of one that was never stored nothing is left to tell.
pub(crate) async fn mark_removed(c: &mut PgConnection, e: &Obsolete) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with never as (
           delete from erp_exports where business_date = $1 and version = $2 and state = 'making'
         )
         update erp_exports set state = 'removed' where business_date = $1 and version = $2 and state = 'stored'",
        e.business_date,
        e.version,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// An export as the history shows it.
#[derive(Debug)]
pub(crate) struct ExportRow {
    pub business_date: NaiveDate,
    pub version: i32,
    pub made_at: DateTime<Utc>,
    pub content: String,
    pub size_bytes: i64,
    pub fingerprint: String,
    pub sales_rows: i64,
    pub net: i64,
    pub vat: i64,
    pub total: i64,
    pub stock_rows: i64,
    pub in_pieces: i64,
    pub out_pieces: i64,
    pub stored: bool,
}

/// A part of the history, the latest days and versions first, and how many there are.
pub(crate) async fn list_exports(
    c: &mut PgConnection,
    limit: i64,
    offset: i64,
) -> Result<(Vec<ExportRow>, i64), sqlx::Error> {
    let rows = sqlx::query_as!(
        ExportRow,
        r#"select business_date, version, made_at, content, size_bytes, fingerprint, sales_rows, net, vat, total, stock_rows,
                  in_pieces, out_pieces, state = 'stored' as "stored!"
           from erp_exports where state <> 'making'
           order by business_date desc, version desc
           limit $1 offset $2"#,
        limit,
        offset,
    )
    .fetch_all(&mut *c)
    .await?;
    let total = sqlx::query_scalar!(r#"select count(*) as "n!" from erp_exports where state <> 'making'"#)
        .fetch_one(c)
        .await?;
    Ok((rows, total))
}
