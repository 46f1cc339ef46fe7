-- Pictures of products, and photos of customers.

-- A picture that was uploaded goes before one that lies elsewhere (`image`). Its bytes lie in the store of files and
-- belong to no distributor: everyone may see products.
alter table products
  add column image_sha256 text check (image_sha256 ~ '^[0-9a-f]{64}$'),
  add column image_type text,
  add constraint products_image_whole check ((image_sha256 is null) = (image_type is null));

create table customer_photos (
  distributor_id uuid not null,
  id             uuid not null,
  customer_id    uuid not null,
  sha256         text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  caption        text not null default '' check (length(caption) <= 200),
  created_by     uuid not null references users (id),
  created_at     timestamptz not null,
  primary key (distributor_id, id),
  constraint customer_photos_content_uniq unique (distributor_id, customer_id, sha256),
  foreign key (distributor_id, customer_id) references customers (distributor_id, id)
);
create unique index customer_photos_id_uniq on customer_photos (id);
call make_tenant_table('customer_photos');
grant delete on customer_photos to dms_app;
