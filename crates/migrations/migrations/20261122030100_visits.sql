-- Visits, deepened: policies, where outlets stood when, the steps of a visit, surveys, issues, displays.

-- Where an outlet stood since when: a visit is judged by the place that held at its instant. The first place an outlet
-- gets holds for all time before it, too. `seq` orders rows of one instant. Null: it was taken away.
create table customer_locations (
  distributor_id uuid not null,
  id             uuid not null,
  customer_id    uuid not null,
  valid_from     timestamptz not null,
  seq            bigint generated always as identity,
  latitude       double precision check (latitude between -90 and 90),
  longitude      double precision check (longitude between -180 and 180),
  set_by         uuid,
  recorded_at    timestamptz not null,
  primary key (distributor_id, id),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id),
  check ((latitude is null) = (longitude is null))
);
create unique index customer_locations_id_uniq on customer_locations (id);
create index customer_locations_at on customer_locations (distributor_id, customer_id, valid_from desc, seq desc);
alter table customers no force row level security;
insert into customer_locations (distributor_id, id, customer_id, valid_from, latitude, longitude, recorded_at)
  select distributor_id, gen_random_uuid(), id, timestamptz 'epoch', latitude, longitude, updated_at
  from customers where latitude is not null;
alter table customers force row level security;
call make_tenant_table('customer_locations');
call make_append_only('customer_locations');

-- However a place is set (by hand, import, first visit, approved proposal), the history knows.
create function note_new_customer_locations() returns trigger language plpgsql as $$
begin
  insert into customer_locations (distributor_id, id, customer_id, valid_from, latitude, longitude, set_by, recorded_at)
    select n.distributor_id, gen_random_uuid(), n.id, timestamptz 'epoch', n.latitude, n.longitude, app_user(), n.updated_at
    from new_rows n where n.latitude is not null;
  return null;
end $$;
create trigger note_locations after insert on customers
  referencing new table as new_rows for each statement execute function note_new_customer_locations();
create function note_customer_location() returns trigger language plpgsql as $$
begin
  insert into customer_locations (distributor_id, id, customer_id, valid_from, latitude, longitude, set_by, recorded_at)
    values (new.distributor_id, gen_random_uuid(), new.id,
      case when exists (select from customer_locations l where l.distributor_id = new.distributor_id and l.customer_id = new.id)
        then new.updated_at else timestamptz 'epoch' end,
      new.latitude, new.longitude, app_user(), new.updated_at);
  return null;
end $$;
create trigger note_location after update of latitude, longitude on customers for each row
  when (old.latitude is distinct from new.latitude or old.longitude is distinct from new.longitude)
  execute function note_customer_location();

-- What the company wants of a visit: the default (no unit), changed by units for themselves and all below, and for a type
-- of customer. Each holds from its day until the scope's next one. `content` has only what the scope decides itself.
create table visit_policies (
  id             uuid primary key,
  distributor_id uuid references distributors (id),
  unit_id        uuid references org_units (id),
  customer_type  text,
  valid_from     date not null,
  content        jsonb not null,
  version        bigint not null default 1,
  updated_by     uuid references users (id),
  updated_at     timestamptz not null,
  constraint visit_policies_scope_uniq unique nulls not distinct (unit_id, customer_type, valid_from)
);
call make_shared_table('visit_policies');
-- Units above distributors are set by those who stand there: which units one may set is checked before.
create policy unit_insert on visit_policies for insert to dms_app with check (distributor_id is null and unit_id is not null);
create policy unit_update on visit_policies for update to dms_app
  using (distributor_id is null and unit_id is not null) with check (distributor_id is null and unit_id is not null);

-- The albums of photos; `purpose` marks those that rules know.
create table photo_albums (
  key      text primary key,
  name     text not null check (length(name) between 1 and 100),
  position integer not null,
  purpose  text unique check (purpose in ('closed_door', 'display')),
  active   boolean not null default true
);
insert into photo_albums (key, name, position, purpose) values
  ('hinh dai dien', 'Hình đại diện', 1, null), ('mat tien', 'Mặt tiền', 2, null), ('trung bay', 'Trưng bày', 3, 'display'),
  ('posm', 'POSM', 4, null), ('dong cua', 'Đóng cửa', 5, 'closed_door'), ('khac', 'Khác', 6, null);
revoke insert, update, delete on photo_albums from dms_app;

alter table visits
  add column outlet_state text check (outlet_state in ('Open', 'Closed', 'OwnerAway')),
  -- the place of the outlet that the distance was measured to
  add column outlet_latitude double precision,
  add column outlet_longitude double precision,
  -- the outlet had no place and was given that of this visit
  add column placed_outlet boolean not null default false,
  -- the policy at check-in; without one, the default of that time
  add column policy jsonb,
  -- what was in the way, warned of, and missing
  add column verdict jsonb,
  -- what a person should look at in a visit that arrived late
  add column flags jsonb not null default '[]',
  -- arrived late while another was open: doesn't count as the open one
  add column beside_open boolean not null default false,
  -- judged again after the outlet's place was corrected; what was found at check-in stays
  add column corrected_distance_m integer,
  add column corrected_out_of_range boolean,
  add column corrected_compliant boolean,
  add column corrected_by uuid;
-- Somebody is at one outlet at a time, whatever distributors they work for.
drop index visits_open_uniq;
create unique index visits_open_uniq on visits (user_id) where check_out_at is null and not beside_open;

-- A photo's record may come before its bytes.
alter table visit_photos
  alter column content_type drop not null,
  alter column size_bytes drop not null,
  add column display_program_id uuid;

-- What stood on the shelf. The latest count of a visit holds.
create table visit_stock_checks (
  distributor_id uuid not null,
  id             uuid not null,
  visit_id       uuid not null,
  customer_id    uuid not null,
  at             timestamptz not null,
  received_at    timestamptz not null,
  primary key (distributor_id, id),
  foreign key (distributor_id, visit_id) references visits (distributor_id, id)
);
create unique index visit_stock_checks_id_uniq on visit_stock_checks (id);
create index visit_stock_checks_visit on visit_stock_checks (distributor_id, visit_id);
create index visit_stock_checks_customer on visit_stock_checks (distributor_id, customer_id, at desc);
call make_tenant_table('visit_stock_checks');
call make_append_only('visit_stock_checks');
create table visit_stock_lines (
  distributor_id uuid not null,
  check_id       uuid not null,
  line_no        integer not null,
  product_id     uuid not null references products (id),
  unit           text not null check (unit in ('whole', 'retail')),
  quantity       bigint not null check (quantity >= 0),
  pieces         bigint not null check (pieces >= 0),
  expiry         date,
  primary key (distributor_id, check_id, line_no),
  foreign key (distributor_id, check_id) references visit_stock_checks (distributor_id, id)
);
call make_tenant_table('visit_stock_lines');
call make_append_only('visit_stock_lines');

-- Surveys: a draft is worked on, a published version never changes.
create table surveys (
  id             uuid primary key,
  distributor_id uuid references distributors (id),
  code           text not null check (length(code) between 1 and 50),
  name           text not null check (length(name) between 1 and 300),
  search_key     text not null,
  status         text not null default 'draft' check (status in ('draft', 'published', 'closed')),
  draft          jsonb not null,
  latest         integer not null default 0,
  version        bigint not null default 1,
  created_by     uuid references users (id),
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  constraint surveys_code_uniq unique nulls not distinct (distributor_id, code)
);
call make_shared_table('surveys');
create table survey_versions (
  survey_id      uuid not null references surveys (id),
  number         integer not null check (number >= 1),
  distributor_id uuid references distributors (id),
  name           text not null,
  form           jsonb not null,
  published_by   uuid not null references users (id),
  published_at   timestamptz not null,
  primary key (survey_id, number)
);
call make_shared_table('survey_versions');
call make_append_only('survey_versions');
create table survey_answers (
  distributor_id uuid not null,
  id             uuid not null,
  survey_id      uuid not null,
  number         integer not null,
  visit_id       uuid not null,
  customer_id    uuid not null,
  user_id        uuid not null references users (id),
  answers        jsonb not null,
  flags          jsonb not null default '[]',
  at             timestamptz not null,
  received_at    timestamptz not null,
  primary key (distributor_id, id),
  foreign key (distributor_id, visit_id) references visits (distributor_id, id),
  foreign key (survey_id, number) references survey_versions (survey_id, number)
);
create unique index survey_answers_id_uniq on survey_answers (id);
create index survey_answers_visit on survey_answers (distributor_id, visit_id);
create index survey_answers_survey on survey_answers (distributor_id, survey_id, at desc);
call make_tenant_table('survey_answers');
call make_append_only('survey_answers');

-- An outlet's place is wrong: what a rep says it is, and what became of it.
create table location_proposals (
  distributor_id uuid not null,
  id             uuid not null,
  customer_id    uuid not null,
  visit_id       uuid,
  user_id        uuid not null references users (id),
  unit_id        uuid,
  -- the place that is wrong; none when the outlet had none
  old_latitude   double precision,
  old_longitude  double precision,
  latitude       double precision not null check (latitude between -90 and 90),
  longitude      double precision not null check (longitude between -180 and 180),
  accuracy       double precision,
  reason         text not null,
  photo_sha256   text not null check (photo_sha256 ~ '^[0-9a-f]{64}$'),
  flags          jsonb not null default '[]',
  at             timestamptz not null,
  received_at    timestamptz not null,
  status         text not null default 'pending' check (status in ('pending', 'approved', 'rejected')),
  decided_by     uuid references users (id),
  decided_at     timestamptz,
  decision_note  text not null default '',
  rejudged       integer not null default 0,
  version        bigint not null default 1,
  primary key (distributor_id, id),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id),
  check ((status = 'pending') = (decided_at is null))
);
create unique index location_proposals_id_uniq on location_proposals (id);
create index location_proposals_waiting on location_proposals (distributor_id, at) where status = 'pending';
create index location_proposals_customer on location_proposals (distributor_id, customer_id);
call make_tenant_table('location_proposals');

-- Issues: a thread of posts that somebody asked to be looked at.
create table issues (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  customer_id    uuid,
  visit_id       uuid,
  subject        text not null check (length(subject) between 1 and 300),
  search_key     text not null,
  state          text not null default 'open' check (state in ('open', 'answered', 'resolved')),
  opened_by      uuid not null references users (id),
  unit_id        uuid,
  opened_at      timestamptz not null,
  answered_at    timestamptz,
  resolved_at    timestamptz,
  resolved_by    uuid references users (id),
  last_post_at   timestamptz not null,
  version        bigint not null default 1,
  primary key (distributor_id, id),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id),
  check ((state = 'resolved') = (resolved_at is not null))
);
create unique index issues_id_uniq on issues (id);
create index issues_latest on issues (distributor_id, last_post_at desc);
create index issues_visit on issues (distributor_id, visit_id) where visit_id is not null;
call make_tenant_table('issues');
create table issue_recipients (
  distributor_id uuid not null,
  issue_id       uuid not null,
  user_id        uuid references users (id),
  unit_id        uuid references org_units (id),
  constraint issue_recipients_uniq unique nulls not distinct (distributor_id, issue_id, user_id, unit_id),
  foreign key (distributor_id, issue_id) references issues (distributor_id, id),
  check ((user_id is null) <> (unit_id is null))
);
create index issue_recipients_user on issue_recipients (user_id);
create index issue_recipients_unit on issue_recipients (unit_id);
call make_tenant_table('issue_recipients');
create table issue_posts (
  distributor_id uuid not null,
  id             uuid not null,
  issue_id       uuid not null,
  kind           text not null check (kind in ('question', 'answer', 'resolved', 'reopened')),
  author_id      uuid not null references users (id),
  body           text not null,
  at             timestamptz not null,
  received_at    timestamptz not null,
  primary key (distributor_id, id),
  foreign key (distributor_id, issue_id) references issues (distributor_id, id)
);
create unique index issue_posts_id_uniq on issue_posts (id);
create index issue_posts_issue on issue_posts (distributor_id, issue_id, at);
call make_tenant_table('issue_posts');
call make_append_only('issue_posts');

-- Display programs: the company's, or those of a distributor.
create table display_programs (
  id             uuid primary key,
  distributor_id uuid references distributors (id),
  code           text not null check (length(code) between 1 and 50),
  name           text not null check (length(name) between 1 and 300),
  search_key     text not null,
  valid_from     date not null,
  valid_to       date not null,
  -- of a program of the company: those who take part; empty is all
  distributors   uuid[] not null default '{}',
  products       uuid[] not null default '{}',
  photos         integer not null check (photos between 1 and 100),
  levels         smallint not null default 1 check (levels between 1 and 2),
  reward_note    text not null default '',
  status         text not null default 'active' check (status in ('active', 'closed')),
  version        bigint not null default 1,
  created_by     uuid references users (id),
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  constraint display_programs_code_uniq unique nulls not distinct (distributor_id, code),
  check (valid_to >= valid_from)
);
call make_shared_table('display_programs');
-- Outlets that take part, and since when.
create table display_registrations (
  distributor_id uuid not null,
  program_id     uuid not null references display_programs (id),
  customer_id    uuid not null,
  valid_from     date not null,
  valid_to       date,
  registered_by  uuid not null references users (id),
  registered_at  timestamptz not null,
  primary key (distributor_id, program_id, customer_id),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id),
  check (valid_to is null or valid_to >= valid_from)
);
create index display_registrations_customer on display_registrations (distributor_id, customer_id);
call make_tenant_table('display_registrations');
-- One per visit and program, from its photos.
create table display_records (
  distributor_id uuid not null,
  id             uuid not null,
  program_id     uuid not null references display_programs (id),
  visit_id       uuid not null,
  customer_id    uuid not null,
  user_id        uuid not null references users (id),
  unit_id        uuid,
  business_date  date not null,
  photos         integer not null check (photos >= 1),
  first_photo_at timestamptz not null,
  last_photo_at  timestamptz not null,
  status         text not null default 'waiting' check (status in ('waiting', 'confirming', 'passed', 'failed')),
  -- the latest score of each level
  first_passed   boolean,
  first_by       uuid references users (id),
  first_at       timestamptz,
  second_passed  boolean,
  second_by      uuid references users (id),
  second_at      timestamptz,
  note           text not null default '',
  version        bigint not null default 1,
  primary key (distributor_id, id),
  constraint display_records_once unique (distributor_id, visit_id, program_id),
  foreign key (distributor_id, visit_id) references visits (distributor_id, id),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id)
);
create unique index display_records_id_uniq on display_records (id);
create index display_records_day on display_records (distributor_id, business_date);
create index display_records_program on display_records (program_id, business_date);
create index display_records_waiting on display_records (distributor_id, status) where status in ('waiting', 'confirming');
call make_tenant_table('display_records');
-- Every score that was ever given.
create table display_scores (
  distributor_id uuid not null,
  id             uuid not null,
  record_id      uuid not null,
  level          smallint not null check (level between 1 and 2),
  passed         boolean not null,
  note           text not null,
  scorer_id      uuid not null references users (id),
  at             timestamptz not null,
  primary key (distributor_id, id),
  foreign key (distributor_id, record_id) references display_records (distributor_id, id)
);
create unique index display_scores_id_uniq on display_scores (id);
create index display_scores_record on display_scores (distributor_id, record_id, at);
call make_tenant_table('display_scores');
call make_append_only('display_scores');

-- A display promotion is settled month by month: `month` is its first day, none for what is settled once. Goods are owed,
-- money is credited.
alter table promotion_settlements
  add column month date check (extract(day from month) = 1),
  add column displays integer,
  add column product_id uuid references products (id),
  add column quantity bigint check (quantity > 0),
  add column unit text check (unit in ('whole', 'retail')),
  drop constraint promotion_settlements_once,
  drop constraint promotion_settlements_amount_check,
  add constraint promotion_settlements_once unique nulls not distinct (distributor_id, promotion_id, customer_id, month),
  add constraint promotion_settlements_gives check ((amount > 0) <> (product_id is not null) and amount >= 0
    and (product_id is null) = (quantity is null) and (product_id is null) = (unit is null));

-- Where somebody was seen last, unless a newer place is known: for statements that write more than that.
create function note_position(
  of_distributor uuid, of_user uuid, in_unit uuid, at_instant timestamptz, at_latitude double precision,
  at_longitude double precision, at_accuracy real
) returns void language plpgsql as $$
begin
  if of_distributor is null then return; end if;
  insert into last_positions as l (distributor_id, user_id, unit_id, at, latitude, longitude, accuracy)
    values (of_distributor, of_user, in_unit, at_instant, at_latitude, at_longitude, at_accuracy)
    on conflict (distributor_id, user_id) do update set
      unit_id = excluded.unit_id, at = excluded.at, latitude = excluded.latitude, longitude = excluded.longitude,
      accuracy = excluded.accuracy, speed = null, activity = null
    where l.at < excluded.at;
end $$;
