-- Finished instances that were moved out into files. The row says where; the file holds everything.
CREATE TABLE archived (
    company            TEXT   NOT NULL,
    instance           TEXT   NOT NULL,
    subject_kind       TEXT,
    subject_id         TEXT,
    file               TEXT   NOT NULL,   -- in the archive
    place              BIGINT NOT NULL,   -- of its line in the file, in bytes
    length             BIGINT NOT NULL,   -- of its line, in bytes
    sha256             TEXT   NOT NULL,   -- of its line
    ended_at           BIGINT NOT NULL,
    archived_at        BIGINT NOT NULL,
    PRIMARY KEY (company, instance)
);
CREATE INDEX archived_by_subject ON archived (company, subject_kind, subject_id);

-- What may be archived is found without looking at what still runs.
CREATE INDEX instance_ended ON instance (company, id) WHERE status <> 'running';
