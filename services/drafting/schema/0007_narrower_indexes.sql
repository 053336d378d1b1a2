-- compatible
-- The time of the last change is in the index of the default order and in that of its own order only, because each change would write it into all.
DROP INDEX bucp_list_by_title;
DROP INDEX bucp_list_by_state;
DROP INDEX bucp_list_by_disputed;
CREATE INDEX bucp_list_by_title ON bucp_list (entity, title, bucp, state, disputed, roles, created, hidden);
CREATE INDEX bucp_list_by_state ON bucp_list (entity, state, created, bucp, disputed, roles, hidden);
CREATE INDEX bucp_list_by_disputed ON bucp_list (entity, disputed, created, bucp, state, roles, hidden);
