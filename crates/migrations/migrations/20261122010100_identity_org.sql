-- Distributors, the organisation, users and how they prove who they are.

create table distributors (
  id                uuid primary key,
  code              text not null,
  name              text not null check (length(name) between 1 and 300),
  search_key        text not null,
  tax_code          text not null default '',
  invoice_name      text not null default '',
  invoice_address   text not null default '',
  kind              text not null default 'NPP',
  distributor_group text not null default '',
  channel           text not null default 'GT',
  area              text not null default '',
  province          text not null default '',
  delivery_place    text not null default '',
  delivery_address  text not null default '',
  contact_person    text not null default '',
  legal_representative text not null default '',
  office_address    text not null default '',
  warehouse_address text not null default '',
  email             text not null default '',
  phone             text not null default '',
  bank_name         text not null default '',
  bank_account      text not null default '',
  licence_number    text not null default '',
  latitude          double precision,
  longitude         double precision,
  status            text not null default 'active' check (status in ('pending', 'active', 'inactive')),
  version           bigint not null default 1,
  created_at        timestamptz not null,
  updated_at        timestamptz not null,
  deleted_at        timestamptz,
  constraint distributors_code_uniq unique (code)
);
alter table distributors enable row level security;
alter table distributors force row level security;
create policy tenant_read on distributors for select to dms_app using (id = any (app_distributors()));
create policy company on distributors to dms_system using (true) with check (true);

-- The tree. `index_path` is the hierarchical index (1.1.1.2.1) that names a unit in files, since codes repeat;
-- `ancestors` holds the ids from the root down to the unit itself.
create table org_units (
  id             uuid primary key,
  parent_id      uuid references org_units (id),
  index_path     text not null,
  ancestors      uuid[] not null,
  code           text not null,
  name           text not null check (length(name) between 1 and 300),
  search_key     text not null,
  kind           text not null default 'unit' check (kind in ('company', 'division', 'channel', 'region', 'area', 'distributor', 'team', 'unit')),
  distributor_id uuid references distributors (id),
  is_supervisor  boolean not null default false,
  is_sales_group boolean not null default false,
  version        bigint not null default 1,
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  deleted_at     timestamptz,
  constraint org_units_index_uniq unique (index_path)
);
create index org_units_parent on org_units (parent_id);
create index org_units_distributor on org_units (distributor_id);
create index org_units_ancestors on org_units using gin (ancestors);
call make_shared_table('org_units');

create table users (
  id             uuid primary key,
  username       text not null,
  full_name      text not null check (length(full_name) between 1 and 200),
  search_key     text not null,
  phone          text not null default '',
  email          text not null default '',
  role           text not null check (role in ('sales_rep', 'supervisor', 'area_manager', 'regional_manager', 'distributor_admin', 'company_admin')),
  distributor_id uuid references distributors (id),
  status         text not null default 'active' check (status in ('active', 'inactive')),
  version        bigint not null default 1,
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  deleted_at     timestamptz,
  constraint users_username_uniq unique (username),
  check (username = lower(username))
);
create index users_distributor on users (distributor_id);
call make_shared_table('users');

create table user_units (
  user_id    uuid not null references users (id),
  unit_id    uuid not null references org_units (id),
  is_primary boolean not null default false,
  primary key (user_id, unit_id)
);
create unique index user_units_primary_uniq on user_units (user_id) where is_primary;
create index user_units_unit on user_units (unit_id);
-- Seen with its user.
alter table user_units enable row level security;
alter table user_units force row level security;
create policy tenant_read on user_units for select to dms_app
  using (exists (select from users u where u.id = user_units.user_id));
create policy company on user_units to dms_system using (true) with check (true);
-- Rights are given by the system on a caller's behalf, never by the role of the distributors' callers.
revoke insert, update on distributors, org_units, users, user_units from dms_app;

-- Secrets are apart from the user, and out of reach of dms_app.
create table credentials (
  user_id       uuid primary key references users (id),
  password_hash text not null,
  must_change   boolean not null default false,
  changed_at    timestamptz not null
);
-- By the name that was typed, whether a user has it or not: a lock must not tell which names exist.
create table login_failures (
  username     text primary key,
  failures     integer not null,
  last_at      timestamptz not null,
  locked_until timestamptz
);
create index login_failures_age on login_failures (last_at);
create table password_history (
  user_id       uuid not null references users (id),
  changed_at    timestamptz not null,
  password_hash text not null,
  primary key (user_id, changed_at)
);
create table sessions (
  id         uuid primary key,
  user_id    uuid not null references users (id),
  device_id  text not null default '',
  address    text not null default '',
  created_at timestamptz not null,
  seen_at    timestamptz not null,
  revoked_at timestamptz,
  revoked_why text
);
create index sessions_user on sessions (user_id) where revoked_at is null;
-- One row a token: a token that comes a second time revokes its session. Each has a higher generation than the one
-- it replaces. `void` marks one that never arrived: its owner asked again and got another.
create table refresh_tokens (
  token_hash bytea primary key,
  session_id uuid not null references sessions (id),
  generation integer not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at    timestamptz,
  void       boolean not null default false
);
create index refresh_tokens_session on refresh_tokens (session_id);
create index refresh_tokens_expiry on refresh_tokens (expires_at);
create table known_devices (
  user_id    uuid not null references users (id),
  device_id  text not null,
  first_seen timestamptz not null,
  primary key (user_id, device_id)
);
revoke all on credentials, login_failures, password_history, sessions, refresh_tokens, known_devices from dms_app;

-- The hub groups that may see an event about a user's work: the user, their team and every unit above it, the distributor.
create function event_audience(distributor uuid, unit uuid, about uuid) returns text[] language sql stable as $$
  select array_remove(array['distributor:' || distributor, 'user:' || about], null)
      || coalesce((select array_agg('team:' || a) from org_units u, unnest(u.ancestors) a where u.id = unit), '{}')
$$;
