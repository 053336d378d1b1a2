-- Versions of the BUCP template that were added to those that came with the product.
CREATE TABLE templates (
  id TEXT PRIMARY KEY,
  several BIGINT NOT NULL,
  dated BIGINT NOT NULL,
  body BLOB NOT NULL
);

CREATE INDEX templates_by_date ON templates (several, dated, id);

-- One row a comment; thread is the name of the comment that begins it.
CREATE TABLE comments (
  bucp TEXT NOT NULL,
  id TEXT NOT NULL,
  thread TEXT NOT NULL,
  field TEXT NOT NULL,
  author TEXT NOT NULL,
  resolved BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (bucp, id)
);

CREATE INDEX comments_by_time ON comments (bucp, created, id);

-- Who sees a BUCP and what lists filter and order by: a row for each party, and one with the entity '' for those who
-- see all. roles: 1 recipient, 2 provider, 3 both. words: what the text filter looks into, in small letters.
CREATE TABLE bucp_list (
  entity TEXT NOT NULL,
  bucp TEXT NOT NULL,
  roles BIGINT NOT NULL,
  state BIGINT NOT NULL,
  disputed BIGINT NOT NULL,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  title TEXT NOT NULL,
  words TEXT NOT NULL,
  PRIMARY KEY (entity, bucp)
);

CREATE INDEX bucp_list_by_bucp ON bucp_list (bucp, entity);
-- With words: the text filter reads this index and nothing else.
CREATE INDEX bucp_list_by_created ON bucp_list (entity, created, bucp, words);
CREATE INDEX bucp_list_by_updated ON bucp_list (entity, updated, bucp);
CREATE INDEX bucp_list_by_title ON bucp_list (entity, title, bucp);
CREATE INDEX bucp_list_by_state ON bucp_list (entity, state, created, bucp);

INSERT INTO bucp_list (entity, bucp, roles, state, disputed, created, updated, title, words)
  SELECT '', id, 0, state, disputed, created, created, title, lower(title) FROM bucps;
INSERT INTO bucp_list (entity, bucp, roles, state, disputed, created, updated, title, words)
  SELECT p.entity, b.id, 3, b.state, b.disputed, b.created, b.created, b.title, lower(b.title)
  FROM bucp_parties p JOIN bucps b ON b.id = p.bucp;
DROP TABLE bucp_parties;
DROP INDEX bucps_by_time;
