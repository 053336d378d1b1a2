-- What is due is looked for by when it is due: a claim may be one that counts no more.
CREATE INDEX clocks_by_due ON clocks (due);
