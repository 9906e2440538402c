-- When an issue was last sent again to some: its time to be delivered begins anew.
ALTER TABLE issue ADD COLUMN resent_at INTEGER;
