//! Reading the things that phones hold: named ones, or a page of all. What the viewer may not have doesn't come.

use domain::CustomerId;
use domain::price::PriceScope;
use serde_json::{Map, Value};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::scope::Viewer;
use super::view::{
    OnRoute, SyncedAlbum, SyncedCustomer, SyncedDisplayProgram, SyncedNotification, SyncedOrder, SyncedPrice,
    SyncedPriceList, SyncedProduct, SyncedPromotion, SyncedRoute, SyncedStock, SyncedSurvey,
    SyncedVisitPolicy, SyncedWarehouse,
};
use super::{NOTIFICATION_DAYS, ORDER_DAYS};

/// Which ones.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which<'a> {
    /// These.
    Named(&'a [Uuid]),
    /// So many by their ids, after this one.
    After(Option<Uuid>, i64),
}

impl<'a> Which<'a> {
    fn parts(self) -> (Option<&'a [Uuid]>, Option<Uuid>, i64) {
        match self {
            Which::Named(ids) => (Some(ids), None, i64::MAX),
            Which::After(after, limit) => (None, after, limit),
        }
    }
}

pub(crate) async fn routes(
    c: &mut PgConnection,
    v: &Viewer,
    which: Which<'_>,
) -> Result<Vec<SyncedRoute>, sqlx::Error> {
    let (ids, after, limit) = which.parts();
    sqlx::query_as!(
        SyncedRoute,
        r#"select r.id as "id: _", r.code, r.name, r.weekdays, r.start_date, r.version
           from routes r
           where r.deleted_at is null and r.status = 'active'
             and r.id in (select routes_in_scope($1, $2, $3))
             and ($4::uuid[] is null or r.id = any ($4)) and ($5::uuid is null or r.id > $5)
           order by r.id limit $6"#,
        v.rep,
        v.units.as_deref(),
        v.today,
        ids,
        after,
        limit,
    )
    .fetch_all(c)
    .await
}

pub(crate) async fn customers(
    c: &mut PgConnection,
    v: &Viewer,
    which: Which<'_>,
) -> Result<Vec<SyncedCustomer>, sqlx::Error> {
    let (ids, after, limit) = which.parts();
    let rows = sqlx::query!(
        r#"with mine as materialized (
             select c.* from customers c
             where c.deleted_at is null and c.status <> 'inactive'
               and ($1::uuid is null and $2::uuid[] is null or c.id in (select customers_in_scope($1, $2, $3)))
               and ($4::uuid[] is null or c.id = any ($4)) and ($5::uuid is null or c.id > $5)
             order by c.id limit $6
           ), walked as materialized (
             select r.id from routes r where r.deleted_at is null and r.status = 'active'
               and r.id in (select routes_in_scope($1, $2, $3))
           )
           select c.id as "id!: CustomerId", c.distributor_id as "distributor_id!: domain::DistributorId", c.code as "code!", c.name as "name!",
             c.phone as "phone!", c.contact_person as "contact_person!", c.customer_group as "customer_group!",
             c.customer_type as "customer_type!", c.channel as "channel!", c.area as "area!", c.address as "address!",
             c.latitude, c.longitude, c.location_locked as "location_locked!", c.credit_limit,
             c.payment_term_days as "payment_term_days!", coalesce(b.balance, 0) as "balance!", c.status as "status!",
             c.version as "version!",
             (select jsonb_agg(jsonb_build_object('routeId', rc.route_id, 'sequence', rc.sequence, 'frequency', rc.frequency)
                               order by rc.route_id)
              from route_customers rc join walked on walked.id = rc.route_id
              where rc.distributor_id = c.distributor_id and rc.customer_id = c.id) as "routes: Json<Vec<OnRoute>>",
             array(select d.program_id from display_registrations d
                   where d.distributor_id = c.distributor_id and d.customer_id = c.id
                     and d.valid_from <= $3 and (d.valid_to is null or d.valid_to >= $3) order by 1) as "programs!"
           from mine c
           left join customer_balances b on b.distributor_id = c.distributor_id and b.customer_id = c.id
           order by c.id"#,
        v.rep,
        v.units.as_deref(),
        v.today,
        ids,
        after,
        limit,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| SyncedCustomer {
            id: r.id,
            distributor_id: r.distributor_id,
            customer_code: r.code,
            name: r.name,
            phone: r.phone,
            contact_person: r.contact_person,
            customer_group: r.customer_group,
            customer_type: r.customer_type,
            channel: r.channel,
            area: r.area,
            address: r.address,
            latitude: r.latitude,
            longitude: r.longitude,
            location_locked: r.location_locked,
            credit_limit: r.credit_limit,
            payment_term_days: r.payment_term_days,
            current_balance: r.balance,
            status: r.status,
            routes: r.routes.map(|Json(routes)| routes).unwrap_or_default(),
            display_programs: r.programs,
            version: r.version,
        })
        .collect())
}

pub(crate) async fn products(
    c: &mut PgConnection,
    v: &Viewer,
    which: Which<'_>,
) -> Result<Vec<SyncedProduct>, sqlx::Error> {
    let (ids, after, limit) = which.parts();
    sqlx::query_as!(
        SyncedProduct,
        r#"select p.id as "id: _", p.code as product_code, p.name, coalesce(b.name, '') as "brand!",
             coalesce(k.name, '') as "category!", p.unit_name, p.sub_unit_name, p.conversion_rate, p.selling_price,
             p.selling_price_sub, p.vat_percent as vat, p.barcode,
             coalesce(p.image_sha256, p.image) as "image!", p.display_order, p.version
           from products p left join brands b on b.id = p.brand_id left join categories k on k.id = p.category_id
           where p.deleted_at is null and p.status = 'active'
             and (coalesce(p.distributors, k.distributors) && $4) is not false
             and ($1::uuid[] is null or p.id = any ($1)) and ($2::uuid is null or p.id > $2)
           order by p.id limit $3"#,
        ids,
        after,
        limit,
        &v.distributors,
    )
    .fetch_all(c)
    .await
}

pub(crate) async fn prices(
    c: &mut PgConnection,
    v: &Viewer,
    which: Which<'_>,
) -> Result<Vec<SyncedPriceList>, sqlx::Error> {
    let (ids, after, limit) = which.parts();
    let rows = sqlx::query!(
        r#"select l.id as "id: domain::PriceListId", l.code, l.scope, l.scope_value, l.distributor_id as "distributor_id: domain::DistributorId",
             l.priority, l.valid_from, l.valid_to, l.version,
             (select jsonb_agg(jsonb_build_object('productId', i.product_id, 'price', i.price, 'priceSub', i.price_sub)
                               order by i.product_id)
              from price_list_items i where i.price_list_id = l.id) as "items: Json<Vec<SyncedPrice>>"
           from price_lists l
           where l.status = 'active' and (l.valid_to is null or l.valid_to >= $3)
             and ($1::uuid is null and $2::uuid[] is null or l.scope <> 'customer'
                  or l.scope_value in (select s::text from customers_in_scope($1, $2, $3) s))
             and ($4::uuid[] is null or l.id = any ($4)) and ($5::uuid is null or l.id > $5)
           order by l.id limit $6"#,
        v.rep,
        v.units.as_deref(),
        v.today,
        ids,
        after,
        limit,
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|r| {
            let broken = || sqlx::Error::Decode(format!("price list {} has a broken scope", r.code).into());
            let scope = match r.scope.as_str() {
                "customer" => {
                    PriceScope::Customer { customer_id: r.scope_value.parse().map_err(|_| broken())? }
                }
                "customer_group" => PriceScope::CustomerGroup { customer_group: r.scope_value },
                "channel" => PriceScope::Channel { channel: r.scope_value },
                "distributor" => {
                    PriceScope::Distributor { distributor_id: r.distributor_id.ok_or_else(broken)? }
                }
                _ => PriceScope::Company,
            };
            Ok(SyncedPriceList {
                id: r.id,
                code: r.code,
                scope,
                distributor_id: r.distributor_id,
                priority: r.priority,
                valid_from: r.valid_from,
                valid_to: r.valid_to,
                items: r.items.map(|Json(items)| items).unwrap_or_default(),
                version: r.version,
            })
        })
        .collect()
}

pub(crate) async fn promotions(
    c: &mut PgConnection,
    v: &Viewer,
    which: Which<'_>,
) -> Result<Vec<SyncedPromotion>, sqlx::Error> {
    let (ids, after, limit) = which.parts();
    let rows = sqlx::query!(
        r#"select id as "id: domain::PromotionId", code, name, valid_from, valid_to, priority, version,
             definition as "definition: Json<Map<String, Value>>"
           from promotions
           where status = 'active' and valid_to >= $1
             and ($2::uuid[] is null or id = any ($2)) and ($3::uuid is null or id > $3)
           order by id limit $4"#,
        v.today,
        ids,
        after,
        limit,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| SyncedPromotion {
            id: r.id,
            code: r.code,
            name: r.name,
            valid_from: r.valid_from,
            valid_to: r.valid_to,
            priority: r.priority,
            version: r.version,
            definition: r.definition.0,
        })
        .collect())
}

pub(crate) async fn warehouses(
    c: &mut PgConnection,
    v: &Viewer,
    which: Which<'_>,
) -> Result<Vec<SyncedWarehouse>, sqlx::Error> {
    let (ids, after, limit) = which.parts();
    sqlx::query_as!(
        SyncedWarehouse,
        r#"select w.id as "id: _", w.code, w.name, w.kind, w.rep_id as "rep_id: _"
           from warehouses w
           where w.distributor_id = any ($1) and w.status = 'active'
             and (w.kind = 'main' or w.kind = 'van' and ($2::uuid is null or w.rep_id = $2))
             and ($3::uuid[] is null or w.id = any ($3)) and ($4::uuid is null or w.id > $4)
           order by w.id limit $5"#,
        &v.distributors,
        v.rep,
        ids,
        after,
        limit,
    )
    .fetch_all(c)
    .await
}

/// By product: all that the viewer's warehouses hold of it.
pub(crate) async fn stock(
    c: &mut PgConnection,
    v: &Viewer,
    which: Which<'_>,
) -> Result<Vec<SyncedStock>, sqlx::Error> {
    let (ids, after, limit) = which.parts();
    sqlx::query_as!(
        SyncedStock,
        r#"with places as materialized (
             select w.distributor_id, w.id from warehouses w
             where w.distributor_id = any ($1) and w.status = 'active'
               and (w.kind = 'main' or w.kind = 'van' and ($2::uuid is null or w.rep_id = $2))
           ), items as materialized (
             select i.* from places p join stock_items i on i.distributor_id = p.distributor_id and i.warehouse_id = p.id
             where ($3::uuid[] is null or i.product_id = any ($3)) and ($4::uuid is null or i.product_id > $4)
           )
           select warehouse_id as "warehouse_id!: _", product_id as "product_id!: _", on_hand as "on_hand!",
                  on_hand - reserved as "available!"
           from items
           where product_id in (select distinct product_id from items order by product_id limit $5)
           order by product_id, warehouse_id"#,
        &v.distributors,
        v.rep,
        ids,
        after,
        limit,
    )
    .fetch_all(c)
    .await
}

pub(crate) async fn surveys(
    c: &mut PgConnection,
    which: Which<'_>,
) -> Result<Vec<SyncedSurvey>, sqlx::Error> {
    let (ids, after, limit) = which.parts();
    sqlx::query_as!(
        SyncedSurvey,
        r#"select s.id, s.code, v.name, v.number, v.form
           from surveys s join survey_versions v on v.survey_id = s.id and v.number = s.latest
           where s.status = 'published'
             and ($1::uuid[] is null or s.id = any ($1)) and ($2::uuid is null or s.id > $2)
           order by s.id limit $3"#,
        ids,
        after,
        limit,
    )
    .fetch_all(c)
    .await
}

pub(crate) async fn display_programs(
    c: &mut PgConnection,
    v: &Viewer,
    which: Which<'_>,
) -> Result<Vec<SyncedDisplayProgram>, sqlx::Error> {
    let (ids, after, limit) = which.parts();
    sqlx::query_as!(
        SyncedDisplayProgram,
        r#"select id, code, name, valid_from, valid_to, photos, products
           from display_programs
           where status = 'active' and valid_to >= $1 and (distributors = '{}' or distributors && $5)
             and ($2::uuid[] is null or id = any ($2)) and ($3::uuid is null or id > $3)
           order by id limit $4"#,
        v.today,
        ids,
        after,
        limit,
        &v.distributors,
    )
    .fetch_all(c)
    .await
}

pub(crate) async fn orders(
    c: &mut PgConnection,
    v: &Viewer,
    which: Which<'_>,
) -> Result<Vec<SyncedOrder>, sqlx::Error> {
    let (ids, after, limit) = which.parts();
    sqlx::query_as!(
        SyncedOrder,
        r#"select o.id as "id: _", o.number as order_number, o.order_type as "order_type: _", o.status as "status: _",
             o.customer_id as "customer_id: _", o.visit_id as "visit_id: _", o.ordered_at, o.total as total_amount,
             o.needs_review, o.reason, o.version
           from orders o
           where o.distributor_id = any ($1) and o.business_date >= $2::date - $3::integer
             and ($4::uuid is null or o.rep_id = $4) and ($5::uuid[] is null or o.unit_id = any ($5))
             and ($6::uuid[] is null or o.id = any ($6)) and ($7::uuid is null or o.id > $7)
           order by o.id limit $8"#,
        &v.distributors,
        v.today,
        ORDER_DAYS,
        v.rep,
        v.units.as_deref(),
        ids,
        after,
        limit,
    )
    .fetch_all(c)
    .await
}

pub(crate) async fn visit_policies(
    c: &mut PgConnection,
    v: &Viewer,
    which: Which<'_>,
) -> Result<Vec<SyncedVisitPolicy>, sqlx::Error> {
    let (ids, after, limit) = which.parts();
    sqlx::query_as!(
        SyncedVisitPolicy,
        r#"select p.id, coalesce(array_position(u.ancestors, p.unit_id), 0) as "depth!", p.customer_type, p.valid_from, p.content,
             p.version
           from visit_policies p left join org_units u on u.id = $1
           where (p.unit_id is null or p.unit_id = any (u.ancestors))
             and ($2::uuid[] is null or p.id = any ($2)) and ($3::uuid is null or p.id > $3)
           order by p.id limit $4"#,
        v.unit,
        ids,
        after,
        limit,
    )
    .fetch_all(c)
    .await
}

pub(crate) async fn albums(c: &mut PgConnection, which: Which<'_>) -> Result<Vec<SyncedAlbum>, sqlx::Error> {
    let (ids, after, limit) = which.parts();
    sqlx::query_as!(
        SyncedAlbum,
        r#"select id, name, position, purpose from photo_albums
           where active and ($1::uuid[] is null or id = any ($1)) and ($2::uuid is null or id > $2)
           order by id limit $3"#,
        ids,
        after,
        limit,
    )
    .fetch_all(c)
    .await
}

pub(crate) async fn notifications(
    c: &mut PgConnection,
    v: &Viewer,
    which: Which<'_>,
) -> Result<Vec<SyncedNotification>, sqlx::Error> {
    let (ids, after, limit) = which.parts();
    sqlx::query_as!(
        SyncedNotification,
        r#"select id as "id: _", kind, title_vi as title, title_en, body_vi as body, body_en, about_id, data, created_at, read_at
           from notifications
           where user_id = $1 and in_app and created_at >= (($2::date - $3::integer)::timestamp at time zone 'Asia/Ho_Chi_Minh')
             and ($4::uuid[] is null or id = any ($4)) and ($5::uuid is null or id > $5)
           order by id limit $6"#,
        v.user,
        v.today,
        NOTIFICATION_DAYS,
        ids,
        after,
        limit,
    )
    .fetch_all(c)
    .await
}

/// The products that these warehouses have, or had, as far as they are the viewer's.
pub(crate) async fn products_in(
    c: &mut PgConnection,
    v: &Viewer,
    warehouses: &[Uuid],
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select distinct product_id from stock_items where distributor_id = any ($1) and warehouse_id = any ($2)",
        &v.distributors,
        warehouses,
    )
    .fetch_all(c)
    .await
}
