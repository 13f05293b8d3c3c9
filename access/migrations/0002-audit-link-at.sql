-- Verifying reads the trail a day at a time: the links of that day are found by their instant.
create index audit_link_at on access.audit_link using brin (at);
