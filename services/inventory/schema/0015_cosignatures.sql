-- compatible
-- Witnesses' cosignatures of the log's checkpoints. witness is the name in the policy of the log, line the signature line.
CREATE TABLE log_cosignatures (
  size BIGINT NOT NULL,
  witness TEXT NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (size, witness)
);

CREATE INDEX log_cosignatures_by_witness ON log_cosignatures (witness, size);
