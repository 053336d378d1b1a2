-- compatible
-- The last entry of the transparency log about each record of any service. record: the resource name, and after "@"
-- the version of an opinion, the freeze of a revision, or the digest of a key.
CREATE TABLE log_records (
  record TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  idx BIGINT NOT NULL
);
