-- compatible
-- What tells that the same data was recorded twice. Empty of transfers that an earlier release recorded.
ALTER TABLE transfers ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE transfers ADD COLUMN reporter TEXT NOT NULL DEFAULT '';

CREATE INDEX transfers_by_digest ON transfers (filing, digest);
