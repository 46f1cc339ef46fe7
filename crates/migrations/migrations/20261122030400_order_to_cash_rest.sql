-- Promotions follow the goods: what comes back, or isn't delivered, gives its use back; parts of an order take theirs along.

-- 'return' gives back in proportion, 'split' moves from one order to another.
alter table promotion_usage drop constraint promotion_usage_kind_check;
alter table promotion_usage add constraint promotion_usage_kind_check
  check (kind in ('order', 'release', 'settlement', 'return', 'split'));
-- Of a return the goods that came back or the invoice that was closed, of a split the other order.
alter table promotion_usage add column cause_id uuid;

-- Gives back a part of what an order uses, `parts` being [{promotionId, times, amount, quantity}], nothing below zero.
create function give_back_promotion_usage(
  of_distributor uuid, of_customer uuid, of_document uuid, of_cause uuid, on_day date, at_instant timestamptz, by_actor uuid,
  parts jsonb
) returns void language plpgsql as $$
declare
  u record;
begin
  for u in
    select x."promotionId" as id, x.times, x.amount, x.quantity
    from jsonb_to_recordset(parts) x("promotionId" uuid, times bigint, amount bigint, quantity bigint)
    order by x."promotionId"
  loop
    insert into promotion_usage
        (distributor_id, id, promotion_id, customer_id, kind, document_id, times, amount, quantity, business_date, at, actor_id, cause_id)
      values (of_distributor, gen_random_uuid(), u.id, of_customer, 'return', of_document, -u.times, -u.amount, -u.quantity, on_day, at_instant, by_actor, of_cause);
    update promotion_budgets b set times = b.times - u.times, amount = b.amount - u.amount, quantity = b.quantity - u.quantity
      where b.promotion_id = u.id;
    update promotion_customer_totals t set times = t.times - u.times, amount = t.amount - u.amount, quantity = t.quantity - u.quantity
      where t.distributor_id = of_distributor and t.promotion_id = u.id and t.customer_id = of_customer;
  end loop;
end $$;

-- What each order uses of its promotions without what was given back, and what must have been given back: the part of
-- the goods that earned the promotion, by value before discounts, which came back or was never delivered, rounded down.
-- Which goods earned it says the order's explanation; without one, all that was paid.
create view promotion_usage_due with (security_invoker = true) as
  with used as (
    select distributor_id, document_id, promotion_id, customer_id,
      coalesce(sum(times) filter (where kind <> 'return'), 0)::bigint as times,
      coalesce(sum(amount) filter (where kind <> 'return'), 0)::bigint as amount,
      coalesce(sum(quantity) filter (where kind <> 'return'), 0)::bigint as quantity,
      coalesce(-sum(times) filter (where kind = 'return'), 0)::bigint as times_back,
      coalesce(-sum(amount) filter (where kind = 'return'), 0)::bigint as amount_back,
      coalesce(-sum(quantity) filter (where kind = 'return'), 0)::bigint as quantity_back
    from promotion_usage where kind <> 'settlement' group by 1, 2, 3, 4
  ), sold as (
    select l.distributor_id, l.order_id, l.product_id, l.gross,
      least(l.gross, case when i.status = 'Closed' then l.gross - div(l.gross::numeric * g.pieces, l.pieces) else 0 end + b.gross) as gone
    from invoice_lines l
      join invoices i on i.distributor_id = l.distributor_id and i.id = l.invoice_id
      cross join lateral (
        select coalesce(sum(g.pieces), 0) as pieces from goods_issue_lines g
        where g.distributor_id = l.distributor_id and g.invoice_id = l.invoice_id and g.invoice_line_no = l.line_no
      ) g
      cross join lateral (
        select coalesce(sum(x.gross), 0) as gross from sales_return_lines x
          join sales_returns r on r.distributor_id = x.distributor_id and r.id = x.return_id
        where x.distributor_id = l.distributor_id and x.invoice_id = l.invoice_id and x.invoice_line_no = l.line_no
          and not x.is_charge and r.status = 'Received'
      ) b
    where not l.void and not l.is_free
      and (l.distributor_id, l.order_id) in (select distributor_id, document_id from used)
  ), earned as (
    select o.distributor_id, o.id, (e ->> 'promotionId')::uuid as promotion_id, bool_or(p.product_id is null) as by_all,
      array_agg(p.product_id) as products
    from orders o
      cross join lateral jsonb_array_elements(case jsonb_typeof(o.explanation) when 'array' then o.explanation else '[]' end) e
      left join lateral (
        select (e ->> 'productId')::uuid as product_id where e ->> 'productId' is not null
        union all
        select x::uuid from jsonb_array_elements_text(coalesce(e -> 'productIds', '[]')) x where e ->> 'productId' is null
      ) p on true
    where (o.distributor_id, o.id) in (select distributor_id, document_id from used)
    group by 1, 2, 3
  ), parts as (
    select u.distributor_id, u.document_id, u.promotion_id, sum(s.gross) as gross, sum(s.gone) as gone
    from used u
      join sold s on s.distributor_id = u.distributor_id and s.order_id = u.document_id
      left join earned e on e.distributor_id = u.distributor_id and e.id = u.document_id and e.promotion_id = u.promotion_id
    where e.id is null or e.by_all or s.product_id = any (e.products)
    group by 1, 2, 3
  )
  select u.*, div(u.times * p.part, p.whole)::bigint as times_due, div(u.amount * p.part, p.whole)::bigint as amount_due,
    div(u.quantity * p.part, p.whole)::bigint as quantity_due
  from used u
    left join parts on parts.distributor_id = u.distributor_id and parts.document_id = u.document_id
      and parts.promotion_id = u.promotion_id
    cross join lateral (
      select case when parts.gross > 0 then parts.gone else 0 end as part, case when parts.gross > 0 then parts.gross else 1 end as whole
    ) p;

-- Goods that came back before give their use back now. The owner's own statements see no rows of a table that forces
-- row-level security.
do $$
declare
  tables text[] := '{promotion_usage, promotion_customer_totals, promotion_budgets, invoice_lines, invoices, goods_issue_lines, sales_return_lines, sales_returns, orders}';
  t text;
  u record;
begin
  foreach t in array tables loop execute format('alter table %I no force row level security', t); end loop;
  for u in
    select d.*, coalesce(r.actor, o.created_by) as actor, coalesce(r.day, o.business_date) as day
    from promotion_usage_due d
      join orders o on o.distributor_id = d.distributor_id and o.id = d.document_id
      left join lateral (
        select r.received_by as actor, r.received_on as day from sales_returns r
          join invoice_lines l on l.distributor_id = r.distributor_id and l.invoice_id = r.invoice_id and l.order_id = d.document_id
        where r.distributor_id = d.distributor_id and r.status = 'Received' order by r.received_at desc limit 1
      ) r on true
    where (d.times_due, d.amount_due, d.quantity_due) <> (d.times_back, d.amount_back, d.quantity_back)
  loop
    perform give_back_promotion_usage(u.distributor_id, u.customer_id, u.document_id, null, u.day, now(), u.actor,
      jsonb_build_array(jsonb_build_object('promotionId', u.promotion_id, 'times', u.times_due - u.times_back,
        'amount', u.amount_due - u.amount_back, 'quantity', u.quantity_due - u.quantity_back)));
  end loop;
  foreach t in array tables loop execute format('alter table %I force row level security', t); end loop;
end $$;

-- Stock adjustments are numbered without gaps (DC) like every other document, with a note beside their reason. Those from
-- before keep the names they were printed with: eight letters in place of a number.
alter table stock_adjustments add column note text not null default '';
create unique index stock_adjustments_number_uniq on stock_adjustments (distributor_id, number);
create index stock_adjustments_day on stock_adjustments (distributor_id, business_date);

-- A distributor may give a policy of its own up; then the inherited one holds again.
alter table receivable_policies add column version bigint not null default 1;
grant delete on order_policies, receivable_policies to dms_app;
create policy tenant_delete on order_policies for delete to dms_app using (distributor_id = any (app_distributors()));
