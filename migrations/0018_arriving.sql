-- Moving in by cohorts: readers who were brought from elsewhere and get no issue before their turn, so that receivers see a sender grow and not burst.

-- Whoever stands here is no recipient yet, whatever their subscription says.
CREATE TABLE arriving (
    newsletter   INTEGER NOT NULL REFERENCES newsletter(id),
    subscriber   INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL,         -- the most recent first: they expect the mail
    PRIMARY KEY (newsletter, subscriber)
) STRICT, WITHOUT ROWID;
CREATE INDEX arriving_turn ON arriving(newsletter, confirmed_at);

-- How many of them each issue lets in.
CREATE TABLE cohort (
    newsletter INTEGER PRIMARY KEY REFERENCES newsletter(id),
    per_issue  INTEGER NOT NULL CHECK (per_issue > 0),
    issue      INTEGER                     -- the one that let the latest in
) STRICT;
