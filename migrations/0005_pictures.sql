-- A picture is kept in the sizes of its slots; of one that may not be copied only the measures are known, its bytes are empty.
ALTER TABLE picture_link ADD COLUMN small TEXT REFERENCES picture(sha256);
-- What the file was where it lies, and what it said of its maker.
ALTER TABLE picture_link ADD COLUMN media_type TEXT;
ALTER TABLE picture_link ADD COLUMN credit TEXT;
ALTER TABLE picture_link ADD COLUMN licence TEXT;
-- Whose picture it was when it was fetched, for the lists.
ALTER TABLE picture_link ADD COLUMN source TEXT;
CREATE INDEX picture_link_sha256 ON picture_link(sha256);
CREATE INDEX picture_link_small ON picture_link(small);
