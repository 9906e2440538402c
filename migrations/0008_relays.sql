-- What relays took, and the names that they gave messages.

-- Only for relays that name messages in what they send back; indexed where there is one.
ALTER TABLE outcome ADD COLUMN relay_id TEXT;
CREATE INDEX outcome_relay_id ON outcome(relay_id) WHERE relay_id IS NOT NULL;

-- Messages that a relay took on a day (UTC, by number since 1970), for its daily limit.
CREATE TABLE relay_day (
    relay TEXT NOT NULL,
    day   INTEGER NOT NULL,
    n     INTEGER NOT NULL,
    PRIMARY KEY (relay, day)
) STRICT, WITHOUT ROWID;
