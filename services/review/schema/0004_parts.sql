-- For which entity a person acts on a BUCP: the first act decides, in review or in a dispute.
CREATE TABLE parts (
  bucp TEXT NOT NULL,
  person TEXT NOT NULL,
  entity TEXT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (bucp, person)
);

-- A person who has acted for several entities before goes on for one of them.
INSERT INTO parts (bucp, person, entity, since)
  SELECT routings.bucp, records.person, MIN(records.entity), MIN(routings.created)
  FROM records JOIN routings ON routings.id = records.routing
  WHERE records.person <> '' GROUP BY routings.bucp, records.person;
