-- Milliseconds: the latest begin (a time), the longest run, and how long nobody may ask for the search; null without such a bound.
alter table searches add column beginBy bigint;
alter table searches add column longestRun bigint;
alter table searches add column keepAlive bigint;
-- When somebody last asked for a search that has a keepAlive.
alter table searches add column askedAt bigint;
create index searchesByFinish on searches (finishedAt);

-- Lists are newest first, the queue is by priority and then by age.
drop index searchesByState;
create index searchesByState on searches (state, createdAt, id);
create index searchesByTurn on searches (state, priority desc, createdAt, id);
