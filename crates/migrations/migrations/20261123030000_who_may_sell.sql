-- Which distributors may sell what: those that the product names, or else those that its category names. Where neither names
-- anybody, everybody may.
alter table products
  add column distributors uuid[] constraint products_distributors_named check (cardinality(distributors) > 0);
alter table categories
  add column distributors uuid[] constraint categories_distributors_named check (cardinality(distributors) > 0),
  add column version      bigint not null default 1;
create trigger renew_version after update of distributors on categories
  for each statement execute function renew_master_version('catalogue');
