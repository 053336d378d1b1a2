-- The stretches of this log's life. A new one begins where a start or a write finds that the database was restored,
-- copied or taken over by another server: what was read before may have been lost, and its positions given again.
CREATE TABLE event_epochs (
  number BIGINT PRIMARY KEY,
  -- Random; what tokens and cursors carry.
  id TEXT NOT NULL UNIQUE,
  -- The last position before it.
  head BIGINT NOT NULL,
  -- Where the database was when it began; '' until the first start.
  copy TEXT NOT NULL,
  timeline TEXT NOT NULL,
  -- 1: what was handed over before is handed over again.
  replays BIGINT NOT NULL
);

-- '' is the first epoch. The columns txid and seq are read by earlier releases only.
ALTER TABLE cursors ADD COLUMN epoch TEXT NOT NULL DEFAULT '';

ALTER TABLE cursors ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
