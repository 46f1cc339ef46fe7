//! Units and distributors as this capability knows them.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use domain::{DistributorId, OrgUnitId, UnknownWord};
use files::photos::RecordPhoto;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An enum that is text in the database: `as_str` and `FromStr` in the spelling of its JSON, which is the variant's
/// name in lower case: the OpenAPI document can't know the text of a macro's argument.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident as $what:literal { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// As JSON and the database spell it.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($text => Ok($name::$variant),)+
                    _ => Err(UnknownWord { what: $what, word: text.to_owned(), known: &[$($text),+] }),
                }
            }
        }
    };
}

words! {
    /// What a unit stands for.
    UnitKind as "kind of unit" {
        /// The root.
        Company = "company",
        /// A division.
        Division = "division",
        /// A sales channel: GT, MT, OTC.
        Channel = "channel",
        /// A region.
        Region = "region",
        /// An area.
        Area = "area",
        /// A distributor.
        Distributor = "distributor",
        /// A team of reps.
        Team = "team",
        /// Anything else.
        Unit = "unit",
    }
}

words! {
    /// Where a distributor stands.
    DistributorStatus as "distributor status" {
        /// Proposed, not yet approved.
        Pending = "pending",
        /// At work.
        Active = "active",
        /// Rejected, or no longer at work.
        Inactive = "inactive",
    }
}

words! {
    /// What a distributor's photo shows.
    DistributorPhotoKind as "kind of a distributor's photo" {
        /// Its picture in lists.
        Avatar = "avatar",
        /// Where it does business.
        Store = "store",
        /// Who owns it.
        Owner = "owner",
        /// A meeting with it.
        Meeting = "meeting",
        /// A paper.
        File = "file",
        /// The business licence.
        Licence = "licence",
    }
}

/// A photo of a distributor.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DistributorPhoto {
    /// What it shows.
    pub kind: DistributorPhotoKind,
    /// The rest.
    #[serde(flatten)]
    pub photo: RecordPhoto,
}

impl AsRef<RecordPhoto> for DistributorPhoto {
    fn as_ref(&self) -> &RecordPhoto {
        &self.photo
    }
}

/// What can be said of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnitData {
    /// Its code, 1 to 100 characters; not unique.
    pub code: String,
    /// Its name, 1 to 300 characters.
    pub name: String,
    /// What it stands for.
    pub kind: UnitKind,
    /// The distributor it is or belongs to; units below one belong to the same.
    pub distributor_id: Option<DistributorId>,
    /// Whether it is led by a supervisor.
    pub is_supervisor: bool,
    /// Whether its members sell.
    pub is_sales_group: bool,
}

/// A unit to be created.
#[derive(Debug, Clone)]
pub struct NewUnit {
    /// The id, made by whoever creates the unit.
    pub id: OrgUnitId,
    /// The unit above; none for a root.
    pub parent: Option<OrgUnitId>,
    /// The index, when a file gives one; the next free one below the parent when absent.
    pub index_path: Option<String>,
    /// The rest.
    pub data: UnitData,
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The id.
    pub id: OrgUnitId,
    /// The unit above; none for a root.
    pub parent_id: Option<OrgUnitId>,
    /// The hierarchical index: `1.1.1.2.1`.
    pub index_path: String,
    /// The ids from the root down to the unit itself.
    pub ancestors: Vec<OrgUnitId>,
    /// The rest.
    pub data: UnitData,
    /// Goes up with each change.
    pub version: i64,
}

/// A unit as clients see it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnitView {
    /// The id.
    pub unit_id: OrgUnitId,
    /// The unit above; none for a root.
    pub parent_id: Option<OrgUnitId>,
    /// The hierarchical index: `1.1.1.2.1`.
    pub index_path: String,
    /// Its code; not unique.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it stands for.
    pub kind: UnitKind,
    /// The distributor it is or belongs to.
    pub distributor_id: Option<DistributorId>,
    /// Whether it is led by a supervisor.
    pub is_supervisor: bool,
    /// Whether its members sell.
    pub is_sales_group: bool,
    /// For `If-Match`.
    pub version: i64,
}

impl From<Unit> for UnitView {
    fn from(unit: Unit) -> Self {
        UnitView {
            unit_id: unit.id,
            parent_id: unit.parent_id,
            index_path: unit.index_path,
            code: unit.data.code,
            name: unit.data.name,
            kind: unit.data.kind,
            distributor_id: unit.data.distributor_id,
            is_supervisor: unit.data.is_supervisor,
            is_sales_group: unit.data.is_sales_group,
            version: unit.version,
        }
    }
}

/// What can be said of a distributor. Texts may be empty but for the name; an empty code asks for one to be made.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct DistributorData {
    /// Its code, unique.
    pub code: String,
    /// Its name, 1 to 300 characters.
    pub name: String,
    /// Tax code.
    pub tax_code: String,
    /// The name on VAT invoices.
    pub invoice_name: String,
    /// The address on VAT invoices.
    pub invoice_address: String,
    /// NPP, đại lý, tổng thầu.
    #[serde(rename = "type")]
    pub kind: String,
    /// Group A–D.
    pub distributor_group: String,
    /// Channel: GT, MT, OTC.
    pub channel: String,
    /// Area.
    pub area: String,
    /// Province or city.
    pub province: String,
    /// The name of the delivery place.
    pub delivery_place: String,
    /// Its address.
    pub delivery_address: String,
    /// Contact person.
    pub contact_person: String,
    /// Legal representative.
    pub legal_representative: String,
    /// The address of the office.
    pub office_address: String,
    /// The address of the warehouse.
    pub warehouse_address: String,
    /// E-mail or fax.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// The bank.
    pub bank_name: String,
    /// The bank account.
    pub bank_account: String,
    /// The number of the business licence.
    pub licence_number: String,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
}

/// A distributor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Distributor {
    /// The id.
    #[serde(rename = "distributorId")]
    pub id: DistributorId,
    /// Where it stands.
    pub status: DistributorStatus,
    /// Goes up with each change; for `If-Match`.
    pub version: i64,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// The rest.
    #[serde(flatten)]
    pub data: DistributorData,
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use utoipa::PartialSchema;

    use super::*;

    /// The words as the OpenAPI document, the JSON and the database spell them.
    fn agree<T: PartialSchema + Serialize + Copy>(all: &[T], as_str: fn(T) -> &'static str) {
        let texts: Vec<_> = all.iter().map(|word| as_str(*word)).collect();
        assert_eq!(json!(all), json!(texts));
        assert_eq!(serde_json::to_value(T::schema()).unwrap()["enum"], json!(texts));
    }

    #[test]
    fn words_are_documented_as_they_are_sent_and_stored() {
        use UnitKind as K;
        agree(
            &[K::Company, K::Division, K::Channel, K::Region, K::Area, K::Distributor, K::Team, K::Unit],
            UnitKind::as_str,
        );
        use DistributorStatus as S;
        agree(&[S::Pending, S::Active, S::Inactive], DistributorStatus::as_str);
        use DistributorPhotoKind as P;
        agree(
            &[P::Avatar, P::Store, P::Owner, P::Meeting, P::File, P::Licence],
            DistributorPhotoKind::as_str,
        );
    }
}
