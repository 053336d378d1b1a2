-- The process a dispute keeps, what was known when it was opened, and every step on its way. Blobs are messages of dispute.proto.
ALTER TABLE disputes ADD COLUMN process BIGINT NOT NULL DEFAULT 1;
-- 1 if it holds its BUCP while it is open.
ALTER TABLE disputes ADD COLUMN holds BIGINT NOT NULL DEFAULT 1;
-- The review of de-identified data that led to it, or ''.
ALTER TABLE disputes ADD COLUMN deidentification TEXT NOT NULL DEFAULT '';
ALTER TABLE disputes ADD COLUMN level_since BIGINT NOT NULL DEFAULT 0;
-- A TrackExplanation, and Costs where it is about them.
ALTER TABLE disputes ADD COLUMN explanation BLOB;
ALTER TABLE disputes ADD COLUMN costs BLOB;

-- 0: as it was given.
ALTER TABLE statements ADD COLUMN amended BIGINT NOT NULL DEFAULT 0;

-- Mediation meetings, numbered by the version of the dispute that they made. The body is a Meeting.
CREATE TABLE meetings (
  dispute TEXT NOT NULL REFERENCES disputes (name),
  number BIGINT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (dispute, number)
);

-- The steps, numbered likewise; 1 is its opening.
CREATE TABLE dispute_steps (
  dispute TEXT NOT NULL REFERENCES disputes (name),
  number BIGINT NOT NULL,
  method TEXT NOT NULL,
  from_state BIGINT NOT NULL,
  to_state BIGINT NOT NULL,
  entity TEXT NOT NULL,
  person TEXT NOT NULL,
  citation TEXT NOT NULL,
  text TEXT NOT NULL,
  decision BIGINT NOT NULL,
  taken BIGINT NOT NULL,
  PRIMARY KEY (dispute, number)
);
