-- What made documents dear to write.

-- Who hears of an event. A function of language sql with a subquery is parsed and planned anew in every statement that
-- calls it; this one is planned once for a connection.
create or replace function event_audience(distributor uuid, unit uuid, about uuid) returns text[] language plpgsql stable as $$
declare
  groups text[] := array_remove(array['distributor:' || distributor, 'user:' || about], null);
begin
  if unit is null then
    return groups;
  end if;
  return groups || array(select 'team:' || a from org_units u, unnest(u.ancestors) a where u.id = unit);
end $$;

-- Master data is never deleted (it ends by its status), so nothing can come to refer to a row that is gone, and
-- documents need not ask for each of their rows: each such question also locks the row of the product or the user, for all who
-- sell the same product at the same time. That a new document names an existing row is the command's part, which reads
-- the row anyway; `dms verify` proves it.
create function refuse_delete() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never deleted: documents refer to them', tg_table_name using errcode = 'integrity_constraint_violation';
end $$;

do $$
declare
  target text;
  reference record;
begin
  foreach target in array array['users', 'products', 'price_lists', 'promotions', 'warehouses', 'lots'] loop
    execute format('create trigger never_deleted before delete on %I for each row execute function refuse_delete()', target);
  end loop;
  for reference in
    select conrelid::regclass as of, conname as name
    from pg_constraint
    where contype = 'f' and conparentid = 0
      and confrelid = any (array['users', 'products', 'price_lists', 'promotions', 'warehouses', 'lots']::regclass[])
      and conrelid = any (array['orders', 'order_lines', 'invoices', 'invoice_lines', 'goods_issues', 'goods_issue_lines',
                                'stock_items', 'stock_lots', 'receipts', 'visits', 'clock_events']::regclass[])
  loop
    execute format('alter table %s drop constraint %I', reference.of, reference.name);
  end loop;
end $$;

-- Answers kept for repeats and the reasons of prices are a few kilobytes of JSON: LZ4 costs a fraction of pglz.
alter table idempotency_keys alter column answer set compression lz4;
alter table orders alter column explanation set compression lz4, alter column pricing set compression lz4;
alter table outbox alter column payload set compression lz4;

-- The outbox holds what waits, and nothing else: an event that was heard is deleted. That is one mark on its row, where noting
-- when it was heard wrote the row again, with all its index entries.
delete from outbox where published_at is not null;
alter table outbox drop column published_at;
alter table outbox drop constraint outbox_id_key;
