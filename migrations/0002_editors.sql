-- Who may use the desk. Addresses here are of the house, not of readers.

CREATE TABLE editor (
    id               INTEGER PRIMARY KEY,
    address          TEXT NOT NULL,
    address_key      TEXT NOT NULL UNIQUE,
    name             TEXT NOT NULL,
    password         TEXT,                 -- PHC string (argon2id); none while only invited
    invited_at       INTEGER NOT NULL,
    invitation       BLOB UNIQUE,          -- SHA-256 of the secret in the link; one at a time
    invitation_until INTEGER,
    joined_at        INTEGER,
    signed_in_at     INTEGER,
    CHECK ((invitation IS NULL) = (invitation_until IS NULL)),
    CHECK ((password IS NULL) = (joined_at IS NULL))
) STRICT;

CREATE TABLE editor_session (
    secret     BLOB PRIMARY KEY CHECK (length(secret) = 32),    -- SHA-256 of the cookie
    editor     INTEGER NOT NULL REFERENCES editor(id) ON DELETE CASCADE,
    began_at   INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    idle_until INTEGER NOT NULL,
    ends_at    INTEGER NOT NULL,
    network    TEXT NOT NULL DEFAULT ''    -- prefix of the address it began from, for "is that me?"
) STRICT, WITHOUT ROWID;
CREATE INDEX editor_session_editor ON editor_session(editor);

-- Failures to sign in; let go of after minutes. `about` is a hash: what is typed there may be a password.
CREATE TABLE sign_in_failure (
    about BLOB NOT NULL,
    at    INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_failure_about ON sign_in_failure(about, at);
CREATE INDEX sign_in_failure_at ON sign_in_failure(at);
