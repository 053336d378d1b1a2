-- What was sent under a filing. body is the Transfer message without its findings; time is when it was sent.
CREATE TABLE transfers (
  id TEXT PRIMARY KEY,
  filing TEXT NOT NULL,
  provider TEXT NOT NULL,
  recipient TEXT NOT NULL,
  time BIGINT NOT NULL,
  body BLOB NOT NULL
);

CREATE INDEX transfers_by_time ON transfers (filing, time, id);

CREATE INDEX transfers_by_pair ON transfers (filing, provider, recipient, time);
