-- What relays have passed out of the order of the log: events after a relay's cursor that are finished, and those that
-- are set aside, with the later ones of their BUCP.
CREATE TABLE handovers (
  target TEXT NOT NULL,
  position BIGINT NOT NULL,
  -- The BUCP, or the subject of an event without one; '' if finished.
  line TEXT NOT NULL,
  -- 0: finished. 1: failed again and again. 2: waits for an earlier one of its line.
  state BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  reason TEXT NOT NULL,
  text TEXT NOT NULL,
  time BIGINT NOT NULL,
  PRIMARY KEY (target, position)
);

CREATE INDEX handovers_by_line ON handovers (target, line, position);
