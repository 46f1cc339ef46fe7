-- Customers, routes, and the rep's day: attendance, visits, photos, positions.
--
-- An id is unique over all distributors, though keys lead with the distributor: callers of the whole company name a
-- document by its id alone, and clients make ids.

create table customers (
  distributor_id   uuid not null references distributors (id),
  id               uuid not null,
  code             text not null,
  name             text not null check (length(name) between 1 and 300),
  search_key       text not null,
  phone            text not null default '',
  contact_person   text not null default '',
  contact_title    text not null default '',
  customer_group   text not null default '',
  customer_type    text not null default '',
  channel          text not null default 'GT',
  address          text not null default '',
  ward             text not null default '',
  district         text not null default '',
  province         text not null default '',
  area             text not null default '',
  latitude         double precision check (latitude between -90 and 90),
  longitude        double precision check (longitude between -180 and 180),
  birthday         date,
  email            text not null default '',
  credit_limit     bigint check (credit_limit >= 0),
  payment_term_days integer not null default 0 check (payment_term_days between 0 and 365),
  location_locked  boolean not null default false,
  record_locked    boolean not null default false,
  status           text not null default 'pending' check (status in ('pending', 'active', 'inactive')),
  created_by       uuid,
  version          bigint not null default 1,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  deleted_at       timestamptz,
  primary key (distributor_id, id),
  constraint customers_code_uniq unique (distributor_id, code),
  check ((latitude is null) = (longitude is null))
);
create unique index customers_id_uniq on customers (id);
call make_tenant_table('customers');

create table routes (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  code           text not null,
  name           text not null,
  search_key     text not null default '',
  unit_id        uuid references org_units (id),
  -- ISO weekdays, 1 = Monday … 7 = Sunday
  weekdays       smallint[] not null check (weekdays <@ array[1, 2, 3, 4, 5, 6, 7]::smallint[]),
  start_date     date not null,
  status         text not null default 'active' check (status in ('active', 'inactive')),
  version        bigint not null default 1,
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  deleted_at     timestamptz,
  primary key (distributor_id, id),
  constraint routes_code_uniq unique (distributor_id, code)
);
create unique index routes_id_uniq on routes (id);
call make_tenant_table('routes');

-- Who walks the route, and when: the history stays.
create table route_assignments (
  distributor_id uuid not null,
  id             uuid not null,
  route_id       uuid not null,
  user_id        uuid not null references users (id),
  valid_from     date not null,
  valid_to       date,
  primary key (distributor_id, id),
  foreign key (distributor_id, route_id) references routes (distributor_id, id),
  check (valid_to is null or valid_to >= valid_from)
);
create index route_assignments_user on route_assignments (distributor_id, user_id, valid_from);
create unique index route_assignments_open_uniq on route_assignments (distributor_id, route_id) where valid_to is null;
create unique index route_assignments_id_uniq on route_assignments (id);
call make_tenant_table('route_assignments');
grant delete on route_assignments to dms_app;

create table route_customers (
  distributor_id uuid not null,
  route_id       uuid not null,
  customer_id    uuid not null,
  sequence       integer not null check (sequence >= 1),
  -- F1, F2, F4, F8, F12, or explicit weeks such as W1,3
  frequency      text not null default 'F4',
  primary key (distributor_id, route_id, customer_id),
  foreign key (distributor_id, route_id) references routes (distributor_id, id),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id)
);
create index route_customers_customer on route_customers (distributor_id, customer_id);
call make_tenant_table('route_customers');
grant delete on route_customers to dms_app;

-- The outlets a caller sees who does not see all of the tenant's: those on the routes that the rep walks on the day, or
-- on routes of the units (or of their people), and those that they proposed themselves.
create function customers_in_scope(rep uuid, units uuid[], day date) returns setof uuid language sql stable as $$
  select rc.customer_id
  from routes r
  join route_customers rc on rc.distributor_id = r.distributor_id and rc.route_id = r.id
  left join route_assignments a on a.distributor_id = r.distributor_id and a.route_id = r.id
       and a.valid_from <= day and (a.valid_to is null or a.valid_to >= day)
  where r.deleted_at is null and r.status = 'active'
    and (a.user_id = rep
         or r.unit_id = any (units)
         or a.user_id in (select uu.user_id from user_units uu where uu.unit_id = any (units)))
  union all
  select c.id
  from customers c
  where c.created_by = rep or c.created_by in (select uu.user_id from user_units uu where uu.unit_id = any (units))
$$;

create table clock_events (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  user_id        uuid not null references users (id),
  unit_id        uuid,
  kind           text not null check (kind in ('in', 'out')),
  at             timestamptz not null,
  business_date  date not null,
  latitude       double precision,
  longitude      double precision,
  accuracy       double precision,
  note           text not null default '',
  photo_sha256   text,
  received_at    timestamptz not null,
  primary key (distributor_id, id)
);
create index clock_events_day on clock_events (distributor_id, business_date, user_id);
create unique index clock_events_id_uniq on clock_events (id);
call make_tenant_table('clock_events');
call make_append_only('clock_events');

create table visits (
  distributor_id    uuid not null,
  id                uuid not null,
  customer_id       uuid not null,
  user_id           uuid not null references users (id),
  unit_id           uuid,
  route_id          uuid,
  visit_type        text not null check (visit_type in ('InRoute', 'OffRoute')),
  business_date     date not null,
  check_in_at       timestamptz not null,
  latitude          double precision not null,
  longitude         double precision not null,
  accuracy          double precision,
  distance_m        integer,
  out_of_range      boolean not null default false,
  check_out_at      timestamptz,
  check_out_latitude  double precision,
  check_out_longitude double precision,
  result            text check (result in ('HasOrder', 'NoOrder', 'Closed', 'OwnerAway')),
  notes             text not null default '',
  compliant         boolean,
  received_at       timestamptz not null,
  version           bigint not null default 1,
  primary key (distributor_id, id),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id),
  check ((check_out_at is null) = (result is null))
);
create unique index visits_open_uniq on visits (distributor_id, user_id) where check_out_at is null;
create index visits_day on visits (distributor_id, business_date, user_id);
create index visits_customer on visits (distributor_id, customer_id, check_in_at desc);
create unique index visits_id_uniq on visits (id);
call make_tenant_table('visits');

create table visit_photos (
  distributor_id uuid not null,
  id             uuid not null,
  visit_id       uuid not null,
  sha256         text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  content_type   text not null,
  size_bytes     bigint not null,
  album          text not null,
  latitude       double precision,
  longitude      double precision,
  captured_at    timestamptz not null,
  received_at    timestamptz not null,
  primary key (distributor_id, id),
  foreign key (distributor_id, visit_id) references visits (distributor_id, id)
);
create index visit_photos_visit on visit_photos (distributor_id, visit_id);
create index visit_photos_content on visit_photos (distributor_id, sha256);
create unique index visit_photos_id_uniq on visit_photos (id);
call make_tenant_table('visit_photos');

create table gps_points (
  distributor_id uuid not null,
  user_id        uuid not null,
  at             timestamptz not null,
  latitude       double precision not null,
  longitude      double precision not null,
  accuracy       real,
  speed          real,
  bearing        real,
  battery        smallint,
  activity       text,
  provider       text,
  mock           boolean not null default false,
  received_at    timestamptz not null,
  primary key (distributor_id, user_id, at)
) partition by range (at);
create table gps_points_default partition of gps_points default;
call hide_partition('gps_points_default');
call make_tenant_table('gps_points');

create table last_positions (
  distributor_id uuid not null references distributors (id),
  user_id        uuid not null references users (id),
  unit_id        uuid,
  at             timestamptz not null,
  latitude       double precision not null,
  longitude      double precision not null,
  accuracy       real,
  speed          real,
  battery        smallint,
  activity       text,
  mock           boolean not null default false,
  primary key (distributor_id, user_id)
);
call make_tenant_table('last_positions');
