-- What the public sees of issues that were frozen. The frozen revision stays as evidence; this is derived from it and from what was amended since.

-- What is different on the web from what was mailed, and the sentence that says so. Append only.
CREATE TABLE amendment (
    id     INTEGER PRIMARY KEY,
    issue  INTEGER NOT NULL REFERENCES issue(id),
    at     INTEGER NOT NULL,
    change TEXT NOT NULL CHECK (json_valid(change)),
    note   TEXT NOT NULL,
    actor  TEXT NOT NULL                   -- who did it: the operator, an editor's address
) STRICT;
CREATE INDEX amendment_issue ON amendment(issue);

-- One row for each frozen issue; made anew when it is amended.
CREATE TABLE public_issue (
    issue        INTEGER PRIMARY KEY REFERENCES issue(id),
    newsletter   INTEGER NOT NULL REFERENCES newsletter(id),
    number       INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,
    withdrawn_at INTEGER,
    subject      TEXT NOT NULL,
    outline      TEXT NOT NULL CHECK (json_valid(outline)),    -- window, language and what each section holds
    UNIQUE (newsletter, number)
) STRICT;

-- The stories of issues that are not withdrawn.
CREATE TABLE public_story (
    id     INTEGER PRIMARY KEY,
    issue  INTEGER NOT NULL REFERENCES public_issue(issue),
    place  INTEGER NOT NULL,               -- its order in the issue
    story  TEXT NOT NULL CHECK (json_valid(story)),
    UNIQUE (issue, place)
) STRICT;

-- Under which tags, columns and authors a story is found.
CREATE TABLE public_label (
    kind  TEXT NOT NULL CHECK (kind IN ('tag', 'column', 'author')),
    key   TEXT NOT NULL,
    story INTEGER NOT NULL REFERENCES public_story(id),
    label TEXT NOT NULL,
    PRIMARY KEY (kind, key, story)
) STRICT, WITHOUT ROWID;
CREATE INDEX public_label_story ON public_label(story);

-- What the search reads; its row number is that of the story.
CREATE VIRTUAL TABLE public_text USING fts5(title, summary, names, tokenize = 'unicode61 remove_diacritics 2');
