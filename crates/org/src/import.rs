//! Units and distributors from files, through the same rules as one by one.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use chrono::{DateTime, Utc};
use db::{Context, PgConnection};
use domain::{DistributorId, OrgUnitId, search_key};
use platform::{Loaded, RowError};
use uuid::Uuid;

use crate::model::{Distributor, DistributorData, DistributorStatus, NewUnit, Unit, UnitData, UnitKind};
use crate::store;
use crate::{DistributorError, UnitError, distributors, units};

/// A row of a file of units.
#[derive(Debug, Clone)]
pub struct UnitRow {
    /// Its number in the file.
    pub row: u32,
    /// The hierarchical index, which names the unit and its parent: 1.1.2 stands below 1.1.
    pub index: Vec<u32>,
    /// Its code; not unique.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whether it is led by a supervisor; none leaves it as it is.
    pub is_supervisor: Option<bool>,
    /// Whether its members sell; none leaves it as it is.
    pub is_sales_group: Option<bool>,
    /// The code the parent should have, to notice a row that slipped.
    pub parent_code: Option<String>,
}

/// The headers that errors name.
#[derive(Debug, Clone, Copy)]
pub struct UnitHeaders {
    /// Of the index.
    pub index: &'static str,
    /// Of the parent's code.
    pub parent_code: &'static str,
}

/// Brings the tree to what the rows say; tells how many units were new, changed and so already. Rows that don't fit
/// into the tree go to `errors`. Indexes must be distinct.
///
/// A unit whose code is a distributor's becomes that distributor's, with all below it.
///
/// # Errors
/// When the database refuses.
pub async fn load_units(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    rows: &[UnitRow],
    headers: UnitHeaders,
    errors: &mut Vec<RowError>,
) -> Result<Loaded, UnitError> {
    store::units::lock_tree(c).await?;
    let all = store::units::list(c, &store::units::Visible::default()).await?;
    let mut tree: HashMap<String, Unit> =
        all.into_iter().map(|unit| (unit.index_path.clone(), unit)).collect();
    let mut rows: Vec<&UnitRow> = rows.iter().collect();
    rows.sort_by(|a, b| a.index.cmp(&b.index));
    let mut loaded = Loaded::default();
    for row in rows {
        let index = path(&row.index);
        let parent = match row.index.split_last() {
            Some((_, above)) if !above.is_empty() => match tree.get(&path(above)) {
                Some(parent) => Some(parent),
                None => {
                    let (vi, en) = (
                        format!("Không có đơn vị cha {}", path(above)),
                        format!("There is no parent {}", path(above)),
                    );
                    errors.push(RowError::new(row.row, headers.index, index, vi, en));
                    continue;
                }
            },
            _ => None,
        };
        if let (Some(parent), Some(code)) = (parent, &row.parent_code)
            && search_key(&parent.data.code) != search_key(code)
        {
            let own = &parent.data.code;
            let (vi, en) = (
                format!("Theo chỉ số {index}, đơn vị cha có mã {own}"),
                format!("By the index {index} the parent's code is {own}"),
            );
            errors.push(RowError::new(row.row, headers.parent_code, code.clone(), vi, en));
            continue;
        }
        let outcome = match tree.get(&index) {
            Some(unit) => {
                let data = over(row, &unit.data);
                if data == unit.data {
                    loaded.unchanged += 1;
                    continue;
                }
                units::update(c, cx, at, unit.id, None, &data).await.inspect(|_| loaded.updated += 1)
            }
            None => {
                let new = NewUnit {
                    id: OrgUnitId::new(Uuid::now_v7()),
                    parent: parent.map(|parent| parent.id),
                    index_path: Some(index.clone()),
                    data: fresh(row, parent),
                };
                units::create(c, cx, at, &new).await.inspect(|_| loaded.created += 1)
            }
        };
        match outcome {
            Ok(unit) => drop(tree.insert(index, unit)),
            Err(UnitError::TooDeep) => {
                let (vi, en) = ("Cây tổ chức có tối đa 20 cấp", "The tree has at most 20 levels");
                errors.push(RowError::new(row.row, headers.index, index, vi, en));
            }
            Err(UnitError::IndexMalformed) => {
                let (vi, en) = ("Chỉ số không hợp lệ, ví dụ 1.1.2", "Not an index like 1.1.2");
                errors.push(RowError::new(row.row, headers.index, index, vi, en));
            }
            Err(error) => return Err(error),
        }
    }
    link_distributors(c, cx, at).await?;
    Ok(loaded)
}

fn path(index: &[u32]) -> String {
    index.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}

/// A known unit with what the row says. What it stands for stays, unless it turns out to be a team.
fn over(row: &UnitRow, known: &UnitData) -> UnitData {
    let mut data = known.clone();
    data.code.clone_from(&row.code);
    data.name.clone_from(&row.name);
    data.is_supervisor = row.is_supervisor.unwrap_or(data.is_supervisor);
    data.is_sales_group = row.is_sales_group.unwrap_or(data.is_sales_group);
    if data.is_sales_group && data.kind == UnitKind::Unit {
        data.kind = UnitKind::Team;
    }
    data
}

fn fresh(row: &UnitRow, parent: Option<&Unit>) -> UnitData {
    let is_sales_group = row.is_sales_group.unwrap_or_default();
    UnitData {
        code: row.code.clone(),
        name: row.name.clone(),
        kind: guess(&row.name, is_sales_group, parent.is_none()),
        distributor_id: None,
        is_supervisor: row.is_supervisor.unwrap_or_default(),
        is_sales_group,
    }
}

/// What a unit stands for, by its place and how people name such units.
fn guess(name: &str, is_sales_group: bool, is_root: bool) -> UnitKind {
    if is_root {
        return UnitKind::Company;
    }
    if is_sales_group {
        return UnitKind::Team;
    }
    let key = search_key(name);
    let begins = |words: &[&str]| words.iter().any(|w| key == *w || key.starts_with(&format!("{w} ")));
    if begins(&["kenh", "gt", "mt", "otc"]) {
        UnitKind::Channel
    } else if begins(&["mien", "vung", "rsm"]) {
        UnitKind::Region
    } else if begins(&["khu vuc", "kv", "asm"]) {
        UnitKind::Area
    } else if begins(&["khoi", "phong", "ban", "nganh"]) {
        UnitKind::Division
    } else {
        UnitKind::Unit
    }
}

/// Gives each unit whose code is a distributor's to that distributor, with all below it: the topmost where several
/// share the code. A unit of another distributor stays where it is.
async fn link_distributors(c: &mut PgConnection, cx: &Context, at: DateTime<Utc>) -> Result<(), UnitError> {
    let codes: HashMap<String, DistributorId> = list_codes(c).await?;
    let all = store::units::list(c, &store::units::Visible::default()).await?;
    let mut linked: HashSet<OrgUnitId> = HashSet::new();
    // The list begins with the root, so a unit comes after those above it.
    for unit in all {
        if unit.ancestors.iter().any(|above| linked.contains(above)) {
            continue;
        }
        if unit.data.distributor_id.is_some() {
            linked.insert(unit.id);
            continue;
        }
        let Some(distributor) = codes.get(&unit.data.code) else { continue };
        let data =
            UnitData { kind: UnitKind::Distributor, distributor_id: Some(*distributor), ..unit.data.clone() };
        match units::update(c, cx, at, unit.id, None, &data).await {
            Ok(_) => drop(linked.insert(unit.id)),
            Err(UnitError::OtherDistributor) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The distributors by code.
async fn list_codes(c: &mut PgConnection) -> Result<HashMap<String, DistributorId>, sqlx::Error> {
    let rows =
        sqlx::query!(r#"select code, id as "id: DistributorId" from distributors where deleted_at is null"#)
            .fetch_all(c)
            .await?;
    Ok(rows.into_iter().map(|r| (r.code, r.id)).collect())
}

/// A row of a file of distributors. What is left empty stays as it is.
#[derive(Debug, Clone)]
pub struct DistributorRow {
    /// Its number in the file.
    pub row: u32,
    /// Its data; a code is made up for a new one without.
    pub data: DistributorData,
    /// On or off; a new one is on.
    pub status: Option<DistributorStatus>,
}

/// Brings the distributors to what the rows say; tells how many were new, changed and so already. Codes must be
/// distinct; one without code is known by tax code and name. Units of the tree with a distributor's code become its.
///
/// # Errors
/// When the database refuses, or a text is too long.
pub async fn load_distributors(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    rows: &[DistributorRow],
) -> Result<Loaded, ImportError> {
    let mut known = Known::read(c, rows).await?;
    let mut loaded = Loaded::default();
    // Codes of the file come first, so that none of them is made up for another row.
    let (named, nameless): (Vec<_>, Vec<_>) = rows.iter().partition(|row| !row.data.code.is_empty());
    for row in named.into_iter().chain(nameless) {
        match known.take(&row.data) {
            Some(old) => {
                let data = filled(&row.data, &old.data);
                // The status of one that waits for approval is not the file's to decide.
                let status = row.status.filter(|_| old.status != DistributorStatus::Pending);
                if data == old.data && status.is_none_or(|status| status == old.status) {
                    loaded.unchanged += 1;
                } else {
                    distributors::update(c, cx, at, old.id, None, &data, status).await?;
                    loaded.updated += 1;
                }
            }
            None => {
                let mut data = row.data.clone();
                if data.kind.is_empty() {
                    "NPP".clone_into(&mut data.kind);
                }
                if data.channel.is_empty() {
                    "GT".clone_into(&mut data.channel);
                }
                let status = row.status.unwrap_or(DistributorStatus::Active);
                distributors::create(c, cx, at, DistributorId::new(Uuid::now_v7()), status, &data).await?;
                loaded.created += 1;
            }
        }
    }
    link_distributors(c, cx, at).await?;
    Ok(loaded)
}

/// Why distributors could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Of a distributor.
    #[error(transparent)]
    Distributor(#[from] DistributorError),
    /// Of a unit.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] sqlx::Error),
}

impl From<ImportError> for platform::ApiError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Distributor(error) => error.into(),
            ImportError::Unit(error) => error.into(),
            ImportError::Database(error) => error.into(),
        }
    }
}

/// What is known, where the row says nothing.
fn filled(row: &DistributorData, known: &DistributorData) -> DistributorData {
    let pick = |new: &String, old: &String| if new.is_empty() { old.clone() } else { new.clone() };
    let place = row.latitude.zip(row.longitude);
    DistributorData {
        code: pick(&row.code, &known.code),
        name: pick(&row.name, &known.name),
        tax_code: pick(&row.tax_code, &known.tax_code),
        invoice_name: pick(&row.invoice_name, &known.invoice_name),
        invoice_address: pick(&row.invoice_address, &known.invoice_address),
        kind: pick(&row.kind, &known.kind),
        distributor_group: pick(&row.distributor_group, &known.distributor_group),
        channel: pick(&row.channel, &known.channel),
        area: pick(&row.area, &known.area),
        province: pick(&row.province, &known.province),
        delivery_place: pick(&row.delivery_place, &known.delivery_place),
        delivery_address: pick(&row.delivery_address, &known.delivery_address),
        contact_person: pick(&row.contact_person, &known.contact_person),
        legal_representative: pick(&row.legal_representative, &known.legal_representative),
        office_address: pick(&row.office_address, &known.office_address),
        warehouse_address: pick(&row.warehouse_address, &known.warehouse_address),
        email: pick(&row.email, &known.email),
        phone: pick(&row.phone, &known.phone),
        bank_name: pick(&row.bank_name, &known.bank_name),
        bank_account: pick(&row.bank_account, &known.bank_account),
        licence_number: pick(&row.licence_number, &known.licence_number),
        latitude: place.map_or(known.latitude, |place| Some(place.0)),
        longitude: place.map_or(known.longitude, |place| Some(place.1)),
    }
}

/// The distributors that rows of the file may mean.
struct Known {
    by_code: HashMap<String, Distributor>,
    by_likeness: BTreeMap<(String, String), VecDeque<Distributor>>,
}

impl Known {
    async fn read(c: &mut PgConnection, rows: &[DistributorRow]) -> Result<Self, sqlx::Error> {
        let named: HashSet<&str> = rows.iter().map(|row| row.data.code.as_str()).collect();
        let codes: Vec<String> = rows.iter().map(|row| row.data.code.clone()).collect();
        let names: Vec<String> =
            rows.iter().filter(|row| row.data.code.is_empty()).map(|row| row.data.name.clone()).collect();
        let ids = sqlx::query_scalar!(
            r#"select id as "id: DistributorId" from distributors
               where deleted_at is null and (code = any ($1) or name = any ($2)) order by code"#,
            &codes,
            &names,
        )
        .fetch_all(&mut *c)
        .await?;
        let mut known = Known { by_code: HashMap::new(), by_likeness: BTreeMap::new() };
        for id in ids {
            let Some(distributor) = store::distributors::find(c, id).await? else { continue };
            if named.contains(distributor.data.code.as_str()) {
                known.by_code.insert(distributor.data.code.clone(), distributor);
            } else {
                known.by_likeness.entry(likeness(&distributor.data)).or_default().push_back(distributor);
            }
        }
        Ok(known)
    }

    /// The distributor of this row; rows alike get one each, in the order of their codes.
    fn take(&mut self, row: &DistributorData) -> Option<Distributor> {
        if row.code.is_empty() {
            self.by_likeness.get_mut(&likeness(row))?.pop_front()
        } else {
            self.by_code.remove(&row.code)
        }
    }
}

fn likeness(data: &DistributorData) -> (String, String) {
    (data.tax_code.trim().to_owned(), search_key(&data.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_unit_stands_for_is_guessed_from_how_people_name_it() {
        assert_eq!(guess("Công ty Diligo", false, true), UnitKind::Company);
        assert_eq!(guess("Kênh GT", false, false), UnitKind::Channel);
        assert_eq!(guess("Miền Bắc", false, false), UnitKind::Region);
        assert_eq!(guess("Khu vực Hà Nội", false, false), UnitKind::Area);
        assert_eq!(guess("Khu vực Hà Nội", true, false), UnitKind::Team);
        assert_eq!(guess("Miềng", false, false), UnitKind::Unit);
    }
}
