-- Whether the list of the row's entity leaves the BUCP out: 1 for a draft that was neither sent nor shared, in the rows of its Data Providers
-- and of the education agency that signs. Their rows stay, for the recipients filter by party.
ALTER TABLE bucp_list ADD COLUMN hidden BIGINT NOT NULL DEFAULT 0;

-- DRAFT, WITHDRAWN or NOT_APPROVED, and never sent.
UPDATE bucp_list SET hidden = 1 WHERE roles IN (2, 4) AND state IN (1, 8, 9)
  AND NOT EXISTS (SELECT 1 FROM events e WHERE e.bucp = 'bucps/' || bucp_list.bucp AND e.type = 'BucpSent');

-- Read by each page of a list, so that a page is still read from an index alone.
DROP INDEX bucp_list_by_created;
DROP INDEX bucp_list_by_updated;
DROP INDEX bucp_list_by_title;
DROP INDEX bucp_list_by_state;
DROP INDEX bucp_list_by_disputed;
CREATE INDEX bucp_list_by_created ON bucp_list (entity, created, bucp, state, disputed, roles, updated, hidden);
CREATE INDEX bucp_list_by_updated ON bucp_list (entity, updated, bucp, state, disputed, roles, created, hidden);
CREATE INDEX bucp_list_by_title ON bucp_list (entity, title, bucp, state, disputed, roles, created, updated, hidden);
CREATE INDEX bucp_list_by_state ON bucp_list (entity, state, created, bucp, disputed, roles, updated, hidden);
CREATE INDEX bucp_list_by_disputed ON bucp_list (entity, disputed, created, bucp, state, roles, updated, hidden);
