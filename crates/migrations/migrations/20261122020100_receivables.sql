-- Receivables, deeper: allocations that can be undone, money given back, corrections, cancelled receipts,
-- and the cash that reps carry.

-- An allocation is undone by a row of its own, dated the day it is undone: the sum of the rows up to a day says what
-- was allocated on that day.
alter table receivable_allocations
  add column reverses uuid,
  drop constraint receivable_allocations_amount_check,
  add constraint receivable_allocations_amount_check check (case when reverses is null then amount > 0 else amount < 0 end),
  add foreign key (distributor_id, reverses) references receivable_allocations (distributor_id, id);
create unique index receivable_allocations_reverses_uniq on receivable_allocations (distributor_id, reverses) where reverses is not null;
create unique index receivable_allocations_id_uniq on receivable_allocations (id);

alter table receipts
  add column cancelled_at  timestamptz,
  add column cancelled_by  uuid references users (id),
  add column cancel_reason text not null default '';

-- What is overdue on a day, over all customers.
create index receivable_open_items_overdue on receivable_open_items (distributor_id, due_date) where open_amount > 0;

create table receivable_refunds (
  distributor_id uuid not null,
  id             uuid not null,
  number         text not null,
  customer_id    uuid not null,
  amount         bigint not null check (amount > 0),
  method         text not null check (method in ('cash', 'transfer')),
  note           text not null default '',
  business_date  date not null,
  created_by     uuid not null references users (id),
  created_at     timestamptz not null,
  primary key (distributor_id, id),
  constraint receivable_refunds_number_uniq unique (distributor_id, number),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id)
);
create index receivable_refunds_day on receivable_refunds (distributor_id, business_date);
create unique index receivable_refunds_id_uniq on receivable_refunds (id);
call make_tenant_table('receivable_refunds');
call make_append_only('receivable_refunds');

create table receivable_adjustments (
  distributor_id uuid not null,
  id             uuid not null,
  number         text not null,
  customer_id    uuid not null,
  -- signed: above zero is owed on top
  amount         bigint not null check (amount <> 0),
  kind           text not null check (kind in ('correction', 'discount', 'write_off', 'other')),
  reason         text not null check (length(reason) between 1 and 2000),
  business_date  date not null,
  due_date       date,
  created_by     uuid not null references users (id),
  created_at     timestamptz not null,
  primary key (distributor_id, id),
  constraint receivable_adjustments_number_uniq unique (distributor_id, number),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id),
  check (kind <> 'write_off' or amount < 0)
);
create index receivable_adjustments_day on receivable_adjustments (distributor_id, business_date);
create unique index receivable_adjustments_id_uniq on receivable_adjustments (id);
call make_tenant_table('receivable_adjustments');
call make_append_only('receivable_adjustments');

-- How a distributor treats its reps' cash; without a row nothing is tolerated.
create table receivable_policies (
  distributor_id uuid primary key references distributors (id),
  cash_tolerance bigint not null default 0 check (cash_tolerance >= 0),
  updated_by     uuid not null references users (id),
  updated_at     timestamptz not null
);
call make_tenant_table('receivable_policies');

-- Cash that reps carry: what they collected and handed over, and what was missing or too much.
create table rep_cash_entries (
  distributor_id  uuid not null,
  id              uuid not null,
  rep_id          uuid not null references users (id),
  kind            text not null check (kind in ('collected', 'cancelled', 'handed_over', 'difference')),
  -- signed đồng: what the rep carries grows with what is collected
  amount          bigint not null check (amount <> 0),
  business_date   date not null,
  document_id     uuid not null,
  document_number text not null,
  posted_at       timestamptz not null,
  actor_id        uuid not null,
  primary key (distributor_id, id)
);
create index rep_cash_entries_day on rep_cash_entries (distributor_id, rep_id, business_date);
create index rep_cash_entries_document on rep_cash_entries (distributor_id, document_id);
call make_tenant_table('rep_cash_entries');
call make_append_only('rep_cash_entries');

-- The sums of those entries per rep and day.
create table rep_cash_days (
  distributor_id uuid not null,
  rep_id         uuid not null references users (id),
  business_date  date not null,
  -- less what was cancelled
  collected      bigint not null default 0,
  handed_over    bigint not null default 0,
  -- below zero: was missing; above: was too much
  difference     bigint not null default 0,
  in_hand        bigint not null generated always as (collected - handed_over + difference) stored,
  primary key (distributor_id, rep_id, business_date)
);
create index rep_cash_days_day on rep_cash_days (distributor_id, business_date);
call make_tenant_table('rep_cash_days');

create table cash_hand_overs (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  number         text not null,
  rep_id         uuid not null references users (id),
  -- the day whose cash it is
  business_date  date not null,
  -- below zero: given back to the rep
  amount         bigint not null,
  difference     bigint not null default 0,
  reason         text not null default '',
  note           text not null default '',
  created_by     uuid not null references users (id),
  created_at     timestamptz not null,
  primary key (distributor_id, id),
  constraint cash_hand_overs_number_uniq unique (distributor_id, number)
);
create index cash_hand_overs_day on cash_hand_overs (distributor_id, rep_id, business_date);
create unique index cash_hand_overs_id_uniq on cash_hand_overs (id);
call make_tenant_table('cash_hand_overs');
call make_append_only('cash_hand_overs');
