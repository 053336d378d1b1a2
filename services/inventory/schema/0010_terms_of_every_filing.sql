-- Filings from before 0003 get terms that name nothing: the exchange check permits nothing under them, and knows of them.
INSERT INTO filing_terms (filing, body) SELECT id, CAST('' AS BLOB) FROM filings WHERE id NOT IN (SELECT filing FROM filing_terms);
