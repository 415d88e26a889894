-- What each company has installed. The bytes of a package are shared: they stand once, under the company ''.
CREATE TABLE package (
    company    TEXT   NOT NULL,           -- always ''
    sha256     TEXT   NOT NULL,           -- of the bytes
    manifest   TEXT   NOT NULL,           -- module.yaml as JSON
    bytes      BLOB   NOT NULL,           -- the package file as it was sent
    created_at BIGINT NOT NULL,
    PRIMARY KEY (company, sha256)
);

-- The packages that a company may install: those that it has uploaded itself.
CREATE TABLE company_package (
    company     TEXT   NOT NULL,
    module      TEXT   NOT NULL,
    version     TEXT   NOT NULL,          -- semantic version
    sha256      TEXT   NOT NULL,
    size        BIGINT NOT NULL,          -- of the bytes
    uploaded_at BIGINT NOT NULL,
    uploaded_by TEXT   NOT NULL,
    PRIMARY KEY (company, module, version)
);

-- Everything that a company has installed or had: one row each time something was changed.
CREATE TABLE generation (
    company  TEXT   NOT NULL,
    number   BIGINT NOT NULL,             -- from 1
    previous BIGINT NOT NULL,             -- what it was made from; 0 is what is compiled in
    modules  TEXT   NOT NULL,             -- JSON list: module, version, sha256, state
    reason   TEXT   NOT NULL,             -- install travel 1.0.0
    made_at  BIGINT NOT NULL,
    made_by  TEXT   NOT NULL,
    PRIMARY KEY (company, number)
);

-- The one that counts. No row: what is compiled in.
CREATE TABLE current_generation (
    company TEXT   NOT NULL,
    number  BIGINT NOT NULL,
    since   BIGINT NOT NULL,
    PRIMARY KEY (company)
);

-- The latest change of what is installed; while its instance runs, there is no other.
CREATE TABLE lifecycle (
    company    TEXT   NOT NULL,
    operation  TEXT   NOT NULL,           -- install, update, enable, ...
    module     TEXT   NOT NULL,
    instance   TEXT   NOT NULL,
    started_by TEXT   NOT NULL,
    started_at BIGINT NOT NULL,
    PRIMARY KEY (company)
);

-- The configuration of a module in a company: one row a version, the last one counts.
CREATE TABLE module_config (
    company TEXT   NOT NULL,
    module  TEXT   NOT NULL,
    version BIGINT NOT NULL,
    data    TEXT   NOT NULL,              -- JSON; secrets are encrypted
    at      BIGINT NOT NULL,
    by_whom TEXT   NOT NULL,
    PRIMARY KEY (company, module, version)
);
