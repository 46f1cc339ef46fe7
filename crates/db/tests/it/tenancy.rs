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
        "order_history",
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
