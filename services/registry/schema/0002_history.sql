-- What entities, accessions and contacts were over time. Days are YYYY-MM-DD; an empty one is not known, or never.
ALTER TABLE entities ADD COLUMN hipaa_status BIGINT NOT NULL DEFAULT 1;
ALTER TABLE entities ADD COLUMN education_agency BIGINT NOT NULL DEFAULT 0;
-- The first day on which it no longer exists.
ALTER TABLE entities ADD COLUMN end_date TEXT NOT NULL DEFAULT '';
-- The display name as people see it: two that look the same have the same key.
ALTER TABLE entities ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
UPDATE entities SET name_key = lower(display_name);
CREATE UNIQUE INDEX entities_by_key ON entities (name_key);

-- To whom an entity reports on the days from start_date on and before end_date.
CREATE TABLE parentages (
  entity TEXT NOT NULL REFERENCES entities (name),
  start_date TEXT NOT NULL,
  end_date TEXT NOT NULL,
  -- Empty: to none.
  parent TEXT NOT NULL,
  PRIMARY KEY (entity, start_date)
);

CREATE INDEX parentages_by_parent ON parentages (parent, entity);

INSERT INTO parentages (entity, start_date, end_date, parent)
SELECT name, '', '', parent FROM entities WHERE parent <> '';

ALTER TABLE entities DROP COLUMN parent;

CREATE TABLE former_names (
  entity TEXT NOT NULL REFERENCES entities (name),
  position BIGINT NOT NULL,
  display_name TEXT NOT NULL,
  acronym TEXT NOT NULL,
  end_date TEXT NOT NULL,
  PRIMARY KEY (entity, position)
);

CREATE TABLE successions (
  entity TEXT NOT NULL REFERENCES entities (name),
  position BIGINT NOT NULL,
  successor TEXT NOT NULL,
  start_date TEXT NOT NULL,
  PRIMARY KEY (entity, position)
);

ALTER TABLE accessions ADD COLUMN signed_by TEXT NOT NULL DEFAULT '';
-- The first day on which it no longer counts.
ALTER TABLE accessions ADD COLUMN withdraw_date TEXT NOT NULL DEFAULT '';
ALTER TABLE accessions ADD COLUMN withdraw_evidence TEXT NOT NULL DEFAULT '';

-- NULL: has always acted.
ALTER TABLE contacts ADD COLUMN start_time BIGINT;
-- PEM; empty: none.
ALTER TABLE contacts ADD COLUMN public_key TEXT NOT NULL DEFAULT '';

CREATE INDEX contacts_by_entity ON contacts (entity, name);

-- Every contact as it was stored, by version.
CREATE TABLE contact_revisions (
  contact TEXT NOT NULL REFERENCES contacts (name),
  version BIGINT NOT NULL,
  -- The message, serialised.
  content BLOB NOT NULL,
  person TEXT NOT NULL,
  created BIGINT NOT NULL,
  PRIMARY KEY (contact, version)
);

-- Who stands in for whom. `roles` as in contacts.
CREATE TABLE delegations (
  name TEXT PRIMARY KEY,
  entity TEXT NOT NULL REFERENCES entities (name),
  principal TEXT NOT NULL REFERENCES contacts (name),
  delegate TEXT NOT NULL REFERENCES contacts (name),
  roles TEXT NOT NULL,
  start_time BIGINT NOT NULL,
  end_time BIGINT NOT NULL,
  created BIGINT NOT NULL
);

CREATE INDEX delegations_by_entity ON delegations (entity, start_time, name);
CREATE INDEX delegations_by_delegate ON delegations (delegate, end_time);

-- What entities affirmed about their data protections, and when (agreement 5.16).
CREATE TABLE certifications (
  name TEXT PRIMARY KEY,
  entity TEXT NOT NULL REFERENCES entities (name),
  certify_date TEXT NOT NULL,
  certified_by TEXT NOT NULL,
  evidence TEXT NOT NULL,
  created BIGINT NOT NULL
);

CREATE INDEX certifications_by_entity ON certifications (entity, certify_date, name);
CREATE INDEX certifications_by_date ON certifications (certify_date, name);
