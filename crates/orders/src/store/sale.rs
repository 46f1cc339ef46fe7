use customers::model::{CustomerForSale, CustomerStatus};
use domain::{CustomerId, DistributorId, Money, OrderId, OrderType, UserId, VisitId, WarehouseId};
use platform::First;
use sqlx::PgConnection;
use uuid::Uuid;

/// Who sells to whom, from where.
pub struct Sale {
    pub customer: CustomerForSale,
    pub distributor_code: String,
    pub distributor_name: String,
    /// Whether the visit, if one is named, is one of this user to this customer.
    pub visit_fits: bool,
    /// Whether it has never bought before.
    pub first_order: bool,
    /// Which promotions hold: see `promotions::rules`.
    pub rules_version: Uuid,
    /// Which products and price lists hold: see `catalog::store::Catalogue`.
    pub catalogue_version: Uuid,
    /// The warehouse that was named, or the one by default: the main one, or the user's van. None when there is none.
    pub warehouse_id: Option<WarehouseId>,
    /// What was answered to the same request before.
    pub first_answer: Option<First>,
}

/// What is asked for when an order is placed.
pub struct SaleOf {
    pub customer: CustomerId,
    pub order_type: OrderType,
    pub visit: Option<VisitId>,
    pub warehouse: Option<WarehouseId>,
    pub user: UserId,
    /// The order that is priced again; what came after it does not keep it from being the customer's first.
    pub order: Option<OrderId>,
}

/// One statement for all that placing an order reads; what was read of master data before is known by its version.
/// With a key, it also looks for the first answer to the user's request with it.
pub async fn find_sale(
    c: &mut PgConnection,
    of: &SaleOf,
    key: Option<&str>,
) -> Result<Option<Sale>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select cu.distributor_id as "distributor_id: DistributorId", cu.id as "id: CustomerId", cu.code, cu.name,
             cu.customer_group, cu.customer_type, cu.channel, cu.area, cu.status as "status: CustomerStatus",
             cu.credit_limit as "credit_limit: Money", cu.payment_term_days, cu.min_life_days,
             d.code as distributor_code, d.name as distributor_name,
             ($2::uuid is null or exists (select from visits v where v.distributor_id = cu.distributor_id and v.id = $2
               and v.customer_id = cu.id and v.user_id = $3)) as "visit_fits!",
             (select w.id from warehouses w where w.distributor_id = cu.distributor_id and w.status = 'active'
               and ($4::uuid is null or w.id = $4)
               and case when $5 then w.kind = 'van' and w.rep_id = $3 else w.kind = 'main' end
               order by w.code limit 1) as "warehouse_id: WarehouseId",
             not exists (select from orders o where o.distributor_id = cu.distributor_id and o.customer_id = cu.id
               and o.status not in ('Draft', 'Rejected', 'Cancelled') and o.id is distinct from $6
               and not exists (select from orders e where e.distributor_id = cu.distributor_id and e.id = $6
                 and e.status <> 'Draft' and (e.ordered_at, e.id) < (o.ordered_at, o.id))) as "first_order!",
             (select version from master_versions where name = 'promotions') as "rules_version!",
             (select version from master_versions where name = 'catalogue') as "catalogue_version!",
             k.operation as "operation?", k.fingerprint as "fingerprint?", k.answer as "answer?"
           from customers cu join distributors d on d.id = cu.distributor_id
           left join idempotency_keys k on k.user_id = $3 and k.key = $7
           where cu.id = $1 and cu.deleted_at is null"#,
        of.customer.uuid(),
        of.visit.map(|v| v.uuid()),
        of.user.uuid(),
        of.warehouse.map(|w| w.uuid()),
        of.order_type == OrderType::VanSales,
        of.order.map(|o| o.uuid()),
        key,
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| Sale {
        customer: CustomerForSale {
            distributor_id: r.distributor_id,
            id: r.id,
            code: r.code,
            name: r.name,
            customer_group: r.customer_group,
            customer_type: r.customer_type,
            channel: r.channel,
            area: r.area,
            status: r.status,
            credit_limit: r.credit_limit,
            // The columns hold 0 to 365 and 0 to 3650.
            payment_term_days: u16::try_from(r.payment_term_days).unwrap_or_default(),
            min_life_days: u16::try_from(r.min_life_days).unwrap_or_default(),
        },
        distributor_code: r.distributor_code,
        distributor_name: r.distributor_name,
        visit_fits: r.visit_fits,
        first_order: r.first_order,
        rules_version: r.rules_version,
        catalogue_version: r.catalogue_version,
        warehouse_id: r.warehouse_id,
        first_answer: match (r.operation, r.fingerprint) {
            (Some(operation), Some(fingerprint)) => Some(First { operation, fingerprint, answer: r.answer }),
            _ => None,
        },
    }))
}
