-- One row a routing. body is the Routing message; the other columns are what is looked up and listed by.
CREATE TABLE routings (
  id TEXT PRIMARY KEY,
  bucp TEXT NOT NULL,
  digest TEXT NOT NULL,
  state BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  body BLOB NOT NULL
);

CREATE INDEX routings_by_bucp ON routings (bucp, digest);

CREATE INDEX routings_by_time ON routings (created, id);

-- Who sees it.
CREATE TABLE routing_parties (
  entity TEXT NOT NULL,
  routing TEXT NOT NULL,
  PRIMARY KEY (entity, routing)
);

-- What was given on a routing, in order; only ever added to. kind is "opinions" or "signatures", what is the discipline or the capacity:
-- nobody gives the same twice.
CREATE TABLE records (
  routing TEXT NOT NULL,
  kind TEXT NOT NULL,
  number BIGINT NOT NULL,
  id TEXT NOT NULL,
  entity TEXT NOT NULL,
  what BIGINT NOT NULL,
  person TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (routing, kind, number),
  UNIQUE (routing, kind, entity, what)
);
