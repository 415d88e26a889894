-- What the code of modules has logged, and where it has failed: the last lines of each module.
CREATE TABLE module_log (
    company TEXT   NOT NULL,
    module  TEXT   NOT NULL,
    n       BIGINT NOT NULL,              -- from 1 without gaps; the lowest are deleted when there are too many
    at      BIGINT NOT NULL,
    level   TEXT   NOT NULL,              -- info, error
    line    TEXT   NOT NULL,
    PRIMARY KEY (company, module, n)
);
