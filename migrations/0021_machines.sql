-- Readers whose mail is walked through by a machine that follows hidden links or presses buttons: their pages ask for more.
CREATE TABLE machine (
    subscriber INTEGER PRIMARY KEY REFERENCES subscriber(id) ON DELETE CASCADE,
    seen_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX machine_seen ON machine(seen_at);
