-- Reviews of de-identified data, and what is due when. Names and lists as in disputes.
CREATE TABLE deidentifications (
  name TEXT PRIMARY KEY,
  bucp TEXT NOT NULL,
  title TEXT NOT NULL,
  state BIGINT NOT NULL,
  submitted_by TEXT NOT NULL,
  recipients TEXT NOT NULL,
  providers TEXT NOT NULL,
  description TEXT NOT NULL,
  method TEXT NOT NULL,
  intended_use TEXT NOT NULL,
  dispute TEXT NOT NULL,
  -- The end of the five working days.
  review_due BIGINT NOT NULL,
  -- When the objection came that the ten working days count from; 0: none.
  objected BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL
);

CREATE INDEX deidentifications_by_time ON deidentifications (created, name);

-- Which entities see a review, besides the Statewide CDO.
CREATE TABLE deidentification_viewers (
  entity TEXT NOT NULL,
  deidentification TEXT NOT NULL REFERENCES deidentifications (name),
  PRIMARY KEY (entity, deidentification)
);

-- The last answer of each Data Provider.
CREATE TABLE deidentification_answers (
  deidentification TEXT NOT NULL REFERENCES deidentifications (name),
  entity TEXT NOT NULL,
  person TEXT NOT NULL,
  assessment BIGINT NOT NULL,
  text TEXT NOT NULL,
  late BIGINT NOT NULL,
  answered BIGINT NOT NULL,
  PRIMARY KEY (deidentification, entity)
);

-- What happens by itself, one a review. A replica that fires one first moves next_try into the future: it is that replica's until then.
CREATE TABLE clocks (
  deidentification TEXT PRIMARY KEY REFERENCES deidentifications (name),
  due BIGINT NOT NULL,
  next_try BIGINT NOT NULL,
  why TEXT NOT NULL,
  problem TEXT NOT NULL
);

CREATE INDEX clocks_by_time ON clocks (next_try);
