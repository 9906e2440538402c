-- Visiting sources with care, and knowing a story again.

-- When a source said that it is gone for good (410): it rests until it is asked for by name.
ALTER TABLE source ADD COLUMN gone_at INTEGER;
-- Until when its last answer stays fresh by its own word: Cache-Control, ttl, skipHours.
ALTER TABLE source ADD COLUMN fresh_until INTEGER;
-- When it is worth asking again, by its habit.
ALTER TABLE source ADD COLUMN due_at INTEGER;
-- Its habit: milliseconds between two new stories.
ALTER TABLE source ADD COLUMN habit INTEGER;
-- The newest publication that its last document showed: what the next one must reach back to.
ALTER TABLE source ADD COLUMN reached_at INTEGER;

-- A story whose page has vanished or was withdrawn, since when and why; it goes into no issue.
ALTER TABLE sighting ADD COLUMN gone_at INTEGER;
ALTER TABLE sighting ADD COLUMN gone_why TEXT;
-- What the last look found: the headline on the page, by which the next look knows a change.
ALTER TABLE sighting ADD COLUMN looked_at INTEGER;
ALTER TABLE sighting ADD COLUMN looked TEXT CHECK (looked IS NULL OR json_valid(looked));
-- Whether the source showed a text, or the last look found it on the page; a source that shows the old text again changes nothing.
ALTER TABLE sighting_text ADD COLUMN origin TEXT NOT NULL DEFAULT 'source' CHECK (origin IN ('source', 'look'));

-- Other addresses of a sighting: where its links led from, what it was before it moved.
CREATE TABLE other_address (
    url_key  TEXT NOT NULL,
    sighting INTEGER NOT NULL REFERENCES sighting(id) ON DELETE CASCADE,
    PRIMARY KEY (url_key, sighting)
) STRICT, WITHOUT ROWID;
CREATE INDEX other_address_sighting ON other_address(sighting);

-- Fingerprints of title and lead, by band. The period stands first, so that new rows lie together however many old ones there are.
CREATE TABLE likeness (
    period   INTEGER NOT NULL,             -- days of first sight since 1970, divided by 30
    band     INTEGER NOT NULL,
    sighting INTEGER NOT NULL,
    PRIMARY KEY (period, band, sighting)
) STRICT, WITHOUT ROWID;

-- What became of identities after the first sight; append only.
CREATE TABLE identity_decision (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    actor     TEXT NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('moved', 'merged', 'split')),
    article   INTEGER NOT NULL,            -- the one that stays
    other     INTEGER,                     -- the one that was merged into it, or split off
    reason    TEXT NOT NULL,
    sightings TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(sightings)),
    mailed    TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(mailed))   -- newsletters for which `article` counts as mailed since
) STRICT;
CREATE INDEX identity_decision_article ON identity_decision(article);
CREATE INDEX identity_decision_other ON identity_decision(other) WHERE other IS NOT NULL;

-- What the last look found different; append only, until retention.
CREATE TABLE story_change (
    id       INTEGER PRIMARY KEY,
    sighting INTEGER NOT NULL,
    article  INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('changed', 'gone', 'back')),
    before   TEXT NOT NULL DEFAULT '',
    after    TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX story_change_article ON story_change(article, at);
CREATE INDEX story_change_at ON story_change(at);

-- Pages that could not be read, so that they are tried again, and not for ever.
CREATE TABLE page_trouble (
    source   INTEGER NOT NULL REFERENCES source(id),
    url_key  TEXT NOT NULL,
    tries    INTEGER NOT NULL,
    retry_at INTEGER NOT NULL,
    problem  TEXT NOT NULL,
    PRIMARY KEY (source, url_key)
) STRICT, WITHOUT ROWID;

-- What hosts say to visitors: their robots.txt, and until when they want to be left alone.
CREATE TABLE host (
    name      TEXT PRIMARY KEY,
    robots    TEXT,
    robots_at INTEGER
) STRICT, WITHOUT ROWID;
