-- The event log: audit trail, outbox and memory of answered requests. Rows are only ever added.
CREATE TABLE events (
  seq IDENTITY_KEY,
  txid BIGINT NOT NULL,
  event_id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  subject TEXT NOT NULL,
  bucp TEXT NOT NULL,
  time BIGINT NOT NULL,
  body BLOB NOT NULL,
  -- The first event of a write remembers the request and its answer; NULL in the others.
  caller TEXT,
  request_id TEXT,
  request_digest TEXT,
  answer BLOB
);

CREATE UNIQUE INDEX events_by_request ON events (caller, request_id);

CREATE INDEX events_by_position ON events (txid, seq);

-- How far each relay has come, and which replica's it is until when.
CREATE TABLE cursors (
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  lease_until BIGINT NOT NULL,
  txid BIGINT NOT NULL,
  seq BIGINT NOT NULL
);
