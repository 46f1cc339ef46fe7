-- Stock, second part: remaining life per customer, transfers with goods in transit, counts.

-- Goods that this customer gets must be good for at least so many days more.
alter table customers add column min_life_days smallint not null default 0 check (min_life_days between 0 and 3650);

-- One warehouse of kind 'transit' per distributor holds what was shipped and is not received yet, so that every piece is
-- in some warehouse at all times. Nobody posts to it but transfers.
alter table warehouses drop constraint warehouses_kind_check;
alter table warehouses add constraint warehouses_kind_check check (kind in ('main', 'van', 'return', 'promotion', 'transit'));
alter table warehouses add column version bigint not null default 1;
create unique index warehouses_transit_uniq on warehouses (distributor_id) where kind = 'transit';

create table stock_transfers (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  number         text not null,
  from_warehouse_id uuid not null,
  to_warehouse_id uuid not null,
  status         text not null check (status in ('InTransit', 'Received', 'Cancelled')),
  two_step       boolean not null,
  -- the business day the goods left the sender
  business_date  date not null,
  note           text not null default '',
  created_by     uuid not null references users (id),
  created_at     timestamptz not null,
  -- the business day they arrived, or came back when it was cancelled
  closed_on      date,
  closed_by      uuid references users (id),
  closed_at      timestamptz,
  version        bigint not null default 1,
  primary key (distributor_id, id),
  constraint stock_transfers_number_uniq unique (distributor_id, number),
  foreign key (distributor_id, from_warehouse_id) references warehouses (distributor_id, id),
  foreign key (distributor_id, to_warehouse_id) references warehouses (distributor_id, id),
  check (from_warehouse_id <> to_warehouse_id),
  check ((status = 'InTransit') = (closed_at is null))
);
create unique index stock_transfers_id_uniq on stock_transfers (id);
create index stock_transfers_day on stock_transfers (distributor_id, business_date);
create index stock_transfers_open on stock_transfers (distributor_id) where status = 'InTransit';
call make_tenant_table('stock_transfers');

create table stock_transfer_lines (
  distributor_id uuid not null,
  transfer_id    uuid not null,
  line_no        integer not null check (line_no >= 1),
  product_id     uuid not null references products (id),
  unit           text not null check (unit in ('whole', 'retail')),
  quantity       bigint not null check (quantity > 0),
  pieces         bigint not null check (pieces > 0),
  primary key (distributor_id, transfer_id, line_no),
  foreign key (distributor_id, transfer_id) references stock_transfers (distributor_id, id)
);
call make_tenant_table('stock_transfer_lines');

-- Which lots a line was filled from, with their value when they left, and how much of them arrived.
create table stock_transfer_lots (
  distributor_id uuid not null,
  transfer_id    uuid not null,
  line_no        integer not null,
  product_id     uuid not null references products (id),
  lot_id         uuid not null,
  pieces         bigint not null check (pieces > 0),
  selling_value  bigint not null,
  cost_value     bigint not null,
  received       bigint check (received >= 0),
  -- why less or more arrived than was sent
  reason         text not null default '',
  primary key (distributor_id, transfer_id, line_no, lot_id),
  foreign key (distributor_id, transfer_id, line_no) references stock_transfer_lines (distributor_id, transfer_id, line_no),
  foreign key (distributor_id, lot_id) references lots (distributor_id, id),
  check (received is null or received = pieces or reason <> '')
);
call make_tenant_table('stock_transfer_lots');

create table stock_counts (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  number         text not null,
  warehouse_id   uuid not null,
  status         text not null check (status in ('Open', 'Closed', 'Cancelled')),
  business_date  date not null,
  -- nothing is posted in the warehouse while a frozen count is open
  frozen         boolean not null,
  -- only some products are counted
  partial        boolean not null,
  note           text not null default '',
  created_by     uuid not null references users (id),
  created_at     timestamptz not null,
  closed_by      uuid references users (id),
  closed_at      timestamptz,
  version        bigint not null default 1,
  primary key (distributor_id, id),
  constraint stock_counts_number_uniq unique (distributor_id, number),
  foreign key (distributor_id, warehouse_id) references warehouses (distributor_id, id),
  check ((status = 'Open') = (closed_at is null))
);
create unique index stock_counts_id_uniq on stock_counts (id);
create index stock_counts_day on stock_counts (distributor_id, business_date);
create unique index stock_counts_open_uniq on stock_counts (distributor_id, warehouse_id) where status = 'Open';
call make_tenant_table('stock_counts');

create table stock_count_lines (
  distributor_id uuid not null,
  count_id       uuid not null,
  product_id     uuid not null references products (id),
  lot_id         uuid not null,
  -- pieces on hand when the count was opened
  system         bigint not null,
  -- pieces counted; null until someone counts
  counted        bigint check (counted >= 0),
  -- pieces on hand when they were counted: another figure now means that stock moved since
  seen           bigint,
  counted_by     uuid references users (id),
  counted_at     timestamptz,
  -- what the closing posted
  posted         bigint,
  primary key (distributor_id, count_id, product_id, lot_id),
  foreign key (distributor_id, count_id) references stock_counts (distributor_id, id),
  foreign key (distributor_id, lot_id) references lots (distributor_id, id),
  check ((counted is null) = (seen is null))
);
call make_tenant_table('stock_count_lines');
