-- What the routings wait for: one row a step that can be or could be taken. id is "<routing>/<number of the step>"; body is the part of
-- the Task that never changes; times are microseconds, 0 where not set.
CREATE TABLE tasks (
  id TEXT PRIMARY KEY,
  routing TEXT NOT NULL,
  bucp TEXT NOT NULL,
  entity TEXT NOT NULL,
  role BIGINT NOT NULL,
  step TEXT NOT NULL,
  state BIGINT NOT NULL,
  person TEXT NOT NULL,
  opened BIGINT NOT NULL,
  closed BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  reminders BIGINT NOT NULL,
  body BLOB NOT NULL
);

CREATE INDEX tasks_by_routing ON tasks (routing);

CREATE INDEX tasks_by_age ON tasks (state, opened, id);

-- From the first draft to the last signature, in microseconds; 0 until then.
ALTER TABLE routings ADD COLUMN took BIGINT NOT NULL DEFAULT 0;
