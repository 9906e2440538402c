-- Hours and days (GMT) at which a feed says that nobody need ask, as bits: 0 to 23 are hours, from 24 on days, Monday first.
ALTER TABLE source ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;
