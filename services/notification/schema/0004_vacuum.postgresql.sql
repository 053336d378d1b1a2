-- compatible
-- A row for each service, updated with every event. Versions find room in the same page, and those that an old snapshot
-- (pg_dump) kept are removed soon after it has ended.
ALTER TABLE inbox_sources SET (fillfactor = 10, autovacuum_vacuum_threshold = 100, autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_cost_delay = 0);
