-- For replicas of an earlier release, which read it.
ALTER TABLE inbox ALTER COLUMN txid SET DEFAULT pg_current_xact_id()::text::bigint;
