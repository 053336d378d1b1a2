-- The register of entities. Names are whole resource names; enums are the numbers of the .proto.
CREATE TABLE entities (
  name TEXT PRIMARY KEY,
  display_name TEXT NOT NULL UNIQUE,
  acronym TEXT NOT NULL,
  kind BIGINT NOT NULL,
  -- Empty: reports to no agency.
  parent TEXT NOT NULL,
  own_statutory_authority BIGINT NOT NULL,
  governor_authority BIGINT NOT NULL,
  source TEXT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL
);

-- How and when entities signed. An empty sign_date (YYYY-MM-DD) is one that no source gives.
CREATE TABLE accessions (
  name TEXT PRIMARY KEY,
  entity TEXT NOT NULL REFERENCES entities (name),
  instrument BIGINT NOT NULL,
  sign_date TEXT NOT NULL,
  evidence TEXT NOT NULL,
  created BIGINT NOT NULL
);

CREATE INDEX accessions_by_entity ON accessions (entity, sign_date, name);

-- The people who act for entities. `roles` is the list as given, numbers joined by spaces.
CREATE TABLE contacts (
  name TEXT PRIMARY KEY,
  entity TEXT NOT NULL REFERENCES entities (name),
  person TEXT NOT NULL,
  display_name TEXT NOT NULL,
  title TEXT NOT NULL,
  division TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  roles TEXT NOT NULL,
  -- NULL: still acts.
  end_time BIGINT,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL
);

CREATE UNIQUE INDEX contacts_by_person ON contacts (entity, person);

-- The same roles, a row each, to find contacts by.
CREATE TABLE contact_roles (
  contact TEXT NOT NULL REFERENCES contacts (name),
  role BIGINT NOT NULL,
  PRIMARY KEY (contact, role)
);
