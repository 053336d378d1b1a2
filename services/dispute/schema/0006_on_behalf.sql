-- For whom the person acted: an OnBehalf message of event.proto. NULL: for themselves.
ALTER TABLE statements ADD COLUMN on_behalf BLOB;
ALTER TABLE dispute_steps ADD COLUMN on_behalf BLOB;
ALTER TABLE deidentification_answers ADD COLUMN on_behalf BLOB;
