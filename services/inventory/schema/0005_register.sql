-- The rows that lists of filings are made of: for each party, and for those who see all (entity ''). Times are microseconds, 0 for none; ends is
-- the last day's beginning in UTC, the largest number for none. What was stored before has no times and words until it changes.
CREATE TABLE filing_list (
  entity TEXT NOT NULL,
  filing TEXT NOT NULL,
  roles BIGINT NOT NULL,
  state BIGINT NOT NULL,
  disputed BIGINT NOT NULL,
  created BIGINT NOT NULL,
  drafted BIGINT NOT NULL,
  executed BIGINT NOT NULL,
  filed BIGINT NOT NULL,
  ends BIGINT NOT NULL,
  title TEXT NOT NULL,
  bucp TEXT NOT NULL,
  PRIMARY KEY (entity, filing)
);

INSERT INTO filing_list (entity, filing, roles, state, disputed, created, drafted, executed, filed, ends, title, bucp)
  SELECT p.entity, f.id, 3, f.state, 0, f.created, 0, 0, 0, 9223372036854775807, f.title, f.bucp
  FROM filing_parties p JOIN filings f ON f.id = p.filing;
INSERT INTO filing_list (entity, filing, roles, state, disputed, created, drafted, executed, filed, ends, title, bucp)
  SELECT '', id, 0, state, 0, created, 0, 0, 0, 9223372036854775807, title, bucp FROM filings;
DROP TABLE filing_parties;
DROP INDEX filings_by_time;

-- One an order, with all that is filtered: a page is read from an index alone.
CREATE INDEX filing_list_by_created ON filing_list (entity, created, filing, state, disputed, roles, filed);
CREATE INDEX filing_list_by_executed ON filing_list (entity, executed, filing, state, disputed, roles, filed, drafted);
CREATE INDEX filing_list_by_filed ON filing_list (entity, filed, filing, state, disputed, roles);
CREATE INDEX filing_list_by_end ON filing_list (entity, ends, filing, state, disputed, roles);
CREATE INDEX filing_list_by_title ON filing_list (entity, title, filing, state, disputed, roles);
CREATE INDEX filing_list_by_state ON filing_list (entity, state, created, filing, disputed, roles);
CREATE INDEX filing_list_by_bucp ON filing_list (entity, bucp, filing);
CREATE INDEX filing_list_by_disputed ON filing_list (entity, disputed, created, filing, state, roles);

CREATE TABLE filing_texts (
  filing TEXT PRIMARY KEY,
  words TEXT NOT NULL
);

CREATE TABLE filing_words (
  word BLOB NOT NULL,
  filing TEXT NOT NULL,
  PRIMARY KEY (word, filing)
);
