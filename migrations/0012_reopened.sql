-- An issue that was stopped can be reopened and frozen anew: the revision that the public sees, and whose mail went out last, is named apart.
ALTER TABLE issue ADD COLUMN sent_revision INTEGER;
UPDATE issue SET sent_revision = revision WHERE frozen_at IS NOT NULL;
