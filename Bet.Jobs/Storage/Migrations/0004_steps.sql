-- Steps are claimed one by one, each with a fence (attempt) and a lease of its own; several of a search may run at once.
-- state: ready, running, done. place: the step's place in the search's plan. attempts: begun, and neither ended nor handed back.
alter table steps add column state text not null default 'done';
alter table steps add column place bigint not null default 0;
alter table steps add column attempt bigint not null default 0;
alter table steps add column worker text;
alter table steps add column leaseUntil bigint;
update steps set state = 'ready' where finishedAt is null;
create index stepsByState on steps (state, search);

alter table searches drop column attempt;
alter table searches add column priority bigint not null default 0;
alter table searches add column queue text not null default 'default';
-- Who asked: a name for the key that the request carried; null without keys.
alter table searches add column owner text;
drop index searchesByState;
create index searchesByState on searches (state, priority, createdAt, id);

create table workers (
    name text primary key,
    host text not null,
    device text not null,
    queues text not null,
    slots bigint not null,
    version text not null,
    startedAt bigint not null,
    seenAt bigint not null
);
