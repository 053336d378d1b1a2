-- The order in which events are read. A number may become visible after a higher one; a position may not: one
-- transaction at a time takes the events that are visible and gives them the next positions.

-- Writers that are under way end first, and later ones meet the trigger.
LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE;

CREATE TABLE event_positions (
  position BIGINT PRIMARY KEY,
  seq BIGINT NOT NULL,
  bucp TEXT NOT NULL
);

INSERT INTO event_positions (position, seq, bucp)
  SELECT row_number() OVER (ORDER BY txid, seq), seq, bucp FROM events;

CREATE INDEX event_positions_by_bucp ON event_positions (bucp, position) WHERE bucp <> '';

UPDATE cursors SET position = COALESCE(
  (SELECT MAX(p.position) FROM event_positions p JOIN events e ON e.seq = p.seq
    WHERE (e.txid, e.seq) <= (cursors.txid, cursors.seq)), 0);

-- Events without a position: a few, whatever the log's size. Read from end to end, so that it needs no index; emptied
-- all the time, so that it is cleaned up often.
CREATE TABLE unplaced_events (
  seq BIGINT NOT NULL,
  bucp TEXT NOT NULL
) WITH (autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0);

-- A trigger, so that the replicas of an earlier release queue their events too.
CREATE FUNCTION queue_event() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN INSERT INTO unplaced_events (seq, bucp) VALUES (NEW.seq, NEW.bucp); RETURN NULL; END';

CREATE TRIGGER queue_event AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION queue_event();

-- Never has a row: whoever gives positions locks it.
CREATE TABLE event_sequencer (unused BIGINT);

ALTER TABLE events ALTER COLUMN txid SET DEFAULT pg_current_xact_id()::text::bigint;

DROP INDEX events_by_position;

DROP INDEX events_by_bucp;

INSERT INTO event_epochs (number, id, head, copy, timeline, replays)
  VALUES (1, left(replace(gen_random_uuid()::text, '-', ''), 16), 0, '', '', 0);
