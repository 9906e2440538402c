-- Documents that mean something else on another day (calendars, lists of the most read), as they were fetched last: one that has not changed is read
-- again from here. Packed; never one without a validator.
CREATE TABLE kept_document (
    source        INTEGER PRIMARY KEY REFERENCES source(id),
    asked         TEXT NOT NULL,           -- the address that was asked
    url           TEXT NOT NULL,           -- the one that answered
    etag          TEXT,
    last_modified TEXT,
    media_type    TEXT,
    charset       TEXT,
    packed        BLOB NOT NULL,
    CHECK (etag IS NOT NULL OR last_modified IS NOT NULL)
) STRICT;
