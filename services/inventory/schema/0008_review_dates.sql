-- When the parties of an agreement look at it again. due: the day's beginning in UTC, the largest number for none; told: whether that it has come was told.
CREATE TABLE review_dates (
  filing TEXT PRIMARY KEY,
  due BIGINT NOT NULL,
  told BIGINT NOT NULL,
  version BIGINT NOT NULL,
  body BLOB NOT NULL
);

CREATE INDEX review_dates_by_due ON review_dates (told, due, filing);
CREATE INDEX review_dates_in_order ON review_dates (due, filing);
