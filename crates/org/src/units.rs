//! Changing the tree: in the caller's transaction, which must be the company's (`Tenants::Company`).
//!
//! After the commit call [`identity::Sessions::rights_changed`]: what people see hangs on the tree.

use chrono::{DateTime, Utc};
use db::{Context, PgConnection, audit};
use domain::OrgUnitId;
use serde_json::{Value, json};

use crate::UnitError;
use crate::model::{NewUnit, Unit, UnitData};
use crate::store::{distributors, units};

/// The most levels a tree has.
const MAX_DEPTH: usize = 20;

/// The unit with this hierarchical index.
///
/// # Errors
/// When the database refuses.
pub async fn find_by_index(c: &mut PgConnection, index_path: &str) -> Result<Option<Unit>, sqlx::Error> {
    units::find_by_index(c, index_path).await
}

/// Creates a unit. Below a distributor's unit it belongs to that distributor.
///
/// # Errors
/// When it doesn't fit into the tree; see [`UnitError`].
pub async fn create(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    new: &NewUnit,
) -> Result<Unit, UnitError> {
    check_texts(&new.data)?;
    units::lock_tree(c).await?;
    let parent = find_parent(c, new.parent).await?;
    let index_path = match &new.index_path {
        Some(index) => checked_index(index, parent.as_ref())?,
        None => index_below(parent.as_ref(), units::next_number(c, new.parent).await?),
    };
    let mut ancestors = parent.as_ref().map(|p| p.ancestors.clone()).unwrap_or_default();
    ancestors.push(new.id);
    if ancestors.len() > MAX_DEPTH {
        return Err(UnitError::TooDeep);
    }
    let mut data = new.data.clone();
    check_distributor(c, &data).await?;
    match (parent.and_then(|p| p.data.distributor_id), data.distributor_id) {
        (Some(above), Some(own)) if above != own => return Err(UnitError::OtherDistributor),
        (above, own) => data.distributor_id = own.or(above),
    }
    let unit = Unit { id: new.id, parent_id: new.parent, index_path, ancestors, data, version: 1 };
    units::insert(c, &unit, at).await.map_err(|e| match &e {
        sqlx::Error::Database(d) if d.constraint() == Some("org_units_index_uniq") => UnitError::IndexTaken,
        _ => UnitError::Database(e),
    })?;
    let mut after = state(&unit.data)?;
    after["indexPath"] = json!(unit.index_path);
    after["parentId"] = json!(unit.parent_id);
    record(c, cx, at, "org_units.create", &unit, None, Some(after)).await?;
    Ok(unit)
}

/// Changes a unit in its place; `version` is the one that was seen, if it must be the present one. Units below follow
/// when it is given to a distributor; it can't be given to another one later.
///
/// # Errors
/// [`UnitError::Stale`] for another version; the rest as [`create`].
pub async fn update(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: OrgUnitId,
    version: Option<i64>,
    data: &UnitData,
) -> Result<Unit, UnitError> {
    check_texts(data)?;
    let unit = lock(c, id, version).await?;
    if *data == unit.data {
        return Ok(unit);
    }
    match (unit.data.distributor_id, data.distributor_id) {
        (old, new) if old == new => {}
        (None, Some(new)) => {
            check_distributor(c, data).await?;
            if units::has_other_distributor(c, id, new).await? {
                return Err(UnitError::OtherDistributor);
            }
            units::update_distributor(c, id, new, at).await?;
        }
        _ => return Err(UnitError::OtherDistributor),
    }
    units::update(c, id, data, at).await?;
    if let Some((before, after)) = audit::changes(&unit.data, data)? {
        record(c, cx, at, "org_units.update", &unit, Some(before), Some(after)).await?;
    }
    units::find(c, id).await?.ok_or(UnitError::NotFound)
}

/// Puts a unit with all below it under another parent (none makes it a root), as its last child.
///
/// # Errors
/// [`UnitError::Cycle`] for a place inside itself; [`UnitError::OtherDistributor`] for one below another distributor;
/// the rest as [`update`].
pub async fn move_to(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: OrgUnitId,
    version: Option<i64>,
    parent: Option<OrgUnitId>,
) -> Result<Unit, UnitError> {
    let unit = lock(c, id, version).await?;
    if unit.parent_id == parent {
        return Ok(unit);
    }
    let parent = find_parent(c, parent).await?;
    if let Some(parent) = &parent {
        if parent.ancestors.contains(&id) {
            return Err(UnitError::Cycle);
        }
        if parent.ancestors.len() + units::depth_below(c, &unit).await? > MAX_DEPTH {
            return Err(UnitError::TooDeep);
        }
        if let Some(distributor) = parent.data.distributor_id {
            if units::has_other_distributor(c, id, distributor).await? {
                return Err(UnitError::OtherDistributor);
            }
            units::update_distributor(c, id, distributor, at).await?;
        }
    }
    let number = units::next_number(c, parent.as_ref().map(|p| p.id)).await?;
    let index_path = index_below(parent.as_ref(), number);
    units::update_place(c, &unit, parent.as_ref(), &index_path, at).await?;
    let moved = units::find(c, id).await?.ok_or(UnitError::NotFound)?;
    let place = |unit: &Unit| json!({"parentId": unit.parent_id, "indexPath": unit.index_path});
    record(c, cx, at, "org_units.move", &moved, Some(place(&unit)), Some(place(&moved))).await?;
    Ok(moved)
}

async fn lock(c: &mut PgConnection, id: OrgUnitId, version: Option<i64>) -> Result<Unit, UnitError> {
    units::lock_tree(c).await?;
    let unit = units::find(c, id).await?.ok_or(UnitError::NotFound)?;
    if version.is_some_and(|v| v != unit.version) {
        return Err(UnitError::Stale);
    }
    Ok(unit)
}

async fn find_parent(c: &mut PgConnection, parent: Option<OrgUnitId>) -> Result<Option<Unit>, UnitError> {
    match parent {
        None => Ok(None),
        Some(id) => units::find(c, id).await?.map(Some).ok_or(UnitError::UnknownParent),
    }
}

async fn check_distributor(c: &mut PgConnection, data: &UnitData) -> Result<(), UnitError> {
    match data.distributor_id {
        Some(id) if distributors::find(c, id).await?.is_none() => Err(UnitError::UnknownDistributor),
        _ => Ok(()),
    }
}

fn check_texts(data: &UnitData) -> Result<(), UnitError> {
    for (field, text, max) in [("code", &data.code, 100), ("name", &data.name, 300)] {
        if text.trim().is_empty() || text.chars().count() > max {
            return Err(UnitError::Length { field, max });
        }
    }
    Ok(())
}

fn index_below(parent: Option<&Unit>, number: i32) -> String {
    match parent {
        Some(parent) => format!("{}.{number}", parent.index_path),
        None => number.to_string(),
    }
}

/// An index a file gives: the parent's and one number more.
fn checked_index(index: &str, parent: Option<&Unit>) -> Result<String, UnitError> {
    let last = match parent {
        Some(parent) => index.strip_prefix(&parent.index_path).and_then(|rest| rest.strip_prefix('.')),
        None => Some(index),
    };
    let number =
        last.filter(|n| n.len() <= 6 && n.bytes().all(|b| b.is_ascii_digit()) && !n.starts_with('0'));
    match number {
        Some(n) if !n.is_empty() => Ok(index.to_owned()),
        _ => Err(UnitError::IndexMalformed),
    }
}

fn state(data: &UnitData) -> Result<Value, sqlx::Error> {
    serde_json::to_value(data).map_err(|e| sqlx::Error::Encode(Box::new(e)))
}

async fn record(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    action: &'static str,
    unit: &Unit,
    before: Option<Value>,
    after: Option<Value>,
) -> Result<(), sqlx::Error> {
    let entry = audit::Entry {
        action,
        entity: "org_unit",
        entity_id: Some(unit.id.uuid()),
        distributor: unit.data.distributor_id,
        before: before.as_ref(),
        after: after.as_ref(),
    };
    audit::record(c, cx, at, entry).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UnitKind;
    use uuid::Uuid;

    fn unit(index_path: &str) -> Unit {
        let id = OrgUnitId::new(Uuid::from_u128(1));
        let data = UnitData {
            code: "KV1".into(),
            name: "Khu vực 1".into(),
            kind: UnitKind::Area,
            distributor_id: None,
            is_supervisor: false,
            is_sales_group: false,
        };
        Unit { id, parent_id: None, index_path: index_path.into(), ancestors: vec![id], data, version: 1 }
    }

    #[test]
    fn an_index_is_its_parent_s_and_one_number_more() {
        let parent = unit("1.2");
        assert_eq!(checked_index("1.2.13", Some(&parent)).unwrap(), "1.2.13");
        assert_eq!(checked_index("2", None).unwrap(), "2");
        for wrong in
            ["", "1.2", "1.2.", "1.2.0", "1.2.x", "1.2.3.4", "1.23", "1.3.1", "1.2.1234567", "1.2.-1"]
        {
            assert!(checked_index(wrong, Some(&parent)).is_err(), "{wrong}");
        }
        assert!(checked_index("1.1", None).is_err());
    }

    #[test]
    fn the_next_index_stands_below_the_parent() {
        assert_eq!(index_below(Some(&unit("1.2")), 7), "1.2.7");
        assert_eq!(index_below(None, 2), "2");
    }
}
