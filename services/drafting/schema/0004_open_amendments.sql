-- The amendment of an agreement that is open, one an agreement: drafted, reviewed, signed or disputed. An amendment of an earlier release takes its place here when it is
-- next changed.
CREATE TABLE open_amendments (
  amended TEXT PRIMARY KEY,
  amendment TEXT NOT NULL
);
