-- compatible
-- The last known state of each BUCP, by the number of the enum in bucp.proto, and the state after each item of an inbox; 0 if it
-- is not known.
CREATE TABLE bucp_states (
  bucp TEXT PRIMARY KEY,
  state BIGINT NOT NULL
);

ALTER TABLE inbox ADD COLUMN state BIGINT NOT NULL DEFAULT 0;
