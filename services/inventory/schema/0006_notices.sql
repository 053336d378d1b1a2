-- Notices on agreements, and what follows from them. body is the message; the other columns are what is looked up and listed by.
CREATE TABLE notices (
  id TEXT PRIMARY KEY,
  filing TEXT NOT NULL,
  bucp TEXT NOT NULL,
  kind BIGINT NOT NULL,
  giver TEXT NOT NULL,
  state BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  body BLOB NOT NULL
);

CREATE INDEX notices_by_time ON notices (created, id);
CREATE INDEX notices_by_filing ON notices (filing);

-- Who gave or got it.
CREATE TABLE notice_parties (
  entity TEXT NOT NULL,
  notice TEXT NOT NULL,
  PRIMARY KEY (entity, notice)
);

-- due: the end of the last day, NULL where the agreement gives none.
CREATE TABLE duties (
  name TEXT PRIMARY KEY,
  notice TEXT NOT NULL,
  filing TEXT NOT NULL,
  kind BIGINT NOT NULL,
  entity TEXT NOT NULL,
  state BIGINT NOT NULL,
  created BIGINT NOT NULL,
  due BIGINT,
  body BLOB NOT NULL
);

CREATE INDEX duties_by_time ON duties (created, name);
CREATE INDEX duties_by_notice ON duties (notice);
