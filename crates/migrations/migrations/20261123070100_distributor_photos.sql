-- Photos of distributors: who and where they are, and their papers.
create table distributor_photos (
  distributor_id uuid not null references distributors (id),
  id             uuid not null,
  kind           text not null check (kind in ('avatar', 'store', 'owner', 'meeting', 'file', 'licence')),
  sha256         text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  caption        text not null default '' check (length(caption) <= 200),
  created_by     uuid not null references users (id),
  created_at     timestamptz not null,
  primary key (distributor_id, id),
  constraint distributor_photos_content_uniq unique (distributor_id, sha256)
);
create unique index distributor_photos_id_uniq on distributor_photos (id);
call make_tenant_table('distributor_photos');
-- The company writes them, as it writes the distributors.
revoke insert, update on distributor_photos from dms_app;
