-- The first schema. The text is the same for both databases but for the type of bytes.
-- Every table starts its key with the company, so that data can be partitioned by company.
-- Times are milliseconds since 1970 in UTC. JSON is text, because history is hashed and replayed as it was written.

CREATE TABLE company (
    company  TEXT NOT NULL PRIMARY KEY,   -- short name, part of every path
    name     TEXT NOT NULL,
    settings TEXT NOT NULL                -- JSON: base currency, letterhead, rounding
);

-- What belongs to the installation as a whole, under the company '': the key of the form nonces.
CREATE TABLE setting (
    company TEXT NOT NULL,
    name    TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (company, name)
);

CREATE TABLE person (
    company    TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    email      TEXT   NOT NULL,
    manager    TEXT,                      -- a person of the same company
    department TEXT,
    active     BIGINT NOT NULL,           -- 0: is never asked
    PRIMARY KEY (company, id)
);

CREATE TABLE person_role (
    company TEXT NOT NULL,
    role    TEXT NOT NULL,
    person  TEXT NOT NULL,
    PRIMARY KEY (company, role, person)
);
CREATE INDEX person_role_by_person ON person_role (company, person);

CREATE TABLE department (
    company TEXT NOT NULL,
    id      TEXT NOT NULL,
    name    TEXT NOT NULL,
    head    TEXT NOT NULL,                -- a person
    PRIMARY KEY (company, id)
);

-- Who decides from which amount on. The most specific valid row of a step counts.
CREATE TABLE authority (
    company    TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    step       TEXT   NOT NULL,           -- a name that definitions use: finance, cfo
    role       TEXT   NOT NULL,
    above      TEXT   NOT NULL,           -- decimal, in the company's currency
    department TEXT,                      -- NULL: any
    category   TEXT,                      -- NULL: any
    valid_from  BIGINT,
    valid_until BIGINT,
    PRIMARY KEY (company, id)
);

-- Bearer tokens, stored only as SHA-256.
CREATE TABLE token (
    company    TEXT   NOT NULL,
    hash       TEXT   NOT NULL,
    person     TEXT   NOT NULL,
    label      TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (company, hash)
);

-- Definitions are immutable versions.
CREATE TABLE definition (
    company    TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    sha256     TEXT   NOT NULL,
    body       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (company, name, version)
);

-- One row an instance: a cache of the fold of its transitions. version is the fence of every commit.
CREATE TABLE instance (
    company            TEXT   NOT NULL,
    id                 TEXT   NOT NULL,
    definition         TEXT   NOT NULL,
    definition_version BIGINT NOT NULL,
    version            BIGINT NOT NULL,
    status             TEXT   NOT NULL,
    subject_kind       TEXT,
    subject_id         TEXT,
    next_due           BIGINT,            -- copy of what the core says; NULL waits for people or code only
    hash               TEXT   NOT NULL,   -- of the last transition
    body               TEXT   NOT NULL,
    PRIMARY KEY (company, id)
);
CREATE INDEX instance_due ON instance (next_due) WHERE next_due IS NOT NULL;
CREATE INDEX instance_by_subject ON instance (company, subject_kind, subject_id);

-- What happened, append only: one row an event, with the history it made. Each row hashes the one before.
CREATE TABLE transition (
    company  TEXT   NOT NULL,
    instance TEXT   NOT NULL,
    version  BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    event    TEXT   NOT NULL,
    entries  TEXT   NOT NULL,
    effects  BIGINT NOT NULL,             -- how many it caused outside the commit
    hash     TEXT   NOT NULL,
    PRIMARY KEY (company, instance, version)
);

-- What must be done, written with its cause. The only door to the outside.
CREATE TABLE effect (
    company     TEXT   NOT NULL,
    instance    TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    n           BIGINT NOT NULL,
    body        TEXT   NOT NULL,
    status      TEXT   NOT NULL,          -- ready, done, dead
    run_at      BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,          -- counts claims; also the fence of an answer
    lease_until BIGINT,
    error       TEXT,
    created_at  BIGINT NOT NULL,
    ended_at    BIGINT,
    PRIMARY KEY (company, instance, version, n)
);
CREATE INDEX effect_ready ON effect (run_at) WHERE status = 'ready';
CREATE INDEX effect_dead ON effect (company, ended_at) WHERE status = 'dead';

-- Links in mails, stored only as SHA-256 of the token.
CREATE TABLE link (
    company    TEXT   NOT NULL,
    hash       TEXT   NOT NULL,
    instance   TEXT   NOT NULL,
    activity   BIGINT NOT NULL,
    person     TEXT   NOT NULL,
    revision   BIGINT NOT NULL,           -- of the document, when the mail was written; 0 without one
    effect     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (company, hash)
);
CREATE UNIQUE INDEX link_by_hash ON link (hash);

CREATE INDEX link_by_approval ON link (company, instance, activity);

-- Business objects of all modules.
CREATE TABLE object (
    company    TEXT   NOT NULL,
    kind       TEXT   NOT NULL,           -- purchasing/orders
    id         TEXT   COLLATE "C" NOT NULL,   -- compared byte by byte, as on SQLite
    revision   BIGINT NOT NULL,
    status     TEXT   NOT NULL,
    number     TEXT,
    instance   TEXT,
    data       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT   NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (company, kind, id)
);
CREATE INDEX object_by_status ON object (company, kind, status, id);
CREATE UNIQUE INDEX object_by_number ON object (company, kind, number) WHERE number IS NOT NULL;

CREATE TABLE object_revision (
    company  TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    id       TEXT   NOT NULL,
    revision BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    by_whom  TEXT   NOT NULL,
    data     TEXT   NOT NULL,
    PRIMARY KEY (company, kind, id, revision)
);

-- Files that were made for an object. The bytes stand once, under their hash.
CREATE TABLE document (
    company    TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    object     TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    revision   BIGINT NOT NULL,
    media_type TEXT   NOT NULL,
    sha256     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (company, kind, object, name, revision)
);
CREATE TABLE blob (
    company TEXT NOT NULL,
    sha256  TEXT NOT NULL,
    bytes   BYTEA NOT NULL,
    PRIMARY KEY (company, sha256)
);

-- Numbers without gaps: taken in the transaction that uses them.
CREATE TABLE series (
    company TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    value   BIGINT NOT NULL,
    PRIMARY KEY (company, name)
);

-- Answers to requests that carried an Idempotency-Key.
CREATE TABLE idempotency (
    company    TEXT   NOT NULL,
    actor      TEXT   NOT NULL,
    key        TEXT   NOT NULL,
    request    TEXT   NOT NULL,           -- SHA-256 of method, path and body
    status     BIGINT NOT NULL,
    answer     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (company, actor, key)
);

-- What modules publish, in order, for ever.
CREATE TABLE event (
    company TEXT   NOT NULL,
    seq     BIGINT NOT NULL,
    id      TEXT   NOT NULL,
    type    TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    data    TEXT   NOT NULL,
    PRIMARY KEY (company, seq)
);
CREATE UNIQUE INDEX event_by_id ON event (company, id);

-- Mails of installations without a mail server: the demo's mailbox.
CREATE TABLE mail (
    company    TEXT   NOT NULL,
    id         TEXT   NOT NULL,           -- the Message-ID
    at         BIGINT NOT NULL,
    recipient  TEXT   NOT NULL,
    body       TEXT   NOT NULL,
    PRIMARY KEY (company, id)
);
CREATE INDEX mail_by_time ON mail (at);
