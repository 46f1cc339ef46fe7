-- The daily files of sales and stock movements for the company's ERP.

-- A file that was made for a day. When documents of the day come late there is a further version; the newest one counts.
create table erp_exports (
  business_date date not null,
  version       integer not null check (version >= 1),
  made_at       timestamptz not null,
  -- SHA-256 of the file, under which it lies in the file store
  content       text not null,
  size_bytes    bigint not null,
  -- SHA-256 over the rows of the file, see the decision about it
  fingerprint   text not null,
  -- of the documents of the day when it was made: when it is another one now, the file is old
  mark          text not null,
  sales_rows    bigint not null,
  net           bigint not null,
  vat           bigint not null,
  total         bigint not null,
  stock_rows    bigint not null,
  in_pieces     bigint not null,
  out_pieces    bigint not null,
  -- making: the row is here before the file, so that no file is ever forgotten; removed: the file is gone, the row tells of it
  state         text not null check (state in ('making', 'stored', 'removed')),
  primary key (business_date, version)
);

-- It has rows of all distributors: the company's alone.
revoke all on erp_exports from dms_app;
alter table erp_exports enable row level security;
alter table erp_exports force row level security;
create policy company on erp_exports to dms_system using (true) with check (true);
create policy tenant on erp_exports to dms_app using (false) with check (false);

-- All postings of some days, of all distributors. The ledger grows in the order of its days, so a summary of its pages finds
-- them, at next to no cost for those who post.
create index stock_movements_day on stock_movements using brin (business_date) with (pages_per_range = 32);
