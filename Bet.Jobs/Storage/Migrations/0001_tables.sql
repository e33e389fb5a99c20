-- Times are milliseconds since 1970, UTC. Names are folded to lower case by PostgreSQL and kept by SQLite; both match.
create table datasets (
    id text primary key,
    name text not null,
    blob text not null,
    bytes bigint not null,
    summary text not null,
    createdAt bigint not null
);

create table searches (
    id text primary key,
    dataset text not null,
    label text,
    state text not null,
    options text not null,
    budget text not null,
    stepCount bigint not null,
    stepsDone bigint not null default 0,
    step text,
    stepFraction double precision not null default 0,
    detail text,
    best text,
    secondsLeft double precision,
    results text,
    errorCode text,
    errorMessage text,
    attempt bigint not null default 0,
    revision bigint not null default 1,
    createdAt bigint not null,
    startedAt bigint,
    finishedAt bigint
);

create index searchesByTime on searches (createdAt, id);
create index searchesByState on searches (state, createdAt, id);

create table steps (
    search text not null references searches (id),
    name text not null,
    kind text not null,
    attempts bigint not null default 0,
    startedAt bigint,
    finishedAt bigint,
    seconds double precision,
    primary key (search, name)
);

create table trials (
    search text not null references searches (id),
    number bigint not null,
    result text not null,
    primary key (search, number)
);

create table events (
    search text not null references searches (id),
    number bigint not null,
    at bigint not null,
    type text not null,
    data text not null,
    primary key (search, number)
);

-- Everything a search's steps have stored, by name; "artifacts/..." are what a client downloads.
create table artifacts (
    search text not null references searches (id),
    name text not null,
    blob text not null,
    bytes bigint not null,
    primary key (search, name)
);

create index artifactsByBlob on artifacts (blob);
create index datasetsByBlob on datasets (blob);

create table idempotencyKeys (
    keyText text primary key,
    fingerprint text not null,
    search text not null,
    createdAt bigint not null
);
