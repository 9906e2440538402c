-- Readers are also found by the name that the relay gave a mail; a CHECK cannot be changed in place.
CREATE TABLE returned_anew (
    id          INTEGER PRIMARY KEY,
    fingerprint BLOB NOT NULL UNIQUE,      -- of the message or event: what is read twice counts once
    at          INTEGER NOT NULL,
    origin      TEXT NOT NULL,             -- smtp, mail, ses, postmark, mailgun, sendgrid
    kind        TEXT NOT NULL CHECK (kind IN ('bounce', 'delay', 'complaint', 'auto-reply', 'none', 'unsubscribe')),
    issue       INTEGER,
    subscriber  INTEGER,
    lane        INTEGER NOT NULL DEFAULT 0,
    found_by    TEXT CHECK (found_by IN ('return path', 'relay id', 'message id', 'address')),
    cause       TEXT,
    class       TEXT CHECK (class IN ('hard', 'soft', 'none')),
    counts      INTEGER NOT NULL DEFAULT 0 CHECK (counts IN (0, 1)),   -- against the reader
    status      TEXT,
    reply       TEXT                       -- the other system's words, addresses masked
) STRICT;
INSERT INTO returned_anew SELECT * FROM returned;
DROP TABLE returned;
ALTER TABLE returned_anew RENAME TO returned;
CREATE INDEX returned_subscriber ON returned(subscriber, issue) WHERE subscriber IS NOT NULL;
CREATE INDEX returned_issue ON returned(issue, kind) WHERE issue IS NOT NULL;
CREATE INDEX returned_at ON returned(at);
