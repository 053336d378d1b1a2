-- What statistics are made of: for each day of execution, and for each block of 32 days, what each party has, and those who see all (entity ''). Written with
-- the filing. days is 1 or 32, first the beginning of the day or block in microseconds.
CREATE TABLE filing_counts (
  days BIGINT NOT NULL,
  first BIGINT NOT NULL,
  entity TEXT NOT NULL,
  executed BIGINT NOT NULL,
  ended BIGINT NOT NULL,
  unfiled BIGINT NOT NULL,
  disputed BIGINT NOT NULL,
  filed BIGINT NOT NULL,
  drafted BIGINT NOT NULL,
  drafting_days BIGINT NOT NULL,
  longest_drafting BIGINT NOT NULL,
  filing_days BIGINT NOT NULL,
  within_yardstick BIGINT NOT NULL,
  PRIMARY KEY (days, first, entity)
);

INSERT INTO filing_counts (days, first, entity, executed, ended, unfiled, disputed, filed, drafted, drafting_days, longest_drafting, filing_days, within_yardstick)
  SELECT b.days, l.executed / (b.days * 86400000000) * (b.days * 86400000000), l.entity, COUNT(*), SUM(CASE WHEN l.state = 3 THEN 1 ELSE 0 END),
    SUM(CASE WHEN l.state = 1 THEN 1 ELSE 0 END), SUM(l.disputed), SUM(CASE WHEN l.filed > 0 THEN 1 ELSE 0 END), SUM(CASE WHEN l.drafted > 0 THEN 1 ELSE 0 END),
    SUM(CASE WHEN l.drafted > 0 THEN (l.executed - l.drafted) / 86400000000 ELSE 0 END),
    MAX(CASE WHEN l.drafted > 0 THEN (l.executed - l.drafted) / 86400000000 ELSE 0 END),
    SUM(CASE WHEN l.filed > 0 THEN (l.filed - l.executed) / 86400000000 ELSE 0 END),
    SUM(CASE WHEN l.drafted > 0 AND (l.executed - l.drafted) / 86400000000 <= 79 THEN 1 ELSE 0 END)
  FROM filing_list l CROSS JOIN (SELECT 1 AS days UNION ALL SELECT 32) b
  GROUP BY b.days, l.executed / (b.days * 86400000000) * (b.days * 86400000000), l.entity;

-- Those whom nobody has filed, by age.
CREATE INDEX filing_list_unfiled ON filing_list (entity, executed, filing) WHERE state = 1;

-- What was taken over from registers before this one. content is the digest of the row: the same row again adds nothing.
CREATE TABLE imported_filings (
  source TEXT NOT NULL,
  reference TEXT NOT NULL,
  filing TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (source, reference)
);
