-- Events on their way to those who act on them, dead letters, jobs and their runs.

-- What waits for a consumer: put here by the relay (or from the bus), deleted in the transaction of its effect. As long as a row
-- is here its event wasn't handled; when it is gone it was, once.
create table deliveries (
  consumer       text not null,
  seq            bigint generated always as identity,
  event_id       uuid not null,
  kind           text not null,
  aggregate_id   uuid not null,
  distributor_id uuid,
  audience       text[] not null,
  payload        jsonb compression lz4 not null,
  trace_id       text,
  created_at     timestamptz not null,
  -- tries that failed
  attempts       smallint not null default 0,
  due_at         timestamptz not null,
  error          text,
  primary key (consumer, seq)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
-- Few: those that failed and wait for their next try, and hold up what follows of the same thing.
create index deliveries_failed on deliveries (consumer, aggregate_id, seq) where attempts > 0;

-- Events that came by the bus and were taken over, so that a repeat of the bus is known as one.
create table inbox (
  consumer text not null,
  event_id uuid not null,
  at       timestamptz not null,
  primary key (consumer, event_id)
);
create index inbox_at on inbox using brin (at) with (pages_per_range = 32);

-- What could not be handled: kept until somebody replays or drops it.
create table dead_letters (
  id             uuid primary key,
  consumer       text not null,
  event_id       uuid,
  kind           text not null,
  aggregate_id   uuid,
  distributor_id uuid,
  audience       text[] not null default '{}',
  -- of the event; of a message that is none: {"raw": its bytes as text or base64}
  payload        jsonb not null,
  trace_id       text,
  created_at     timestamptz,
  attempts       integer not null,
  error          text not null,
  died_at        timestamptz not null
);
create index dead_letters_died on dead_letters (died_at, id);

-- Who may do what only one may do at a time. By the database's clock.
create table leases (
  name   text primary key,
  holder uuid not null,
  until  timestamptz not null
);

create table jobs (
  name         text primary key,
  -- as people read it: "daily at 02:00"
  schedule     text not null,
  next_at      timestamptz not null,
  requested_at timestamptz,
  requested_by text,
  -- failures in a row
  failures     integer not null default 0,
  -- the run under way; its runner renews the lease (by the database's clock) as long as it lives
  run_id       uuid,
  lease_until  timestamptz,
  check ((run_id is null) = (lease_until is null))
);

create table job_runs (
  id            uuid primary key,
  name          text not null,
  cause         text not null check (cause in ('schedule', 'request', 'retry', 'lost')),
  -- when it should have run; later for one that was missed
  scheduled_for timestamptz not null,
  requested_by  text,
  runner        text not null,
  started_at    timestamptz not null,
  ended_at      timestamptz,
  outcome       text not null default 'running' check (outcome in ('running', 'done', 'failed', 'lost')),
  detail        text not null default '',
  check ((outcome = 'running') = (ended_at is null))
);
create index job_runs_name on job_runs (name, started_at desc);

-- Goods somebody was told of: each shortage and each lot near its end is told once, until it is over.
create table stock_alerts (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  kind           text not null check (kind in ('low_stock', 'near_expiry')),
  warehouse_id   uuid not null,
  product_id     uuid not null,
  lot_id         uuid,
  raised_at      timestamptz not null,
  primary key (distributor_id, id),
  constraint stock_alerts_once unique nulls not distinct (distributor_id, kind, warehouse_id, product_id, lot_id),
  foreign key (distributor_id, warehouse_id) references warehouses (distributor_id, id)
);
create unique index stock_alerts_id_uniq on stock_alerts (id);
call make_tenant_table('stock_alerts');

-- Customers whose rep was told that they are overdue, by the due date told.
create table debt_alerts (
  distributor_id uuid not null,
  customer_id    uuid not null,
  due_date       date not null,
  raised_at      timestamptz not null,
  primary key (distributor_id, customer_id),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id)
);
call make_tenant_table('debt_alerts');

do $$
declare t text;
begin
  -- The system's own.
  foreach t in array array['inbox', 'leases', 'jobs', 'job_runs'] loop
    execute format('revoke all on %I from dms_app', t);
  end loop;
  foreach t in array array['deliveries', 'dead_letters'] loop
    execute format('revoke all on %I from dms_app', t);
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy company on %I to dms_system using (true) with check (true)', t);
    -- Nothing of it is a distributor's to see.
    execute format('create policy tenant on %I to dms_app using (false) with check (false)', t);
  end loop;
end $$;
