-- For whom the person saved it: an OnBehalf message of event.proto. NULL: for themselves.
ALTER TABLE revisions ADD COLUMN on_behalf BLOB;
