-- Contents of the company itself, pictures of products say, belong to no distributor and have no row in `files`. Such a
-- content is here from before its bytes are stored, and again when it loses a record: the sweeper takes it when it has
-- been here long enough and no record refers to it. What a record refers to needs no row.
create table loose_contents (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  since  timestamptz not null
);
create index loose_contents_age on loose_contents (since);
revoke all on loose_contents from dms_app;

-- As before, but that the new table is no record.
create or replace function referred_contents(contents text[]) returns setof text language plpgsql stable as $$
declare r record;
begin
  for r in
    select a.attrelid::regclass as t, a.attname as c
    from pg_attribute a join pg_class k on k.oid = a.attrelid
    where k.relnamespace = 'public'::regnamespace and k.relkind in ('r', 'p') and not k.relispartition
      and a.attname like '%sha256' and not a.attisdropped and a.atttypid = 'text'::regtype
      and k.relname not in ('files', 'file_parts', 'file_links', 'loose_contents', 'photo_hash_bands', 'file_duplicates')
  loop
    return query execute format('select distinct %I from %s where %I = any ($1)', r.c, r.t, r.c) using contents;
  end loop;
end $$;
