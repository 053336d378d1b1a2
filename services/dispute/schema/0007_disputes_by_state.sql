-- compatible
-- For the worker that polls for open disputes in one state. Without it SQLite scans all disputes.
CREATE INDEX disputes_by_state ON disputes (state, created, name);
