-- `_sort=_lastUpdated` and `_lastUpdated=gt...`: one end of this index. New rows come at its end, which stays in memory.
create index resource_updated on records.resource (tenant, type, updated, rid);
