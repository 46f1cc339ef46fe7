-- Sales of the first distributor: rep 1 sells milk with a free piece and soap in two parts, rep 2 sells milk; an order
-- of rep 1 waits and one was rejected. The second distributor sells milk.
create function pg_temp.u(n int) returns uuid language sql immutable as $$ select lpad(to_hex(n), 32, '0')::uuid $$;

insert into promotions (id, code, name, search_key, valid_from, valid_to, definition, created_at, updated_at)
values (pg_temp.u(1), 'KM1', 'KM', 'km', '2026-01-01', '2026-12-31', '{}', now(), now());

insert into orders (distributor_id, id, number, order_type, status, customer_id, rep_id, unit_id, warehouse_id, ordered_at,
  business_date, gross, product_discount, order_discount, vat, total, created_by, created_at, updated_at)
select pg_temp.u(d), pg_temp.u(n), 'DH-' || n, 'PreSales', status, pg_temp.u(customer), pg_temp.u(rep), pg_temp.u(unit),
  pg_temp.u(warehouse), now(), day::date, gross, discount, order_discount, vat, gross - discount - order_discount + vat,
  pg_temp.u(rep), now(), now()
from (values
  (x'1001'::int, 101, 'Issued',   x'7001'::int, x'3011'::int, x'2012'::int, x'5001'::int, '2026-08-05', 480000, 10000, 20000, 36000),
  (x'1001'::int, 102, 'Invoiced', x'7002'::int, x'3011'::int, x'2012'::int, x'5001'::int, '2026-08-05', 100, 7, 3, 9),
  (x'1001'::int, 103, 'Issued',   x'7001'::int, x'3012'::int, x'2012'::int, x'5001'::int, '2026-08-06', 240000, 0, 0, 19200),
  (x'1001'::int, 104, 'Pending',  x'7001'::int, x'3011'::int, x'2012'::int, x'5001'::int, '2026-08-06', 10000, 0, 0, 800),
  (x'1001'::int, 105, 'Rejected', x'7001'::int, x'3011'::int, x'2012'::int, x'5001'::int, '2026-08-06', 10000, 0, 0, 800),
  (x'1002'::int, 201, 'Issued',   x'7021'::int, x'3021'::int, x'2022'::int, x'5002'::int, '2026-08-06', 10000, 0, 0, 800)
) o (d, n, status, customer, rep, unit, warehouse, day, gross, discount, order_discount, vat);

insert into order_lines (distributor_id, order_id, line_no, product_id, unit, quantity, pieces, unit_price, gross,
  product_discount, order_discount, vat_percent, vat, total, is_free, promotion_id)
select pg_temp.u(d), pg_temp.u(n), line, pg_temp.u(product), unit, quantity, pieces, price, gross, discount,
  order_discount, percent, vat, gross - discount - order_discount + vat, free, case when free then pg_temp.u(1) end
from (values
  (x'1001'::int, 101, 1, x'4001'::int, 'whole',  2, 48, 240000, 480000, 10000, 20000, 8, 36000, false),
  (x'1001'::int, 101, 2, x'4001'::int, 'retail', 1, 1, 0, 0, 0, 0, 8, 0, true),
  (x'1001'::int, 102, 1, x'4002'::int, 'retail', 10, 10, 10, 100, 7, 3, 10, 9, false),
  (x'1001'::int, 103, 1, x'4001'::int, 'whole',  1, 24, 240000, 240000, 0, 0, 8, 19200, false),
  (x'1001'::int, 104, 1, x'4001'::int, 'retail', 1, 1, 10000, 10000, 0, 0, 8, 800, false),
  (x'1001'::int, 105, 1, x'4001'::int, 'retail', 1, 1, 10000, 10000, 0, 0, 8, 800, false),
  (x'1002'::int, 201, 1, x'4001'::int, 'retail', 1, 1, 10000, 10000, 0, 0, 8, 800, false)
) l (d, n, line, product, unit, quantity, pieces, price, gross, discount, order_discount, percent, vat, free);

-- One invoice an order, one line a line.
insert into invoices (distributor_id, id, number, customer_id, rep_id, unit_id, warehouse_id, status, business_date, gross,
  product_discount, order_discount, vat, total, created_by, created_at)
select distributor_id, id, 'PB-' || number, customer_id, rep_id, unit_id, warehouse_id,
  case status when 'Issued' then 'Issued' else 'Open' end, business_date, gross, product_discount, order_discount, vat,
  total, created_by, now()
from orders where status in ('Issued', 'Invoiced');
insert into invoice_lines (distributor_id, invoice_id, line_no, order_id, order_line_no, product_id, unit, quantity, pieces,
  unit_price, gross, product_discount, order_discount, vat_percent, vat, total, is_free, promotion_id)
select l.distributor_id, i.id, line_no, order_id, line_no, product_id, unit, quantity, pieces, unit_price, l.gross,
  l.product_discount, l.order_discount, vat_percent, l.vat, l.total, is_free, promotion_id
from order_lines l join invoices i on i.id = l.order_id;

-- The soap leaves 3 pieces on one day and 4 on the next; 3 wait. The milk of rep 1 leaves from two lots.
insert into goods_issues (distributor_id, id, number, invoice_id, warehouse_id, business_date, created_by, created_at)
select i.distributor_id, pg_temp.u(n), 'PX-' || n, i.id, i.warehouse_id, day::date, i.created_by, day::timestamptz
from (values (301, 101, '2026-08-05'), (302, 102, '2026-08-05'), (303, 102, '2026-08-06'), (304, 103, '2026-08-06'),
             (305, 201, '2026-08-06')) g (n, invoice, day)
join invoices i on i.id = pg_temp.u(invoice);
insert into goods_issue_lines (distributor_id, issue_id, line_no, invoice_id, invoice_line_no, product_id, lot_id, pieces)
select g.distributor_id, g.id, x.line, g.invoice_id, x.invoice_line, pg_temp.u(product), pg_temp.u(lot), pieces
from (values
  (301, 1, 1, x'4001'::int, x'6001'::int, 40), (301, 2, 1, x'4001'::int, x'6002'::int, 8),
  (301, 3, 2, x'4001'::int, x'6001'::int, 1),
  (302, 1, 1, x'4002'::int, x'6003'::int, 3), (303, 1, 1, x'4002'::int, x'6003'::int, 4),
  (304, 1, 1, x'4001'::int, x'6001'::int, 24), (305, 1, 1, x'4001'::int, x'6004'::int, 1)
) x (n, line, invoice_line, product, lot, pieces)
join goods_issues g on g.id = pg_temp.u(n);

-- What each row amounts to: the rows of a line are parts of it one after the other.
update goods_issue_lines g set
  quantity = div(x.quantity::numeric * x.done, x.of) - div(x.quantity::numeric * (x.done - g.pieces), x.of),
  gross = div(x.gross::numeric * x.done, x.of) - div(x.gross::numeric * (x.done - g.pieces), x.of),
  product_discount = div(x.product_discount::numeric * x.done, x.of) - div(x.product_discount::numeric * (x.done - g.pieces), x.of),
  order_discount = div(x.order_discount::numeric * x.done, x.of) - div(x.order_discount::numeric * (x.done - g.pieces), x.of),
  vat = div(x.vat::numeric * x.done, x.of) - div(x.vat::numeric * (x.done - g.pieces), x.of)
from (
  select l.issue_id, l.line_no, i.quantity, i.gross, i.product_discount, i.order_discount, i.vat, i.pieces as of,
    sum(l.pieces) over (partition by l.invoice_id, l.invoice_line_no order by e.created_at, e.id, l.line_no) as done
  from goods_issue_lines l
  join goods_issues e on e.id = l.issue_id
  join invoice_lines i on i.invoice_id = l.invoice_id and i.line_no = l.invoice_line_no
) x
where g.issue_id = x.issue_id and g.line_no = x.line_no;
