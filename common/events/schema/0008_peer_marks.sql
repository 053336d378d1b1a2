-- compatible
-- What a relay has seen of its peer's log: when the peer's log had come to that position of that epoch, all events up to `position`
-- were handed over. If the peer's database is restored, the relay goes back to the last mark that is older than the backup.
CREATE TABLE peer_marks (
  target TEXT NOT NULL,
  position BIGINT NOT NULL,
  peer_epoch TEXT NOT NULL,
  peer_position BIGINT NOT NULL,
  PRIMARY KEY (target, position)
);
