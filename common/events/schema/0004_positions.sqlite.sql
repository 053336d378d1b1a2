-- One writer at a time numbers its rows and commits: the number is the position.
UPDATE cursors SET position = seq;

DROP INDEX events_by_position;

DROP INDEX events_by_bucp;

-- Its entries end with the number, as every index's do.
CREATE INDEX events_of_bucp ON events (bucp);

INSERT INTO event_epochs (number, id, head, copy, timeline, replays)
  VALUES (1, lower(hex(randomblob(8))), 0, '', '', 0);
