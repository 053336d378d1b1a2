-- What each entity may know of: one row an event and entity, added when the event arrives, never changed.
CREATE TABLE inbox (
  seq IDENTITY_KEY,
  txid BIGINT NOT NULL,
  entity TEXT NOT NULL,
  event_id TEXT NOT NULL,
  bucp TEXT NOT NULL,
  type TEXT NOT NULL,
  subject TEXT NOT NULL,
  time BIGINT NOT NULL,
  body BLOB NOT NULL,
  UNIQUE (entity, event_id)
);

CREATE INDEX inbox_by_position ON inbox (entity, txid, seq);

CREATE INDEX inbox_by_bucp ON inbox (entity, bucp, time, seq);
