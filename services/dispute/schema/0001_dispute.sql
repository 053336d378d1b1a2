-- Disputes on BUCPs. Names are whole resource names, lists of them are joined by spaces; enums are the numbers of the .proto.
CREATE TABLE disputes (
  name TEXT PRIMARY KEY,
  bucp TEXT NOT NULL,
  title TEXT NOT NULL,
  state BIGINT NOT NULL,
  category BIGINT NOT NULL,
  track BIGINT NOT NULL,
  objection TEXT NOT NULL,
  opened_by TEXT NOT NULL,
  recipients TEXT NOT NULL,
  providers TEXT NOT NULL,
  agencies TEXT NOT NULL,
  recommendation TEXT NOT NULL,
  outcome TEXT NOT NULL,
  -- 1 until the state is final.
  is_open BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL
);

-- One open dispute a BUCP.
CREATE UNIQUE INDEX disputes_open ON disputes (bucp) WHERE is_open = 1;

CREATE INDEX disputes_by_time ON disputes (created, name);

-- Which entities see a dispute, besides the offices that see all.
CREATE TABLE dispute_viewers (
  entity TEXT NOT NULL,
  dispute TEXT NOT NULL REFERENCES disputes (name),
  PRIMARY KEY (entity, dispute)
);

-- The written statements, one a party.
CREATE TABLE statements (
  dispute TEXT NOT NULL REFERENCES disputes (name),
  entity TEXT NOT NULL,
  person TEXT NOT NULL,
  text TEXT NOT NULL,
  submitted BIGINT NOT NULL,
  PRIMARY KEY (dispute, entity)
);
