-- What is checked before an issue goes out.

-- Where links lead, each asked once for all that link to it.
CREATE TABLE link_check (
    url        TEXT PRIMARY KEY,
    checked_at INTEGER NOT NULL,
    verdict    TEXT NOT NULL CHECK (verdict IN ('alive', 'dead', 'unsure')),
    detail     TEXT NOT NULL                -- the server's word
) STRICT, WITHOUT ROWID;

-- The last preflight of an issue, and of which revision.
CREATE TABLE preflight (
    issue      INTEGER PRIMARY KEY REFERENCES issue(id),
    revision   INTEGER NOT NULL,
    checked_at INTEGER NOT NULL,
    report     TEXT NOT NULL CHECK (json_valid(report))
) STRICT;

-- Somebody lets an issue go although something blocks it.
CREATE TABLE anyway (
    id         INTEGER PRIMARY KEY,
    issue      INTEGER NOT NULL REFERENCES issue(id),
    at         INTEGER NOT NULL,
    actor      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    covers     TEXT NOT NULL CHECK (json_valid(covers))  -- the findings that were known then
) STRICT;
CREATE INDEX anyway_issue ON anyway(issue);
