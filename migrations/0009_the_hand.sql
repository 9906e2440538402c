-- The editor's hand.

-- A change of a coming issue (by its number) or of a story, appended and never changed; a row with `undoes` takes another back.
CREATE TABLE hand (
    id         INTEGER PRIMARY KEY,
    newsletter INTEGER NOT NULL REFERENCES newsletter(id),
    issue      INTEGER,                    -- the number of an issue
    article    INTEGER,                    -- or a story
    edit       TEXT NOT NULL CHECK (json_valid(edit)),
    actor      TEXT NOT NULL,              -- "command line", or the address of an editor
    seen_at    INTEGER NOT NULL,
    undoes     INTEGER REFERENCES hand(id),
    CHECK ((issue IS NULL) <> (article IS NULL))
) STRICT;
CREATE INDEX hand_newsletter ON hand(newsletter, seen_at);
CREATE INDEX hand_article ON hand(article) WHERE article IS NOT NULL;
CREATE UNIQUE INDEX hand_undoes ON hand(undoes) WHERE undoes IS NOT NULL;
