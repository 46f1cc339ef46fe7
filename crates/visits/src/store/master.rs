//! What visits are judged by, kept in memory between them: policies, and the units above people.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use db::Db;
use domain::OrgUnitId;
use domain::visit::{PolicyChange, VisitPolicy};
use platform::Kept;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// What is decided from each day on.
type Days = BTreeMap<NaiveDate, PolicyChange>;

/// Policies and units at one moment.
#[derive(Debug, Default)]
pub(crate) struct Master {
    /// What `master_versions` said then.
    version: Uuid,
    /// By the unit whose it is, none for the company, and the type of customers; each from its day.
    policies: HashMap<Option<Uuid>, BTreeMap<Option<String>, Days>>,
    /// The units from the root down to each.
    ancestors: HashMap<OrgUnitId, Vec<Uuid>>,
}

impl Master {
    /// What is wanted of a visit by somebody of the unit at a customer of this type.
    pub fn policy(&self, unit: Option<OrgUnitId>, customer_type: &str, day: NaiveDate) -> VisitPolicy {
        let above = unit.and_then(|unit| self.ancestors.get(&unit)).map_or(&[][..], Vec::as_slice);
        let scopes = std::iter::once(None).chain(above.iter().copied().map(Some));
        let changes = scopes.filter_map(|scope| self.policies.get(&scope)).flat_map(|of_types| {
            // First what is for all types, which sorts first.
            let fits = |(kind, _): &(&Option<String>, _)| kind.as_deref().is_none_or(|k| k == customer_type);
            of_types.iter().filter(fits).filter_map(|(_, days)| Some(days.range(..=day).next_back()?.1))
        });
        VisitPolicy::resolve(changes)
    }
}

static KEPT: Kept<Master> = Kept::nothing();

/// As of this version: from memory, or else as the caller sees it now, and the next ones find it in memory.
pub(crate) async fn master(c: &mut PgConnection, db: &Db, version: Uuid) -> Result<Arc<Master>, sqlx::Error> {
    if let Some(kept) = KEPT.latest().filter(|kept| kept.version == version) {
        return Ok(kept);
    }
    KEPT.refresh(db, "visits", |c| Box::pin(read(c)));
    read(c).await.map(Arc::new)
}

async fn read(c: &mut PgConnection) -> Result<Master, sqlx::Error> {
    // The version first: what changes meanwhile is read, and makes the next one read it again.
    let version = sqlx::query_scalar!("select version from master_versions where name = 'visits'")
        .fetch_one(&mut *c)
        .await?;
    let mut master = Master { version, ..Master::default() };
    let policies = sqlx::query!(
        r#"select unit_id, customer_type, valid_from, content as "content: Json<PolicyChange>" from visit_policies"#
    )
    .fetch_all(&mut *c)
    .await?;
    for row in policies {
        let of_types = master.policies.entry(row.unit_id).or_default();
        of_types.entry(row.customer_type).or_default().insert(row.valid_from, row.content.0);
    }
    let units =
        sqlx::query!(r#"select id as "id: OrgUnitId", ancestors from org_units"#).fetch_all(c).await?;
    master.ancestors.extend(units.into_iter().map(|row| (row.id, row.ancestors)));
    Ok(master)
}
