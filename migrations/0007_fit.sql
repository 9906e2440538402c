-- What was done to a rendering so that no mail program cuts it off, as JSON.
ALTER TABLE variant ADD COLUMN fit TEXT NOT NULL DEFAULT '{"asked":0,"size":0,"pictures":0,"shortened":0,"folded":0}' CHECK (json_valid(fit));
