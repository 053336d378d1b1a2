-- compatible
-- Checkpoints of the log with the token of a time-stamping authority (RFC 3161).
CREATE TABLE log_timestamps (
  size BIGINT PRIMARY KEY,
  time BIGINT NOT NULL,
  checkpoint TEXT NOT NULL,
  token BLOB NOT NULL
);
