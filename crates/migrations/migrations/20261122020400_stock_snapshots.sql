-- Monthly snapshots of the stock ledger: what each product of each warehouse stood at when a month ended, and what came
-- in and went out in it. Reports over closed months read these rows and no postings.

create table stock_snapshots (
  distributor_id uuid not null,
  -- the first of the month
  month          date not null check (extract(day from month) = 1),
  warehouse_id   uuid not null,
  product_id     uuid not null,
  -- at the end of the month: pieces, cases as typed, pieces as typed, đồng at selling price
  pieces         bigint not null,
  whole          bigint not null,
  retail         bigint not null,
  value          bigint not null,
  -- what came in during the month; cost: đồng at purchase price
  in_pieces      bigint not null,
  in_whole       bigint not null,
  in_retail      bigint not null,
  in_value       bigint not null,
  in_cost        bigint not null,
  -- what went out, above zero; sold: đồng at the price sold
  out_pieces     bigint not null,
  out_whole      bigint not null,
  out_retail     bigint not null,
  out_value      bigint not null,
  out_sold       bigint not null,
  primary key (distributor_id, month, warehouse_id, product_id)
);
create index stock_snapshots_month on stock_snapshots (month);
call make_tenant_table('stock_snapshots');
grant delete on stock_snapshots to dms_system;

-- Which months are built, without a gap. Everyone reads it, only the company's own work writes it.
create table stock_snapshot_months (
  month    date primary key check (extract(day from month) = 1),
  rows     bigint not null,
  built_at timestamptz not null
);
revoke insert, update, delete on stock_snapshot_months from dms_app;

-- The sum of whole numbers as one, 0 of none: half the work of sum(), which counts with numbers of any length. Past 64 bits
-- it is an error.
create aggregate sum_bigint(bigint) (sfunc = int8pl, stype = bigint, initcond = '0', combinefunc = int8pl, parallel = safe);

-- The sums of postings per warehouse and product: before a day, and from it up to another.
create function stock_sums(first_day date, from_day date, to_day date) returns table (
  distributor_id uuid, warehouse_id uuid, product_id uuid,
  pieces bigint, whole bigint, retail bigint, value bigint,
  in_pieces bigint, in_whole bigint, in_retail bigint, in_value bigint, in_cost bigint,
  out_pieces bigint, out_whole bigint, out_retail bigint, out_value bigint, out_sold bigint
) language sql stable as $$
  select m.distributor_id, m.warehouse_id, m.product_id,
    sum_bigint(m.quantity),
    sum_bigint(m.typed_quantity) filter (where typed_unit = 'whole'),
    sum_bigint(m.typed_quantity) filter (where typed_unit = 'retail'),
    sum_bigint(m.selling_value),
    sum_bigint(m.quantity) filter (where quantity > 0 and business_date >= from_day),
    sum_bigint(m.typed_quantity) filter (where quantity > 0 and business_date >= from_day and typed_unit = 'whole'),
    sum_bigint(m.typed_quantity) filter (where quantity > 0 and business_date >= from_day and typed_unit = 'retail'),
    sum_bigint(m.selling_value) filter (where quantity > 0 and business_date >= from_day),
    sum_bigint(m.cost_value) filter (where quantity > 0 and business_date >= from_day),
    -sum_bigint(m.quantity) filter (where quantity < 0 and business_date >= from_day),
    -sum_bigint(m.typed_quantity) filter (where quantity < 0 and business_date >= from_day and typed_unit = 'whole'),
    -sum_bigint(m.typed_quantity) filter (where quantity < 0 and business_date >= from_day and typed_unit = 'retail'),
    -sum_bigint(m.selling_value) filter (where quantity < 0 and business_date >= from_day),
    -sum_bigint(m.sold_value) filter (where quantity < 0 and business_date >= from_day)
  from stock_movements m
  where m.business_date >= first_day and m.business_date <= to_day
  group by 1, 2, 3
$$;

-- Builds a month that is over, or builds it again. The month before must be built, unless none is. Gives the rows.
create function build_stock_snapshot(wanted date) returns bigint language plpgsql as $$
declare
  last_day date := (wanted + interval '1 month')::date - 1;
  base     date := (wanted - interval '1 month')::date;
  made     bigint;
begin
  if extract(day from wanted) <> 1 then
    raise exception '% is not the first of a month', wanted;
  end if;
  -- A posting takes the business day of the moment it begins and is over long before an hour has passed.
  if ((wanted + interval '1 month')::timestamp at time zone 'Asia/Ho_Chi_Minh') + interval '1 hour' > now() then
    raise exception 'the month % is not over', wanted;
  end if;
  -- Late postings hold this lock shared until they are committed.
  perform pg_advisory_xact_lock(7306610);
  if exists (select from stock_snapshot_months) and not exists (select from stock_snapshot_months where month in (wanted, base)) then
    raise exception 'the month before % is not built', wanted;
  end if;
  delete from stock_snapshots where month = wanted;
  insert into stock_snapshots
  select coalesce(p.distributor_id, s.distributor_id), wanted, coalesce(p.warehouse_id, s.warehouse_id),
    coalesce(p.product_id, s.product_id),
    coalesce(p.pieces, 0) + coalesce(s.pieces, 0), coalesce(p.whole, 0) + coalesce(s.whole, 0),
    coalesce(p.retail, 0) + coalesce(s.retail, 0), coalesce(p.value, 0) + coalesce(s.value, 0),
    coalesce(s.in_pieces, 0), coalesce(s.in_whole, 0), coalesce(s.in_retail, 0), coalesce(s.in_value, 0), coalesce(s.in_cost, 0),
    coalesce(s.out_pieces, 0), coalesce(s.out_whole, 0), coalesce(s.out_retail, 0), coalesce(s.out_value, 0), coalesce(s.out_sold, 0)
  from (select * from stock_snapshots where month = base) p
  full join stock_sums(
      case when exists (select from stock_snapshot_months where month = base) then wanted else '-infinity' end, wanted, last_day) s
    on s.distributor_id = p.distributor_id and s.warehouse_id = p.warehouse_id and s.product_id = p.product_id
  order by 1, 3, 4;
  get diagnostics made = row_count;
  insert into stock_snapshot_months values (wanted, made, now())
  on conflict (month) do update set rows = excluded.rows, built_at = excluded.built_at;
  return made;
end $$;

-- A posting that counts in a month that is over goes into the snapshots that hold it, if they are built.
create function adjust_stock_snapshots() returns trigger language plpgsql as $$
declare
  first_month date := date_trunc('month', new.business_date);
  whole  bigint := case when new.typed_unit = 'whole' then new.typed_quantity else 0 end;
  retail bigint := case when new.typed_unit = 'retail' then new.typed_quantity else 0 end;
  i bigint := case when new.quantity > 0 then 1 else 0 end;
  o bigint := case when new.quantity < 0 then -1 else 0 end;
begin
  perform pg_advisory_xact_lock_shared(7306610);
  insert into stock_snapshots as s
  select new.distributor_id, m.month, new.warehouse_id, new.product_id,
    new.quantity, whole, retail, new.selling_value,
    new.quantity * i * here, whole * i * here, retail * i * here, new.selling_value * i * here, new.cost_value * i * here,
    new.quantity * o * here, whole * o * here, retail * o * here, new.selling_value * o * here, new.sold_value * o * here
  from (select month, case when month = first_month then 1 else 0 end as here from stock_snapshot_months where month >= first_month) m
  order by m.month
  on conflict (distributor_id, month, warehouse_id, product_id) do update set
    pieces = s.pieces + excluded.pieces, whole = s.whole + excluded.whole, retail = s.retail + excluded.retail,
    value = s.value + excluded.value,
    in_pieces = s.in_pieces + excluded.in_pieces, in_whole = s.in_whole + excluded.in_whole,
    in_retail = s.in_retail + excluded.in_retail, in_value = s.in_value + excluded.in_value, in_cost = s.in_cost + excluded.in_cost,
    out_pieces = s.out_pieces + excluded.out_pieces, out_whole = s.out_whole + excluded.out_whole,
    out_retail = s.out_retail + excluded.out_retail, out_value = s.out_value + excluded.out_value,
    out_sold = s.out_sold + excluded.out_sold;
  return null;
end $$;

-- Postings of the month that runs never get as far as the function. A session that fills a whole history says so, and
-- builds the snapshots afterwards.
create trigger late_posting after insert on stock_movements for each row
  when (new.business_date < (date_trunc('month', now() at time zone 'Asia/Ho_Chi_Minh'))::date
        and coalesce(current_setting('app.fills_history', true), '') <> 'on')
  execute function adjust_stock_snapshots();
