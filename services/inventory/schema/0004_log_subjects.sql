-- Which entries of the transparency log are about a resource.
CREATE TABLE log_subjects (
  subject TEXT NOT NULL,
  idx BIGINT NOT NULL,
  PRIMARY KEY (subject, idx)
);
