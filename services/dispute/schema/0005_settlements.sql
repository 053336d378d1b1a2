-- The Settlement that is proposed, or that settled the dispute. NULL: none.
ALTER TABLE disputes ADD COLUMN settlement BLOB;

-- Whether a dispute of a category on a BUCP was decided is asked whenever one is opened.
CREATE INDEX disputes_by_bucp ON disputes (bucp, category, state);
