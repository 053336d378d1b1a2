-- The contact that the platform of an entity recorded alone: at most one, ever.
CREATE TABLE first_contacts (
  entity TEXT PRIMARY KEY REFERENCES entities (name),
  contact TEXT NOT NULL REFERENCES contacts (name)
);

INSERT INTO first_contacts (entity, contact) SELECT entity, MIN(name) FROM contacts GROUP BY entity;

-- Who recorded a delegation: the token's subject. '': it is of an earlier release.
ALTER TABLE delegations ADD COLUMN person TEXT NOT NULL DEFAULT '';
