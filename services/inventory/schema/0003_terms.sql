-- What the parties of a filing agreed on: body is the Terms message. Written with the filing, never changed.
CREATE TABLE filing_terms (
  filing TEXT PRIMARY KEY,
  body BLOB NOT NULL
);
