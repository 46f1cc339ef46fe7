-- For the measurements of the field: the bare table of positions, and a thousand reps, shared out among the distributors. Each has
-- the password of the made-up company's reps, the unit of one of them, and a route of every weekday over 25 outlets.
begin;
create table if not exists b.positions(rep_id int not null, at timestamptz not null, lat double precision, lon double precision, acc real, speed real);
create temp table models on commit drop as
  select row_number() over (order by distributor_id) - 1 as place, count(*) over () as places, m.*
  from (select distinct on (u.distributor_id) u.distributor_id, x.unit_id, k.password_hash
        from users u join user_units x on x.user_id = u.id and x.is_primary join credentials k on k.user_id = u.id
        where u.role = 'sales_rep' and u.status = 'active' and u.username !~ '^do[0-9]'
        order by u.distributor_id, u.username) m;
create temp table reps on commit drop as
  select n, 'do' || to_char(n, 'FM0000') as username, md5('rep ' || n)::uuid as id, md5('route ' || n)::uuid as route_id,
    md5('walk ' || n)::uuid as walk_id, m.*
  from generate_series(1, 1000) n join models m on m.place = n % m.places
  where not exists (select from users u where u.id = md5('rep ' || n)::uuid);
insert into users (id, username, full_name, search_key, role, distributor_id, created_at, updated_at)
  select id, username, 'Nhân viên đo ' || n, 'nhan vien do ' || n, 'sales_rep', distributor_id, now(), now() from reps;
insert into credentials (user_id, password_hash, changed_at) select id, password_hash, now() from reps;
insert into user_units (user_id, unit_id, is_primary) select id, unit_id, true from reps;
insert into routes (distributor_id, id, code, name, search_key, unit_id, weekdays, start_date, created_at, updated_at)
  select distributor_id, route_id, upper(username), 'Tuyến đo ' || n, 'tuyen do ' || n, unit_id, '{1,2,3,4,5,6,7}',
    current_date - 28, now(), now() from reps;
insert into route_assignments (distributor_id, id, route_id, user_id, valid_from)
  select distributor_id, walk_id, route_id, id, current_date - 28 from reps;
create temp table outlets on commit drop as
  select c.distributor_id, c.id, row_number() over (partition by c.distributor_id order by c.id) - 1 as place,
    count(*) over (partition by c.distributor_id) as places
  from customers c
  where c.status = 'active' and c.deleted_at is null and c.latitude is not null;
-- The outlets follow each other, so that two reps share as few as possible.
insert into route_customers (distributor_id, route_id, customer_id, sequence, frequency)
  select r.distributor_id, r.route_id, o.id, g + 1, 'F4'
  from reps r cross join generate_series(0, 24) g
  join outlets o on o.distributor_id = r.distributor_id and o.place = (r.n / r.places * 25 + g) % o.places
  on conflict do nothing;
-- Where earlier measurements left them.
update visits v set check_out_at = greatest(v.check_in_at, now()), result = 'NoOrder', version = v.version + 1
  from users u where u.id = v.user_id and u.username ~ '^do[0-9]' and v.check_out_at is null;
delete from last_positions p using users u where u.id = p.user_id and u.username ~ '^do[0-9]';
-- Who checks in where, for checkin_rows.sql.
drop table if exists b.checkin_sources;
create table b.checkin_sources(n int primary key, distributor_id uuid not null, user_id uuid not null, unit_id uuid, route_id uuid not null, customer_id uuid not null, latitude double precision, longitude double precision, policy jsonb not null, audience text[] not null, event jsonb not null);
insert into b.checkin_sources
  select row_number() over (), r.distributor_id, u.id, x.unit_id, r.id, c.id, c.latitude, c.longitude,
    coalesce((select policy from visits where policy is not null limit 1), '{}'), event_audience(r.distributor_id, x.unit_id, u.id),
    jsonb_build_object('customerId', c.id, 'customerName', c.name, 'userId', u.id, 'fullName', u.full_name, 'latitude', c.latitude,
      'longitude', c.longitude, 'outOfRange', false, 'at', now())
  from users u
  join user_units x on x.user_id = u.id and x.is_primary
  join route_assignments a on a.user_id = u.id
  join routes r on r.distributor_id = a.distributor_id and r.id = a.route_id
  cross join lateral (
    select c.* from route_customers rc join customers c on c.distributor_id = rc.distributor_id and c.id = rc.customer_id
    where rc.distributor_id = r.distributor_id and rc.route_id = r.id order by rc.sequence limit 1) c
  where u.username ~ '^do[0-9]';
grant usage on schema b to dms_system;
grant select on b.checkin_sources to dms_system;
commit;
analyze b.checkin_sources;
analyze users, user_units, credentials, routes, route_assignments, route_customers;
