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
INSERT INTO mail_file (company, sha256, mail)
SELECT DISTINCT n.company, n.sha256, n.id FROM (
    SELECT m.company, m.id, CASE f.type WHEN 'object' THEN json_extract(f.value, '$.sha256') END AS sha256
    FROM mail m, json_each(m.body, '$.attachments') f
) AS n WHERE n.sha256 IS NOT NULL;

-- 1 if the files of a mail are in mail_file; NULL for one that a program of before has put there since.
ALTER TABLE mail ADD COLUMN files_listed BIGINT;
UPDATE mail SET files_listed = 1;
CREATE INDEX mail_unlisted ON mail (company) WHERE files_listed IS NULL;
