use chrono::{DateTime, Utc};
use domain::visit::{Verdict, VisitPolicy};
use domain::{Coordinates, CustomerId, DistributorId, LocationProposalId, OrgUnitId, UserId, VisitId};
use platform::{Flag, Page, Scope};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use sqlx::types::Json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::place;
use crate::service::LocationProposal;

/// A proposal where an outlet stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProposalRow {
    /// The proposal.
    pub proposal_id: LocationProposalId,
    /// The outlet's distributor.
    pub distributor_id: DistributorId,
    /// The outlet.
    pub customer_id: CustomerId,
    /// Its code.
    pub customer_code: String,
    /// Its name.
    pub customer_name: String,
    /// The visit in which it was found.
    pub visit_id: Option<VisitId>,
    /// Who proposes it.
    pub user_id: UserId,
    /// Their name.
    pub full_name: String,
    /// The place that is wrong; none when there was none.
    pub old_latitude: Option<f64>,
    /// The place that is wrong.
    pub old_longitude: Option<f64>,
    /// Where it stands instead.
    pub latitude: f64,
    /// Where it stands instead.
    pub longitude: f64,
    /// Metres by which that may be wrong.
    pub accuracy: Option<f64>,
    /// Why.
    pub reason: String,
    /// The digest of a photo taken there; its bytes are under `/files/{sha256}`.
    pub photo_sha256: String,
    /// What a person should look at in a proposal that arrived late.
    #[schema(value_type = Vec<Flag>)]
    pub flags: Json<Vec<Flag>>,
    /// When, by the device.
    pub at: DateTime<Utc>,
    /// `pending`, `approved`, `rejected`.
    pub status: String,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// Their name.
    pub decided_by_name: Option<String>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// What they said.
    pub decision_note: String,
    /// How many visits were judged again.
    pub rejudged: i32,
}

/// A proposal to write.
pub(crate) struct NewProposal<'a> {
    pub distributor: DistributorId,
    pub customer: CustomerId,
    pub user: UserId,
    pub unit: Option<OrgUnitId>,
    pub old: Option<Coordinates>,
    pub flags: &'a [Flag],
    pub at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    pub proposal: &'a LocationProposal,
}

/// Adds the proposal; `visits` are named only when they are the user's own.
pub(crate) async fn insert_proposal(c: &mut PgConnection, new: &NewProposal<'_>) -> Result<(), sqlx::Error> {
    let p = new.proposal;
    sqlx::query!(
        "insert into location_proposals (distributor_id, id, customer_id, visit_id, user_id, unit_id, old_latitude,
           old_longitude, latitude, longitude, accuracy, reason, photo_sha256, flags, at, received_at)
         values ($1, $2, $3, (select v.id from visits v where v.distributor_id = $1 and v.id = $4 and v.customer_id = $3
             and v.user_id = $5), $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        new.distributor.uuid(),
        p.id.uuid(),
        new.customer.uuid(),
        p.visit.map(VisitId::uuid),
        new.user.uuid(),
        new.unit.map(OrgUnitId::uuid),
        new.old.map(Coordinates::latitude),
        new.old.map(Coordinates::longitude),
        p.place.latitude(),
        p.place.longitude(),
        p.accuracy,
        p.reason,
        p.photo.as_str(),
        Json(new.flags) as _,
        new.at,
        new.received_at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Narrows a list of proposals.
#[derive(Debug, Default)]
pub(crate) struct ProposalFilter {
    pub id: Option<LocationProposalId>,
    pub status: Option<String>,
    pub customer: Option<CustomerId>,
    pub search: Option<String>,
}

/// The proposal, when the scope shows it.
pub(crate) async fn find_proposal(
    c: &mut PgConnection,
    scope: Scope<'_>,
    id: LocationProposalId,
) -> Result<Option<ProposalRow>, sqlx::Error> {
    let filter = ProposalFilter { id: Some(id), ..ProposalFilter::default() };
    Ok(select_proposals(c, scope, &filter, 1, 0).await?.pop())
}

/// Like [`find_proposal`], and keeps others from deciding until the transaction ends.
pub(crate) async fn lock_proposal(
    c: &mut PgConnection,
    scope: Scope<'_>,
    id: LocationProposalId,
) -> Result<Option<ProposalRow>, sqlx::Error> {
    sqlx::query!("select id from location_proposals where id = $1 for no key update", id.uuid())
        .fetch_optional(&mut *c)
        .await?;
    find_proposal(c, scope, id).await
}

/// A page of the proposals in the scope, the latest first, and how many there are.
pub(crate) async fn list_proposals(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &ProposalFilter,
    page: &Page,
) -> Result<(Vec<ProposalRow>, i64), sqlx::Error> {
    let units = scope.units();
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!"
           from location_proposals p join customers cu on cu.distributor_id = p.distributor_id and cu.id = p.customer_id
           where ($1::uuid is null or p.user_id = $1) and ($2::uuid[] is null or p.unit_id = any ($2))
             and ($3::text is null or p.status = $3) and ($4::uuid is null or p.customer_id = $4)
             and ($5::text is null or cu.search_key like $5)"#,
        scope.user(),
        units.as_deref(),
        filter.status,
        filter.customer.map(CustomerId::uuid),
        filter.search,
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((select_proposals(c, scope, filter, page.limit(), page.offset()).await?, total))
}

async fn select_proposals(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &ProposalFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<ProposalRow>, sqlx::Error> {
    let units = scope.units();
    sqlx::query_as!(
        ProposalRow,
        r#"select p.id as "proposal_id: LocationProposalId", p.distributor_id as "distributor_id: DistributorId",
             p.customer_id as "customer_id: CustomerId", cu.code as customer_code, cu.name as customer_name,
             p.visit_id as "visit_id: VisitId", p.user_id as "user_id: UserId", coalesce(u.full_name, '') as "full_name!",
             p.old_latitude, p.old_longitude, p.latitude, p.longitude, p.accuracy, p.reason, p.photo_sha256,
             p.flags as "flags: Json<Vec<Flag>>", p.at, p.status, p.decided_by as "decided_by: UserId",
             d.full_name as "decided_by_name?", p.decided_at, p.decision_note, p.rejudged
           from location_proposals p join customers cu on cu.distributor_id = p.distributor_id and cu.id = p.customer_id
           left join users u on u.id = p.user_id left join users d on d.id = p.decided_by
           where ($1::uuid is null or p.user_id = $1) and ($2::uuid[] is null or p.unit_id = any ($2))
             and ($3::text is null or p.status = $3) and ($4::uuid is null or p.customer_id = $4)
             and ($5::text is null or cu.search_key like $5) and ($6::uuid is null or p.id = $6)
           order by p.at desc, p.id desc limit $7 offset $8"#,
        scope.user(),
        units.as_deref(),
        filter.status,
        filter.customer.map(CustomerId::uuid),
        filter.search,
        filter.id.map(LocationProposalId::uuid),
        limit,
        offset,
    )
    .fetch_all(c)
    .await
}

/// Writes what was decided.
pub(crate) async fn update_decided(
    c: &mut PgConnection,
    proposal: &ProposalRow,
    status: &str,
    note: &str,
    rejudged: i32,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update location_proposals set status = $3, decision_note = $4, rejudged = $5, decided_by = $6, decided_at = $7,
           version = version + 1
         where distributor_id = $1 and id = $2",
        proposal.distributor_id.uuid(),
        proposal.proposal_id.uuid(),
        status,
        note,
        rejudged,
        by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// A visit that was measured to a place.
pub(crate) struct Measured {
    pub id: VisitId,
    pub place: Coordinates,
    pub accuracy: Option<f64>,
    pub policy: VisitPolicy,
    /// None while it goes on.
    pub verdict: Option<Verdict>,
}

/// The outlet's visits that were measured to the place.
pub(crate) async fn list_measured(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
    outlet: Coordinates,
) -> Result<Vec<Measured>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: VisitId", latitude, longitude, accuracy, policy as "policy: Json<VisitPolicy>",
             verdict as "verdict: Json<Verdict>"
           from visits
           where distributor_id = $1 and customer_id = $2 and outlet_latitude = $3 and outlet_longitude = $4
           for no key update"#,
        distributor.uuid(),
        customer.uuid(),
        outlet.latitude(),
        outlet.longitude(),
    )
    .fetch_all(c)
    .await?;
    let measured = rows.into_iter().filter_map(|r| {
        Some(Measured {
            id: r.id,
            place: place(Some(r.latitude), Some(r.longitude))?,
            accuracy: r.accuracy,
            policy: r.policy.map(|policy| policy.0).unwrap_or_default(),
            verdict: r.verdict.map(|verdict| verdict.0),
        })
    });
    Ok(measured.collect())
}

/// What a visit looks like, measured to the right place.
pub(crate) struct Rejudged {
    pub visit: VisitId,
    pub distance_metres: i32,
    pub out_of_range: bool,
    pub compliant: Option<bool>,
}

/// Writes what visits look like, beside what was found at their time.
pub(crate) async fn update_rejudged(
    c: &mut PgConnection,
    distributor: DistributorId,
    proposal: LocationProposalId,
    rejudged: &[Rejudged],
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = rejudged.iter().map(|r| r.visit.uuid()).collect();
    let distances: Vec<i32> = rejudged.iter().map(|r| r.distance_metres).collect();
    let far: Vec<bool> = rejudged.iter().map(|r| r.out_of_range).collect();
    let compliant: Vec<Option<bool>> = rejudged.iter().map(|r| r.compliant).collect();
    sqlx::query!(
        "update visits v set corrected_distance_m = t.distance, corrected_out_of_range = t.far,
           corrected_compliant = t.compliant, corrected_by = $2, version = v.version + 1
         from unnest($3::uuid[], $4::int[], $5::bool[], $6::bool[]) as t (id, distance, far, compliant)
         where v.distributor_id = $1 and v.id = t.id",
        distributor.uuid(),
        proposal.uuid(),
        &ids,
        &distances,
        &far,
        &compliant as &[Option<bool>],
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Where an outlet stood since when.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LocationRow {
    /// Since then; the first one holds for all time before it, too.
    pub valid_from: DateTime<Utc>,
    /// Where; none when the place was taken away.
    pub latitude: Option<f64>,
    /// Where.
    pub longitude: Option<f64>,
    /// Who set it.
    pub set_by: Option<UserId>,
    /// Their name.
    pub set_by_name: Option<String>,
    /// When it became known here.
    pub recorded_at: DateTime<Utc>,
}

/// Where the outlet stood, the latest first.
pub(crate) async fn list_locations(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
) -> Result<Vec<LocationRow>, sqlx::Error> {
    sqlx::query_as!(
        LocationRow,
        r#"select l.valid_from, l.latitude, l.longitude, l.set_by as "set_by: UserId", u.full_name as "set_by_name?",
             l.recorded_at
           from customer_locations l left join users u on u.id = l.set_by
           where l.distributor_id = $1 and l.customer_id = $2
           order by l.valid_from desc, l.seq desc limit 1000"#,
        distributor.uuid(),
        customer.uuid(),
    )
    .fetch_all(c)
    .await
}
