-- Goods of settlements that were handed out: each is an adjustment of stock.
create table promotion_hand_outs (
  distributor_id uuid not null references distributors (id),
  -- the adjustment's
  id             uuid not null,
  settlement_id  uuid not null,
  -- in the settlement's unit, and in pieces
  quantity       bigint not null check (quantity > 0),
  pieces         bigint not null check (pieces > 0),
  business_date  date not null,
  at             timestamptz not null,
  actor_id       uuid not null,
  primary key (distributor_id, id),
  foreign key (distributor_id, id) references stock_adjustments (distributor_id, id),
  foreign key (distributor_id, settlement_id) references promotion_settlements (distributor_id, id)
);
create unique index promotion_hand_outs_id_uniq on promotion_hand_outs (id);
create index promotion_hand_outs_settlement on promotion_hand_outs (distributor_id, settlement_id);
call make_tenant_table('promotion_hand_outs');
call make_append_only('promotion_hand_outs');

-- Settlements that gave goods, the latest first.
create index promotion_settlements_goods on promotion_settlements (distributor_id, at desc, id) where product_id is not null;
