-- Idempotent; runs as the login, before the migrations.
do $$
declare r text;
begin
  -- The lock is this database's; roles are the server's. Somebody who prepares another database may be first.
  perform pg_advisory_xact_lock(7240961);
  foreach r in array array['dms_owner', 'dms_app', 'dms_system'] loop
    if not exists (select from pg_roles where rolname = r) then
      begin
        execute format('create role %I nologin', r);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
    if not pg_has_role(current_user, r, 'member') then
      begin
        execute format('grant %I to %I', r, current_user);
      exception when unique_violation then null;
      end;
    end if;
  end loop;
  execute format('grant connect, create on database %I to dms_owner', current_database());
  if not has_schema_privilege('dms_owner', 'public', 'create') then
    grant create, usage on schema public to dms_owner;
  end if;
end $$;
