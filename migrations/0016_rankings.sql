-- What sites say is read most: each list as it was read.
CREATE TABLE ranking (
    source  INTEGER NOT NULL REFERENCES source(id),
    seen_at INTEGER NOT NULL,              -- when it first said so
    read_at INTEGER NOT NULL,              -- when it last said so
    pages   TEXT NOT NULL CHECK (json_valid(pages)),
    PRIMARY KEY (source, seen_at)
) STRICT, WITHOUT ROWID;
