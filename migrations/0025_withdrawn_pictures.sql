-- Which pictures were withdrawn is asked with every page, and the column stands behind the bytes of each: the index answers without reading those.
CREATE INDEX picture_withdrawn ON picture(sha256, withdrawn_at) WHERE withdrawn_at IS NOT NULL;
