-- Of which version of its module the objects of a kind are, also while the module is not installed.
CREATE TABLE data_version (
    company TEXT NOT NULL,
    kind    TEXT NOT NULL,
    module  TEXT NOT NULL,
    version TEXT NOT NULL,
    sha256  TEXT NOT NULL,                -- of its package
    PRIMARY KEY (company, kind)
);
CREATE INDEX data_version_by_module ON data_version (company, module);

-- The files that mails in the mailbox name: their bytes stay for as long.
CREATE TABLE mail_file (
    company TEXT NOT NULL,
    sha256  TEXT NOT NULL,
    mail    TEXT NOT NULL,                -- the Message-ID
    PRIMARY KEY (company, sha256, mail)
);
-- Not as JSON: its functions refuse a text that has a NUL somewhere. Quotes within texts are escaped, so they do not match.
INSERT INTO mail_file (company, sha256, mail)
SELECT DISTINCT m.company, f.hash[1], m.id
FROM mail m CROSS JOIN LATERAL regexp_matches(m.body, '"sha256":"([0-9a-f]{64})"', 'g') AS f(hash);

-- 1 if the files of a mail are in mail_file; NULL for one that a program of before has put there since.
ALTER TABLE mail ADD COLUMN files_listed BIGINT;
UPDATE mail SET files_listed = 1;
CREATE INDEX mail_unlisted ON mail (company) WHERE files_listed IS NULL;
