-- One row a BUCP. body is the Bucp message without its content; the other columns are what lists filter and order by.
CREATE TABLE bucps (
  id TEXT PRIMARY KEY,
  state BIGINT NOT NULL,
  version BIGINT NOT NULL,
  title TEXT NOT NULL,
  disputed BIGINT NOT NULL,
  created BIGINT NOT NULL,
  body BLOB NOT NULL,
  content BLOB NOT NULL
);

CREATE INDEX bucps_by_time ON bucps (created, id);

-- Who sees it.
CREATE TABLE bucp_parties (
  entity TEXT NOT NULL,
  bucp TEXT NOT NULL,
  PRIMARY KEY (entity, bucp)
);

-- Every saved state of the content; only ever added to.
CREATE TABLE revisions (
  bucp TEXT NOT NULL,
  number BIGINT NOT NULL,
  digest TEXT NOT NULL,
  author TEXT NOT NULL,
  person TEXT NOT NULL,
  created BIGINT NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (bucp, number)
);
