-- Goods issues in parts, invoices that are cancelled or closed short, and goods that come back.

alter table invoices drop constraint invoices_status_check;
alter table invoices add constraint invoices_status_check
  check (status in ('Open', 'PartlyIssued', 'Issued', 'Closed', 'Cancelled'));
-- Why it was cancelled, or closed although goods are missing.
alter table invoices add column reason text not null default '';

-- The order of a line went back to approved, with the invoice cancelled or closed before anything of it was issued;
-- it may be invoiced again.
alter table invoice_lines add column void boolean not null default false;
alter table invoice_lines drop constraint invoice_lines_order_line_uniq;
create unique index invoice_lines_order_line_uniq on invoice_lines (distributor_id, order_id, order_line_no) where not void;
create index invoice_lines_order on invoice_lines (distributor_id, order_id);

-- What of the invoice's line left with this row, so that the rows of all issues add up to the line: of each figure X,
-- floor(X × pieces issued up to and with this row / pieces of the line) less the same before this row.
alter table goods_issue_lines
  -- in the unit of the invoice's line
  add column quantity         bigint not null default 0,
  add column gross            bigint not null default 0,
  add column product_discount bigint not null default 0,
  add column order_discount   bigint not null default 0,
  add column vat              bigint not null default 0;
-- The owner's own statements see no rows of a table that forces row-level security.
alter table goods_issue_lines no force row level security;
alter table goods_issues no force row level security;
alter table invoice_lines no force row level security;
update goods_issue_lines g set
  quantity = div(x.quantity::numeric * x.done, x.of) - div(x.quantity::numeric * (x.done - g.pieces), x.of),
  gross = div(x.gross::numeric * x.done, x.of) - div(x.gross::numeric * (x.done - g.pieces), x.of),
  product_discount = div(x.product_discount::numeric * x.done, x.of) - div(x.product_discount::numeric * (x.done - g.pieces), x.of),
  order_discount = div(x.order_discount::numeric * x.done, x.of) - div(x.order_discount::numeric * (x.done - g.pieces), x.of),
  vat = div(x.vat::numeric * x.done, x.of) - div(x.vat::numeric * (x.done - g.pieces), x.of)
from (
  select l.distributor_id, l.issue_id, l.line_no, i.quantity, i.gross, i.product_discount, i.order_discount, i.vat,
    i.pieces as of, sum(l.pieces) over (
      partition by l.distributor_id, l.invoice_id, l.invoice_line_no order by e.created_at, e.id, l.line_no) as done
  from goods_issue_lines l
  join goods_issues e on e.distributor_id = l.distributor_id and e.id = l.issue_id
  join invoice_lines i on i.distributor_id = l.distributor_id and i.invoice_id = l.invoice_id and i.line_no = l.invoice_line_no
) x
where g.distributor_id = x.distributor_id and g.issue_id = x.issue_id and g.line_no = x.line_no;
alter table goods_issue_lines force row level security;
alter table goods_issues force row level security;
alter table invoice_lines force row level security;

-- What was closed short will not be charged any more.
create or replace view customer_exposures with (security_invoker = true) as
  select distributor_id, customer_id, sum(balance)::bigint as balance, sum(approved)::bigint as approved,
    sum(invoiced)::bigint as invoiced, sum(balance + approved + invoiced)::bigint as exposure
  from (
    select distributor_id, customer_id, balance, 0::bigint as approved, 0::bigint as invoiced from customer_balances
    union all
    select distributor_id, customer_id, 0, total, 0 from orders where status = 'Approved'
    union all
    select distributor_id, customer_id, 0, 0, total - charged from invoices
    where charged < total and status <> 'Cancelled' and status <> 'Closed'
  ) parts
  group by distributor_id, customer_id;

create table sales_returns (
  distributor_id  uuid not null references distributors (id),
  id              uuid not null,
  number          text not null,
  status          text not null check (status in ('Pending', 'Approved', 'Received', 'Rejected', 'Cancelled')),
  customer_id     uuid not null,
  -- the invoice the goods were sold on; none for goods whose price the office says
  invoice_id      uuid,
  rep_id          uuid not null references users (id),
  unit_id         uuid,
  business_date   date not null,
  reason          text not null check (length(reason) between 1 and 2000),
  gross           bigint not null,
  product_discount bigint not null,
  order_discount  bigint not null,
  vat             bigint not null,
  -- what the customer no longer owes
  total           bigint not null check (total >= 0),
  decision        text not null default '',
  decided_by      uuid references users (id),
  decided_at      timestamptz,
  received_on     date,
  received_by     uuid references users (id),
  received_at     timestamptz,
  created_by      uuid not null references users (id),
  created_at      timestamptz not null,
  version         bigint not null default 1,
  primary key (distributor_id, id),
  constraint sales_returns_number_uniq unique (distributor_id, number),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id),
  foreign key (distributor_id, invoice_id) references invoices (distributor_id, id),
  check (total = gross - product_discount - order_discount + vat),
  check ((status = 'Received') = (received_on is not null))
);
create unique index sales_returns_id_uniq on sales_returns (id);
create index sales_returns_day on sales_returns (distributor_id, business_date);
create index sales_returns_received on sales_returns (distributor_id, received_on) where received_on is not null;
create index sales_returns_invoice on sales_returns (distributor_id, invoice_id) where invoice_id is not null;
create index sales_returns_customer on sales_returns (distributor_id, customer_id, business_date desc);
call make_tenant_table('sales_returns');

create table sales_return_lines (
  distributor_id  uuid not null,
  return_id       uuid not null,
  line_no         integer not null check (line_no >= 1),
  invoice_id      uuid,
  invoice_line_no integer,
  product_id      uuid not null references products (id),
  unit            text not null check (unit in ('whole', 'retail')),
  quantity        bigint not null check (quantity > 0),
  pieces          bigint not null check (pieces > 0),
  unit_price      bigint not null check (unit_price >= 0),
  gross           bigint not null,
  product_discount bigint not null,
  order_discount  bigint not null,
  vat_percent     smallint not null,
  vat             bigint not null,
  total           bigint not null,
  is_free         boolean not null,
  promotion_id    uuid references promotions (id),
  -- free goods that were due back and stay with the customer: nothing comes in, and their price lowers the return
  is_charge       boolean not null default false,
  condition       text not null check (condition in ('saleable', 'damaged', 'expired')),
  -- the lot the goods are said to be of
  lot_id          uuid,
  primary key (distributor_id, return_id, line_no),
  foreign key (distributor_id, return_id) references sales_returns (distributor_id, id),
  foreign key (distributor_id, invoice_id, invoice_line_no) references invoice_lines (distributor_id, invoice_id, line_no),
  foreign key (distributor_id, lot_id) references lots (distributor_id, id),
  check (total = gross - product_discount - order_discount + vat),
  check ((invoice_id is null) = (invoice_line_no is null)),
  check (not is_charge or gross <= 0)
);
create index sales_return_lines_invoice on sales_return_lines (distributor_id, invoice_id, invoice_line_no) where invoice_id is not null;
call make_tenant_table('sales_return_lines');

-- Which lots came in for a line, and where.
create table sales_return_lots (
  distributor_id uuid not null,
  return_id      uuid not null,
  line_no        integer not null,
  lot_id         uuid not null,
  warehouse_id   uuid not null,
  pieces         bigint not null check (pieces > 0),
  primary key (distributor_id, return_id, line_no, lot_id),
  foreign key (distributor_id, return_id, line_no) references sales_return_lines (distributor_id, return_id, line_no),
  foreign key (distributor_id, lot_id) references lots (distributor_id, id),
  foreign key (distributor_id, warehouse_id) references warehouses (distributor_id, id)
);
call make_tenant_table('sales_return_lots');
