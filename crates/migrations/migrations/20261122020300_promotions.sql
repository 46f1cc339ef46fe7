-- What is used of promotions: a ledger per customer and document, and what it adds up to for those with limits.

-- Each row is what a document used of a promotion, or gave back (negative). Amounts are discounts and what free goods would
-- have cost, in đồng before VAT; quantities are free goods in pieces.
create table promotion_usage (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  promotion_id   uuid not null references promotions (id),
  customer_id    uuid not null,
  kind           text not null check (kind in ('order', 'release', 'settlement')),
  document_id    uuid not null,
  times          bigint not null,
  amount         bigint not null,
  quantity       bigint not null,
  business_date  date not null,
  at             timestamptz not null,
  actor_id       uuid not null,
  primary key (distributor_id, id),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id),
  check (times <> 0 or amount <> 0 or quantity <> 0)
);
create unique index promotion_usage_id_uniq on promotion_usage (id);
create index promotion_usage_document on promotion_usage (distributor_id, document_id);
create index promotion_usage_promotion on promotion_usage (promotion_id, distributor_id, customer_id);
call make_tenant_table('promotion_usage');
call make_append_only('promotion_usage');

-- What a customer has used of a promotion.
create table promotion_customer_totals (
  distributor_id uuid not null references distributors (id),
  promotion_id   uuid not null references promotions (id),
  customer_id    uuid not null,
  times          bigint not null,
  amount         bigint not null,
  quantity       bigint not null,
  primary key (distributor_id, promotion_id, customer_id),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id)
);
call make_tenant_table('promotion_customer_totals');

-- What all distributors together have used of a promotion that has a budget; others have no row, so that orders don't
-- wait for each other at one. The company makes the row when it sets the budget; every order may add to it.
create table promotion_budgets (
  promotion_id uuid primary key references promotions (id),
  times        bigint not null,
  amount       bigint not null,
  quantity     bigint not null
);
alter table promotion_budgets enable row level security;
alter table promotion_budgets force row level security;
create policy used_by_all on promotion_budgets to dms_app using (true) with check (true);
create policy company on promotion_budgets to dms_system using (true) with check (true);
revoke insert, delete on promotion_budgets from dms_app;

-- Writes what a document uses, `uses` being [{promotionId, times, amount, quantity, budget, perCustomer}] with limits as
-- {times, amount, quantity}, null without. Gives the promotions of which there is not enough; then nothing is written.
--
-- The ledger's rows come first: their reference to the promotion waits for who is just changing it, and makes the changer
-- wait, so that a new budget starts with all that was used before. Totals are locked in the order of promotions.
create function book_promotion_usage(
  of_distributor uuid, of_customer uuid, of_document uuid, of_kind text, on_day date, at_instant timestamptz, by_actor uuid,
  uses jsonb
) returns uuid[] language plpgsql as $$
declare
  u record;
  total record;
  short uuid[] := '{}';
begin
  insert into promotion_usage (distributor_id, id, promotion_id, customer_id, kind, document_id, times, amount, quantity, business_date, at, actor_id)
    select of_distributor, gen_random_uuid(), x."promotionId", of_customer, of_kind, of_document, x.times, x.amount, x.quantity, on_day, at_instant, by_actor
    from jsonb_to_recordset(uses) x("promotionId" uuid, times bigint, amount bigint, quantity bigint);
  for u in
    select x."promotionId" as id, x.times, x.amount, x.quantity, x.budget, x."perCustomer" as part
    from jsonb_to_recordset(uses) x("promotionId" uuid, times bigint, amount bigint, quantity bigint, budget jsonb, "perCustomer" jsonb)
    order by x."promotionId"
  loop
    update promotion_budgets b set times = b.times + u.times, amount = b.amount + u.amount, quantity = b.quantity + u.quantity
      where b.promotion_id = u.id returning b.times, b.amount, b.quantity into total;
    if found and (total.times > (u.budget ->> 'times')::bigint or total.amount > (u.budget ->> 'amount')::bigint
                  or total.quantity > (u.budget ->> 'quantity')::bigint) then
      short := short || u.id;
    end if;
    insert into promotion_customer_totals as t (distributor_id, promotion_id, customer_id, times, amount, quantity)
      values (of_distributor, u.id, of_customer, u.times, u.amount, u.quantity)
      on conflict (distributor_id, promotion_id, customer_id) do update
        set times = t.times + excluded.times, amount = t.amount + excluded.amount, quantity = t.quantity + excluded.quantity
      returning t.times, t.amount, t.quantity into total;
    if total.times > (u.part ->> 'times')::bigint or total.amount > (u.part ->> 'amount')::bigint
       or total.quantity > (u.part ->> 'quantity')::bigint then
      short := short || u.id;
    end if;
  end loop;
  if short <> '{}' then
    raise exception 'not enough is left' using errcode = 'DM001';
  end if;
  return short;
exception when sqlstate 'DM001' then
  return short;
end $$;

-- Gives back all that a document still uses; a document that uses nothing (any more) changes nothing.
create function release_promotion_usage(
  of_distributor uuid, of_document uuid, on_day date, at_instant timestamptz, by_actor uuid
) returns bigint language plpgsql as $$
declare
  u record;
  released bigint := 0;
begin
  for u in
    select p.promotion_id, p.customer_id, sum(p.times)::bigint as times, sum(p.amount)::bigint as amount, sum(p.quantity)::bigint as quantity
    from promotion_usage p
    where p.distributor_id = of_distributor and p.document_id = of_document
    group by p.promotion_id, p.customer_id
    having sum(p.times) <> 0 or sum(p.amount) <> 0 or sum(p.quantity) <> 0
    order by p.promotion_id
  loop
    insert into promotion_usage (distributor_id, id, promotion_id, customer_id, kind, document_id, times, amount, quantity, business_date, at, actor_id)
      values (of_distributor, gen_random_uuid(), u.promotion_id, u.customer_id, 'release', of_document, -u.times, -u.amount, -u.quantity, on_day, at_instant, by_actor);
    update promotion_budgets b set times = b.times - u.times, amount = b.amount - u.amount, quantity = b.quantity - u.quantity
      where b.promotion_id = u.promotion_id;
    update promotion_customer_totals t set times = t.times - u.times, amount = t.amount - u.amount, quantity = t.quantity - u.quantity
      where t.distributor_id = of_distributor and t.promotion_id = u.promotion_id and t.customer_id = u.customer_id;
    released := released + 1;
  end loop;
  return released;
end $$;

-- What an accumulation credited to a customer at its settlement: once.
create table promotion_settlements (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  promotion_id   uuid not null references promotions (id),
  customer_id    uuid not null,
  tier           integer not null check (tier >= 1),
  amount         bigint not null check (amount > 0),
  business_date  date not null,
  at             timestamptz not null,
  actor_id       uuid not null,
  primary key (distributor_id, id),
  constraint promotion_settlements_once unique (distributor_id, promotion_id, customer_id),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id)
);
create unique index promotion_settlements_id_uniq on promotion_settlements (id);
call make_tenant_table('promotion_settlements');
call make_append_only('promotion_settlements');

alter table receivable_entries drop constraint receivable_entries_kind_check;
alter table receivable_entries add constraint receivable_entries_kind_check
  check (kind in ('opening', 'invoice', 'return', 'receipt', 'adjustment', 'refund', 'rebate'));
