-- Minutes for which the documents of a source stay as they are, as they say themselves: what holds when one is read also holds when it has not changed.
ALTER TABLE source ADD COLUMN ttl_minutes INTEGER;
