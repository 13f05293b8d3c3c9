-- Grants and denials are withdrawn by their source. With the tenant in front, these indexes looked, to a planner without
-- statistics, as good for the probe of a grant as the primary key: it read every grant of the clinic for each row (397 rows
-- instead of one). Only who asks for a source can use them now.
drop index records.grant_source;
create index grant_source on records."grant" (source, tenant);
drop index records.deny_source;
create index deny_source on records.deny (source, tenant);
