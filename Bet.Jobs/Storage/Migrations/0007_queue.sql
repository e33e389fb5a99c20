-- What a worker asks for: the first search that waits in a queue, however many do; the owner so that those of a key that has
-- enough under way are passed over without a look at their rows.
drop index searchesByTurn;
create index searchesByTurn on searches (queue, priority desc, createdAt, id, owner) where state = 'queued';
-- What is past its time, among the few that have bounds of time.
create index searchesByBegin on searches (beginBy)
    where state in ('queued', 'running', 'paused') and startedAt is null and beginBy is not null;
create index searchesByRun on searches ((startedAt + longestRun))
    where state in ('queued', 'running', 'paused') and longestRun is not null;
create index searchesByAsking on searches ((askedAt + keepAlive))
    where state in ('queued', 'running', 'paused') and keepAlive is not null;
