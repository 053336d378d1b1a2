-- One row an executed agreement. body is the Filing message; the other columns are what is looked up and listed by.
CREATE TABLE filings (
  id TEXT PRIMARY KEY,
  bucp TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  state BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  body BLOB NOT NULL
);

CREATE INDEX filings_by_time ON filings (created, id);

-- Who sees it.
CREATE TABLE filing_parties (
  entity TEXT NOT NULL,
  filing TEXT NOT NULL,
  PRIMARY KEY (entity, filing)
);
