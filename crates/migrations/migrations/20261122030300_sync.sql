-- Sync: what changed (for the delta), what phones sent (the ledger of operations), what a person must settle.

-- Every change of what phones hold, written by triggers in the transaction of the change.
--
-- A phone's cursor says up to which transaction it has seen the rows, and which below that were still running then. A row
-- is new when its transaction is above, or one of those: so nothing is passed over when transactions commit out of order,
-- and nothing comes twice. Rows are kept for two weeks; who was away for longer starts anew.
--
-- kind: customer, member (ids = customers, parent = route), walk (ids = routes, parent = the user who gains or loses them),
-- route (parent = the unit it left), warehouse, stock (ids = products, parent = warehouse).
create table sync_changes (
  distributor_id uuid not null,
  xid            bigint not null default (pg_current_xact_id()::text::bigint),
  seq            bigint generated always as identity,
  kind           text not null,
  parent         uuid,
  ids            uuid[] not null,
  at             timestamptz not null default now(),
  primary key (distributor_id, xid, seq)
);
create index sync_changes_age on sync_changes (at);
call make_tenant_table('sync_changes');
-- The owner's own statements (later migrations) log, too.
create policy owner on sync_changes to dms_owner using (true) with check (true);

-- The same for what belongs to the company: product, price_list, promotion, survey, display_program, album. Only ids.
create table sync_company_changes (
  xid  bigint not null default (pg_current_xact_id()::text::bigint),
  seq  bigint generated always as identity,
  kind text not null,
  ids  uuid[] not null,
  at   timestamptz not null default now(),
  primary key (xid, seq)
);
create index sync_company_changes_age on sync_company_changes (at);
revoke update, delete on sync_company_changes from dms_app;

-- The newest transaction whose rows were swept away.
create table sync_horizons (
  distributor_id uuid primary key,
  xid            bigint not null
);
call make_tenant_table('sync_horizons');
-- One row: the same for the company's log, and what cursors are sealed with.
create table sync_seal (
  one     boolean primary key default true check (one),
  secret  uuid not null default gen_random_uuid(),
  horizon bigint not null default 0
);
insert into sync_seal default values;
revoke insert, update, delete on sync_seal from dms_app;

-- What a cursor belongs to. Transaction numbers mean nothing in another cluster (dump and restore), after a failover (a new
-- timeline, which may lack the last transactions) or in tables that were restored in place (new oids): another epoch.
-- An operator who restored in a way that leaves all of these alone renews the secret.
create function sync_epoch() returns text language plpgsql stable as $$
declare cluster text;
begin
  begin
    select system_identifier::text into cluster from pg_control_system();
  exception when insufficient_privilege then
    cluster := '';
  end;
  return (select s.secret from sync_seal s) || '/' || cluster || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
    || '/' || (select d.oid from pg_database d where d.datname = current_database())
    || '/' || 'sync_changes'::regclass::oid;
end $$;

-- Orders and debts have ledgers that only grow: their rows tell the change themselves.
alter table order_history add column xid bigint;
alter table order_history alter column xid set default (pg_current_xact_id()::text::bigint);
create index order_history_changes on order_history (distributor_id, xid) where xid is not null;
alter table receivable_entries add column xid bigint;
alter table receivable_entries alter column xid set default (pg_current_xact_id()::text::bigint);
create index receivable_entries_changes on receivable_entries (distributor_id, xid) where xid is not null;

create function log_customers() returns trigger language plpgsql as $$
begin
  insert into sync_changes (distributor_id, kind, ids)
    select distributor_id, 'customer', array_agg(id) from changed group by distributor_id;
  return null;
end $$;
create trigger sync_log_insert after insert on customers referencing new table as changed for each statement execute function log_customers();
create trigger sync_log_update after update on customers referencing new table as changed for each statement execute function log_customers();

create function log_customers_of() returns trigger language plpgsql as $$
begin
  insert into sync_changes (distributor_id, kind, ids)
    select distributor_id, 'customer', array_agg(distinct customer_id) from changed group by distributor_id;
  return null;
end $$;
create trigger sync_log_insert after insert on display_registrations referencing new table as changed for each statement execute function log_customers_of();
create trigger sync_log_update after update on display_registrations referencing new table as changed for each statement execute function log_customers_of();
create trigger sync_log_delete after delete on display_registrations referencing old table as changed for each statement execute function log_customers_of();

create function log_members() returns trigger language plpgsql as $$
begin
  insert into sync_changes (distributor_id, kind, parent, ids)
    select distributor_id, 'member', route_id, array_agg(customer_id) from changed group by distributor_id, route_id;
  return null;
end $$;
create trigger sync_log_insert after insert on route_customers referencing new table as changed for each statement execute function log_members();
create trigger sync_log_update after update on route_customers referencing new table as changed for each statement execute function log_members();
create trigger sync_log_delete after delete on route_customers referencing old table as changed for each statement execute function log_members();

create function log_walks() returns trigger language plpgsql as $$
begin
  insert into sync_changes (distributor_id, kind, parent, ids)
    select distributor_id, 'walk', user_id, array_agg(distinct route_id) from changed group by distributor_id, user_id;
  return null;
end $$;
create function log_moved_walks() returns trigger language plpgsql as $$
begin
  insert into sync_changes (distributor_id, kind, parent, ids)
    select distributor_id, 'walk', user_id, array_agg(distinct route_id)
    from (select distributor_id, user_id, route_id from changed union select distributor_id, user_id, route_id from former) both_rows
    group by distributor_id, user_id;
  return null;
end $$;
create trigger sync_log_insert after insert on route_assignments referencing new table as changed for each statement execute function log_walks();
create trigger sync_log_update after update on route_assignments referencing new table as changed old table as former for each statement execute function log_moved_walks();
create trigger sync_log_delete after delete on route_assignments referencing old table as changed for each statement execute function log_walks();
create trigger sync_log_insert after insert on route_substitutions referencing new table as changed for each statement execute function log_walks();
create trigger sync_log_update after update on route_substitutions referencing new table as changed old table as former for each statement execute function log_moved_walks();
create trigger sync_log_delete after delete on route_substitutions referencing old table as changed for each statement execute function log_walks();

create function log_routes() returns trigger language plpgsql as $$
begin
  insert into sync_changes (distributor_id, kind, ids)
    select distributor_id, 'route', array_agg(id) from changed group by distributor_id;
  return null;
end $$;
create function log_moved_routes() returns trigger language plpgsql as $$
begin
  insert into sync_changes (distributor_id, kind, parent, ids)
    select n.distributor_id, 'route', case when o.unit_id is distinct from n.unit_id then o.unit_id end, array_agg(n.id)
    from changed n join former o on o.distributor_id = n.distributor_id and o.id = n.id
    group by 1, 3;
  return null;
end $$;
create trigger sync_log_insert after insert on routes referencing new table as changed for each statement execute function log_routes();
create trigger sync_log_update after update on routes referencing new table as changed old table as former for each statement execute function log_moved_routes();

create function log_warehouses() returns trigger language plpgsql as $$
begin
  insert into sync_changes (distributor_id, kind, ids)
    select distributor_id, 'warehouse', array_agg(id) from changed group by distributor_id;
  return null;
end $$;
create trigger sync_log_insert after insert on warehouses referencing new table as changed for each statement execute function log_warehouses();
create trigger sync_log_update after update on warehouses referencing new table as changed for each statement execute function log_warehouses();

create function log_stock() returns trigger language plpgsql as $$
begin
  insert into sync_changes (distributor_id, kind, parent, ids)
    select distributor_id, 'stock', warehouse_id, array_agg(product_id) from changed group by distributor_id, warehouse_id;
  return null;
end $$;
create trigger sync_log_insert after insert on stock_items referencing new table as changed for each statement execute function log_stock();
create trigger sync_log_update after update on stock_items referencing new table as changed for each statement execute function log_stock();

-- What belongs to the company. The argument is the kind, and the column that holds the id where it isn't `id`.
create function log_company() returns trigger language plpgsql as $$
begin
  insert into sync_company_changes (kind, ids)
    select tg_argv[0], ids from (select array_agg(id) as ids from changed) c where ids is not null;
  return null;
end $$;
create function log_price_lists() returns trigger language plpgsql as $$
begin
  insert into sync_company_changes (kind, ids)
    select 'price_list', ids from (select array_agg(distinct price_list_id) as ids from changed) c where ids is not null;
  return null;
end $$;
-- Products are shown with the names of their brand and category.
create function log_labelled_products() returns trigger language plpgsql as $$
begin
  insert into sync_company_changes (kind, ids)
    select 'product', ids from (
      select array_agg(p.id) as ids from products p
      where p.brand_id in (select id from changed) or p.category_id in (select id from changed)) c
    where ids is not null;
  return null;
end $$;
create trigger sync_log_insert after insert on products referencing new table as changed for each statement execute function log_company('product');
create trigger sync_log_update after update on products referencing new table as changed for each statement execute function log_company('product');
create trigger sync_log_update after update on brands referencing new table as changed for each statement execute function log_labelled_products();
create trigger sync_log_update after update on categories referencing new table as changed for each statement execute function log_labelled_products();
create trigger sync_log_insert after insert on price_lists referencing new table as changed for each statement execute function log_company('price_list');
create trigger sync_log_update after update on price_lists referencing new table as changed for each statement execute function log_company('price_list');
create trigger sync_log_insert after insert on price_list_items referencing new table as changed for each statement execute function log_price_lists();
create trigger sync_log_update after update on price_list_items referencing new table as changed for each statement execute function log_price_lists();
create trigger sync_log_delete after delete on price_list_items referencing old table as changed for each statement execute function log_price_lists();
create trigger sync_log_insert after insert on promotions referencing new table as changed for each statement execute function log_company('promotion');
create trigger sync_log_update after update on promotions referencing new table as changed for each statement execute function log_company('promotion');
create trigger sync_log_insert after insert on surveys referencing new table as changed for each statement execute function log_company('survey');
create trigger sync_log_update after update on surveys referencing new table as changed for each statement execute function log_company('survey');
create trigger sync_log_insert after insert on display_programs referencing new table as changed for each statement execute function log_company('display_program');
create trigger sync_log_update after update on display_programs referencing new table as changed for each statement execute function log_company('display_program');

-- A phone or browser that somebody works with. `last_seq` is the highest number of an operation it sent; when numbers go
-- back with operations that are new, an old backup was put on it: another incarnation.
create table sync_devices (
  distributor_id   uuid not null references distributors (id),
  user_id          uuid not null references users (id),
  device_id        text not null check (length(device_id) between 1 and 200),
  unit_id          uuid,
  app_version      text not null default '',
  first_seen       timestamptz not null,
  last_seen        timestamptz not null,
  -- what it said was still waiting on it, and since when
  queue_length     integer not null default 0,
  oldest_queued_at timestamptz,
  last_seq         bigint not null default 0,
  incarnation      integer not null default 1,
  -- how far its clock was behind ours when it last said its time
  clock_offset_ms  bigint,
  primary key (distributor_id, user_id, device_id)
);
call make_tenant_table('sync_devices');

-- Every operation that phones sent, as it came, with what became of it: stored in the transaction of its effects.
--   applied, differs   it took effect (differs: with flags, or not as the phone reckoned)
--   rejected           it never will: malformed, or no right to do it
--   held               well-formed, but only a person can settle it: a case is open
--   waiting            what it depends on isn't applied yet
--   dismissed          a person decided that it shall have no effect
create table sync_operations (
  distributor_id  uuid not null references distributors (id),
  user_id         uuid not null references users (id),
  op_id           uuid not null,
  unit_id         uuid,
  device_id       text not null,
  incarnation     integer not null,
  seq             bigint not null,
  kind            text not null,
  entity_id       uuid,
  depends_on      uuid[] not null default '{}',
  -- by the device's clock, by ours, and what it counts for after the clock was set right
  device_at       timestamptz,
  received_at     timestamptz not null,
  effective_at    timestamptz,
  app_version     text not null default '',
  payload_version integer not null default 1,
  digest          bytea not null,
  -- exactly what was sent; text, because not all JSON is a jsonb
  content         text not null,
  status          text not null check (status in ('applied', 'differs', 'rejected', 'held', 'waiting', 'dismissed')),
  -- the operation or thing that a waiting one waits for
  waits_for       uuid,
  code            text,
  vi              text,
  en              text,
  result          jsonb,
  flags           jsonb not null default '[]',
  settled_at      timestamptz,
  primary key (distributor_id, user_id, op_id),
  check (status <> 'waiting' or waits_for is not null)
);
create index sync_operations_entity on sync_operations (distributor_id, user_id, entity_id);
create index sync_operations_waiting on sync_operations (distributor_id, user_id, waits_for) where status = 'waiting';
create index sync_operations_received on sync_operations (distributor_id, received_at);
call make_tenant_table('sync_operations');

-- What came and is no operation, or has the id of another: kept to be read.
create table sync_strays (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  user_id        uuid not null references users (id),
  unit_id        uuid,
  device_id      text not null,
  op_id          text,
  code           text not null,
  vi             text not null,
  en             text not null,
  digest         bytea not null,
  content        text not null,
  received_at    timestamptz not null,
  primary key (distributor_id, id),
  constraint sync_strays_once unique (distributor_id, user_id, digest)
);
create unique index sync_strays_id_uniq on sync_strays (id);
create index sync_strays_received on sync_strays (distributor_id, received_at);
call make_tenant_table('sync_strays');

-- What a person must look at: an operation that is held, or one that took effect with flags.
create table sync_cases (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  user_id        uuid not null references users (id),
  op_id          uuid not null,
  unit_id        uuid,
  device_id      text not null,
  kind           text not null,
  entity_id      uuid,
  held           boolean not null,
  code           text not null,
  vi             text not null,
  en             text not null,
  flags          jsonb not null default '[]',
  happened_at    timestamptz,
  opened_at      timestamptz not null,
  status         text not null default 'open' check (status in ('open', 'applied', 'accepted', 'dismissed')),
  closed_at      timestamptz,
  closed_by      uuid references users (id),
  reason         text not null default '',
  version        bigint not null default 1,
  primary key (distributor_id, id),
  foreign key (distributor_id, user_id, op_id) references sync_operations (distributor_id, user_id, op_id),
  check ((status = 'open') = (closed_at is null))
);
create unique index sync_cases_id_uniq on sync_cases (id);
create unique index sync_cases_open_uniq on sync_cases (distributor_id, user_id, op_id) where status = 'open';
create index sync_cases_open on sync_cases (distributor_id, opened_at) where status = 'open';
create index sync_cases_opened on sync_cases (distributor_id, opened_at);
call make_tenant_table('sync_cases');

-- The routes that somebody walks on a day, also in the place of another, or that belong to units or their people. Without
-- both, all of them. Whatever their status: whose outlets one sees is what customers_in_scope says.
create function routes_in_scope(rep uuid, units uuid[], day date) returns setof uuid language sql stable as $$
  select r.id from routes r where rep is null and units is null
  union
  select r.id from routes r where r.unit_id = any (units)
  union
  select w.route_id
  from (
    select a.route_id, a.user_id from route_assignments a where a.valid_from <= day and (a.valid_to is null or a.valid_to >= day)
    union all
    select s.route_id, s.user_id from route_substitutions s
    where s.first_day <= day and s.last_day >= day and s.cancelled_at is null
  ) w
  where w.user_id = rep or w.user_id in (select uu.user_id from user_units uu where uu.unit_id = any (units))
$$;

-- Takes away log rows from before an instant, and says so; at most so many of each log. Gives how many.
create function sweep_sync_changes(before timestamptz, most integer) returns bigint language sql as $$
  with gone as (
    delete from sync_changes where (distributor_id, xid, seq) in (
      select distributor_id, xid, seq from sync_changes where at < before order by at limit most)
    returning distributor_id, xid
  ), marked as (
    insert into sync_horizons as h (distributor_id, xid)
      select distributor_id, max(xid) from gone group by distributor_id
    on conflict (distributor_id) do update set xid = greatest(h.xid, excluded.xid)
    returning 1
  ), company as (
    delete from sync_company_changes where (xid, seq) in (
      select xid, seq from sync_company_changes where at < before order by at limit most)
    returning xid
  ), marked_company as (
    update sync_seal set horizon = greatest(horizon, (select max(xid) from company)) where exists (select from company)
    returning 1
  )
  select (select count(*) from gone) + (select count(*) from company) + 0 * (select count(*) from marked)
    + 0 * (select count(*) from marked_company)
$$;
