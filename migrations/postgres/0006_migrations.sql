-- What a change of modules has made of objects while the old version still serves. There is one change a company at a time;
-- when the new version counts, all of it is taken over in one transaction.
CREATE TABLE staged_object (
    company   TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    id        TEXT   NOT NULL,
    revision  BIGINT NOT NULL,            -- the one that it was made of; stale if the object has another by now
    data      TEXT,                       -- NULL: the object stays as it is, and only its keys are others
    migration TEXT,                       -- up 1.0.0 1.1.0, down 1.1.0 1.0.0, back 1.1.0 1.0.0
    made_of   BIGINT,                     -- the revision whose data it was made of, or is
    PRIMARY KEY (company, kind, id)
);
CREATE TABLE staged_key (
    company TEXT NOT NULL,
    kind    TEXT NOT NULL,
    id      TEXT NOT NULL,
    field   TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (company, kind, id, field)
);
CREATE TABLE staged_unique (
    company TEXT NOT NULL,
    kind    TEXT NOT NULL,
    field   TEXT NOT NULL,
    value   TEXT NOT NULL,
    id      TEXT NOT NULL,
    PRIMARY KEY (company, kind, field, value)
);
CREATE INDEX staged_unique_by_object ON staged_unique (company, kind, id);

-- A revision that a migration has made: which one, and of which revision. NULL: somebody has made it.
ALTER TABLE object_revision ADD COLUMN migration TEXT;
ALTER TABLE object_revision ADD COLUMN made_of BIGINT;

-- Modules whose data was purged after they were taken out: what still names their objects names nothing any more.
CREATE TABLE purge (
    company  TEXT   NOT NULL,
    module   TEXT   NOT NULL,
    instance TEXT   NOT NULL,             -- the workflow that did it
    at       BIGINT NOT NULL,
    by_whom  TEXT   NOT NULL,
    PRIMARY KEY (company, module, instance)
);
