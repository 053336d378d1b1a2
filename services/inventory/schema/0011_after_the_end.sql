-- What nobody has filed, by age, whether it is in force or has ended.
DROP INDEX filing_list_unfiled;
CREATE INDEX filing_list_unfiled ON filing_list (entity, executed, filing) WHERE filed = 0 AND state <> 2;

-- The duties that an attestation answers.
CREATE INDEX duties_by_filing ON duties (filing, entity);

-- Which imported filing has taken the place of another one; empty for none.
ALTER TABLE imported_filings ADD COLUMN successor TEXT NOT NULL DEFAULT '';
