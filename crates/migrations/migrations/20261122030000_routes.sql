-- Routes with holidays, leave and substitutes; attendance with corrections and working times of units.

-- How a distributor's routes are planned; the row without a distributor holds for those that have none of their own.
create table route_policies (
  distributor_id uuid references distributors (id),
  -- weeks in fours from the route's start date, or those of the calendar month
  week_rule      text not null check (week_rule in ('route_start', 'calendar_month')),
  -- what becomes of the stops of a holiday
  holiday_rule   text not null check (holiday_rule in ('skip', 'next_working_day')),
  -- ISO weekdays on which stops of holidays may be caught up
  working_days   smallint[] not null check (working_days <@ array[1, 2, 3, 4, 5, 6, 7]::smallint[] and cardinality(working_days) > 0),
  updated_by     uuid references users (id),
  updated_at     timestamptz not null,
  version        bigint not null default 1,
  constraint route_policies_distributor_uniq unique nulls not distinct (distributor_id)
);
insert into route_policies (distributor_id, week_rule, holiday_rule, working_days, updated_at)
values (null, 'route_start', 'skip', '{1,2,3,4,5,6}', now());
call make_shared_table('route_policies');

-- Days on which nobody walks: everywhere, or for the distributors of a province, or for one distributor.
create table holidays (
  id             uuid primary key,
  distributor_id uuid references distributors (id),
  province       text not null default '',
  day            date not null,
  name           text not null check (length(name) between 1 and 300),
  created_by     uuid references users (id),
  created_at     timestamptz not null,
  constraint holidays_day_uniq unique nulls not distinct (day, distributor_id, province)
);
call make_shared_table('holidays');
-- The company keeps the calendar.
revoke insert, update on holidays from dms_app;

-- Who gave the route to whom, and what they should know.
alter table route_assignments
  add column note text not null default '',
  add column assigned_by uuid references users (id),
  add column assigned_at timestamptz;

-- A rep who walks another's route on some days, in the place of whoever has it.
create table route_substitutions (
  distributor_id uuid not null,
  id             uuid not null,
  route_id       uuid not null,
  user_id        uuid not null references users (id),
  first_day      date not null,
  last_day       date not null,
  -- the leave that is the reason, if one is
  leave_id       uuid,
  note           text not null default '',
  created_by     uuid not null references users (id),
  created_at     timestamptz not null,
  cancelled_by   uuid references users (id),
  cancelled_at   timestamptz,
  primary key (distributor_id, id),
  foreign key (distributor_id, route_id) references routes (distributor_id, id),
  check (last_day >= first_day),
  check ((cancelled_at is null) = (cancelled_by is null))
);
create unique index route_substitutions_id_uniq on route_substitutions (id);
create index route_substitutions_walker on route_substitutions (user_id, last_day) include (first_day, distributor_id, route_id)
  where cancelled_at is null;
create index route_substitutions_route on route_substitutions (distributor_id, route_id, last_day) where cancelled_at is null;
call make_tenant_table('route_substitutions');

-- Days on which somebody doesn't work: asked for, and decided by those above; or recorded by them.
create table leaves (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  user_id        uuid not null references users (id),
  unit_id        uuid,
  first_day      date not null,
  last_day       date not null,
  kind           text not null check (kind in ('annual', 'sick', 'unpaid', 'other')),
  reason         text not null default '',
  status         text not null check (status in ('requested', 'approved', 'rejected', 'cancelled')),
  requested_by   uuid not null references users (id),
  requested_at   timestamptz not null,
  decided_by     uuid references users (id),
  decided_at     timestamptz,
  decision_note  text not null default '',
  version        bigint not null default 1,
  primary key (distributor_id, id),
  check (last_day >= first_day and last_day - first_day < 366),
  check ((decided_at is null) = (decided_by is null)),
  check (status not in ('approved', 'rejected') or decided_by is not null)
);
create unique index leaves_id_uniq on leaves (id);
create index leaves_user on leaves (user_id, last_day) include (first_day, distributor_id) where status in ('requested', 'approved');
create index leaves_days on leaves (distributor_id, first_day);
call make_tenant_table('leaves');
alter table route_substitutions
  add constraint route_substitutions_leave_fkey foreign key (distributor_id, leave_id) references leaves (distributor_id, id);

-- A route has one rep a day, and what has been stays: an assignment can only end, and only one that has not ended can go.
-- Those who change a route's assignments do so one after the other, by the lock of its row.
create function guard_route_assignment() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    if old.valid_to is not null then
      raise exception 'an assignment that has ended stays' using errcode = '23514', constraint = 'route_assignments_past';
    end if;
    if tg_op = 'DELETE' then
      return old;
    end if;
    if (new.distributor_id, new.id, new.route_id, new.user_id, new.valid_from)
       is distinct from (old.distributor_id, old.id, old.route_id, old.user_id, old.valid_from) then
      raise exception 'an assignment can only end' using errcode = '23514', constraint = 'route_assignments_past';
    end if;
    return new;
  end if;
  perform from routes where distributor_id = new.distributor_id and id = new.route_id for no key update;
  if exists (
    select from route_assignments o
    where o.distributor_id = new.distributor_id and o.route_id = new.route_id
      and (new.valid_to is null or o.valid_from <= new.valid_to) and (o.valid_to is null or o.valid_to >= new.valid_from)
  ) then
    raise exception 'the route has a rep on these days' using errcode = '23P01', constraint = 'route_assignments_overlap';
  end if;
  return new;
end $$;
create trigger guard before insert or update or delete on route_assignments for each row execute function guard_route_assignment();

create function guard_route_substitution() returns trigger language plpgsql as $$
begin
  perform from routes where distributor_id = new.distributor_id and id = new.route_id for no key update;
  if new.cancelled_at is null and exists (
    select from route_substitutions o
    where o.distributor_id = new.distributor_id and o.route_id = new.route_id and o.cancelled_at is null and o.id <> new.id
      and o.first_day <= new.last_day and o.last_day >= new.first_day
  ) then
    raise exception 'the route has a substitute on these days' using errcode = '23P01', constraint = 'route_substitutions_overlap';
  end if;
  return new;
end $$;
create trigger guard before insert or update on route_substitutions for each row execute function guard_route_substitution();

-- From a person to their routes and outlets by indexes alone.
create index route_assignments_route on route_assignments (distributor_id, route_id, valid_from) include (valid_to, user_id);
create index route_assignments_walker on route_assignments (user_id, valid_from) include (valid_to, distributor_id, route_id);
create index routes_walked on routes (id, distributor_id) include (unit_id) where status = 'active' and deleted_at is null;
create index routes_unit on routes (unit_id, distributor_id, id) where status = 'active' and deleted_at is null;
create index customers_creator on customers (created_by, distributor_id, id) where created_by is not null;

-- The outlets a caller sees who does not see all of the tenant's: those on the routes that the rep walks on the day, be it
-- in somebody's place, or on routes of the units (or of their people), and those that they proposed themselves.
-- In a FROM clause the planner sees through it, down to the index of the one outlet that is asked for.
create or replace function customers_in_scope(rep uuid, units uuid[], day date) returns setof uuid language sql stable as $$
  select rc.customer_id
  from route_assignments a
  join routes r on r.distributor_id = a.distributor_id and r.id = a.route_id and r.status = 'active' and r.deleted_at is null
  join route_customers rc on rc.distributor_id = r.distributor_id and rc.route_id = r.id
  where a.user_id = rep and a.valid_from <= day and (a.valid_to is null or a.valid_to >= day)
  union all
  select rc.customer_id
  from route_substitutions s
  join routes r on r.distributor_id = s.distributor_id and r.id = s.route_id and r.status = 'active' and r.deleted_at is null
  join route_customers rc on rc.distributor_id = r.distributor_id and rc.route_id = r.id
  where s.user_id = rep and s.first_day <= day and s.last_day >= day and s.cancelled_at is null
  union all
  select rc.customer_id
  from routes r
  join route_customers rc on rc.distributor_id = r.distributor_id and rc.route_id = r.id
  where r.unit_id = any (units) and r.status = 'active' and r.deleted_at is null
  union all
  select rc.customer_id
  from user_units uu
  join route_assignments a on a.user_id = uu.user_id and a.valid_from <= day and (a.valid_to is null or a.valid_to >= day)
  join routes r on r.distributor_id = a.distributor_id and r.id = a.route_id and r.status = 'active' and r.deleted_at is null
  join route_customers rc on rc.distributor_id = r.distributor_id and rc.route_id = r.id
  where uu.unit_id = any (units)
  union all
  select rc.customer_id
  from user_units uu
  join route_substitutions s on s.user_id = uu.user_id and s.first_day <= day and s.last_day >= day and s.cancelled_at is null
  join routes r on r.distributor_id = s.distributor_id and r.id = s.route_id and r.status = 'active' and r.deleted_at is null
  join route_customers rc on rc.distributor_id = r.distributor_id and rc.route_id = r.id
  where uu.unit_id = any (units)
  union all
  select c.id from customers c where c.created_by = rep
  union all
  select c.id from user_units uu join customers c on c.created_by = uu.user_id where uu.unit_id = any (units)
$$;

-- What the plans of these people for these days are made of: a row for each route that one of them may walk, with all who
-- walk it, the walkers' leave, the holidays that count for its distributor (and those shortly before, whose stops may be
-- waiting), and its active outlets, or the one that is asked about. Spans of days are cut to those asked for. The rules
-- are in the program.
create function plan_candidates(walkers uuid[], from_day date, to_day date, only_customer uuid)
returns table (
  distributor_id uuid, route_id uuid, code text, name text, weekdays smallint[], start_date date,
  week_rule text, holiday_rule text, working_days smallint[], holidays date[],
  walk_users uuid[], walk_froms date[], walk_tos date[], walk_stands_in boolean[],
  leave_users uuid[], leave_froms date[], leave_tos date[],
  customers uuid[], sequences integer[], rhythms text[]
) language sql stable as $$
  select r.distributor_id, r.id, r.code, r.name, r.weekdays, r.start_date, p.week_rule, p.holiday_rule, p.working_days, h.days,
    w.users, w.froms, w.tos, w.stands_in, l.users, l.froms, l.tos, st.customers, st.sequences, st.rhythms
  from (
    select a.distributor_id, a.route_id from route_assignments a
    where a.user_id = any (walkers) and a.valid_from <= to_day and (a.valid_to is null or a.valid_to >= from_day)
    union
    select s.distributor_id, s.route_id from route_substitutions s
    where s.user_id = any (walkers) and s.first_day <= to_day and s.last_day >= from_day and s.cancelled_at is null
  ) mine
  join routes r on r.distributor_id = mine.distributor_id and r.id = mine.route_id and r.status = 'active' and r.deleted_at is null
  join distributors d on d.id = r.distributor_id
  cross join lateral (
    select o.week_rule, o.holiday_rule, o.working_days from route_policies o
    where o.distributor_id = r.distributor_id or o.distributor_id is null
    order by o.distributor_id nulls last limit 1
  ) p
  cross join lateral (
    select coalesce(array_agg(distinct o.day), '{}') as days from holidays o
    where o.day between from_day - 31 and to_day and (o.distributor_id is null or o.distributor_id = r.distributor_id)
      and (o.province = '' or lower(o.province) = lower(d.province))
  ) h
  cross join lateral (
    select array_agg(o.user_id) as users, array_agg(o.first_day) as froms, array_agg(o.last_day) as tos,
      array_agg(o.stands_in) as stands_in
    from (
      select a.user_id, greatest(a.valid_from, from_day) as first_day, least(coalesce(a.valid_to, to_day), to_day) as last_day,
        false as stands_in
      from route_assignments a
      where a.distributor_id = r.distributor_id and a.route_id = r.id
        and a.valid_from <= to_day and (a.valid_to is null or a.valid_to >= from_day)
      union all
      select s.user_id, greatest(s.first_day, from_day), least(s.last_day, to_day), true
      from route_substitutions s
      where s.distributor_id = r.distributor_id and s.route_id = r.id and s.cancelled_at is null
        and s.first_day <= to_day and s.last_day >= from_day
    ) o
  ) w
  cross join lateral (
    select coalesce(array_agg(o.user_id), '{}') as users, coalesce(array_agg(greatest(o.first_day, from_day)), '{}') as froms,
      coalesce(array_agg(least(o.last_day, to_day)), '{}') as tos
    from leaves o
    where o.user_id = any (walkers) and o.status = 'approved' and o.first_day <= to_day and o.last_day >= from_day
  ) l
  cross join lateral (
    select coalesce(array_agg(rc.customer_id order by rc.sequence, rc.customer_id), '{}') as customers,
      coalesce(array_agg(rc.sequence order by rc.sequence, rc.customer_id), '{}') as sequences,
      coalesce(array_agg(rc.frequency order by rc.sequence, rc.customer_id), '{}') as rhythms
    from route_customers rc
    join customers c on c.distributor_id = rc.distributor_id and c.id = rc.customer_id and c.status = 'active' and c.deleted_at is null
    where rc.distributor_id = r.distributor_id and rc.route_id = r.id and (only_customer is null or rc.customer_id = only_customer)
  ) st
  -- A route that runs on none of the days has nothing to say, unless it has a holiday to catch up; nor has one without the
  -- outlet that is asked about.
  where r.start_date <= to_day
    and (to_day - from_day >= 6
         or r.weekdays && array(select extract(isodow from from_day + n)::smallint from generate_series(0, to_day - from_day) n)
         or exists (select from holidays o where o.day between from_day - 31 and to_day))
    and (only_customer is null
         or exists (select from route_customers o
                    where o.distributor_id = r.distributor_id and o.route_id = r.id and o.customer_id = only_customer))
$$;

-- What a correction says of a clock event, or of one that was never clocked; the event itself stays as it was. The latest
-- revision holds.
create table clock_corrections (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  -- the event, or the first correction's own id where there was none
  event_id       uuid not null,
  revision       integer not null check (revision >= 1),
  user_id        uuid not null references users (id),
  unit_id        uuid,
  kind           text not null check (kind in ('in', 'out')),
  -- none: the event doesn't count
  at             timestamptz,
  business_date  date not null,
  reason         text not null check (length(reason) between 1 and 2000),
  corrected_by   uuid not null references users (id),
  corrected_at   timestamptz not null,
  primary key (distributor_id, id),
  constraint clock_corrections_revision_uniq unique (distributor_id, event_id, revision),
  check (corrected_by <> user_id)
);
create unique index clock_corrections_id_uniq on clock_corrections (id);
create index clock_corrections_day on clock_corrections (distributor_id, business_date, user_id);
call make_tenant_table('clock_corrections');
call make_append_only('clock_corrections');

-- What was odd about an event when it arrived: a clock far off, say.
alter table clock_events add column flags text[] not null default '{}';
create index clock_events_user on clock_events (user_id, business_date);

-- The clock events that count: as clocked, or as corrected last.
create view clock_times with (security_invoker = true) as
  select e.distributor_id, e.id as event_id, e.user_id, e.unit_id, e.kind, e.at, e.business_date, false as corrected
  from clock_events e
  where not exists (select from clock_corrections k where k.distributor_id = e.distributor_id and k.event_id = e.id)
  union all
  select k.distributor_id, k.event_id, k.user_id, k.unit_id, k.kind, k.at, k.business_date, true
  from clock_corrections k
  where k.at is not null and not exists (
    select from clock_corrections n
    where n.distributor_id = k.distributor_id and n.event_id = k.event_id and n.revision > k.revision);

-- The sessions of a working day in a unit from a day on; without sessions the unit follows the one above it again.
create table work_calendars (
  id             uuid primary key,
  distributor_id uuid references distributors (id),
  unit_id        uuid not null references org_units (id),
  valid_from     date not null,
  starts         time[],
  ends           time[],
  updated_by     uuid references users (id),
  updated_at     timestamptz not null,
  version        bigint not null default 1,
  constraint work_calendars_from_uniq unique (unit_id, valid_from),
  check ((starts is null) = (ends is null) and cardinality(starts) = cardinality(ends) and cardinality(starts) > 0)
);
call make_shared_table('work_calendars');
