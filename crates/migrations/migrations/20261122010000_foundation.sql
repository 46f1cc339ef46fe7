-- Tenancy, audit, outbox, idempotency: what every capability stands on.
--
-- Two roles do the daily work and own nothing:
--   dms_app     a caller of one or several distributors: row-level security shows just their rows
--   dms_system  the company's callers and the worker: the policies name this role and show all rows
-- Each transaction says who acts and for which distributors (app.user_id, app.distributors).

create function app_user() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('app.user_id', true), '')::uuid $$;

create function app_distributors() returns uuid[] language sql stable parallel safe
  as $$ select string_to_array(nullif(current_setting('app.distributors', true), ''), ',')::uuid[] $$;

-- Callers of distributors delete nothing but what a table says; documents and master data are never removed.
alter default privileges in schema public grant select, insert, update on tables to dms_app;
alter default privileges in schema public grant select, insert, update, delete on tables to dms_system;
alter default privileges in schema public grant usage, select on sequences to dms_app, dms_system;

-- Every tenant table goes through here: a distributor's rows for its callers, all rows for the company.
create procedure make_tenant_table(t regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', t);
  execute format('alter table %s force row level security', t);
  execute format('create policy tenant on %s to dms_app using (distributor_id = any (app_distributors())) with check (distributor_id = any (app_distributors()))', t);
  execute format('create policy company on %s to dms_system using (true) with check (true)', t);
end $$;

-- Rows of the company itself (distributor_id is null) may be read by everyone; only small tables use this,
-- because the OR keeps the planner from using an index.
create procedure make_shared_table(t regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', t);
  execute format('alter table %s force row level security', t);
  execute format('create policy tenant_read on %s for select to dms_app using (distributor_id is null or distributor_id = any (app_distributors()))', t);
  execute format('create policy tenant_insert on %s for insert to dms_app with check (distributor_id = any (app_distributors()))', t);
  execute format('create policy tenant_update on %s for update to dms_app using (distributor_id = any (app_distributors())) with check (distributor_id = any (app_distributors()))', t);
  execute format('create policy company on %s to dms_system using (true) with check (true)', t);
end $$;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
end $$;

-- A ledger: rows are only ever added.
create procedure make_append_only(t regclass) language plpgsql as $$
begin
  execute format('revoke update, delete, truncate on %s from dms_app, dms_system', t);
  execute format('create trigger append_only before update or delete on %s for each row execute function refuse_change()', t);
end $$;

-- A partition is reached through its table only: the policies stand there, and asked directly it would show all rows.
create procedure hide_partition(t regclass) language plpgsql as $$
begin
  execute format('revoke all on %s from dms_app, dms_system', t);
end $$;

-- Monthly partitions of a table partitioned by range, named <table>_yYYYYmMM.
create procedure ensure_month_partitions(t text, first_month date, last_month date) language plpgsql as $$
declare m date := date_trunc('month', first_month);
begin
  while m <= last_month loop
    if to_regclass(format('%I', t || to_char(m, '"_y"YYYY"m"MM'))) is null then
      execute format('create table %I partition of %I for values from (%L) to (%L)',
        t || to_char(m, '"_y"YYYY"m"MM'), t, m, (m + interval '1 month')::date);
      call hide_partition(format('%I', t || to_char(m, '"_y"YYYY"m"MM'))::regclass);
    end if;
    m := (m + interval '1 month')::date;
  end loop;
end $$;

create table audit_log (
  id             bigint generated always as identity,
  at             timestamptz not null,
  distributor_id uuid,
  actor_id       uuid,
  actor_name     text not null,
  action         text not null,
  entity         text not null,
  entity_id      uuid,
  before         jsonb,
  after          jsonb,
  address        text,
  trace_id       text,
  primary key (id, at)
) partition by range (at);
create table audit_log_default partition of audit_log default;
call hide_partition('audit_log_default');
create index audit_log_entity on audit_log (entity, entity_id, at desc);
create index audit_log_tenant on audit_log (distributor_id, at desc);
call make_shared_table('audit_log');
drop policy tenant_read on audit_log;
drop policy tenant_insert on audit_log;
create policy tenant_read on audit_log for select to dms_app using (distributor_id = any (app_distributors()));
-- A caller of a distributor may also leave rows that belong to no distributor (its own log-in, say).
create policy tenant_insert on audit_log for insert to dms_app with check (distributor_id is null or distributor_id = any (app_distributors()));
call make_append_only('audit_log');

-- Events leave through here, written in the transaction that caused them.
create table outbox (
  seq            bigint generated always as identity primary key,
  id             uuid not null unique,
  distributor_id uuid,
  kind           text not null,
  aggregate_id   uuid not null,
  audience       text[] not null,
  payload        jsonb not null,
  trace_id       text,
  created_at     timestamptz not null,
  published_at   timestamptz
);
create index outbox_waiting on outbox (seq) where published_at is null;
create index outbox_published on outbox (published_at) where published_at is not null;
call make_shared_table('outbox');
drop policy tenant_read on outbox;
create policy tenant_read on outbox for select to dms_app using (distributor_id = any (app_distributors()));

-- The first answer to a request, kept for its repeats.
create table idempotency_keys (
  user_id     uuid not null,
  key         text not null check (length(key) between 1 and 200),
  operation   text not null,
  fingerprint bytea not null,
  answer      jsonb,
  created_at  timestamptz not null,
  primary key (user_id, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);
alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy own on idempotency_keys to dms_app using (user_id = app_user()) with check (user_id = app_user());
create policy company on idempotency_keys to dms_system using (true) with check (true);

-- Gapless numbers per distributor, kind of document and day: the row's lock makes the order.
create table document_counters (
  distributor_id uuid not null,
  kind           text not null,
  day            date not null,
  last_number    integer not null,
  primary key (distributor_id, kind, day)
);
call make_tenant_table('document_counters');
