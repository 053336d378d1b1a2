-- What happened to one BUCP.
CREATE INDEX events_by_bucp ON events (bucp, txid, seq);
