use chrono::{DateTime, NaiveDate, Utc};
use domain::visit::PolicyChange;
use domain::{CustomerId, DistributorId, OrgUnitId, UserId};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::service::SetPolicy;

/// What a scope decides otherwise than the one above it, from a day on.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyRow {
    /// The row.
    pub policy_id: Uuid,
    /// For this unit and all below it; none is the company.
    pub unit_id: Option<OrgUnitId>,
    /// The unit's name.
    pub unit_name: Option<String>,
    /// Only for customers of this type.
    pub customer_type: Option<String>,
    /// Its first day; it holds until the scope's next one begins.
    pub valid_from: NaiveDate,
    /// What it decides; what is absent is as above.
    #[schema(value_type = PolicyChange)]
    pub policy: Json<PolicyChange>,
    /// Goes up with every change.
    pub version: i64,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// Narrows a list of policies.
#[derive(Debug, Default)]
pub(crate) struct PolicyFilter {
    pub unit: Option<OrgUnitId>,
    pub customer_type: Option<String>,
    /// Those that hold on the day, instead of all that ever did or will.
    pub on: Option<NaiveDate>,
}

/// The policies the caller may see, the company's first, then by unit from the root; the latest first.
pub(crate) async fn list_policies(
    c: &mut PgConnection,
    filter: &PolicyFilter,
) -> Result<Vec<PolicyRow>, sqlx::Error> {
    sqlx::query_as!(
        PolicyRow,
        r#"select p.id as policy_id, p.unit_id as "unit_id: OrgUnitId", u.name as "unit_name?", p.customer_type, p.valid_from,
             p.content as "policy: Json<PolicyChange>", p.version, p.updated_at
           from visit_policies p left join org_units u on u.id = p.unit_id
           where ($1::uuid is null or p.unit_id = $1) and ($2::text is null or p.customer_type = $2)
             and ($3::date is null or p.valid_from = (select max(o.valid_from) from visit_policies o
                    where o.unit_id is not distinct from p.unit_id and o.customer_type is not distinct from p.customer_type
                      and o.valid_from <= $3))
           order by u.index_path nulls first, p.customer_type nulls first, p.valid_from desc
           limit 1000"#,
        filter.unit.map(OrgUnitId::uuid),
        filter.customer_type,
        filter.on,
    )
    .fetch_all(c)
    .await
}

/// The policy of a scope that begins on the day, locked.
pub(crate) async fn lock_policy(
    c: &mut PgConnection,
    (unit, customer_type): (Option<OrgUnitId>, Option<&str>),
    valid_from: NaiveDate,
) -> Result<Option<PolicyRow>, sqlx::Error> {
    sqlx::query_as!(
        PolicyRow,
        r#"select p.id as policy_id, p.unit_id as "unit_id: OrgUnitId", null::text as unit_name, p.customer_type, p.valid_from,
             p.content as "policy: Json<PolicyChange>", p.version, p.updated_at
           from visit_policies p
           where p.unit_id is not distinct from $1 and p.customer_type is not distinct from $2 and p.valid_from = $3
           for no key update"#,
        unit.map(OrgUnitId::uuid),
        customer_type,
        valid_from,
    )
    .fetch_optional(c)
    .await
}

/// Writes a policy.
pub(crate) async fn upsert_policy(
    c: &mut PgConnection,
    id: Uuid,
    distributor: Option<DistributorId>,
    set: &SetPolicy,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into visit_policies as p (id, distributor_id, unit_id, customer_type, valid_from, content, updated_by, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (id) do update set content = excluded.content, updated_by = excluded.updated_by,
           updated_at = excluded.updated_at, version = p.version + 1",
        id,
        distributor.map(DistributorId::uuid),
        set.unit.map(OrgUnitId::uuid),
        set.customer_type,
        set.valid_from,
        Json(&set.change) as _,
        by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The unit's distributor, if there is such a unit.
pub(crate) async fn find_unit(
    c: &mut PgConnection,
    unit: OrgUnitId,
) -> Result<Option<Option<DistributorId>>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select distributor_id as "distributor: DistributorId" from org_units where id = $1 and deleted_at is null"#,
        unit.uuid(),
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|row| row.distributor))
}

/// What decides a visit of the unit's people at an outlet of the type, from the company down.
pub(crate) async fn list_effective(
    c: &mut PgConnection,
    unit: Option<OrgUnitId>,
    customer_type: Option<&str>,
    day: NaiveDate,
) -> Result<Vec<PolicyRow>, sqlx::Error> {
    sqlx::query_as!(
        PolicyRow,
        r#"select p.id as policy_id, p.unit_id as "unit_id: OrgUnitId", n.name as "unit_name?", p.customer_type, p.valid_from,
             p.content as "policy: Json<PolicyChange>", p.version, p.updated_at
           from (select distinct on (vp.unit_id, vp.customer_type) vp.*,
                   coalesce(array_position(u.ancestors, vp.unit_id), 0) as depth
                 from visit_policies vp left join org_units u on u.id = $1
                 where vp.valid_from <= $3 and (vp.unit_id is null or vp.unit_id = any (u.ancestors))
                   and (vp.customer_type is null or vp.customer_type = $2)
                 order by vp.unit_id, vp.customer_type, vp.valid_from desc) p
           left join org_units n on n.id = p.unit_id
           order by p.depth, p.customer_type nulls first"#,
        unit.map(OrgUnitId::uuid),
        customer_type,
        day,
    )
    .fetch_all(c)
    .await
}

/// The outlet's type.
pub(crate) async fn find_customer_type(
    c: &mut PgConnection,
    customer: CustomerId,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select customer_type from customers where id = $1 and deleted_at is null",
        customer.uuid()
    )
    .fetch_optional(c)
    .await
}
