-- Readers who sign up by themselves: what they ask for on pages, and the single mails that answer.

-- What visitors asked for on a page, a form or by the API: one row each, whether or not anybody is known here, so that neither the answer nor its
-- time tells. Worked off elsewhere; then the body goes, and the rest is counted for a day.
CREATE TABLE request (
    id      INTEGER PRIMARY KEY,
    nonce   BLOB UNIQUE,                 -- of the form it came by: pressed twice, it asks once
    kind    TEXT NOT NULL CHECK (kind IN ('subscribe', 'link')),
    at      INTEGER NOT NULL,
    form    TEXT NOT NULL,               -- our page, a foreign site, the API
    network TEXT,                        -- /24 or /64
    body    TEXT CHECK (json_valid(body)) -- none once it is worked off
) STRICT;
CREATE INDEX request_open ON request(id) WHERE body IS NOT NULL;
CREATE INDEX request_at ON request(at);
CREATE INDEX request_network ON request(network, at) WHERE network IS NOT NULL;

-- Single mails to one reader. What budgets count outlives the reader, without an address.
CREATE TABLE letter (
    id          INTEGER PRIMARY KEY,
    code        BLOB NOT NULL UNIQUE CHECK (length(code) = 8),   -- what its link carries
    kind        TEXT NOT NULL CHECK (kind IN ('confirm', 'known', 'welcome', 'link', 'data', 'erase', 'address', 'move', 'moved')),
    subscriber  INTEGER REFERENCES subscriber(id),               -- none once they are forgotten
    hash        BLOB NOT NULL CHECK (length(hash) = 32),         -- of the address it goes to
    domain_hash BLOB NOT NULL CHECK (length(domain_hash) = 32),  -- of the part after the @
    address     TEXT,                    -- where it is not the subscriber's own: the new or the old one of a change
    at          INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    terms       TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(terms)),
    form        TEXT NOT NULL DEFAULT '',
    tries       INTEGER NOT NULL DEFAULT 0,
    try_at      INTEGER,                 -- when it is handed over next; none once it was, or is given up
    sent_at     INTEGER,
    used_at     INTEGER                  -- its link did its work, or was overtaken
) STRICT;
CREATE INDEX letter_try ON letter(try_at) WHERE try_at IS NOT NULL;
CREATE INDEX letter_hash ON letter(hash, kind, at);
CREATE INDEX letter_domain ON letter(domain_hash, at);
CREATE INDEX letter_subscriber ON letter(subscriber) WHERE subscriber IS NOT NULL;
CREATE INDEX letter_at ON letter(at);

-- Who asked and may have to be forgotten, found without a scan.
CREATE INDEX subscription_pending ON subscription(asked_at) WHERE status = 'pending';
