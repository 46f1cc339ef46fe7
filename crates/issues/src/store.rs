//! All SQL of issues.

use chrono::{DateTime, Utc};
use domain::issue::{IssueState, PostKind};
use domain::{CustomerId, DistributorId, IssueId, IssuePostId, OrgUnitId, UserId, VisitId};
use platform::{Caller, Page};
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::{Issue, Post, Recipient};
use crate::service::NewIssue;

/// Who opened the thread with this id.
pub(crate) async fn find_opener(c: &mut PgConnection, id: IssueId) -> Result<Option<UserId>, sqlx::Error> {
    sqlx::query_scalar!(r#"select opened_by as "by: UserId" from issues where id = $1"#, id.uuid())
        .fetch_optional(c)
        .await
}

/// How many of these people and units there are for the caller.
pub(crate) async fn count_recipients(
    c: &mut PgConnection,
    users: &[UserId],
    units: &[OrgUnitId],
) -> Result<usize, sqlx::Error> {
    let users: Vec<Uuid> = users.iter().map(|u| u.uuid()).collect();
    let units: Vec<Uuid> = units.iter().map(|u| u.uuid()).collect();
    let count = sqlx::query_scalar!(
        r#"select (select count(*) from users where id = any ($1) and status = 'active' and deleted_at is null)
             + (select count(*) from org_units where id = any ($2) and deleted_at is null) as "n!""#,
        &users,
        &units,
    )
    .fetch_one(c)
    .await?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Whether the distributor has the outlet.
pub(crate) async fn customer_exists(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from customers where distributor_id = $1 and id = $2 and deleted_at is null) as "yes!""#,
        distributor.uuid(),
        customer.uuid(),
    )
    .fetch_one(c)
    .await
}

/// Adds a thread with its first post and its recipients.
pub(crate) async fn insert_issue(
    c: &mut PgConnection,
    new: &NewIssue<'_>,
    subject: &str,
    post: IssuePostId,
    (by, users, units): (UserId, &[UserId], &[OrgUnitId]),
    received_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let users: Vec<Uuid> = users.iter().map(|u| u.uuid()).collect();
    let units: Vec<Uuid> = units.iter().map(|u| u.uuid()).collect();
    sqlx::query!(
        "with issue as (
           insert into issues (distributor_id, id, customer_id, visit_id, subject, search_key, opened_by, unit_id, opened_at,
             last_post_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
         ), post as (
           insert into issue_posts (distributor_id, id, issue_id, kind, author_id, body, at, received_at)
           values ($1, $10, $2, 'question', $7, $11, $9, $12)
         )
         insert into issue_recipients (distributor_id, issue_id, user_id, unit_id)
         select $1, $2, u, null::uuid from unnest($13::uuid[]) u union all select $1, $2, null, u from unnest($14::uuid[]) u",
        new.distributor.uuid(),
        new.id.uuid(),
        new.customer.map(CustomerId::uuid),
        new.visit.map(VisitId::uuid),
        subject,
        domain::search_key(subject),
        by.uuid(),
        new.unit.map(OrgUnitId::uuid),
        new.at,
        post.uuid(),
        new.body,
        received_at,
        &users,
        &units,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Tells the thread's people and units, but not who writes. Only they hear of it, not the whole distributor.
pub(crate) async fn insert_event(
    c: &mut PgConnection,
    distributor: DistributorId,
    issue: IssueId,
    author: UserId,
    payload: Value,
    trace: Option<&str>,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into outbox (id, distributor_id, kind, aggregate_id, audience, payload, trace_id, created_at)
         select $1, $2, 'Notice', $3, array(
             select 'user:' || i.opened_by from issues i where i.distributor_id = $2 and i.id = $3 and i.opened_by <> $4
             union select 'user:' || p.author_id from issue_posts p
               where p.distributor_id = $2 and p.issue_id = $3 and p.author_id <> $4
             union select coalesce('user:' || r.user_id, 'team:' || r.unit_id) from issue_recipients r
               where r.distributor_id = $2 and r.issue_id = $3 and r.user_id is distinct from $4),
           $5, $6, $7",
        Uuid::now_v7(),
        distributor.uuid(),
        issue.uuid(),
        author.uuid(),
        payload,
        trace,
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Narrows a list of issues.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub id: Option<IssueId>,
    pub state: Option<IssueState>,
    pub customer: Option<CustomerId>,
    pub visit: Option<VisitId>,
    /// Those that ask the caller, by name or by unit.
    pub to_me: bool,
    pub search: Option<String>,
}

/// The thread, if the caller may see it: who opened it, who is asked, and those in whose scope it is.
pub(crate) async fn find(
    c: &mut PgConnection,
    caller: &Caller,
    id: IssueId,
) -> Result<Option<Issue>, sqlx::Error> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    Ok(select(c, caller, &filter, 1, 0).await?.pop())
}

/// Like [`find`], and keeps others from writing until the transaction ends.
pub(crate) async fn lock(
    c: &mut PgConnection,
    caller: &Caller,
    id: IssueId,
) -> Result<Option<Issue>, sqlx::Error> {
    sqlx::query!("select id from issues where id = $1 for no key update", id.uuid())
        .fetch_optional(&mut *c)
        .await?;
    find(c, caller, id).await
}

/// A page of the threads the caller may see, the latest first, and how many there are.
pub(crate) async fn list(
    c: &mut PgConnection,
    caller: &Caller,
    filter: &Filter,
    page: &Page,
) -> Result<(Vec<Issue>, i64), sqlx::Error> {
    let scope = caller.scope();
    let own: Vec<Uuid> = caller.units.iter().map(|u| u.uuid()).collect();
    let units = scope.units();
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!"
           from issues i left join customers cu on cu.distributor_id = i.distributor_id and cu.id = i.customer_id
           where (($1::uuid is null and $2::uuid[] is null) or i.opened_by = $3 or i.unit_id = any ($2)
               or exists (select from issue_recipients r where r.distributor_id = i.distributor_id and r.issue_id = i.id
                            and (r.user_id = $3 or r.unit_id = any ($4))))
             and ($5::text is null or i.state = $5) and ($6::uuid is null or i.customer_id = $6)
             and ($7::uuid is null or i.visit_id = $7)
             and (not $8 or exists (select from issue_recipients r where r.distributor_id = i.distributor_id
                            and r.issue_id = i.id and (r.user_id = $3 or r.unit_id = any ($4))))
             and ($9::text is null or i.search_key like $9 or cu.search_key like $9)"#,
        scope.user(),
        units.as_deref(),
        caller.user_id.uuid(),
        &own,
        filter.state.map(IssueState::as_str),
        filter.customer.map(CustomerId::uuid),
        filter.visit.map(VisitId::uuid),
        filter.to_me,
        filter.search,
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((select(c, caller, filter, page.limit(), page.offset()).await?, total))
}

async fn select(
    c: &mut PgConnection,
    caller: &Caller,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Issue>, sqlx::Error> {
    let scope = caller.scope();
    let own: Vec<Uuid> = caller.units.iter().map(|u| u.uuid()).collect();
    let units = scope.units();
    sqlx::query_as!(
        Issue,
        r#"select i.id as "issue_id: IssueId", i.distributor_id as "distributor_id: DistributorId",
             i.customer_id as "customer_id: CustomerId", cu.code as "customer_code?", cu.name as "customer_name?",
             i.visit_id as "visit_id: VisitId", i.subject, i.state as "state: IssueState",
             i.opened_by as "opened_by: UserId", coalesce(o.full_name, '') as "opened_by_name!",
             i.unit_id as "unit_id: OrgUnitId", i.opened_at, i.answered_at, i.resolved_at, i.last_post_at,
             (select count(*) from issue_posts p where p.distributor_id = i.distributor_id and p.issue_id = i.id)
               as "post_count!",
             coalesce((select jsonb_agg(jsonb_build_object('userId', r.user_id, 'unitId', r.unit_id, 'name',
                  coalesce(u.full_name, n.name, '')) order by r.user_id, r.unit_id)
                from issue_recipients r left join users u on u.id = r.user_id left join org_units n on n.id = r.unit_id
                where r.distributor_id = i.distributor_id and r.issue_id = i.id), '[]')
               as "recipients!: Json<Vec<Recipient>>",
             i.version
           from issues i left join customers cu on cu.distributor_id = i.distributor_id and cu.id = i.customer_id
           left join users o on o.id = i.opened_by
           where (($1::uuid is null and $2::uuid[] is null) or i.opened_by = $3 or i.unit_id = any ($2)
               or exists (select from issue_recipients r where r.distributor_id = i.distributor_id and r.issue_id = i.id
                            and (r.user_id = $3 or r.unit_id = any ($4))))
             and ($5::text is null or i.state = $5) and ($6::uuid is null or i.customer_id = $6)
             and ($7::uuid is null or i.visit_id = $7)
             and (not $8 or exists (select from issue_recipients r where r.distributor_id = i.distributor_id
                            and r.issue_id = i.id and (r.user_id = $3 or r.unit_id = any ($4))))
             and ($9::text is null or i.search_key like $9 or cu.search_key like $9)
             and ($10::uuid is null or i.id = $10)
           order by i.last_post_at desc, i.id desc limit $11 offset $12"#,
        scope.user(),
        units.as_deref(),
        caller.user_id.uuid(),
        &own,
        filter.state.map(IssueState::as_str),
        filter.customer.map(CustomerId::uuid),
        filter.visit.map(VisitId::uuid),
        filter.to_me,
        filter.search,
        filter.id.map(IssueId::uuid),
        limit,
        offset,
    )
    .fetch_all(c)
    .await
}

/// What was written, from the first on.
pub(crate) async fn list_posts(
    c: &mut PgConnection,
    distributor: DistributorId,
    issue: IssueId,
) -> Result<Vec<Post>, sqlx::Error> {
    sqlx::query_as!(
        Post,
        r#"select p.id as "post_id: IssuePostId", p.kind as "kind: PostKind", p.author_id as "author_id: UserId",
             coalesce(u.full_name, '') as "author_name!", p.body, p.at
           from issue_posts p left join users u on u.id = p.author_id
           where p.distributor_id = $1 and p.issue_id = $2 order by p.received_at, p.id"#,
        distributor.uuid(),
        issue.uuid(),
    )
    .fetch_all(c)
    .await
}

/// The thread of the post with this id.
pub(crate) async fn find_post_issue(
    c: &mut PgConnection,
    id: IssuePostId,
) -> Result<Option<IssueId>, sqlx::Error> {
    sqlx::query_scalar!(r#"select issue_id as "id: IssueId" from issue_posts where id = $1"#, id.uuid())
        .fetch_optional(c)
        .await
}

/// A post to write.
pub(crate) struct NewPost<'a> {
    pub id: IssuePostId,
    pub issue: &'a Issue,
    pub kind: PostKind,
    pub state: IssueState,
    pub body: &'a str,
    pub author: UserId,
}

/// Adds the post and moves the thread on.
pub(crate) async fn insert_post(
    c: &mut PgConnection,
    post: &NewPost<'_>,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with post as (
           insert into issue_posts (distributor_id, id, issue_id, kind, author_id, body, at, received_at)
           values ($1, $2, $3, $4, $5, $6, $7, $7)
         )
         update issues set state = $8, last_post_at = $7, version = version + 1,
           answered_at = case when $4 = 'answer' then coalesce(answered_at, $7) else answered_at end,
           resolved_at = case when $8 = 'resolved' then $7 end, resolved_by = case when $8 = 'resolved' then $5 end
         where distributor_id = $1 and id = $3",
        post.issue.distributor_id.uuid(),
        post.id.uuid(),
        post.issue.issue_id.uuid(),
        post.kind.as_str(),
        post.author.uuid(),
        post.body,
        at,
        post.state.as_str(),
    )
    .execute(c)
    .await?;
    Ok(())
}
