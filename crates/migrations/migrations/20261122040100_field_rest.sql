-- The field's leftovers: leave for half a day, policies and albums on phones, a ledger of uploads that doesn't grow for ever.

-- Half of a single day; none: whole days.
alter table leaves
  add column half text check (half in ('morning', 'afternoon')),
  add constraint leaves_half_of_one_day check (half is null or first_day = last_day);

-- Who is on leave for half a day walks their route in the other half. Both halves are a whole day.
do $$
declare
  body text := pg_get_functiondef('plan_candidates(uuid[], date, date, uuid)'::regprocedure);
  before text := 'where o.user_id = any (walkers) and o.status = ''approved'' and o.first_day <= to_day and o.last_day >= from_day';
begin
  if position(before in body) = 0 then
    raise exception 'plan_candidates is not as expected';
  end if;
  execute replace(body, before, before || '
      and (o.half is null
           or exists (select from leaves x where x.user_id = o.user_id and x.first_day = o.first_day and x.status = ''approved''
                        and x.half <> o.half))');
end $$;

-- Albums and policies are on phones, too. What is on phones is known by a UUID.
alter table photo_albums add column id uuid not null default gen_random_uuid();
create unique index photo_albums_id_uniq on photo_albums (id);
create trigger sync_log_insert after insert on photo_albums referencing new table as changed for each statement execute function log_company('album');
create trigger sync_log_update after update on photo_albums referencing new table as changed for each statement execute function log_company('album');
create trigger sync_log_insert after insert on visit_policies referencing new table as changed for each statement execute function log_company('visit_policy');
create trigger sync_log_update after update on visit_policies referencing new table as changed for each statement execute function log_company('visit_policy');
-- A unit that moves inherits from others.
create function log_moved_units() returns trigger language plpgsql as $$
begin
  insert into sync_company_changes (kind, ids)
    select 'visit_policy', ids from (
      select array_agg(p.id) as ids from visit_policies p
      where p.unit_id is not null
        and exists (select from changed n join former o on o.id = n.id and o.ancestors <> n.ancestors)) p
    where ids is not null;
  return null;
end $$;
create trigger sync_log_update after update on org_units referencing new table as changed old table as former
  for each statement execute function log_moved_units();
-- Phones that have everything already get them now.
insert into sync_company_changes (kind, ids) select 'album', array_agg(id) from photo_albums having count(*) > 0;
insert into sync_company_changes (kind, ids) select 'visit_policy', array_agg(id) from visit_policies having count(*) > 0;

-- The ledger of uploads is read from its end, and swept at its beginning.
create index sync_operations_latest on sync_operations (distributor_id, received_at desc, seq desc, op_id);
drop index sync_operations_received;
create index sync_operations_age on sync_operations using brin (received_at);
create index sync_strays_age on sync_strays using brin (received_at);
-- What phones sent is text of up to megabytes; LZ4 costs a fraction of pglz.
alter table sync_operations alter column content set compression lz4, alter column result set compression lz4;

create index sync_cases_operation on sync_cases (distributor_id, user_id, op_id);

-- Another value after every change of what a distributor's plans of the day are made of: a plan that a process has reckoned holds as
-- long as this is the same. What has no distributor counts for all.
--
-- Every change adds a row, and all rows that can be seen make the version: so nobody waits for another's change, and none is
-- overlooked in whatever order they are committed. Rows that are an hour old go with the next change.
create table plan_changes (
  distributor_id uuid references distributors (id),
  id             uuid not null default gen_random_uuid(),
  at             timestamptz not null default now()
);
create index plan_changes_of on plan_changes (distributor_id);
call make_shared_table('plan_changes');
create policy owner on plan_changes to dms_owner using (true) with check (true);
revoke insert, update on plan_changes from dms_app;
create view plan_versions with (security_invoker = true) as
  select distributor_id, md5(string_agg(id::text, '' order by id))::uuid as version from plan_changes group by distributor_id;
insert into plan_changes (distributor_id) values (null);
alter table distributors no force row level security;
insert into plan_changes (distributor_id) select id from distributors;
alter table distributors force row level security;

create function note_plan_change(of uuid) returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
  delete from plan_changes where ctid = any (array(
    select c.ctid from plan_changes c
    where c.distributor_id is not distinct from of and c.at < now() - interval '1 hour' for update skip locked));
  insert into plan_changes (distributor_id) values (of);
end $$;
create function renew_plan_versions() returns trigger language plpgsql as $$
begin
  perform note_plan_change(d) from (select distinct distributor_id as d from changed) each;
  return null;
end $$;
create function renew_plan_version() returns trigger language plpgsql as $$
begin
  perform note_plan_change(new.id);
  return null;
end $$;
do $$
declare t text;
begin
  foreach t in array array['routes', 'route_customers', 'route_assignments', 'route_substitutions', 'leaves', 'holidays', 'route_policies'] loop
    execute format('create trigger renew_plans_insert after insert on %I referencing new table as changed for each statement execute function renew_plan_versions()', t);
    execute format('create trigger renew_plans_update after update on %I referencing new table as changed for each statement execute function renew_plan_versions()', t);
    execute format('create trigger renew_plans_delete after delete on %I referencing old table as changed for each statement execute function renew_plan_versions()', t);
  end loop;
end $$;
create trigger renew_plans_insert after insert on distributors for each row execute function renew_plan_version();
create trigger renew_plans_update after update of province on distributors for each row
  when (old.province is distinct from new.province) execute function renew_plan_version();

-- The same for what visits are judged by: the policies, and the units above people.
insert into master_versions (name) values ('visits');
-- Managers of units set policies, and may not write the versions themselves.
create function renew_visit_version() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update master_versions set version = gen_random_uuid() where name = 'visits';
  return null;
end $$;
revoke execute on function renew_visit_version() from public;
create trigger renew_visit_version after insert or update or delete on visit_policies
  for each statement execute function renew_visit_version();
create trigger renew_visit_version after insert or update or delete on org_units
  for each statement execute function renew_visit_version();

-- Customers are never deleted either; a visit need not ask for its customer again, and lock it (see the references to master
-- data above).
create trigger never_deleted before delete on customers for each row execute function refuse_delete();
alter table visits drop constraint visits_distributor_id_customer_id_fkey;
