-- What people are told: the inbox, how they want to be told, their devices, and what became of each message.
--
-- All of it belongs to people and not to distributors: a manager works for several, the company's people for none. So
-- the rows are led by the user, and the distributors' callers see their own and nobody else's.
create procedure make_own_table(t regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', t);
  execute format('alter table %s force row level security', t);
  execute format('create policy own on %s to dms_app using (user_id = app_user()) with check (user_id = app_user())', t);
  execute format('create policy company on %s to dms_system using (true) with check (true)', t);
end $$;

-- One row for a person and an event, however often the event is heard.
create table notifications (
  user_id        uuid not null references users (id),
  id             uuid not null,
  event_id       uuid not null,
  -- whose work it is about; none for what concerns the company
  distributor_id uuid,
  kind           text not null,
  -- what to open: the order, the issue, …
  about_id       uuid,
  title_vi       text not null,
  title_en       text not null,
  body_vi        text not null,
  body_en        text not null,
  data           jsonb not null default '{}',
  -- messages with the same key replace each other on a phone's screen
  collapse       text not null default '',
  -- not for those who don't want this kind in their inbox: then the row only carries its messages
  in_app         boolean not null,
  created_at     timestamptz not null,
  read_at        timestamptz,
  -- of the last change, for phones that ask what is new
  xid            bigint not null default (pg_current_xact_id()::text::bigint),
  primary key (user_id, id),
  constraint notifications_once unique (user_id, event_id)
);
create unique index notifications_id_uniq on notifications (id);
create index notifications_unread on notifications (user_id, id) where read_at is null and in_app;
create index notifications_changes on notifications (user_id, xid);
create index notifications_age on notifications (created_at);
call make_own_table('notifications');
-- Only the system tells people something; they read it.
revoke insert, update on notifications from dms_app;
grant update (read_at, xid) on notifications to dms_app;

-- How somebody wants to be told; who has no row takes what is usual.
create table notification_settings (
  user_id    uuid primary key references users (id),
  language   text not null default 'vi' check (language in ('vi', 'en')),
  -- nobody's phone rings between these, by the clock of Asia/Ho_Chi_Minh; over midnight when the end is earlier
  quiet_from time,
  quiet_to   time,
  -- what falls into them is sent afterwards, or never
  quiet_mode text not null default 'wait' check (quiet_mode in ('wait', 'drop')),
  updated_at timestamptz not null,
  constraint notification_settings_quiet check (quiet_from is null and quiet_to is null or quiet_from is not null and quiet_to is not null and quiet_from <> quiet_to)
);
call make_own_table('notification_settings');

-- Where somebody wants something else than what is usual for a kind and a way.
create table notification_choices (
  user_id uuid not null references users (id),
  kind    text not null,
  channel text not null check (channel in ('in_app', 'push', 'sms')),
  wanted  boolean not null,
  primary key (user_id, kind, channel)
);
call make_own_table('notification_choices');
grant delete on notification_choices to dms_app;

-- Phones and browsers that push messages reach. A token names an installed app, whoever is signed in to it.
create table notification_devices (
  user_id       uuid not null references users (id),
  id            uuid not null,
  token         text not null check (octet_length(token) between 1 and 1000),
  platform      text not null check (platform in ('android', 'ios', 'web')),
  device_id     text not null default '',
  app_version   text not null default '',
  -- when the log-in ends, so do the messages
  session_id    uuid not null,
  registered_at timestamptz not null,
  seen_at       timestamptz not null,
  primary key (user_id, id)
);
create unique index notification_devices_id_uniq on notification_devices (id);
create unique index notification_devices_token_uniq on notification_devices (token);
call make_own_table('notification_devices');
-- A token moves from one person to another, which only the system may see.
revoke insert, update on notification_devices from dms_app;

-- One message to one device or number.
create table notification_deliveries (
  user_id         uuid not null,
  notification_id uuid not null,
  id              uuid not null,
  channel         text not null check (channel in ('push', 'sms')),
  -- the device of a push
  device_id       uuid,
  state           text not null default 'waiting' check (state in ('waiting', 'sent', 'failed', 'dropped')),
  attempts        integer not null default 0,
  -- when to try; while somebody is at it, when to believe that they died
  next_at         timestamptz not null,
  -- what the provider calls it
  provider_id     text,
  -- why it failed or was dropped, or what went wrong the last time
  reason          text not null default '',
  created_at      timestamptz not null,
  settled_at      timestamptz,
  primary key (user_id, id),
  foreign key (user_id, notification_id) references notifications (user_id, id) on delete cascade,
  check ((state = 'waiting') = (settled_at is null))
);
create index notification_deliveries_of on notification_deliveries (user_id, notification_id);
create index notification_deliveries_due on notification_deliveries (next_at) where state = 'waiting';
call make_own_table('notification_deliveries');
revoke insert, update on notification_deliveries from dms_app;

-- Those who lead a unit, nearest first: the people with one of the roles in the deepest of the units that has any.
create function nearest_leaders(units uuid[], roles text[]) returns setof uuid language sql stable as $$
  select u.id
  from users u join user_units uu on uu.user_id = u.id
  where u.status = 'active' and u.deleted_at is null and u.role = any (roles) and uu.unit_id = (
    select o.id from org_units o
    where o.id = any (units) and o.deleted_at is null and exists (
      select from user_units x join users p on p.id = x.user_id
      where x.unit_id = o.id and p.status = 'active' and p.deleted_at is null and p.role = any (roles))
    order by cardinality(o.ancestors) desc, o.id limit 1)
$$;
