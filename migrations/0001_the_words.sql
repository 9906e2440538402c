-- The words of the project as tables. Instants are INTEGER Unix milliseconds UTC (…_at). Released migrations are never edited, only followed.

-- Single facts about this installation: its fingerprint, the last instant it saw.
CREATE TABLE fact (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- ── where stories come from ──────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE source (
    id               INTEGER PRIMARY KEY,
    slug             TEXT NOT NULL UNIQUE,
    first_success_at INTEGER,              -- until it is set, what the source shows is back catalogue
    last_try_at      INTEGER,
    last_success_at  INTEGER,
    last_new_at      INTEGER,              -- when it last brought something that was not known
    failures         INTEGER NOT NULL DEFAULT 0,
    last_error       TEXT,
    etag             TEXT,
    last_modified    TEXT,
    body_hash        BLOB,
    moved_to         TEXT,                 -- a permanent redirect that was followed
    retry_at         INTEGER               -- not asked again before
) STRICT;

-- A story: what one or more sightings are. Merging repoints sightings and keeps the row.
CREATE TABLE article (
    id            INTEGER PRIMARY KEY,
    eligible_at   INTEGER NOT NULL,        -- decides its window; set once
    first_seen_at INTEGER NOT NULL,
    published_at  INTEGER,                 -- believed
    merged_into   INTEGER REFERENCES article(id)
) STRICT;
CREATE INDEX article_eligible ON article(eligible_at);
CREATE INDEX article_merged ON article(merged_into) WHERE merged_into IS NOT NULL;

-- One source's showing of a story, kept as seen.
CREATE TABLE sighting (
    id            INTEGER PRIMARY KEY,
    article       INTEGER NOT NULL REFERENCES article(id),
    source        INTEGER NOT NULL REFERENCES source(id),
    guid          TEXT,
    url           TEXT,
    url_key       TEXT,                    -- canonical form that identity compares
    fingerprint   INTEGER,                 -- of title and lead
    published_raw TEXT,
    published_at  INTEGER,
    updated_at    INTEGER,
    first_seen_at INTEGER NOT NULL,
    last_seen_at  INTEGER NOT NULL,
    reason        TEXT NOT NULL            -- why it was taken for this article
) STRICT;
CREATE INDEX sighting_article ON sighting(article);
CREATE INDEX sighting_seen ON sighting(source, last_seen_at);
CREATE INDEX sighting_guid ON sighting(source, guid) WHERE guid IS NOT NULL;
CREATE INDEX sighting_url ON sighting(url_key) WHERE url_key IS NOT NULL;

-- What a sighting said, version by version; appended when it changes.
CREATE TABLE sighting_text (
    id       INTEGER PRIMARY KEY,
    sighting INTEGER NOT NULL REFERENCES sighting(id),
    seen_at  INTEGER NOT NULL,
    text     TEXT NOT NULL CHECK (json_valid(text))
) STRICT;
CREATE INDEX sighting_text_at ON sighting_text(sighting, seen_at);

CREATE TABLE picture (
    sha256       TEXT PRIMARY KEY CHECK (length(sha256) = 64),
    media_type   TEXT NOT NULL CHECK (media_type IN ('image/png', 'image/jpeg')),
    width        INTEGER NOT NULL CHECK (width > 0),
    height       INTEGER NOT NULL CHECK (height > 0),
    bytes        BLOB NOT NULL,
    fetched_at   INTEGER NOT NULL,
    withdrawn_at INTEGER
) STRICT;

-- Where a picture was fetched from, or why it was not kept.
CREATE TABLE picture_link (
    url      TEXT PRIMARY KEY,
    sha256   TEXT REFERENCES picture(sha256),
    tried_at INTEGER NOT NULL,
    problem  TEXT
) STRICT;

CREATE TABLE event (
    id        INTEGER PRIMARY KEY,
    source    INTEGER NOT NULL REFERENCES source(id),
    uid       TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    seen_at   INTEGER NOT NULL,
    gone_at   INTEGER,                     -- cancelled, or no longer in the calendar
    event     TEXT NOT NULL CHECK (json_valid(event)),
    UNIQUE (source, uid)
) STRICT;
CREATE INDEX event_starts ON event(starts_at);

-- ── issues ───────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE newsletter (
    id            INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 65535),   -- stands in tokens
    slug          TEXT NOT NULL UNIQUE,
    first_seen_at INTEGER NOT NULL,
    window_from   INTEGER NOT NULL         -- where the first window begins: seven days before it was first seen
) STRICT;

CREATE TABLE issue (
    id               INTEGER PRIMARY KEY,
    newsletter       INTEGER NOT NULL REFERENCES newsletter(id),
    number           INTEGER,              -- none while skipped or cancelled before its first claim
    occurrence_local TEXT NOT NULL,        -- wall-clock time, 2026-11-20T17:00:00
    occurrence_zone  TEXT NOT NULL,
    due_at           INTEGER NOT NULL,
    window_from      INTEGER NOT NULL,
    window_to        INTEGER NOT NULL,     -- the stored cut-off; the next window begins here
    state            TEXT NOT NULL CHECK (state IN ('composed','waiting','approved','held','sending','paused','done','skipped','cancelled')),
    reason           TEXT,                 -- why it is held, paused, skipped or cancelled, in words
    revision         INTEGER,              -- the latest
    approved_hash    BLOB,
    released_at      INTEGER,              -- when a person let a held issue go, however late
    composed_at      INTEGER NOT NULL,
    frozen_at        INTEGER,              -- the Date of its mail, retries too
    finished_at      INTEGER,
    CHECK (window_from <= window_to),
    UNIQUE (newsletter, occurrence_local, occurrence_zone)
) STRICT;
CREATE UNIQUE INDEX issue_number ON issue(newsletter, number) WHERE number IS NOT NULL;

CREATE TABLE revision (
    issue       INTEGER NOT NULL REFERENCES issue(id),
    n           INTEGER NOT NULL,
    hash        BLOB NOT NULL,
    model       TEXT NOT NULL CHECK (json_valid(model)),
    composed_at INTEGER NOT NULL,
    PRIMARY KEY (issue, n)
) STRICT, WITHOUT ROWID;

-- A story is in at most one issue of a newsletter.
CREATE TABLE issue_article (
    newsletter INTEGER NOT NULL REFERENCES newsletter(id),
    article    INTEGER NOT NULL REFERENCES article(id),
    issue      INTEGER NOT NULL REFERENCES issue(id),
    PRIMARY KEY (newsletter, article)
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_article_issue ON issue_article(issue);
CREATE INDEX issue_article_article ON issue_article(article);

-- One rendering for one distinct result; with slots for what differs per reader.
CREATE TABLE variant (
    id       INTEGER PRIMARY KEY,
    issue    INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    cut_key  TEXT NOT NULL,
    language TEXT NOT NULL,
    format   TEXT NOT NULL CHECK (format IN ('html', 'text')),
    subject  TEXT NOT NULL,
    html     TEXT NOT NULL,
    text     TEXT NOT NULL,
    stories  INTEGER NOT NULL,
    UNIQUE (issue, revision, cut_key, language, format),
    FOREIGN KEY (issue, revision) REFERENCES revision(issue, n)
) STRICT;

-- Which choice of topics gets which variant; none where nothing matches.
CREATE TABLE variant_choice (
    issue    INTEGER NOT NULL REFERENCES issue(id),
    choice   TEXT NOT NULL,
    language TEXT NOT NULL,
    format   TEXT NOT NULL,
    variant  INTEGER REFERENCES variant(id),
    PRIMARY KEY (issue, choice, language, format)
) STRICT, WITHOUT ROWID;

-- ── the ledger ───────────────────────────────────────────────────────────────────────────────────────────────────────

-- Who gets an issue; no address in it.
CREATE TABLE issue_recipient (
    issue      INTEGER NOT NULL,
    lane       INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    subscriber INTEGER NOT NULL,
    variant    INTEGER NOT NULL,
    PRIMARY KEY (issue, lane, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_recipient_subscriber ON issue_recipient(subscriber, issue);

-- Subscribers for whom an issue held nothing they chose.
CREATE TABLE issue_nothing (
    issue      INTEGER NOT NULL REFERENCES issue(id),
    subscriber INTEGER NOT NULL,
    PRIMARY KEY (issue, subscriber)
) STRICT, WITHOUT ROWID;

-- How far each lane has been claimed: seq up to `cursor` is claimed or beyond.
CREATE TABLE lane_cursor (
    issue  INTEGER NOT NULL REFERENCES issue(id),
    lane   INTEGER NOT NULL,
    cursor INTEGER NOT NULL,
    last   INTEGER NOT NULL,               -- the highest seq of the lane
    PRIMARY KEY (issue, lane)
) STRICT, WITHOUT ROWID;

-- Durable before a byte leaves for anyone in it.
CREATE TABLE claim (
    id      INTEGER PRIMARY KEY,
    issue   INTEGER NOT NULL REFERENCES issue(id),
    lane    INTEGER NOT NULL,
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    process BLOB NOT NULL,
    at      INTEGER NOT NULL,
    open    INTEGER NOT NULL CHECK (open >= 0)    -- recipients in it without an outcome
) STRICT;
CREATE INDEX claim_open ON claim(issue) WHERE open > 0;

-- What became of each attempt; append only.
CREATE TABLE outcome (
    issue    INTEGER NOT NULL,
    lane     INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    attempt  INTEGER NOT NULL,
    state    INTEGER NOT NULL CHECK (state BETWEEN 1 AND 8),
    at       INTEGER NOT NULL,
    retry_at INTEGER,
    code     INTEGER,
    enhanced TEXT,
    reply    TEXT,                         -- addresses masked
    PRIMARY KEY (issue, lane, seq, attempt)
) STRICT, WITHOUT ROWID;

-- What needs a person's eye: everything but accepted and skipped.
CREATE INDEX outcome_notable ON outcome(issue, state, lane, seq, attempt) WHERE state NOT IN (1, 4);

-- Recipients by the state of their last outcome; state 0 counts all of them. Derived, kept so that progress needs no scan.
CREATE TABLE issue_tally (
    issue INTEGER NOT NULL REFERENCES issue(id),
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 8),
    n     INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (issue, state)
) STRICT, WITHOUT ROWID;

-- Who is to be tried again and when: derived from the outcomes, kept so that finding them needs no scan.
CREATE TABLE retry (
    issue   INTEGER NOT NULL,
    lane    INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    attempt INTEGER NOT NULL,              -- the number of the attempt to come
    due_at  INTEGER NOT NULL,
    wary    INTEGER NOT NULL CHECK (wary IN (0, 1)),   -- was in doubt before: claimed with few others, for another crash must not park a page
    PRIMARY KEY (issue, lane, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX retry_due ON retry(issue, wary, due_at);

-- ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE subscriber (
    id          INTEGER PRIMARY KEY,
    public_id   BLOB NOT NULL UNIQUE CHECK (length(public_id) = 8),
    epoch       INTEGER NOT NULL DEFAULT 0,
    address     TEXT,                      -- as typed; none once erased
    address_key TEXT UNIQUE,
    hash        BLOB NOT NULL,             -- keyed, the same as in suppression
    lane        INTEGER NOT NULL DEFAULT 0,
    name        TEXT NOT NULL DEFAULT '',
    language    TEXT,
    format      TEXT NOT NULL DEFAULT 'html' CHECK (format IN ('html', 'text')),
    created_at  INTEGER NOT NULL,
    erased_at   INTEGER,
    CHECK ((address IS NULL) = (erased_at IS NOT NULL))
) STRICT;
CREATE INDEX subscriber_hash ON subscriber(hash);

CREATE TABLE subscription (
    subscriber   INTEGER NOT NULL REFERENCES subscriber(id),
    newsletter   INTEGER NOT NULL REFERENCES newsletter(id),
    status       TEXT NOT NULL CHECK (status IN ('pending', 'active', 'paused', 'left')),
    asked_at     INTEGER,
    confirmed_at INTEGER,
    paused_until INTEGER,
    left_at      INTEGER,
    choice       TEXT NOT NULL DEFAULT '', -- topics sorted and joined by commas; empty for everything
    PRIMARY KEY (subscriber, newsletter),
    CHECK (status NOT IN ('active', 'paused') OR confirmed_at IS NOT NULL),
    CHECK (status <> 'left' OR left_at IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_newsletter ON subscription(newsletter, status);

-- Why we may write to somebody: append only, but for erasure.
CREATE TABLE consent (
    id         INTEGER PRIMARY KEY,
    subscriber INTEGER NOT NULL REFERENCES subscriber(id),
    newsletter INTEGER REFERENCES newsletter(id),
    at         INTEGER NOT NULL,
    event      TEXT NOT NULL,              -- asked, confirmed, topics, paused, left, imported, …
    origin     TEXT NOT NULL,              -- the form, command or file it came by
    wording    TEXT NOT NULL DEFAULT '',   -- what the person was shown
    network    TEXT,                       -- prefix of the address it came from; expires
    detail     TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail))
) STRICT;
CREATE INDEX consent_subscriber ON consent(subscriber, at);
-- Those that expire.
CREATE INDEX consent_network ON consent(at) WHERE network IS NOT NULL;

-- Addresses that get no issue; outlives the subscriber's row.
CREATE TABLE suppression (
    hash   BLOB PRIMARY KEY CHECK (length(hash) = 32),
    reason TEXT NOT NULL CHECK (reason IN ('hard_bounce', 'complaint', 'erasure', 'left', 'operator')),
    at     INTEGER NOT NULL,
    detail TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- How suppressions came and went; append only, no address in it.
CREATE TABLE suppression_log (
    id     INTEGER PRIMARY KEY,
    hash   BLOB NOT NULL,
    at     INTEGER NOT NULL,
    event  TEXT NOT NULL CHECK (event IN ('suppressed', 'lifted')),
    reason TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX suppression_log_hash ON suppression_log(hash);

CREATE TABLE import (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    file_hash BLOB NOT NULL,
    file_name TEXT NOT NULL,
    basis     TEXT NOT NULL,
    undone_at INTEGER
) STRICT;

-- What an import did for a line, so that it can be taken back and nothing that readers did since. Rows go as they are taken back.
CREATE TABLE import_row (
    import     INTEGER NOT NULL REFERENCES import(id),
    line       INTEGER NOT NULL,
    newsletter INTEGER NOT NULL DEFAULT 0, -- 0 for none
    did        TEXT NOT NULL CHECK (did IN ('created', 'subscribed', 'suppressed')),
    subscriber INTEGER,
    hash       BLOB,                       -- of a suppressed address
    before     TEXT CHECK (json_valid(before)),
    after      TEXT CHECK (json_valid(after)),
    PRIMARY KEY (import, line, newsletter, did)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_row_subscriber ON import_row(subscriber) WHERE subscriber IS NOT NULL;

-- ── the operators ────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE alarm (
    kind      TEXT NOT NULL,
    about     TEXT NOT NULL,
    sentence  TEXT NOT NULL,
    first_at  INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    times     INTEGER NOT NULL,
    told_at   INTEGER,                     -- when the operators were last told
    PRIMARY KEY (kind, about)
) STRICT, WITHOUT ROWID;

-- Who did what, on the command line or elsewhere. No addresses of readers.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    about  TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT ''
) STRICT;
