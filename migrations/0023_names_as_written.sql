-- The archive is made anew from the frozen issues: people and columns stand under their names as written, "mary-jones" and not "mary-jone".
DELETE FROM public_text;
DELETE FROM public_label;
DELETE FROM public_story;
DELETE FROM public_issue;
