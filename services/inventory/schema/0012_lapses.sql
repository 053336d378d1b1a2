-- When entities that had been signatories were none, as the registry says. Days are counted from 1970-01-01; end_day, the first day on which one is a signatory again, is
-- 2147483647 for none.
CREATE TABLE lapses (
  entity TEXT NOT NULL,
  start_day BIGINT NOT NULL,
  end_day BIGINT NOT NULL,
  PRIMARY KEY (entity, start_day)
);

-- Raised with every change of the lapses: who has asked the registry since the last one may store its answer.
CREATE TABLE lapses_version (
  id BIGINT PRIMARY KEY,
  version BIGINT NOT NULL
);
INSERT INTO lapses_version (id, version) VALUES (1, 0);

-- What the parties of an agreement were told of a lapse, the last time.
CREATE TABLE told_lapses (
  filing TEXT NOT NULL,
  entity TEXT NOT NULL,
  start_day BIGINT NOT NULL,
  end_day BIGINT NOT NULL,
  PRIMARY KEY (filing, entity, start_day)
);
