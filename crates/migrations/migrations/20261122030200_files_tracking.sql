-- Files by content, and where people in the field were.

-- A content of a distributor. The bytes lie once in the store, whoever has them; a row says that this distributor has
-- them, so the same content at two distributors is two rows. A record may tell of a content before its bytes come:
-- then it waits.
create table files (
  distributor_id  uuid not null references distributors (id),
  sha256          text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  state           text not null check (state in ('waiting', 'stored')),
  -- Whether a record refers to it. What nobody refers to is swept after a while.
  referred        boolean not null default false,
  size_bytes      bigint,
  content_type    text,
  uploaded_by     uuid references users (id),
  created_at      timestamptz not null,
  stored_at       timestamptz,
  -- What the worker makes of the image: thumbnails and the hash of what it shows.
  image_state     text not null default 'waiting' check (image_state in ('waiting', 'ready', 'broken')),
  attempts        smallint not null default 0,
  next_attempt_at timestamptz,
  failure         text,
  width           integer,
  height          integer,
  dhash           bigint,
  primary key (distributor_id, sha256),
  check (state = 'waiting' or (size_bytes is not null and content_type is not null and stored_at is not null)),
  check (image_state <> 'ready' or (width is not null and height is not null))
);
create index files_content on files (sha256);
create index files_work on files (next_attempt_at) where state = 'stored' and image_state = 'waiting';
create index files_unreferred on files (created_at) where not referred;
call make_tenant_table('files');

-- Photos that came before this table did.
insert into files (distributor_id, sha256, state, referred, size_bytes, content_type, created_at, stored_at, next_attempt_at)
select distinct on (distributor_id, sha256) distributor_id, sha256, 'stored', true, size_bytes, content_type, received_at,
       received_at, received_at
from visit_photos
where content_type is not null and size_bytes is not null
order by distributor_id, sha256, received_at;

-- Parts of a content that is still being sent. Each lies as a blob of its own, so that any server can go on.
create table file_parts (
  distributor_id uuid not null,
  user_id        uuid not null,
  sha256         text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  first_byte     bigint not null check (first_byte >= 0),
  length         bigint not null check (length > 0),
  total          bigint not null check (total > 0),
  blob           uuid not null,
  received_at    timestamptz not null,
  primary key (distributor_id, user_id, sha256, first_byte)
);
create index file_parts_age on file_parts (received_at);
call make_tenant_table('file_parts');
-- A sender's own parts are gone when the content is whole.
grant delete on file_parts to dms_app;

-- Links given out for sending a content straight to the store.
create table file_links (
  distributor_id uuid not null,
  id             uuid not null,
  user_id        uuid not null,
  sha256         text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  expires_at     timestamptz not null,
  primary key (distributor_id, id)
);
create unique index file_links_id_uniq on file_links (id);
create index file_links_age on file_links (expires_at);
call make_tenant_table('file_links');
grant delete on file_links to dms_app;

-- The hash of what an image shows, in four bands of 16 bits: images that differ in at most 7 of 64 bits differ in at
-- most one bit of some band, so looking up each band and its neighbours finds them all.
create table photo_hash_bands (
  distributor_id uuid not null,
  band           smallint not null check (band between 0 and 3),
  value          integer not null check (value between 0 and 65535),
  sha256         text not null,
  dhash          bigint not null,
  primary key (distributor_id, band, value, sha256),
  foreign key (distributor_id, sha256) references files (distributor_id, sha256) on delete cascade
);
create index photo_hash_bands_content on photo_hash_bands (distributor_id, sha256);
call make_tenant_table('photo_hash_bands');

-- Two contents that show the same; kept both ways round.
create table file_duplicates (
  distributor_id uuid not null,
  sha256         text not null,
  other_sha256   text not null,
  distance       smallint not null check (distance between 0 and 64),
  found_at       timestamptz not null,
  primary key (distributor_id, sha256, other_sha256),
  foreign key (distributor_id, sha256) references files (distributor_id, sha256) on delete cascade,
  foreign key (distributor_id, other_sha256) references files (distributor_id, sha256) on delete cascade,
  check (sha256 <> other_sha256)
);
create index file_duplicates_other on file_duplicates (distributor_id, other_sha256);
call make_tenant_table('file_duplicates');

-- Photos of other visits with the same bytes (distance 0) or showing the same.
create view photo_duplicates with (security_invoker = true) as
  select p.distributor_id, p.id as photo_id, p.visit_id, o.id as other_photo_id, o.visit_id as other_visit_id,
         o.captured_at as other_captured_at, 0::smallint as distance
  from visit_photos p
  join visit_photos o on o.distributor_id = p.distributor_id and o.sha256 = p.sha256 and o.visit_id <> p.visit_id
  union all
  select p.distributor_id, p.id, p.visit_id, o.id, o.visit_id, o.captured_at, d.distance
  from visit_photos p
  join file_duplicates d on d.distributor_id = p.distributor_id and d.sha256 = p.sha256
  join visit_photos o on o.distributor_id = p.distributor_id and o.sha256 = d.other_sha256 and o.visit_id <> p.visit_id;

-- Of these contents, which some record refers to: any column named sha256 or …_sha256 does. Seen over all distributors,
-- as the sweeper sees them.
create function referred_contents(contents text[]) returns setof text language plpgsql stable as $$
declare r record;
begin
  for r in
    select a.attrelid::regclass as t, a.attname as c
    from pg_attribute a join pg_class k on k.oid = a.attrelid
    where k.relnamespace = 'public'::regnamespace and k.relkind in ('r', 'p') and not k.relispartition
      and a.attname like '%sha256' and not a.attisdropped and a.atttypid = 'text'::regtype
      and k.relname not in ('files', 'file_parts', 'file_links', 'photo_hash_bands', 'file_duplicates')
  loop
    return query execute format('select distinct %I from %s where %I = any ($1)', r.c, r.t, r.c) using contents;
  end loop;
end $$;

-- Positions: a partition a month, made ahead. Rows that came while a month had none lie in the default partition and
-- move when it gets one.
create procedure ensure_gps_partitions(first_month date, last_month date) language plpgsql as $$
declare
  m date := date_trunc('month', first_month);
  name text;
begin
  while m <= last_month loop
    name := 'gps_points' || to_char(m, '"_y"YYYY"m"MM');
    if to_regclass(name) is null then
      execute format('create table %I (like gps_points including defaults including constraints)', name);
      call hide_partition(name::regclass);
      execute format(
        'with moved as (delete from gps_points_default where at >= %L and at < %L returning *)
         insert into %I select * from moved', m, (m + interval '1 month')::date, name);
      execute format('alter table gps_points attach partition %I for values from (%L) to (%L)',
        name, m, (m + interval '1 month')::date);
    end if;
    m := (m + interval '1 month')::date;
  end loop;
end $$;

-- For the worker, which owns no tables: the months around a day.
create function prepare_gps_partitions(today date) returns void
  language plpgsql security definer set search_path = public, pg_temp set timezone = 'UTC' as $$
begin
  -- Two workers at once would make the same table.
  perform pg_advisory_xact_lock(hashtextextended('gps_points', 0));
  call ensure_gps_partitions((today - interval '1 month')::date, (today + interval '2 months')::date);
end $$;
revoke execute on function prepare_gps_partitions(date) from public;
grant execute on function prepare_gps_partitions(date) to dms_system;

do $$
declare month date;
begin
  -- The bounds of partitions are instants; they are months of UTC whoever runs this.
  set local timezone = 'UTC';
  for month in select distinct date_trunc('month', at at time zone 'UTC')::date from gps_points loop
    call ensure_gps_partitions(month, month);
  end loop;
  call ensure_gps_partitions((current_date - interval '1 month')::date, (current_date + interval '2 months')::date);
end $$;

-- What a phone tells beside positions: why there may be none.
create table phone_events (
  distributor_id uuid not null,
  user_id        uuid not null,
  at             timestamptz not null,
  kind           text not null check (kind in (
    'gps_off', 'gps_on', 'permission_revoked', 'permission_granted', 'battery_saver_on', 'battery_saver_off',
    'app_killed', 'app_started', 'phone_off', 'phone_on')),
  battery        smallint,
  received_at    timestamptz not null,
  primary key (distributor_id, user_id, at, kind)
);
call make_tenant_table('phone_events');

-- Signs that a position may not be what it says, each once, with the figures it was seen by. Nothing is proved.
create table suspicions (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  user_id        uuid not null references users (id),
  unit_id        uuid,
  business_date  date not null,
  kind           text not null check (kind in (
    'mock_provider', 'impossible_speed', 'same_fix_elsewhere', 'clock_off', 'far_check_in')),
  -- What it is about; the same thing is told once.
  subject        text not null,
  at             timestamptz not null,
  latitude       double precision,
  longitude      double precision,
  evidence       jsonb not null,
  found_at       timestamptz not null,
  primary key (distributor_id, id)
);
create unique index suspicions_id_uniq on suspicions (id);
create unique index suspicions_subject_uniq on suspicions (distributor_id, user_id, kind, subject);
create index suspicions_day on suspicions (distributor_id, business_date, user_id);
call make_tenant_table('suspicions');
call make_append_only('suspicions');

-- Where somebody says to be, away from any outlet, and why.
create table location_declarations (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  user_id        uuid not null references users (id),
  unit_id        uuid,
  business_date  date not null,
  at             timestamptz not null,
  reason         text not null,
  note           text not null default '',
  photo_sha256   text check (photo_sha256 ~ '^[0-9a-f]{64}$'),
  latitude       double precision not null,
  longitude      double precision not null,
  accuracy       double precision,
  flags          jsonb not null default '[]',
  received_at    timestamptz not null,
  primary key (distributor_id, id)
);
create unique index location_declarations_id_uniq on location_declarations (id);
create index location_declarations_day on location_declarations (distributor_id, business_date desc, at desc);
call make_tenant_table('location_declarations');
call make_append_only('location_declarations');

-- Up to where background passes have looked.
create table watermarks (
  name text primary key,
  at   timestamptz not null
);
revoke all on watermarks from dms_app;

-- Visits in the order they came in, for the pass that looks for odd check-ins. Almost free to keep.
create index visits_received on visits using brin (received_at) with (pages_per_range = 16);
