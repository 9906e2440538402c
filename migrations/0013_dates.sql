-- Dates of a newsletter that people changed: skipped, moved once, left out in a pause. Taken back by `ended_at`, never deleted.
CREATE TABLE date_change (
    id         INTEGER PRIMARY KEY,
    newsletter INTEGER NOT NULL REFERENCES newsletter(id),
    change     TEXT NOT NULL CHECK (json_valid(change)),   -- in wall-clock times of the newsletter's zone
    because    TEXT NOT NULL,
    actor      TEXT NOT NULL,
    at         INTEGER NOT NULL,
    ended_at   INTEGER,
    ended_by   TEXT,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT;
CREATE INDEX date_change_holding ON date_change(newsletter) WHERE ended_at IS NULL;
