//! The tree.

use chrono::{DateTime, Utc};
use db::PgConnection;
use domain::{DistributorId, OrgUnitId, search_key};
use uuid::Uuid;

use super::word;
use crate::model::{Unit, UnitData};

struct Row {
    id: OrgUnitId,
    parent_id: Option<OrgUnitId>,
    index_path: String,
    ancestors: Vec<OrgUnitId>,
    code: String,
    name: String,
    kind: String,
    distributor_id: Option<DistributorId>,
    is_supervisor: bool,
    is_sales_group: bool,
    version: i64,
}

impl TryFrom<Row> for Unit {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        Ok(Unit {
            id: row.id,
            parent_id: row.parent_id,
            index_path: row.index_path,
            ancestors: row.ancestors,
            data: UnitData {
                code: row.code,
                name: row.name,
                kind: word(&row.kind)?,
                distributor_id: row.distributor_id,
                is_supervisor: row.is_supervisor,
                is_sales_group: row.is_sales_group,
            },
            version: row.version,
        })
    }
}

/// Which part of the tree a caller sees: the way from the root to these units, and what hangs below them.
#[derive(Debug, Default)]
pub struct Visible {
    /// These units; all when absent.
    pub units: Option<Vec<OrgUnitId>>,
    /// Only units of this distributor, and the way to them.
    pub distributor: Option<DistributorId>,
    /// Of these, one.
    pub only: Option<OrgUnitId>,
}

/// The units a caller sees, in the order of the tree.
pub async fn list(c: &mut PgConnection, visible: &Visible) -> Result<Vec<Unit>, sqlx::Error> {
    let units: Option<Vec<Uuid>> = visible.units.as_ref().map(|ids| ids.iter().map(|u| u.uuid()).collect());
    let rows = sqlx::query_as!(
        Row,
        r#"with ends as (
             select o.ancestors from org_units o
             where o.deleted_at is null
               and ($1::uuid[] is null or o.id = any ($1))
               and ($2::uuid is null or o.distributor_id = $2)
           )
           select id as "id: OrgUnitId", parent_id as "parent_id: OrgUnitId", index_path,
                  ancestors as "ancestors: Vec<OrgUnitId>", code, name, kind,
                  distributor_id as "distributor_id: DistributorId", is_supervisor, is_sales_group, version
           from org_units
           where deleted_at is null and ($3::uuid is null or id = $3)
             and id in (select unnest(ancestors) from ends)
           order by string_to_array(index_path, '.')::int[]"#,
        units.as_deref(),
        visible.distributor.map(|d| d.uuid()),
        visible.only.map(|u| u.uuid()),
    )
    .fetch_all(c)
    .await?;
    rows.into_iter().map(Unit::try_from).collect()
}

/// The unit.
pub async fn find(c: &mut PgConnection, unit: OrgUnitId) -> Result<Option<Unit>, sqlx::Error> {
    find_by(c, Some(unit), None).await
}

/// The unit with this index.
pub async fn find_by_index(c: &mut PgConnection, index_path: &str) -> Result<Option<Unit>, sqlx::Error> {
    find_by(c, None, Some(index_path)).await
}

async fn find_by(
    c: &mut PgConnection,
    unit: Option<OrgUnitId>,
    index_path: Option<&str>,
) -> Result<Option<Unit>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select id as "id: OrgUnitId", parent_id as "parent_id: OrgUnitId", index_path,
                  ancestors as "ancestors: Vec<OrgUnitId>", code, name, kind,
                  distributor_id as "distributor_id: DistributorId", is_supervisor, is_sales_group, version
           from org_units where (id = $1 or index_path = $2) and deleted_at is null"#,
        unit.map(|u| u.uuid()),
        index_path,
    )
    .fetch_optional(c)
    .await?;
    row.map(Unit::try_from).transpose()
}

/// Changes of the tree go one after the other: two moves at once could make a ring.
pub async fn lock_tree(c: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock(7240962)").execute(c).await?;
    Ok(())
}

/// The number of the next unit below `parent`, or of the next root.
pub async fn next_number(c: &mut PgConnection, parent: Option<OrgUnitId>) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select coalesce(max(split_part(index_path, '.', -1)::int), 0) + 1 as "next!"
           from org_units where parent_id is not distinct from $1"#,
        parent.map(|u| u.uuid()),
    )
    .fetch_one(c)
    .await
}

/// Adds a unit.
pub async fn insert(c: &mut PgConnection, unit: &Unit, at: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let ancestors: Vec<Uuid> = unit.ancestors.iter().map(|u| u.uuid()).collect();
    let data = &unit.data;
    sqlx::query!(
        "insert into org_units (id, parent_id, index_path, ancestors, code, name, search_key, kind, distributor_id,
                                is_supervisor, is_sales_group, version, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)",
        unit.id.uuid(),
        unit.parent_id.map(|u| u.uuid()),
        unit.index_path,
        &ancestors,
        data.code,
        data.name,
        unit_search_key(data),
        data.kind.as_str(),
        data.distributor_id.map(|d| d.uuid()),
        data.is_supervisor,
        data.is_sales_group,
        unit.version,
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

fn unit_search_key(data: &UnitData) -> String {
    search_key(&format!("{} {}", data.name, data.code))
}

/// Changes a unit in its place.
pub async fn update(
    c: &mut PgConnection,
    unit: OrgUnitId,
    data: &UnitData,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update org_units set code = $2, name = $3, search_key = $4, kind = $5, distributor_id = $6, is_supervisor = $7,
                              is_sales_group = $8, version = version + 1, updated_at = $9
         where id = $1",
        unit.uuid(),
        data.code,
        data.name,
        unit_search_key(data),
        data.kind.as_str(),
        data.distributor_id.map(|d| d.uuid()),
        data.is_supervisor,
        data.is_sales_group,
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Puts a unit and all below it under another parent: their indexes and ancestors follow.
pub async fn update_place(
    c: &mut PgConnection,
    unit: &Unit,
    parent: Option<&Unit>,
    index_path: &str,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let above: Vec<Uuid> = parent.map(|p| p.ancestors.iter().map(|u| u.uuid()).collect()).unwrap_or_default();
    sqlx::query!(
        "update org_units
         set index_path = $2 || substr(index_path, length($3) + 1),
             ancestors = $4::uuid[] || ancestors[array_position(ancestors, $1):],
             parent_id = case when id = $1 then $5 else parent_id end,
             version = version + 1, updated_at = $6
         where ancestors @> array[$1::uuid]",
        unit.id.uuid(),
        index_path,
        unit.index_path,
        &above,
        parent.map(|p| p.id.uuid()),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Whether the unit or one below it belongs to another distributor than this.
pub async fn has_other_distributor(
    c: &mut PgConnection,
    unit: OrgUnitId,
    distributor: DistributorId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from org_units where ancestors @> array[$1::uuid] and distributor_id <> $2) as "any!""#,
        unit.uuid(),
        distributor.uuid(),
    )
    .fetch_one(c)
    .await
}

/// Gives the unit and all below it to the distributor.
pub async fn update_distributor(
    c: &mut PgConnection,
    unit: OrgUnitId,
    distributor: DistributorId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update org_units set distributor_id = $2, updated_at = $3
         where ancestors @> array[$1::uuid] and distributor_id is null",
        unit.uuid(),
        distributor.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// How many levels hang on the unit, itself included.
pub async fn depth_below(c: &mut PgConnection, unit: &Unit) -> Result<usize, sqlx::Error> {
    let deepest = sqlx::query_scalar!(
        r#"select coalesce(max(cardinality(ancestors)), 0) as "deepest!" from org_units where ancestors @> array[$1::uuid]"#,
        unit.id.uuid(),
    )
    .fetch_one(c)
    .await?;
    Ok(usize::try_from(deepest).unwrap_or_default().saturating_sub(unit.ancestors.len()) + 1)
}
