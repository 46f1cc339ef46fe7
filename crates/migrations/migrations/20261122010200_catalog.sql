-- Company-wide master data: products, price lists, promotions. Everyone reads; the right to write is checked by the API,
-- and the role of the distributors' callers cannot write at all.

create table brands (
  id   uuid primary key,
  code text not null,
  name text not null,
  constraint brands_code_uniq unique (code)
);
create table categories (
  id   uuid primary key,
  code text not null,
  name text not null,
  constraint categories_code_uniq unique (code)
);

create table products (
  id                  uuid primary key,
  code                text not null,
  name                text not null check (length(name) between 1 and 300),
  search_key          text not null,
  brand_id            uuid references brands (id),
  category_id         uuid references categories (id),
  supplier            text not null default '',
  unit_name           text not null,
  sub_unit_name       text not null,
  conversion_rate     bigint not null check (conversion_rate >= 1),
  purchase_price      bigint not null default 0 check (purchase_price >= 0),
  purchase_price_sub  bigint not null default 0 check (purchase_price_sub >= 0),
  selling_price       bigint not null check (selling_price >= 0),
  selling_price_sub   bigint not null check (selling_price_sub >= 0),
  vat_percent         smallint not null check (vat_percent in (0, 5, 8, 10)),
  low_stock_threshold bigint not null default 0 check (low_stock_threshold >= 0),
  barcode             text not null default '',
  description         text not null default '',
  image               text not null default '',
  display_order       integer not null default 0,
  attributes          jsonb not null default '{}',
  status              text not null default 'active' check (status in ('active', 'inactive')),
  version             bigint not null default 1,
  created_at          timestamptz not null,
  updated_at          timestamptz not null,
  deleted_at          timestamptz,
  constraint products_code_uniq unique (code)
);
create index products_order on products (display_order, code);
create index products_brand on products (brand_id);
create index products_category on products (category_id);

-- The most specific valid scope wins, then priority, then the latest start.
create table price_lists (
  id         uuid primary key,
  code       text not null,
  name       text not null,
  scope      text not null check (scope in ('customer', 'customer_group', 'channel', 'distributor', 'company')),
  scope_value text not null default '',
  distributor_id uuid references distributors (id),
  priority   integer not null default 0,
  valid_from date not null,
  valid_to   date,
  status     text not null default 'active' check (status in ('active', 'inactive')),
  version    bigint not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint price_lists_code_uniq unique (code),
  check (valid_to is null or valid_to >= valid_from)
);
call make_shared_table('price_lists');
create table price_list_items (
  price_list_id uuid not null references price_lists (id) on delete cascade,
  product_id    uuid not null references products (id),
  price         bigint not null check (price >= 0),
  price_sub     bigint not null check (price_sub >= 0),
  primary key (price_list_id, product_id)
);
create index price_list_items_product on price_list_items (product_id);
-- Seen with its list.
alter table price_list_items enable row level security;
alter table price_list_items force row level security;
create policy tenant_read on price_list_items for select to dms_app
  using (exists (select from price_lists l where l.id = price_list_items.price_list_id));
create policy company on price_list_items to dms_system using (true) with check (true);

-- `definition` is the rule in the form the pricing engine reads (domain::pricing::Promotion).
create table promotions (
  id         uuid primary key,
  code       text not null,
  name       text not null,
  search_key text not null,
  valid_from date not null,
  valid_to   date not null,
  status     text not null default 'draft' check (status in ('draft', 'active', 'paused', 'ended')),
  priority   integer not null default 0,
  definition jsonb not null,
  version    bigint not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint promotions_code_uniq unique (code),
  check (valid_to >= valid_from)
);
create index promotions_active on promotions (valid_to) where status = 'active';
-- One that is meant for some distributors only is seen by those.
alter table promotions enable row level security;
alter table promotions force row level security;
create policy tenant_read on promotions for select to dms_app using (
  coalesce(jsonb_array_length(definition -> 'audience' -> 'distributors'), 0) = 0
  or exists (select from unnest(app_distributors()) d where definition -> 'audience' -> 'distributors' ? d::text));
create policy company on promotions to dms_system using (true) with check (true);
revoke insert, update, delete on brands, categories, products, price_lists, price_list_items, promotions from dms_app;
