-- A correction of an issue that was sent: mailed once to those who have it, as a small issue of its own in the same ledger, and printed first in the next.
ALTER TABLE issue ADD COLUMN corrects INTEGER REFERENCES issue(id);    -- this row is the letter that corrects that issue; it has no number
CREATE INDEX issue_corrects ON issue(corrects) WHERE corrects IS NOT NULL;

-- What was wrong and what is right, in the editor's words.
CREATE TABLE correction (
    id       INTEGER PRIMARY KEY,
    corrects INTEGER NOT NULL REFERENCES issue(id),
    at       INTEGER NOT NULL,
    note     TEXT NOT NULL,                -- Markdown
    actor    TEXT NOT NULL,                -- who did it: the operator, an editor's address
    letter   INTEGER UNIQUE REFERENCES issue(id),                      -- the mail; none where it only stands in the next issue
    in_next  INTEGER NOT NULL CHECK (in_next IN (0, 1)),               -- whether the next issue prints it
    UNIQUE (corrects, note)                -- said once is enough
) STRICT;
