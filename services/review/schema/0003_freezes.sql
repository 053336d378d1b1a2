-- The number of the freeze that a routing belongs to; 0 for those of releases that did not number freezes. A freeze has one routing.
ALTER TABLE routings ADD COLUMN freeze_number BIGINT NOT NULL DEFAULT 0;

CREATE UNIQUE INDEX routings_by_freeze ON routings (bucp, freeze_number) WHERE freeze_number > 0;

-- What opinions said before they were amended; only ever added to. body is the Opinion message as it was.
CREATE TABLE opinion_versions (
  routing TEXT NOT NULL,
  opinion TEXT NOT NULL,
  number BIGINT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (routing, opinion, number)
);
