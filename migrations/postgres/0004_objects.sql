-- An object that was deleted stays with its history; nobody finds it any more.
ALTER TABLE object ADD COLUMN deleted_at BIGINT;
ALTER TABLE object_revision ADD COLUMN deleted BIGINT NOT NULL DEFAULT 0; -- 1: this revision is its deletion

CREATE INDEX object_by_created ON object (company, kind, created_at, id) WHERE deleted_at IS NULL;

-- By what objects are filtered and sorted: a row for each field that the module declares. They are written with the object.
CREATE TABLE object_key (
    company TEXT NOT NULL,
    kind    TEXT NOT NULL,
    id      TEXT COLLATE "C" NOT NULL,
    field   TEXT NOT NULL,                -- address.city
    value   TEXT COLLATE "C" NOT NULL,                -- sorts byte by byte as the values do; empty: there is none
    PRIMARY KEY (company, kind, id, field)
);
CREATE INDEX object_key_by_value ON object_key (company, kind, field, value, id);

-- What no two objects may have in common.
CREATE TABLE object_unique (
    company TEXT NOT NULL,
    kind    TEXT NOT NULL,
    field   TEXT NOT NULL,                -- several fields together: project+number
    value   TEXT COLLATE "C" NOT NULL,
    id      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (company, kind, field, value)
);
CREATE INDEX object_unique_by_object ON object_unique (company, kind, id);

-- Files that people attach to an object. The bytes stand once, under their hash.
CREATE TABLE attachment (
    company    TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    object     TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    media_type TEXT   NOT NULL,
    length     BIGINT NOT NULL,           -- in bytes
    sha256     TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    by_whom    TEXT   NOT NULL,
    PRIMARY KEY (company, kind, object, name)
);