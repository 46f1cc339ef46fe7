-- Order to cash: orders, invoices, goods issues, the stock ledger, the receivables ledger.
-- Quantities are whole retail units (pieces); money is whole đồng.

create table warehouses (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  code           text not null,
  name           text not null,
  kind           text not null check (kind in ('main', 'van', 'return', 'promotion')),
  rep_id         uuid references users (id),
  allow_negative boolean not null default false,
  status         text not null default 'active' check (status in ('active', 'inactive')),
  created_at     timestamptz not null,
  primary key (distributor_id, id),
  constraint warehouses_code_uniq unique (distributor_id, code),
  check ((kind = 'van') = (rep_id is not null))
);
create unique index warehouses_id_uniq on warehouses (id);
call make_tenant_table('warehouses');

create table lots (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  product_id     uuid not null references products (id),
  lot_number     text not null,
  expiry         date,
  received_at    timestamptz not null,
  primary key (distributor_id, id),
  constraint lots_number_uniq unique nulls not distinct (distributor_id, product_id, lot_number, expiry)
);
create unique index lots_id_uniq on lots (id);
call make_tenant_table('lots');

-- Balance per product: the row every posting and reservation locks first, in product order.
create table stock_items (
  distributor_id uuid not null,
  warehouse_id   uuid not null,
  product_id     uuid not null references products (id),
  on_hand        bigint not null default 0,
  reserved       bigint not null default 0 check (reserved >= 0),
  primary key (distributor_id, warehouse_id, product_id),
  foreign key (distributor_id, warehouse_id) references warehouses (distributor_id, id)
);
call make_tenant_table('stock_items');

-- Balance per lot; its sum over the lots is the product's on_hand.
create table stock_lots (
  distributor_id uuid not null,
  warehouse_id   uuid not null,
  product_id     uuid not null,
  lot_id         uuid not null,
  on_hand        bigint not null default 0,
  primary key (distributor_id, warehouse_id, product_id, lot_id),
  foreign key (distributor_id, warehouse_id) references warehouses (distributor_id, id),
  foreign key (distributor_id, lot_id) references lots (distributor_id, id)
);
call make_tenant_table('stock_lots');

create table stock_movements (
  distributor_id uuid not null,
  id             uuid not null,
  warehouse_id   uuid not null,
  product_id     uuid not null,
  lot_id         uuid not null,
  business_date  date not null,
  posted_at      timestamptz not null,
  -- signed pieces, with the unit they were typed in: quantity = typed_quantity × (factor if whole, else 1)
  quantity       bigint not null check (quantity <> 0),
  typed_quantity bigint not null,
  typed_unit     text not null check (typed_unit in ('whole', 'retail')),
  -- signed đồng at the moment of the posting
  selling_value  bigint not null,
  cost_value     bigint not null,
  sold_value     bigint not null default 0,
  reason         text not null check (reason in ('opening', 'receipt', 'issue', 'transfer', 'adjustment', 'count', 'return')),
  document_id    uuid not null,
  document_number text not null,
  actor_id       uuid not null,
  primary key (distributor_id, id, business_date)
) partition by range (business_date);
create table stock_movements_default partition of stock_movements default;
call hide_partition('stock_movements_default');
create index stock_movements_item on stock_movements (distributor_id, warehouse_id, product_id, business_date);
create index stock_movements_document on stock_movements (distributor_id, document_id);
call make_tenant_table('stock_movements');
call make_append_only('stock_movements');

create table goods_receipts (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  number         text not null,
  warehouse_id   uuid not null,
  business_date  date not null,
  note           text not null default '',
  created_by     uuid not null,
  created_at     timestamptz not null,
  primary key (distributor_id, id),
  constraint goods_receipts_number_uniq unique (distributor_id, number),
  foreign key (distributor_id, warehouse_id) references warehouses (distributor_id, id)
);
create index goods_receipts_day on goods_receipts (distributor_id, business_date);
create unique index goods_receipts_id_uniq on goods_receipts (id);
call make_tenant_table('goods_receipts');

-- Corrections of stock; `number` is for people only, these are not numbered without gaps.
create table stock_adjustments (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  number         text not null,
  warehouse_id   uuid not null,
  business_date  date not null,
  reason         text not null check (length(reason) between 1 and 2000),
  created_by     uuid not null references users (id),
  created_at     timestamptz not null,
  primary key (distributor_id, id),
  foreign key (distributor_id, warehouse_id) references warehouses (distributor_id, id)
);
create unique index stock_adjustments_id_uniq on stock_adjustments (id);
call make_tenant_table('stock_adjustments');

create table orders (
  distributor_id  uuid not null,
  id              uuid not null,
  number          text not null,
  order_type      text not null check (order_type in ('PreSales', 'VanSales')),
  status          text not null check (status in ('Draft', 'Pending', 'Approved', 'Rejected', 'Cancelled', 'Invoiced', 'Issued')),
  customer_id     uuid not null,
  rep_id          uuid not null references users (id),
  unit_id         uuid,
  visit_id        uuid,
  warehouse_id    uuid not null,
  ordered_at      timestamptz not null,
  business_date   date not null,
  gross           bigint not null,
  product_discount bigint not null,
  order_discount  bigint not null,
  vat             bigint not null,
  total           bigint not null,
  notes           text not null default '',
  reason          text not null default '',
  explanation     jsonb not null default '{}',
  decided_by      uuid references users (id),
  decided_at      timestamptz,
  created_by      uuid not null references users (id),
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  version         bigint not null default 1,
  primary key (distributor_id, id),
  constraint orders_number_uniq unique (distributor_id, number),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id),
  foreign key (distributor_id, warehouse_id) references warehouses (distributor_id, id),
  foreign key (distributor_id, visit_id) references visits (distributor_id, id),
  check (total = gross - product_discount - order_discount + vat)
);
create index orders_day on orders (distributor_id, business_date, rep_id);
create index orders_customer on orders (distributor_id, customer_id, business_date desc);
create index orders_open on orders (distributor_id, status, ordered_at) where status in ('Pending', 'Approved', 'Invoiced');
create index orders_visit on orders (distributor_id, visit_id) where visit_id is not null;
create unique index orders_id_uniq on orders (id);
call make_tenant_table('orders');

create table order_lines (
  distributor_id  uuid not null,
  order_id        uuid not null,
  line_no         integer not null check (line_no >= 1),
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
  is_free         boolean not null default false,
  promotion_id    uuid references promotions (id),
  promotion_tier  integer,
  reserved        bigint not null default 0 check (reserved >= 0),
  primary key (distributor_id, order_id, line_no),
  foreign key (distributor_id, order_id) references orders (distributor_id, id),
  check (total = gross - product_discount - order_discount + vat),
  check (not is_free or (unit_price = 0 and promotion_id is not null))
);
call make_tenant_table('order_lines');

create table order_history (
  distributor_id uuid not null,
  id             uuid not null,
  order_id       uuid not null,
  at             timestamptz not null,
  actor_id       uuid not null,
  from_status    text,
  to_status      text not null,
  note           text not null default '',
  primary key (distributor_id, id),
  foreign key (distributor_id, order_id) references orders (distributor_id, id)
);
create index order_history_order on order_history (distributor_id, order_id, at);
call make_tenant_table('order_history');
call make_append_only('order_history');

create table invoices (
  distributor_id  uuid not null,
  id              uuid not null,
  number          text not null,
  customer_id     uuid not null,
  rep_id          uuid not null references users (id),
  unit_id         uuid,
  warehouse_id    uuid not null,
  status          text not null check (status in ('Open', 'Issued', 'Cancelled')),
  business_date   date not null,
  gross           bigint not null,
  product_discount bigint not null,
  order_discount  bigint not null,
  vat             bigint not null,
  total           bigint not null,
  created_by      uuid not null references users (id),
  created_at      timestamptz not null,
  version         bigint not null default 1,
  primary key (distributor_id, id),
  constraint invoices_number_uniq unique (distributor_id, number),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id),
  foreign key (distributor_id, warehouse_id) references warehouses (distributor_id, id),
  check (total = gross - product_discount - order_discount + vat)
);
create index invoices_day on invoices (distributor_id, business_date);
create index invoices_customer on invoices (distributor_id, customer_id, business_date desc);
create unique index invoices_id_uniq on invoices (id);
call make_tenant_table('invoices');

create table invoice_lines (
  distributor_id  uuid not null,
  invoice_id      uuid not null,
  line_no         integer not null check (line_no >= 1),
  order_id        uuid not null,
  order_line_no   integer not null,
  product_id      uuid not null references products (id),
  unit            text not null check (unit in ('whole', 'retail')),
  quantity        bigint not null check (quantity > 0),
  pieces          bigint not null check (pieces > 0),
  unit_price      bigint not null,
  gross           bigint not null,
  product_discount bigint not null,
  order_discount  bigint not null,
  vat_percent     smallint not null,
  vat             bigint not null,
  total           bigint not null,
  is_free         boolean not null,
  promotion_id    uuid references promotions (id),
  primary key (distributor_id, invoice_id, line_no),
  -- an order line is invoiced once
  constraint invoice_lines_order_line_uniq unique (distributor_id, order_id, order_line_no),
  foreign key (distributor_id, invoice_id) references invoices (distributor_id, id),
  foreign key (distributor_id, order_id, order_line_no) references order_lines (distributor_id, order_id, line_no)
);
call make_tenant_table('invoice_lines');

create table goods_issues (
  distributor_id uuid not null,
  id             uuid not null,
  number         text not null,
  invoice_id     uuid not null,
  warehouse_id   uuid not null,
  business_date  date not null,
  created_by     uuid not null references users (id),
  created_at     timestamptz not null,
  primary key (distributor_id, id),
  constraint goods_issues_number_uniq unique (distributor_id, number),
  foreign key (distributor_id, invoice_id) references invoices (distributor_id, id),
  foreign key (distributor_id, warehouse_id) references warehouses (distributor_id, id)
);
create index goods_issues_invoice on goods_issues (distributor_id, invoice_id);
create index goods_issues_day on goods_issues (distributor_id, business_date);
create unique index goods_issues_id_uniq on goods_issues (id);
call make_tenant_table('goods_issues');

create table goods_issue_lines (
  distributor_id  uuid not null,
  issue_id        uuid not null,
  line_no         integer not null,
  invoice_id      uuid not null,
  invoice_line_no integer not null,
  product_id      uuid not null references products (id),
  lot_id          uuid not null,
  pieces          bigint not null check (pieces > 0),
  primary key (distributor_id, issue_id, line_no),
  foreign key (distributor_id, issue_id) references goods_issues (distributor_id, id),
  foreign key (distributor_id, invoice_id, invoice_line_no) references invoice_lines (distributor_id, invoice_id, line_no),
  foreign key (distributor_id, lot_id) references lots (distributor_id, id)
);
create index goods_issue_lines_invoice on goods_issue_lines (distributor_id, invoice_id, invoice_line_no);
call make_tenant_table('goods_issue_lines');

create table customer_balances (
  distributor_id uuid not null,
  customer_id    uuid not null,
  balance        bigint not null default 0,
  primary key (distributor_id, customer_id),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id)
);
call make_tenant_table('customer_balances');

-- Signed đồng: what the customer owes grows with invoices, shrinks with receipts and returns.
create table receivable_entries (
  distributor_id  uuid not null,
  id              uuid not null,
  customer_id     uuid not null,
  kind            text not null check (kind in ('opening', 'invoice', 'return', 'receipt', 'adjustment', 'refund')),
  amount          bigint not null check (amount <> 0),
  document_id     uuid not null,
  document_number text not null,
  business_date   date not null,
  due_date        date,
  posted_at       timestamptz not null,
  actor_id        uuid not null,
  primary key (distributor_id, id),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id)
);
create index receivable_entries_customer on receivable_entries (distributor_id, customer_id, business_date);
create index receivable_entries_document on receivable_entries (distributor_id, document_id);
create unique index receivable_entries_id_uniq on receivable_entries (id);
call make_tenant_table('receivable_entries');
call make_append_only('receivable_entries');

-- What is still open of an entry, signed like the entry; it goes towards zero with every allocation.
create table receivable_open_items (
  distributor_id uuid not null,
  entry_id       uuid not null,
  customer_id    uuid not null,
  due_date       date,
  open_amount    bigint not null,
  primary key (distributor_id, entry_id),
  foreign key (distributor_id, entry_id) references receivable_entries (distributor_id, id)
);
create index receivable_open_items_customer on receivable_open_items (distributor_id, customer_id, due_date) where open_amount <> 0;
call make_tenant_table('receivable_open_items');

create table receivable_allocations (
  distributor_id uuid not null,
  id             uuid not null,
  credit_entry_id uuid not null,
  debit_entry_id uuid not null,
  amount         bigint not null check (amount > 0),
  allocated_on   date not null,
  posted_at      timestamptz not null,
  actor_id       uuid not null,
  primary key (distributor_id, id),
  foreign key (distributor_id, credit_entry_id) references receivable_entries (distributor_id, id),
  foreign key (distributor_id, debit_entry_id) references receivable_entries (distributor_id, id)
);
create index receivable_allocations_credit on receivable_allocations (distributor_id, credit_entry_id);
create index receivable_allocations_debit on receivable_allocations (distributor_id, debit_entry_id);
call make_tenant_table('receivable_allocations');
call make_append_only('receivable_allocations');

create table receipts (
  distributor_id uuid not null,
  id             uuid not null,
  number         text not null,
  customer_id    uuid not null,
  amount         bigint not null check (amount > 0),
  method         text not null check (method in ('cash', 'transfer')),
  note           text not null default '',
  business_date  date not null,
  collected_by   uuid not null references users (id),
  created_at     timestamptz not null,
  primary key (distributor_id, id),
  constraint receipts_number_uniq unique (distributor_id, number),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id)
);
create index receipts_day on receipts (distributor_id, business_date);
create index receipts_customer on receipts (distributor_id, customer_id);
create unique index receipts_id_uniq on receipts (id);
call make_tenant_table('receipts');
