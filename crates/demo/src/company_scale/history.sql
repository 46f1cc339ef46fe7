-- A distributor's year, made inside the database: table `plan` says how much of it. Chance is a hash of the number of
-- the thing, so the same plan gives the same year.

-- A whole number below `sides` for the n-th thing; `salt` tells one chance from another.
create or replace function pg_temp.roll(n bigint, salt bigint, sides bigint) returns bigint language sql immutable as $$
  select (hashint8extended(n, salt) & 9223372036854775807) % sides
$$;
-- An id that sorts by its instant.
create or replace function pg_temp.made(at timestamptz, key text) returns uuid language sql immutable as $$
  select overlay(overlay(md5(key) placing lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' from 1) placing '8' from 17)::uuid
$$;
create or replace function pg_temp.number(prefix text, day date, serial bigint) returns text language sql immutable as $$
  select prefix || to_char(day, '-YYYYMMDD-') || lpad(serial::text, greatest(4, length(serial::text)), '0')
$$;

-- Working days, and the things one picks from by their place.
create temp table d on commit drop as
  select day::date as day, row_number() over (order by day) as place
  from plan, generate_series(plan.first_day::timestamp, plan.today::timestamp - interval '1 day', interval '1 day') day
  where extract(isodow from day) <> 7;
create temp table p on commit drop as
  select row_number() over (order by display_order, code) - 1 as place, id, conversion_rate as factor,
    selling_price as price, selling_price_sub as price_sub, purchase_price as cost, purchase_price_sub as cost_sub, vat_percent as vat
  from products;
create temp table w on commit drop as
  select row_number() over (order by code) - 1 as place, id from warehouses, plan
  where distributor_id = plan.distributor and kind = 'main';
create temp table r on commit drop as
  select row_number() over (order by username) - 1 as place, u.id, uu.unit_id from users u join user_units uu on uu.user_id = u.id, plan
  where u.distributor_id = plan.distributor and u.role = 'sales_rep';
create temp table k on commit drop as
  select row_number() over (order by code) - 1 as place, id, payment_term_days as term
  from customers, plan where distributor_id = plan.distributor and status = 'active';

-- Routes: each rep walks one a weekday, and each outlet stands on one.
insert into routes (distributor_id, id, code, name, search_key, unit_id, weekdays, start_date, created_at, updated_at)
select distributor, pg_temp.made(began, 'route/' || nth || '/' || r.place || '/' || day), 'T' || lpad((r.place + 1)::text, 2, '0') || '-' || day + 1,
  'Tuyến ' || r.place + 1 || ' thứ ' || day + 1, 'tuyen ' || r.place + 1 || ' thu ' || day + 1 || ' t' || lpad((r.place + 1)::text, 2, '0') || '-' || day + 1,
  r.unit_id, array[day]::smallint[], first_day, began, began
from plan, r, generate_series(1, 6) day;
insert into route_assignments (distributor_id, id, route_id, user_id, valid_from)
select distributor, pg_temp.made(began, 'walk/' || nth || '/' || r.place || '/' || day),
  pg_temp.made(began, 'route/' || nth || '/' || r.place || '/' || day), r.id, first_day
from plan, r, generate_series(1, 6) day;
insert into route_customers (distributor_id, route_id, customer_id, sequence)
select distributor, pg_temp.made(began, 'route/' || nth || '/' || k.place % reps || '/' || k.place / reps % 6 + 1), k.id, k.place / reps / 6 + 1
from plan, k, (select count(*) as reps from r) c;

-- Orders: the rep of the outlet takes them; a second warehouse serves every other outlet.
create temp table o on commit drop as
  select n.n, d.day, (d.day + time '07:30' + make_interval(secs => pg_temp.roll(n.n, plan.salt + 2, 32400)::double precision)) at time zone 'Asia/Ho_Chi_Minh' as at,
    k.id as customer, k.term, r.id as rep, r.unit_id as unit, w.id as warehouse,
    case when d.place = c.days and pg_temp.roll(n.n, plan.salt + 3, 10) < 3 then 'Pending'
      when pg_temp.roll(n.n, plan.salt + 4, 1000) < 15 then 'Rejected'
      when pg_temp.roll(n.n, plan.salt + 4, 1000) < 30 then 'Cancelled' else 'Issued' end as status
  from plan
  cross join (select (select count(*) from d) as days, (select count(*) from k) as customers, (select count(*) from r) as reps, (select count(*) from w) as warehouses) c
  cross join generate_series(0, plan.orders - 1) n (n)
  join d on d.place = 1 + n.n * c.days / plan.orders
  join k on k.place = pg_temp.roll(n.n, plan.salt + 1, c.customers)
  join r on r.place = k.place % c.reps
  join w on w.place = k.place % c.warehouses;
alter table o add column id uuid, add column serial bigint, add column invoice uuid, add column issue uuid, add column invoice_serial bigint;
update o set id = pg_temp.made(o.at, 'order/' || plan.nth || '/' || o.n), serial = s.serial, invoice_serial = s.invoice_serial,
  invoice = case when o.status = 'Issued' then pg_temp.made(o.at + interval '5 minutes', 'invoice/' || plan.nth || '/' || o.n) end,
  issue = case when o.status = 'Issued' then pg_temp.made(o.at + interval '9 minutes', 'issue/' || plan.nth || '/' || o.n) end
from plan, (
  select n, row_number() over (partition by day order by at, n) as serial,
    row_number() over (partition by day, status = 'Issued' order by at, n) as invoice_serial
  from o) s
where s.n = o.n;
analyze o;

create temp table l on commit drop as
  select o.n, l.no, o.id as order_id, o.day, o.warehouse, o.invoice, o.issue, p.id as product, p.place as product_place, x.unit, x.quantity,
    case x.unit when 'whole' then x.quantity * p.factor else x.quantity end as pieces,
    case x.unit when 'whole' then p.price else p.price_sub end as price,
    case x.unit when 'whole' then p.cost else p.cost_sub end as cost, p.vat as vat_percent,
    x.quantity * case x.unit when 'whole' then p.price else p.price_sub end as gross
  from plan
  cross join (select count(*) as products from p) c
  cross join o
  cross join lateral generate_series(1, 4 + pg_temp.roll(o.n, plan.salt + 5, 3)) l (no)
  join p on p.place = (pg_temp.roll(o.n, plan.salt + 6, c.products) + l.no * 37) % c.products
  cross join lateral (
    select case when pg_temp.roll(o.n * 8 + l.no, plan.salt + 7, 10) < 6 then 'whole' else 'retail' end as unit) u
  cross join lateral (
    select u.unit, 1 + pg_temp.roll(o.n * 8 + l.no, plan.salt + 8, case u.unit when 'whole' then 3 else 11 end) as quantity) x;
alter table l add column vat bigint, add column lot uuid, add column quarter date;
update l set vat = (gross * vat_percent + 50) / 100, quarter = date_trunc('quarter', day);
analyze l;
create temp table s on commit drop as select n, sum(gross)::bigint as gross, sum(vat)::bigint as vat from l group by n;
analyze s;

insert into orders (distributor_id, id, number, order_type, status, customer_id, rep_id, unit_id, warehouse_id, ordered_at, business_date,
  gross, product_discount, order_discount, vat, total, reason, decided_by, decided_at, created_by, created_at, updated_at, version)
select distributor, o.id, pg_temp.number('DH', o.day, o.serial), 'PreSales', o.status, o.customer, o.rep, o.unit, o.warehouse, o.at, o.day,
  s.gross, 0, 0, s.vat, s.gross + s.vat,
  case o.status when 'Rejected' then 'Khách còn nợ quá hạn' when 'Cancelled' then 'Khách đổi ý' else '' end,
  case when o.status <> 'Pending' then plan.supervisor end, case when o.status <> 'Pending' then o.at + interval '4 minutes' end,
  o.rep, o.at, o.at + case o.status when 'Issued' then interval '9 minutes' else interval '4 minutes' end,
  case o.status when 'Issued' then 4 when 'Pending' then 1 else 2 end
from plan, o join s using (n) order by o.n;
insert into order_lines (distributor_id, order_id, line_no, product_id, unit, quantity, pieces, unit_price, gross, product_discount,
  order_discount, vat_percent, vat, total)
select distributor, order_id, no, product, unit, quantity, pieces, price, gross, 0, 0, vat_percent, vat, gross + vat
from plan, l order by n, no;
insert into invoices (distributor_id, id, number, customer_id, rep_id, unit_id, warehouse_id, status, business_date, gross, product_discount,
  order_discount, vat, total, charged, created_by, created_at, version)
select distributor, o.invoice, pg_temp.number('PB', o.day, o.invoice_serial), o.customer, o.rep, o.unit, o.warehouse, 'Issued', o.day,
  s.gross, 0, 0, s.vat, s.gross + s.vat, s.gross + s.vat, plan.office, o.at + interval '5 minutes', 2
from plan, o join s using (n) where o.invoice is not null order by o.n;
insert into invoice_lines (distributor_id, invoice_id, line_no, order_id, order_line_no, product_id, unit, quantity, pieces, unit_price,
  gross, product_discount, order_discount, vat_percent, vat, total, is_free)
select distributor, invoice, no, order_id, no, product, unit, quantity, pieces, price, gross, 0, 0, vat_percent, vat, gross + vat, false
from plan, l where invoice is not null order by n, no;

-- Stock: a lot a quarter; every morning comes what is issued that day, in whole cases.
insert into lots (distributor_id, id, product_id, lot_number, expiry, received_at)
select distributor, pg_temp.made(q, 'lot/' || nth || '/' || p.place), p.id, to_char(q, '"L"YYYY"Q"Q'), (q + interval '18 months')::date, greatest(q, began)
from plan, p, generate_series(date_trunc('quarter', plan.first_day::timestamp), plan.today::timestamp - interval '1 day', interval '3 months') q
order by p.place, q;
update l set lot = pg_temp.made(l.quarter::timestamp, 'lot/' || plan.nth || '/' || l.product_place) from plan where invoice is not null;
insert into goods_issues (distributor_id, id, number, invoice_id, warehouse_id, business_date, created_by, created_at)
select distributor, o.issue, pg_temp.number('PX', o.day, o.invoice_serial), o.invoice, o.warehouse, o.day, plan.office, o.at + interval '9 minutes'
from plan, o where o.invoice is not null order by o.n;
insert into goods_issue_lines (distributor_id, issue_id, line_no, invoice_id, invoice_line_no, product_id, lot_id, pieces, quantity, gross, vat)
select distributor, issue, no, invoice, no, product, lot, pieces, quantity, gross, vat from plan, l where invoice is not null order by n, no;

-- What has to come: what is needed up to a day, rounded up to cases, less what came before.
create temp table i on commit drop as
  select warehouse, product, product_place, lot, quarter, day, cases - lag(cases, 1, 0::bigint) over (partition by warehouse, product, quarter order by day) as cases
  from (
    select l.warehouse, l.product, l.product_place, l.lot, l.quarter, l.day,
      (sum(sum(l.pieces)) over (partition by l.warehouse, l.product, l.quarter order by l.day)::bigint + p.factor - 1) / p.factor as cases
    from l join p on p.id = l.product where l.invoice is not null
    group by l.warehouse, l.product, l.product_place, l.lot, l.quarter, l.day, p.factor) needed;
delete from i where cases = 0;
create temp table g on commit drop as
  select warehouse, day, row_number() over (partition by day order by warehouse) as serial,
    pg_temp.made((day + time '06:00') at time zone 'Asia/Ho_Chi_Minh', 'receipt/' || warehouse) as id, (day + time '06:00') at time zone 'Asia/Ho_Chi_Minh' as at
  from (select distinct warehouse, day from i) x;
analyze i;
analyze g;
insert into goods_receipts (distributor_id, id, number, warehouse_id, business_date, note, created_by, created_at)
select distributor, g.id, pg_temp.number('PN', g.day, g.serial), g.warehouse, g.day, 'Nhập hàng công ty', plan.office, g.at from plan, g order by g.day;

insert into stock_movements (distributor_id, id, warehouse_id, product_id, lot_id, business_date, posted_at, quantity, typed_quantity, typed_unit,
  selling_value, cost_value, sold_value, reason, document_id, document_number, actor_id)
select distributor, pg_temp.made(began, 'opening/' || w.id || '/' || p.place), w.id, p.id, pg_temp.made(date_trunc('quarter', first_day::timestamp), 'lot/' || nth || '/' || p.place),
  first_day, began, 10 * p.factor, 10, 'whole', 10 * p.price, 10 * p.cost, 0, 'opening',
  pg_temp.made(began, 'opening/' || w.id), 'TDK-' || to_char(first_day, 'YYYYMMDD') || '-' || w.place + 1, plan.office
from plan, w, p;
insert into stock_movements (distributor_id, id, warehouse_id, product_id, lot_id, business_date, posted_at, quantity, typed_quantity, typed_unit,
  selling_value, cost_value, sold_value, reason, document_id, document_number, actor_id)
select distributor, pg_temp.made(m.at, 'move/' || m.document || '/' || m.product), m.warehouse, m.product, m.lot, m.day, m.at, m.pieces, m.typed, m.unit,
  m.selling, m.cost, m.sold, m.reason, m.document, m.number, plan.office
from plan, (
  select i.day, g.at, i.warehouse, i.product, i.lot, i.cases * p.factor as pieces, i.cases as typed, 'whole' as unit, i.cases * p.price as selling,
    i.cases * p.cost as cost, 0::bigint as sold, 'receipt' as reason, g.id as document, pg_temp.number('PN', g.day, g.serial) as number
  from i join g using (warehouse, day) join p on p.id = i.product
  union all
  select l.day, o.at + interval '9 minutes', l.warehouse, l.product, l.lot, -l.pieces, -l.quantity, l.unit, -l.gross,
    -l.quantity * l.cost, -l.gross, 'issue', l.issue, pg_temp.number('PX', o.day, o.invoice_serial)
  from l join o using (n) where l.invoice is not null
) m order by m.day, m.at;

insert into stock_lots (distributor_id, warehouse_id, product_id, lot_id, on_hand)
select distributor, warehouse, product, lot, sum(pieces) from plan, (
  select w.id as warehouse, p.id as product, pg_temp.made(date_trunc('quarter', first_day::timestamp), 'lot/' || nth || '/' || p.place) as lot, 10 * p.factor as pieces
  from plan, w, p
  union all select i.warehouse, i.product, i.lot, i.cases * p.factor from i join p on p.id = i.product
  union all select warehouse, product, lot, -pieces from l where invoice is not null) x
group by 1, 2, 3, 4;
insert into stock_items (distributor_id, warehouse_id, product_id, on_hand)
select distributor_id, warehouse_id, product_id, sum(on_hand) from stock_lots join plan on plan.distributor = stock_lots.distributor_id group by 1, 2, 3;

-- Money: most invoices are paid some days around their due date, some in cash to the rep, who hands it over that day.
create temp table m on commit drop as
  select o.n, o.day, o.at + interval '9 minutes' as at, o.customer, o.rep, o.invoice, o.invoice_serial, o.day + o.term as due, s.gross + s.vat as total,
    case when pg_temp.roll(o.n, plan.salt + 9, 100) < 93 then x.pay_day + case when extract(isodow from x.pay_day) = 7 then 1 else 0 end end as pay_day,
    case when pg_temp.roll(o.n, plan.salt + 11, 10) < 4 then 'cash' else 'transfer' end as method
  from plan, o join s using (n)
  cross join lateral (select o.day + greatest(o.term + pg_temp.roll(o.n, (select salt from plan) + 10, 14)::int - 4, 1) as pay_day) x
  where o.invoice is not null;
alter table m add column entry uuid, add column receipt uuid, add column credit uuid, add column paid_at timestamptz, add column serial bigint;
update m set entry = pg_temp.made(m.at, 'debt/' || plan.nth || '/' || m.n), serial = x.serial,
  receipt = pg_temp.made(x.paid_at, 'paid/' || plan.nth || '/' || m.n), credit = pg_temp.made(x.paid_at, 'credit/' || plan.nth || '/' || m.n), paid_at = x.paid_at
from plan, (
  select m.n, (pay_day + time '08:00') at time zone 'Asia/Ho_Chi_Minh' + make_interval(secs => row_number() over (partition by pay_day order by n)::double precision) as paid_at,
    row_number() over (partition by pay_day order by n) as serial
  from m, plan where pay_day < plan.today) x
where x.n = m.n;
update m set entry = pg_temp.made(m.at, 'debt/' || plan.nth || '/' || m.n), pay_day = null from plan where entry is null;
analyze m;

insert into receivable_entries (distributor_id, id, customer_id, kind, amount, document_id, document_number, business_date, due_date, posted_at, actor_id)
select distributor, entry, customer, 'invoice', total, invoice, pg_temp.number('PB', day, invoice_serial), day, due, at, plan.office from plan, m order by m.n;
insert into receipts (distributor_id, id, number, customer_id, amount, method, business_date, collected_by, created_at)
select distributor, receipt, pg_temp.number('TN', pay_day, serial), customer, total, method, pay_day, case method when 'cash' then rep else plan.office end, paid_at
from plan, m where receipt is not null order by pay_day, serial;
insert into receivable_entries (distributor_id, id, customer_id, kind, amount, document_id, document_number, business_date, due_date, posted_at, actor_id)
select distributor, credit, customer, 'receipt', -total, receipt, pg_temp.number('TN', pay_day, serial), pay_day, null, paid_at,
  case method when 'cash' then rep else plan.office end
from plan, m where receipt is not null order by pay_day, serial;
insert into receivable_open_items (distributor_id, entry_id, customer_id, due_date, open_amount)
select distributor, entry, customer, due, case when receipt is null then total else 0 end from plan, m
union all select distributor, credit, customer, null, 0 from plan, m where receipt is not null;
insert into receivable_allocations (distributor_id, id, credit_entry_id, debit_entry_id, amount, allocated_on, posted_at, actor_id)
select distributor, pg_temp.made(paid_at, 'allocation/' || plan.nth || '/' || m.n), credit, entry, total, pay_day, paid_at, plan.office
from plan, m where receipt is not null;
insert into customer_balances (distributor_id, customer_id, balance)
select distributor, customer, sum(case when receipt is null then total else 0 end) from plan, m group by 1, 2;

create temp table h on commit drop as
  select rep, pay_day as day, sum(total)::bigint as amount, row_number() over (partition by pay_day order by rep) as serial,
    pg_temp.made((pay_day + time '17:30') at time zone 'Asia/Ho_Chi_Minh', 'cash/' || rep) as id, (pay_day + time '17:30') at time zone 'Asia/Ho_Chi_Minh' as at
  from m where receipt is not null and method = 'cash' group by 1, 2;
insert into rep_cash_entries (distributor_id, id, rep_id, kind, amount, business_date, document_id, document_number, posted_at, actor_id)
select distributor, pg_temp.made(paid_at, 'cash/' || plan.nth || '/' || m.n), rep, 'collected', total, pay_day, receipt, pg_temp.number('TN', pay_day, m.serial), paid_at, rep
from plan, m where receipt is not null and method = 'cash';
insert into cash_hand_overs (distributor_id, id, number, rep_id, business_date, amount, created_by, created_at)
select distributor, id, pg_temp.number('NQ', day, serial), rep, day, amount, plan.office, at from plan, h;
insert into rep_cash_entries (distributor_id, id, rep_id, kind, amount, business_date, document_id, document_number, posted_at, actor_id)
select distributor, pg_temp.made(at, 'handed/' || h.id), rep, 'handed_over', -amount, day, id, pg_temp.number('NQ', day, serial), at, plan.office from plan, h;
insert into rep_cash_days (distributor_id, rep_id, business_date, collected, handed_over) select distributor, rep, day, amount, amount from plan, h;

insert into document_counters (distributor_id, kind, day, last_number)
select distributor, x.kind, x.day, x.count::integer from plan, (
  select 'DH' as kind, day, count(*) from o group by day
  union all select f.kind, day, count(*) from o, (values ('PB'), ('PX')) f (kind) where invoice is not null group by f.kind, day
  union all select 'PN', day, count(*) from g group by day
  union all select 'TN', pay_day, count(*) from m where receipt is not null group by pay_day
  union all select 'NQ', day, count(*) from h group by day) x;
