-- KPIs: what is asked of reps, and what they reached by day.

-- What is asked of a rep in some days of one month. Each amount is that of a whole month and counts for the row's days; what is
-- null is not asked. The rows of a rep don't overlap: whoever writes them holds the distributor's lock of targets.
create table kpi_targets (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  user_id        uuid not null references users (id),
  first_day      date not null,
  last_day       date not null,
  visits         bigint check (visits between 0 and 1000000),
  new_customers  bigint check (new_customers between 0 and 1000000),
  orders         bigint check (orders between 0 and 1000000),
  -- đồng
  sales          bigint check (sales between 0 and 10000000000000),
  revenue        bigint check (revenue between 0 and 10000000000000),
  -- retail pieces
  volume         bigint check (volume between 0 and 1000000000),
  -- hundredths
  skus_per_order bigint check (skus_per_order between 0 and 100000),
  work_minutes   bigint check (work_minutes between 0 and 44640),
  updated_by     uuid not null references users (id),
  updated_at     timestamptz not null,
  primary key (distributor_id, id),
  constraint kpi_targets_first_uniq unique (distributor_id, user_id, first_day),
  check (first_day <= last_day and date_trunc('month', first_day::timestamp) = date_trunc('month', last_day::timestamp))
);
create unique index kpi_targets_id_uniq on kpi_targets (id);
create index kpi_targets_days on kpi_targets (distributor_id, first_day);
call make_tenant_table('kpi_targets');
grant delete on kpi_targets to dms_app;

-- Products, brands and categories that a target asks for by themselves.
create table kpi_focus_targets (
  distributor_id uuid not null,
  target_id      uuid not null,
  kind           text not null check (kind in ('product', 'brand', 'category')),
  thing_id       uuid not null,
  -- retail pieces
  quantity       bigint check (quantity between 0 and 1000000000),
  -- đồng
  revenue        bigint check (revenue between 0 and 10000000000000),
  primary key (distributor_id, target_id, kind, thing_id),
  foreign key (distributor_id, target_id) references kpi_targets (distributor_id, id) on delete cascade,
  check (quantity is not null or revenue is not null)
);
call make_tenant_table('kpi_focus_targets');
grant delete on kpi_focus_targets to dms_app;

-- What somebody reached on a day: always reckoned as a whole from the documents, never added to.
create table kpi_days (
  distributor_id uuid not null,
  day            date not null,
  user_id        uuid not null,
  visits         bigint not null default 0,
  new_customers  bigint not null default 0,
  orders         bigint not null default 0,
  -- the different products of each order, added up
  order_skus     bigint not null default 0,
  sales          bigint not null default 0,
  revenue        bigint not null default 0,
  volume         bigint not null default 0,
  work_minutes   bigint not null default 0,
  primary key (distributor_id, day, user_id)
) with (fillfactor = 80);
call make_tenant_table('kpi_days');

-- The goods in it.
create table kpi_product_days (
  distributor_id uuid not null,
  day            date not null,
  user_id        uuid not null,
  product_id     uuid not null,
  pieces         bigint not null,
  revenue        bigint not null,
  primary key (distributor_id, day, user_id, product_id)
) with (fillfactor = 80);
call make_tenant_table('kpi_product_days');

-- How far the refresh has looked. All changes of transactions below `xid` were seen, and of what only has a time those
-- until `seen_at`. Transaction numbers mean nothing in another epoch (see sync_epoch). Its row is also the lock under which
-- the days of a distributor are reckoned.
create table kpi_cursors (
  distributor_id uuid primary key references distributors (id),
  epoch          text,
  xid            bigint,
  seen_at        timestamptz,
  -- days from this one on were reckoned
  filled_from    date,
  check (xid is null or (epoch is not null and seen_at is not null and filled_from is not null))
);
call make_tenant_table('kpi_cursors');

-- Which goods people brought out on some days: issued, less what came back, as in the sales report. A surcharge on a return
-- moves no goods.
create function kpi_document_products(distributor uuid, days date[])
returns table (day date, user_id uuid, product_id uuid, pieces bigint, revenue bigint) language sql stable as $$
  select m.day, m.user_id, m.product_id, sum(m.pieces)::bigint, sum(m.revenue)::bigint
  from (
    select g.business_date as day, i.rep_id as user_id, l.product_id, l.pieces,
           l.gross - l.product_discount - l.order_discount + l.vat as revenue
    from goods_issues g
    join goods_issue_lines l on l.distributor_id = g.distributor_id and l.issue_id = g.id
    join invoices i on i.distributor_id = g.distributor_id and i.id = g.invoice_id
    where g.distributor_id = distributor and g.business_date = any (days)
    union all
    select r.received_on, r.rep_id, l.product_id, case when l.is_charge then 0 else -l.pieces end, -l.total
    from sales_returns r
    join sales_return_lines l on l.distributor_id = r.distributor_id and l.return_id = r.id
    where r.distributor_id = distributor and r.received_on = any (days)
  ) m
  group by m.day, m.user_id, m.product_id
$$;

-- What else the documents of some days say of people: all but goods and working time.
create function kpi_document_days(distributor uuid, days date[])
returns table (day date, user_id uuid, visits bigint, new_customers bigint, orders bigint, order_skus bigint, sales bigint)
language sql stable as $$
  select a.day, a.user_id, sum(a.visits)::bigint, sum(a.new_customers)::bigint, sum(a.orders)::bigint,
         sum(a.order_skus)::bigint, sum(a.sales)::bigint
  from (
    select v.business_date as day, v.user_id, count(*) as visits, 0::bigint as new_customers, 0::bigint as orders,
           0::numeric as order_skus, 0::numeric as sales
    from visits v
    where v.distributor_id = distributor and v.business_date = any (days)
    group by v.business_date, v.user_id
    union all
    select d.day, c.created_by, 0, count(*), 0, 0, 0
    from unnest(days) as d (day)
    join customers c on c.distributor_id = distributor
      and c.created_at >= d.day::timestamp at time zone 'Asia/Ho_Chi_Minh'
      and c.created_at < (d.day + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh'
    where c.created_by is not null and c.status <> 'inactive' and c.deleted_at is null
    group by d.day, c.created_by
    union all
    select o.business_date, o.rep_id, 0, 0, count(*), sum(coalesce(s.skus, 0)), sum(o.total)
    from orders o
    left join lateral (
      select count(distinct l.product_id) as skus from order_lines l
      where l.distributor_id = o.distributor_id and l.order_id = o.id and not l.is_free
    ) s on true
    where o.distributor_id = distributor and o.business_date = any (days)
      and o.status in ('Pending', 'Approved', 'Invoiced', 'Issued')
    group by o.business_date, o.rep_id
  ) a
  group by a.day, a.user_id
$$;

-- What comes late is found by when it came: these tables only grow, in that order.
create index clock_events_received on clock_events using brin (received_at) with (pages_per_range = 16);
create index clock_corrections_at on clock_corrections using brin (corrected_at) with (pages_per_range = 16);
create index customers_created on customers (distributor_id, created_at) where created_by is not null;
