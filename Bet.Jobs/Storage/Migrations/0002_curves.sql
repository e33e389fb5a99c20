-- The curve through the points that are done, as JSON; null where a search has one budget.
alter table searches add column curve text;
