-- Who receives for a domain, as DNS says: companies whose mail a large provider takes share the provider's pace.
CREATE TABLE receiver (
    domain   TEXT PRIMARY KEY,
    lane     INTEGER NOT NULL,             -- 0: nobody whom we know
    asked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
