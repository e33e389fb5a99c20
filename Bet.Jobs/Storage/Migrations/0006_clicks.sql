-- What a data set's blob holds: interactions or clicks.
alter table datasets add column kind text not null default 'interactions';
