-- compatible
-- Never has a row: writers of cursors lock it, so that the lock does not keep autovacuum away from the cursors.
CREATE TABLE cursor_lane (unused BIGINT);

-- A row for each relay, updated several times a second. Versions find room in the same page, and those that an old
-- snapshot kept are removed soon after it has ended.
ALTER TABLE cursors SET (fillfactor = 10, autovacuum_vacuum_threshold = 100, autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_cost_delay = 0);
