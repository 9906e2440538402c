-- How often the program ended while a recipient of an issue was claimed and not recorded, and how often with nobody else: who is alone twice is parked.
CREATE TABLE open_at_crash (
    issue INTEGER NOT NULL REFERENCES issue(id),
    lane  INTEGER NOT NULL,
    seq   INTEGER NOT NULL,
    times INTEGER NOT NULL CHECK (times > 0),
    alone INTEGER NOT NULL CHECK (alone BETWEEN 0 AND times),
    PRIMARY KEY (issue, lane, seq)
) STRICT, WITHOUT ROWID;
