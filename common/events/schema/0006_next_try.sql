-- compatible
-- When an event that is set aside is tried next; 0 if that is not known or if it waits for an earlier one of its line. A time
-- that has come is for the relay that has the cursor, whoever wrote it.
ALTER TABLE handovers ADD COLUMN next_try BIGINT NOT NULL DEFAULT 0;
