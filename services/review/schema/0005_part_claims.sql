-- 0: nobody has acted yet, and the row stands only while a claim for an act does.
ALTER TABLE parts ADD COLUMN acted BIGINT NOT NULL DEFAULT 1;

-- Acts elsewhere that are being tried. until: when the claim for one ends, whatever became of it.
CREATE TABLE part_claims (
  bucp TEXT NOT NULL,
  person TEXT NOT NULL,
  act TEXT NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (bucp, person, act)
);
