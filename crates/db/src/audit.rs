//! Who changed what, when and from where: append-only, in the transaction of the change.

use chrono::{DateTime, Utc};
use domain::DistributorId;
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Context;

/// One change. `before` and `after` hold the fields that changed.
#[derive(Debug)]
pub struct Entry<'a, B, A> {
    /// What was done, dotted: `orders.approve`.
    pub action: &'static str,
    /// The kind of thing: `order`.
    pub entity: &'static str,
    /// The thing.
    pub entity_id: Option<Uuid>,
    /// The distributor it belongs to, if any.
    pub distributor: Option<DistributorId>,
    /// Values before the change.
    pub before: Option<&'a B>,
    /// Values after the change.
    pub after: Option<&'a A>,
}

/// Adds the entry.
///
/// # Errors
/// When the values can't be written as JSON, or the database refuses.
pub async fn record<B: Serialize, A: Serialize>(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    entry: Entry<'_, B, A>,
) -> Result<(), sqlx::Error> {
    let json = |e: serde_json::Error| sqlx::Error::Encode(Box::new(e));
    let before = entry.before.map(serde_json::to_value).transpose().map_err(json)?;
    let after = entry.after.map(serde_json::to_value).transpose().map_err(json)?;
    sqlx::query!(
        "insert into audit_log (at, distributor_id, actor_id, actor_name, action, entity, entity_id, before, after, address, trace_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        at,
        entry.distributor.map(|d| d.uuid()),
        cx.user.map(|u| u.uuid()),
        cx.name,
        entry.action,
        entry.entity,
        entry.entity_id,
        before,
        after,
        cx.address,
        cx.trace_id,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What differs between two states of a thing, as objects of the changed fields only: for [`Entry`]'s `before` and
/// `after`. Nothing when they are alike.
///
/// # Errors
/// When a state can't be written as a JSON object.
pub fn changes<T: Serialize>(before: &T, after: &T) -> Result<Option<(Value, Value)>, sqlx::Error> {
    let mut old = object(before)?;
    let mut new = object(after)?;
    old.retain(|field, value| new.get(field) != Some(value));
    new.retain(|field, _| old.contains_key(field));
    Ok(if old.is_empty() { None } else { Some((Value::Object(old), Value::Object(new))) })
}

fn object<T: Serialize>(state: &T) -> Result<Map<String, Value>, sqlx::Error> {
    match serde_json::to_value(state) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(sqlx::Error::Encode("an audited state must be a JSON object".into())),
        Err(e) => Err(sqlx::Error::Encode(Box::new(e))),
    }
}

/// One of many changes that were made together, by an import say.
#[derive(Debug)]
pub struct Change {
    /// The thing.
    pub entity_id: Uuid,
    /// The fields before; none for a new thing.
    pub before: Option<Value>,
    /// The fields after.
    pub after: Value,
}

/// Adds an entry for each of many changes of one kind and one distributor, in few statements.
///
/// # Errors
/// When the database refuses.
pub async fn record_many(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    action: &str,
    entity: &str,
    distributor: Option<DistributorId>,
    changes: &[Change],
) -> Result<(), sqlx::Error> {
    for part in changes.chunks(5_000) {
        let ids: Vec<Uuid> = part.iter().map(|change| change.entity_id).collect();
        let before: Vec<Option<Value>> = part.iter().map(|change| change.before.clone()).collect();
        let after: Vec<Value> = part.iter().map(|change| change.after.clone()).collect();
        sqlx::query!(
            "insert into audit_log (at, distributor_id, actor_id, actor_name, action, entity, entity_id, before, after, address, trace_id)
             select $1, $2, $3, $4, $5, $6, t.id, t.before, t.after, $7, $8
             from unnest($9::uuid[], $10::jsonb[], $11::jsonb[]) as t (id, before, after)",
            at,
            distributor.map(|d| d.uuid()),
            cx.user.map(|u| u.uuid()),
            cx.name,
            action,
            entity,
            cx.address,
            cx.trace_id,
            &ids,
            &before as &[Option<Value>],
            &after,
        )
        .execute(&mut *c)
        .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_recorded() {
        let before = json!({"name": "Cô Lan", "phone": "0912345678"});
        let after = json!({"name": "Cô Lan", "phone": "0987654321"});
        let (old, new) = changes(&before, &after).unwrap().unwrap();
        assert_eq!((old, new), (json!({"phone": "0912345678"}), json!({"phone": "0987654321"})));
        assert!(changes(&before, &before).unwrap().is_none());
    }
}
