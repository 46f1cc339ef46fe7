//! Many outlets of one distributor at once, from a file.
//!
//! An outlet is known by its code; one without code by its name, telephone and address, so that a file loaded twice
//! changes nothing. A cell that is empty leaves what is known as it is.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use chrono::{DateTime, NaiveDate, Utc};
use db::audit::{self, Change};
use db::{Context, PgConnection};
use domain::{Coordinates, CustomerId, DistributorId};
use platform::{Loaded, RowError};
use uuid::Uuid;

use crate::model::{CustomerData, CustomerStatus};
use crate::service::ENTITY;
use crate::store::{self, bulk};

/// A row of the file.
#[derive(Debug, Clone, Default)]
pub struct CustomerRow {
    /// Its number in the file.
    pub row: u32,
    /// Unique in the distributor; one is made up for a new outlet without.
    pub code: Option<String>,
    /// The shop's name.
    pub name: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Whom to ask for.
    pub contact_person: Option<String>,
    /// What that person is there.
    pub contact_title: Option<String>,
    /// A–E.
    pub customer_group: Option<String>,
    /// Tạp hóa, Hiệu thuốc, …
    pub customer_type: Option<String>,
    /// GT, MT, OTC.
    pub channel: Option<String>,
    /// Where goods are delivered.
    pub address: Option<String>,
    /// Code of the area.
    pub area: Option<String>,
    /// Where it is.
    pub place: Option<Coordinates>,
    /// The owner's birthday.
    pub birthday: Option<NaiveDate>,
    /// E-mail.
    pub email: Option<String>,
    /// đồng.
    pub credit_limit: Option<i64>,
    /// Whether the location is fixed.
    pub location_locked: Option<bool>,
    /// Whether the data is fixed.
    pub record_locked: Option<bool>,
    /// Where it stands; a new one is active.
    pub status: Option<CustomerStatus>,
}

impl CustomerRow {
    /// What is known now, with what the row says.
    fn over(&self, mut data: CustomerData) -> CustomerData {
        fn set(target: &mut String, value: Option<&String>) {
            if let Some(value) = value {
                target.clone_from(value);
            }
        }
        data.name.clone_from(&self.name);
        set(&mut data.phone, self.phone.as_ref());
        set(&mut data.contact_person, self.contact_person.as_ref());
        set(&mut data.contact_title, self.contact_title.as_ref());
        set(&mut data.customer_group, self.customer_group.as_ref());
        set(&mut data.customer_type, self.customer_type.as_ref());
        set(&mut data.channel, self.channel.as_ref());
        set(&mut data.address, self.address.as_ref());
        set(&mut data.area, self.area.as_ref());
        set(&mut data.email, self.email.as_ref());
        // A locked location stays, unless the file lifts the lock.
        if let Some(place) =
            self.place.filter(|_| !data.location_locked || self.location_locked == Some(false))
        {
            data.latitude = Some(place.latitude());
            data.longitude = Some(place.longitude());
        }
        data.birthday = self.birthday.or(data.birthday);
        data.credit_limit = self.credit_limit.or(data.credit_limit);
        data.location_locked = self.location_locked.unwrap_or(data.location_locked);
        data.record_locked = self.record_locked.unwrap_or(data.record_locked);
        data.status = self.status.unwrap_or(data.status);
        data
    }

    /// That the data it would change is locked.
    fn locked(&self) -> RowError {
        RowError::new(
            self.row,
            "Khóa",
            self.code.as_deref().unwrap_or(&self.name),
            "Thông tin khách hàng đã khóa. Hãy mở khóa trước khi sửa",
            "The customer's data is locked. Unlock it before you change it",
        )
    }

    fn likeness(&self) -> Likeness {
        let text = |text: &Option<String>| domain::search_key(text.as_deref().unwrap_or_default());
        (domain::search_key(&self.name), text(&self.phone), text(&self.address))
    }
}

/// What an outlet without code is known by.
type Likeness = (String, String, String);

/// Where a row ended up.
#[derive(Debug, Clone, Copy)]
pub struct Placed {
    /// The row's number in the file.
    pub row: u32,
    /// The outlet.
    pub id: CustomerId,
    /// Whether it was so already.
    pub unchanged: bool,
}

/// Writes the rows of a file into a distributor's outlets; tells how many were new, changed and unchanged, and at the
/// rows' places which outlet each became. Codes must be distinct. Rows that would change locked data go to `errors`, and
/// become nothing; one that lifts the lock may change the rest along with it.
///
/// # Errors
/// When the database refuses.
pub async fn load(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    distributor: DistributorId,
    rows: &[CustomerRow],
    errors: &mut Vec<RowError>,
) -> Result<(Loaded, Vec<Option<Placed>>), sqlx::Error> {
    // Also keeps a second import of the same distributor waiting.
    let mut next_code = store::next_code_number(c, distributor).await?;
    let mut known = Known::read(c, distributor, rows).await?;
    let (mut new, mut changed, mut audited) = (Vec::new(), Vec::new(), (Vec::new(), Vec::new()));
    let mut placed = Vec::with_capacity(rows.len());
    let mut unchanged = 0;
    let codes: BTreeSet<&str> = rows.iter().filter_map(|row| row.code.as_deref()).collect();
    for row in rows {
        let before = known.take(row);
        let (id, same) = match before {
            Some((id, before)) => {
                let after = row.over(before.clone());
                match audit::changes(&before, &after)? {
                    None => {
                        unchanged += 1;
                        (id, true)
                    }
                    Some(_) if before.record_locked && after.record_locked => {
                        errors.push(row.locked());
                        placed.push(None);
                        continue;
                    }
                    Some((before, after_json)) => {
                        let change = Change { entity_id: id.uuid(), before: Some(before), after: after_json };
                        audited.1.push(change);
                        changed.push((id, after));
                        (id, false)
                    }
                }
            }
            None => {
                let id = CustomerId::new(Uuid::now_v7());
                let mut data = row.over(CustomerData::blank(CustomerStatus::Active));
                data.customer_code = match &row.code {
                    Some(code) => code.clone(),
                    None => loop {
                        let code = store::code(next_code);
                        next_code += 1;
                        if !codes.contains(code.as_str()) {
                            break code;
                        }
                    },
                };
                let after = serde_json::to_value(&data).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
                audited.0.push(Change { entity_id: id.uuid(), before: None, after });
                new.push((id, data));
                (id, false)
            }
        };
        placed.push(Some(Placed { row: row.row, id, unchanged: same }));
    }
    bulk::insert(c, distributor, &new, cx.user, at).await?;
    bulk::update(c, distributor, &changed, at).await?;
    audit::record_many(c, cx, at, "customers.import", ENTITY, Some(distributor), &audited.0).await?;
    audit::record_many(c, cx, at, "customers.import", ENTITY, Some(distributor), &audited.1).await?;
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let loaded = Loaded { created: count(new.len()), updated: count(changed.len()), unchanged };
    Ok((loaded, placed))
}

/// The outlets that rows of the file may mean.
struct Known {
    by_code: HashMap<String, (CustomerId, CustomerData)>,
    by_likeness: BTreeMap<Likeness, VecDeque<(CustomerId, CustomerData)>>,
}

impl Known {
    async fn read(
        c: &mut PgConnection,
        distributor: DistributorId,
        rows: &[CustomerRow],
    ) -> Result<Self, sqlx::Error> {
        let codes: Vec<String> = rows.iter().filter_map(|row| row.code.clone()).collect();
        let names: Vec<String> =
            rows.iter().filter(|row| row.code.is_none()).map(|row| row.name.clone()).collect();
        let named: BTreeSet<&str> = codes.iter().map(String::as_str).collect();
        let mut known = Known { by_code: HashMap::new(), by_likeness: BTreeMap::new() };
        for (id, data) in bulk::lock(c, distributor, &codes, &names).await? {
            if named.contains(data.customer_code.as_str()) {
                known.by_code.insert(data.customer_code.clone(), (id, data));
            } else {
                let key = domain::search_key;
                let likeness = (key(&data.name), key(&data.phone), key(&data.address));
                known.by_likeness.entry(likeness).or_default().push_back((id, data));
            }
        }
        Ok(known)
    }

    /// The outlet of this row; rows alike get one each, in the order of their codes.
    fn take(&mut self, row: &CustomerRow) -> Option<(CustomerId, CustomerData)> {
        match &row.code {
            Some(code) => self.by_code.remove(code),
            None => self.by_likeness.get_mut(&row.likeness())?.pop_front(),
        }
    }
}
