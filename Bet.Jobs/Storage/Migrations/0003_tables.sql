-- Full tables that clients have uploaded, each for one data set, and the searches that begin with one.
create table fullTables (
    id text primary key,
    name text not null,
    dataset text not null,
    blob text not null,
    bytes bigint not null,
    summary text not null,
    createdAt bigint not null
);

create index fullTablesByBlob on fullTables (blob);
create index fullTablesByDataset on fullTables (dataset, createdAt, id);

alter table searches add column fullTable text;
