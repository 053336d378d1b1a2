-- The transparency log: its entries, the nodes of its Merkle tree (level 0 are the leaves), and the right edge of that tree in one row.
CREATE TABLE log_entries (
  idx BIGINT PRIMARY KEY,
  entry BLOB NOT NULL
);

CREATE TABLE log_nodes (
  level BIGINT NOT NULL,
  idx BIGINT NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (level, idx)
);

-- peaks: the hashes of the edge's nodes, from left to right, one after the other.
CREATE TABLE log_edge (
  id BIGINT PRIMARY KEY,
  size BIGINT NOT NULL,
  peaks BLOB NOT NULL
);
