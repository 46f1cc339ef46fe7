-- Orders, deepened: what they were priced with, the phone's totals, edits, split orders, policies, exposure.

alter table orders
  -- the promotions that were picked and those that took effect, with their versions
  add column pricing jsonb not null default '{"picked": [], "promotions": []}',
  -- what the phone reckoned, when it differs from what the server did
  add column client_totals jsonb,
  add column needs_review boolean not null default false,
  -- the order this one is the rest of
  add column split_from uuid,
  -- the receipt of what a van sale was paid with
  add column receipt_id uuid,
  add constraint orders_receipt_fkey foreign key (distributor_id, receipt_id) references receipts (distributor_id, id),
  add constraint orders_split_from_fkey foreign key (distributor_id, split_from) references orders (distributor_id, id),
  add check (not needs_review or client_totals is not null);
create index orders_split on orders (distributor_id, split_from) where split_from is not null;
create index orders_review on orders (distributor_id, ordered_at) where needs_review;

alter table order_lines
  -- where the price is from: this version of this price list, or of the product when there is none
  add column price_list_id uuid references price_lists (id),
  add column price_version bigint not null default 0,
  -- VAT is rounded per line; what splitting an order left over, so that the parts add up to the whole
  add column vat_carry bigint not null default 0;
-- Lines may be replaced while their order is pending.
grant delete on order_lines to dms_app;

-- What an edit replaced, what an approval was warned of.
alter table order_history add column detail jsonb;

-- What of an invoice the customer owes already: it grows with each issue of its goods.
alter table invoices add column charged bigint not null default 0;
-- The owner's own statements see no rows of a table that forces row-level security.
alter table invoices no force row level security;
update invoices set charged = total where status = 'Issued';
alter table invoices force row level security;

-- How a distributor decides on orders; the row without a distributor holds for those that have none of their own.
create table order_policies (
  distributor_id uuid references distributors (id),
  credit         text not null check (credit in ('block', 'warn', 'off')),
  -- days a debt may be overdue; null is not looked at
  overdue_days   integer check (overdue_days between 0 and 3650),
  shortage       text not null check (shortage in ('block', 'split')),
  updated_by     uuid references users (id),
  updated_at     timestamptz not null,
  version        bigint not null default 1,
  constraint order_policies_distributor_uniq unique nulls not distinct (distributor_id)
);
insert into order_policies (distributor_id, credit, overdue_days, shortage, updated_at) values (null, 'block', null, 'block', now());
call make_shared_table('order_policies');

-- What a customer owes, and will owe when everything promised to it has left: the one measure of its credit.
-- An order counts from its approval until it is invoiced, an invoice until its goods have left; nothing counts twice.
create index orders_approved on orders (distributor_id, customer_id) where status = 'Approved';
create index invoices_uncharged on invoices (distributor_id, customer_id) where charged < total and status <> 'Cancelled';
create view customer_exposures with (security_invoker = true) as
  select distributor_id, customer_id, sum(balance)::bigint as balance, sum(approved)::bigint as approved,
    sum(invoiced)::bigint as invoiced, sum(balance + approved + invoiced)::bigint as exposure
  from (
    select distributor_id, customer_id, balance, 0::bigint as approved, 0::bigint as invoiced from customer_balances
    union all
    select distributor_id, customer_id, 0, total, 0 from orders where status = 'Approved'
    union all
    select distributor_id, customer_id, 0, 0, total - charged from invoices where charged < total and status <> 'Cancelled'
  ) parts
  group by distributor_id, customer_id;

-- Another value after every change of the promotions, or of the products and price lists: what a process has read of
-- them holds as long as this is the same.
-- The row is locked until the change is committed, so every value stands for one content.
create table master_versions (
  name    text primary key,
  version uuid not null default gen_random_uuid()
);
insert into master_versions (name) values ('promotions'), ('catalogue');
revoke insert, update, delete on master_versions from dms_app;
create function renew_master_version() returns trigger language plpgsql as $$
begin
  update master_versions set version = gen_random_uuid() where name = tg_argv[0];
  return null;
end $$;
create trigger renew_version after insert or update or delete on promotions
  for each statement execute function renew_master_version('promotions');
create trigger renew_version after insert or update or delete on products
  for each statement execute function renew_master_version('catalogue');
create trigger renew_version after insert or update or delete on price_lists
  for each statement execute function renew_master_version('catalogue');
create trigger renew_version after insert or update or delete on price_list_items
  for each statement execute function renew_master_version('catalogue');
