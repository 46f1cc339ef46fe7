-- A promotion that was ended before its last day counts until the day on which that was done.
alter table promotions add column ended_on date check (ended_on is null or status = 'ended');
