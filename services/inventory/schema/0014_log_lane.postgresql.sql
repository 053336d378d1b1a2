-- compatible
-- Never has a row: writers of the log lock it. They locked log_edge before, which kept autovacuum away from that table
-- while filings were written.
CREATE TABLE log_lane (unused BIGINT);

-- Rows that every filing updates. Versions find room in the same page, and those that an old snapshot (pg_dump) kept are
-- removed soon after it has ended.
ALTER TABLE log_edge SET (fillfactor = 10, autovacuum_vacuum_threshold = 100, autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_cost_delay = 0);

ALTER TABLE filing_counts SET (fillfactor = 50, autovacuum_vacuum_threshold = 100, autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_cost_delay = 0);
