use db::{Context, Tenants};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};
use test_kit::{TestDatabase, world};

/// Tables whose rows belong to a distributor, seen as the application's role without saying who acts.
#[tokio::test]
async fn the_application_role_sees_nothing_without_a_context() {
    let database = TestDatabase::create().await;
    let mut app =
        PgConnection::connect_with(&database.options().options([("role", "dms_app")])).await.unwrap();
    for table in [
        "customers",
        "orders",
        "stock_items",
        "stock_movements",
        "visits",
        "receivable_entries",
        "distributors",
    ] {
        let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}")))
            .fetch_one(&mut app)
            .await
            .unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

#[tokio::test]
async fn a_distributor_can_neither_read_nor_change_nor_add_rows_of_another() {
    let database = TestDatabase::create().await;
    let db = database.pools().await;
    let cx = Context { tenants: Tenants::Distributors(vec![world::NPP01]), ..Context::system("test") };
    let mut tx = db.begin(&cx).await.unwrap();
    let foreign = world::NPP02.uuid();
    let seen: i64 = sqlx::query_scalar("select count(*) from customers where distributor_id = $1")
        .bind(foreign)
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    assert_eq!(seen, 0);
    let changed = sqlx::query("update customers set name = 'x' where distributor_id = $1")
        .bind(foreign)
        .execute(&mut *tx)
        .await
        .unwrap();
    assert_eq!(changed.rows_affected(), 0);
    let added = sqlx::query("insert into warehouses (distributor_id, id, code, name, kind, created_at) values ($1, gen_random_uuid(), 'X', 'X', 'main', now())")
        .bind(foreign)
        .execute(&mut *tx)
        .await;
    let error = added.unwrap_err();
    assert_eq!(error.as_database_error().and_then(|e| e.code()).as_deref(), Some("42501"));
}

#[tokio::test]
async fn a_context_is_gone_when_its_transaction_ends() {
    let database = TestDatabase::create().await;
    let db = database.pools().await;
    for tenant in [world::NPP01, world::NPP02] {
        let cx = Context { tenants: Tenants::Distributors(vec![tenant]), ..Context::system("test") };
        let mut tx = db.begin(&cx).await.unwrap();
        let seen: Vec<uuid::Uuid> = sqlx::query_scalar("select distinct distributor_id from customers")
            .fetch_all(&mut *tx)
            .await
            .unwrap();
        assert_eq!(seen, [tenant.uuid()]);
        tx.commit().await.unwrap();
    }
}

/// Every table with a distributor_id is behind a wall, now and when one is added.
#[tokio::test]
async fn every_tenant_table_forces_row_level_security() {
    let database = TestDatabase::create().await;
    let mut owner = database.owner().await;
    let rows = sqlx::query(
        "select c.relname::text as name, c.relrowsecurity and c.relforcerowsecurity as forced,
                (select count(*) from pg_policy p where p.polrelid = c.oid) as policies,
                c.relispartition as partition,
                has_table_privilege('dms_app', c.oid, 'select') as open
         from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'distributor_id'
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not a.attisdropped",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert!(rows.len() > 25);
    for row in rows {
        let name: String = row.get("name");
        if row.get("partition") {
            assert!(!row.get::<bool, _>("open"), "{name}: a partition can be read past its table's policies");
        } else {
            assert!(row.get::<bool, _>("forced"), "{name}: row-level security is not forced");
            assert!(row.get::<i64, _>("policies") >= 2, "{name}: no policies");
        }
    }
}

#[tokio::test]
async fn ledgers_can_only_grow() {
    let database = TestDatabase::create().await;
    let db = database.pools().await;
    for table in [
        "stock_movements",
        "receivable_entries",
        "receivable_allocations",
        "audit_log",
        "clock_events",
        "clock_corrections",
        "order_history",
        "promotion_usage",
        "promotion_hand_outs",
        "receivable_refunds",
        "receivable_adjustments",
        "rep_cash_entries",
        "cash_hand_overs",
        "customer_locations",
        "visit_stock_checks",
        "visit_stock_lines",
        "survey_answers",
        "issue_posts",
        "display_scores",
        "suspicions",
        "location_declarations",
    ] {
        for statement in
            [format!("delete from {table}"), format!("update {table} set distributor_id = distributor_id")]
        {
            let mut tx = db.begin(&Context::system("test")).await.unwrap();
            let error =
                sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&mut *tx).await.unwrap_err();
            assert_eq!(
                error.as_database_error().and_then(|e| e.code()).as_deref(),
                Some("42501"),
                "{statement}"
            );
        }
    }
    // Not even their owner.
    let mut owner = database.owner().await;
    let error = sqlx::query("delete from stock_movements").execute(&mut owner).await.unwrap_err();
    assert!(error.to_string().contains("append-only"), "{error}");
}

#[tokio::test]
async fn secrets_are_out_of_reach_of_distributors_callers() {
    let database = TestDatabase::create().await;
    let db = database.pools().await;
    let cx = Context { tenants: Tenants::Distributors(vec![world::NPP01]), ..Context::system("test") };
    for table in ["credentials", "password_history", "sessions", "refresh_tokens", "known_devices"] {
        let mut tx = db.begin(&cx).await.unwrap();
        let error = sqlx::query(sqlx::AssertSqlSafe(format!("select 1 from {table}")))
            .execute(&mut *tx)
            .await
            .unwrap_err();
        assert_eq!(error.as_database_error().and_then(|e| e.code()).as_deref(), Some("42501"), "{table}");
    }
}

#[tokio::test]
async fn what_hangs_on_a_hidden_row_is_hidden_too() {
    let database = TestDatabase::create().await;
    let mut owner = database.owner().await;
    sqlx::raw_sql(
        "insert into price_lists (id, code, name, scope, distributor_id, valid_from, created_at, updated_at)
           values ('00000000-0000-0000-0000-00000000b001', 'B2', 'NPP02', 'distributor', '00000000-0000-0000-0000-000000001002', '2026-01-01', now(), now());
         insert into price_list_items select '00000000-0000-0000-0000-00000000b001', id, 1, 1 from products;
         insert into promotions (id, code, name, search_key, valid_from, valid_to, definition, created_at, updated_at)
           values ('00000000-0000-0000-0000-00000000a002', 'KM2', 'NPP02', '', '2026-01-01', '2026-12-31',
             '{\"audience\": {\"distributors\": [\"00000000-0000-0000-0000-000000001002\"]}}', now(), now());",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let db = database.pools().await;
    for (tenant, seen) in [(world::NPP01, false), (world::NPP02, true)] {
        let cx = Context { tenants: Tenants::Distributors(vec![tenant]), ..Context::system("test") };
        let mut tx = db.begin(&cx).await.unwrap();
        for table in ["price_list_items", "promotions"] {
            let any: bool =
                sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select exists (select from {table})")))
                    .fetch_one(&mut *tx)
                    .await
                    .unwrap();
            assert_eq!(any, seen, "{table}");
        }
        let foreign: bool = sqlx::query_scalar(
            "select exists (select from user_units where user_id = any (array['00000000-0000-0000-0000-000000003011', '00000000-0000-0000-0000-000000003021']::uuid[])
               and unit_id <> $1)",
        )
        .bind(if tenant == world::NPP01 { world::TEAM1.uuid() } else { world::TEAM2.uuid() })
        .fetch_one(&mut *tx)
        .await
        .unwrap();
        assert!(!foreign);
    }
}

#[tokio::test]
async fn a_distributors_caller_gives_no_rights_and_deletes_no_documents() {
    let database = TestDatabase::create().await;
    let db = database.pools().await;
    let cx = Context { tenants: Tenants::Distributors(vec![world::NPP01]), ..Context::system("test") };
    for statement in [
        "update users set role = 'company_admin'",
        "insert into user_units (user_id, unit_id) select id, '00000000-0000-0000-0000-000000002001' from users",
        "delete from user_units",
        "update org_units set name = 'x'",
        "delete from orders",
        "delete from receipts",
        "delete from customer_balances",
        "delete from customers",
    ] {
        let mut tx = db.begin(&cx).await.unwrap();
        let error = sqlx::query(statement).execute(&mut *tx).await.unwrap_err();
        assert_eq!(error.as_database_error().and_then(|e| e.code()).as_deref(), Some("42501"), "{statement}");
    }
}

/// A company admin names a document by its id alone.
#[tokio::test]
async fn an_id_belongs_to_one_distributor() {
    let database = TestDatabase::create().await;
    let mut owner = database.owner().await;
    let error = sqlx::query("update customers set id = $1 where id = $2")
        .bind(world::SHOP1.uuid())
        .bind(world::SHOP21.uuid())
        .execute(&mut owner)
        .await
        .unwrap_err();
    assert_eq!(error.as_database_error().and_then(|e| e.constraint()), Some("customers_id_uniq"));
}

/// Documents name these rows without a foreign key, because they are never deleted, not even by their owner.
#[tokio::test]
async fn master_data_that_documents_name_is_never_deleted() {
    let database = TestDatabase::create().await;
    let mut owner = database.owner().await;
    for table in ["users", "products", "price_lists", "promotions", "warehouses", "lots", "customers"] {
        let guarded: bool = sqlx::query_scalar(
            "select exists (select from pg_trigger t where t.tgrelid = $1::regclass and t.tgname = 'never_deleted'
               and t.tgenabled = 'O')",
        )
        .bind(table)
        .fetch_one(&mut owner)
        .await
        .unwrap();
        assert!(guarded, "{table}");
    }
    let error = sqlx::query("delete from warehouses").execute(&mut owner).await.unwrap_err();
    assert_eq!(error.as_database_error().and_then(|e| e.code()).as_deref(), Some("23000"));
}

#[tokio::test]
async fn only_lists_and_reports_of_distributors_may_be_planned_to_read_a_whole_table() {
    let database = TestDatabase::create().await;
    let db = database.pools().await;
    let cx = Context { tenants: Tenants::Distributors(vec![world::NPP01]), ..Context::system("test") };
    let mut said = Vec::new();
    for mut tx in [
        db.begin(&cx).await.unwrap(),
        db.lookup(&cx).await.unwrap(),
        db.begin_on_queue(&Context::system("test")).await.unwrap(),
        db.read(&cx).await.unwrap(),
        db.snapshot(&cx).await.unwrap(),
        db.long_snapshot(&cx).await.unwrap(),
    ] {
        let scan: String = sqlx::query_scalar("show enable_seqscan").fetch_one(&mut *tx).await.unwrap();
        said.push(scan);
    }
    assert_eq!(said, ["off", "off", "off", "on", "on", "on"]);
}
