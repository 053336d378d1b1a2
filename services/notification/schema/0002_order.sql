-- The inboxes are written by one transaction at a time, so that the numbers of their rows become visible in their
-- order. Never has a row: the writer locks it.
CREATE TABLE inbox_writer (unused BIGINT);

-- Up to which cursor each service's log is in the inboxes.
CREATE TABLE inbox_sources (
  source TEXT PRIMARY KEY,
  cursor TEXT NOT NULL
);

-- The last row before each epoch (event_epochs) since the second.
CREATE TABLE inbox_epochs (
  id TEXT PRIMARY KEY,
  head BIGINT NOT NULL
);

-- The latest time in a timeline of an event of a service's log: what follows it in the log is not shown before it,
-- however the clocks of the replicas that wrote them differ.
CREATE TABLE bucp_times (
  bucp TEXT NOT NULL,
  source TEXT NOT NULL,
  time BIGINT NOT NULL,
  PRIMARY KEY (bucp, source)
);

DROP INDEX inbox_by_position;

CREATE INDEX inbox_by_number ON inbox (entity, seq);
