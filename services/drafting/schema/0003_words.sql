-- The words that the text filter looks into, of each BUCP: with a blank before each, in bucp_texts; and each on its own,
-- as bytes, so that those that begin alike stand together in every locale. What was stored before is found by its text
-- when it is next changed.
CREATE TABLE bucp_texts (
  bucp TEXT PRIMARY KEY,
  words TEXT NOT NULL
);

CREATE TABLE bucp_words (
  word BLOB NOT NULL,
  bucp TEXT NOT NULL,
  PRIMARY KEY (word, bucp)
);

DROP INDEX bucp_list_by_created;
DROP INDEX bucp_list_by_updated;
DROP INDEX bucp_list_by_title;
DROP INDEX bucp_list_by_state;
ALTER TABLE bucp_list DROP COLUMN words;

-- One an order, with all that is filtered: a page is read from an index alone.
CREATE INDEX bucp_list_by_created ON bucp_list (entity, created, bucp, state, disputed, roles, updated);
CREATE INDEX bucp_list_by_updated ON bucp_list (entity, updated, bucp, state, disputed, roles, created);
CREATE INDEX bucp_list_by_title ON bucp_list (entity, title, bucp, state, disputed, roles, created, updated);
CREATE INDEX bucp_list_by_state ON bucp_list (entity, state, created, bucp, disputed, roles, updated);
CREATE INDEX bucp_list_by_disputed ON bucp_list (entity, disputed, created, bucp, state, roles, updated);
