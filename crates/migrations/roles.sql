-- Idempotent; runs as the login, before the migrations.
do $$
declare r text;
begin
  perform pg_advisory_xact_lock(7240961);
  foreach r in array array['dms_owner', 'dms_app', 'dms_system'] loop
    if not exists (select from pg_roles where rolname = r) then
      execute format('create role %I nologin', r);
    end if;
    if not pg_has_role(current_user, r, 'member') then
      execute format('grant %I to %I', r, current_user);
    end if;
  end loop;
  execute format('grant connect, create on database %I to dms_owner', current_database());
  if not has_schema_privilege('dms_owner', 'public', 'create') then
    grant create, usage on schema public to dms_owner;
  end if;
end $$;
