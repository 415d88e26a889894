//! Rules about tables that one query answers: it yields the company and the place of every row that breaks the rule.

use super::{COMPARE, CheckReport, MOST, REPORT};
use crate::backend::args;
use crate::error::StoreError;
use crate::unit::Session;

/// A rule: what breaks it, the sentence about that, and what to do.
struct Rule {
    broken: &'static str,
    message: &'static str,
    remedy: &'static str,
}

const RULES: [Rule; 20] = [
    Rule {
        broken: "SELECT k.company, k.what FROM (\
                 SELECT DISTINCT company, 'people' AS what FROM person UNION SELECT DISTINCT company, 'tokens' FROM token \
                 UNION SELECT DISTINCT company, 'instances' FROM instance UNION SELECT DISTINCT company, 'effects' FROM effect \
                 UNION SELECT DISTINCT company, 'links' FROM link UNION SELECT DISTINCT company, 'objects' FROM object \
                 UNION SELECT DISTINCT company, 'documents' FROM document UNION SELECT DISTINCT company, 'series' FROM series \
                 UNION SELECT DISTINCT company, 'answers' FROM idempotency UNION SELECT DISTINCT company, 'events' FROM event \
                 UNION SELECT DISTINCT company, 'definitions' FROM definition) k \
                 LEFT JOIN company c ON c.company = k.company WHERE c.company IS NULL LIMIT $1",
        message: "these rows belong to a company that is not stored",
        remedy: COMPARE,
    },
    Rule {
        broken: "SELECT r.company, 'role ' || r.role FROM person_role r LEFT JOIN person p \
                 ON p.company = r.company AND p.id = r.person WHERE p.id IS NULL LIMIT $1",
        message: "it is given to a person who is not stored",
        remedy: COMPARE,
    },
    Rule {
        broken: "SELECT t.company, 'token ' || t.label FROM token t LEFT JOIN person p \
                 ON p.company = t.company AND p.id = t.person WHERE p.id IS NULL LIMIT $1",
        message: "it speaks for a person who is not stored",
        remedy: COMPARE,
    },
    Rule {
        broken: "SELECT company, 'token ' || label FROM token \
                 WHERE length(hash) <> 64 OR trim(hash, '0123456789abcdef') <> '' LIMIT $1",
        message: "it is not stored as a hash",
        remedy: "remove it and make a new one with `countersign company token`",
    },
    Rule {
        broken: "SELECT company, 'instance ' || instance FROM link \
                 WHERE length(hash) <> 64 OR trim(hash, '0123456789abcdef') <> '' LIMIT $1",
        message: "one of its links is not stored as a hash",
        remedy: "remove the link; the next reminder brings a new one",
    },
    Rule {
        broken: "SELECT l.company, 'link ' || substr(l.hash, 1, 12) FROM link l LEFT JOIN instance i \
                 ON i.company = l.company AND i.id = l.instance WHERE i.id IS NULL LIMIT $1",
        message: "it leads to an instance that is not stored",
        remedy: COMPARE,
    },
    Rule {
        broken: "SELECT company, 'effect ' || instance || '/' || version || '/' || n FROM effect WHERE \
                 status NOT IN ('ready', 'done', 'dead') OR (status = 'ready') <> (ended_at IS NULL) \
                 OR (status = 'dead' AND error IS NULL) LIMIT $1",
        message: "its status does not fit its other columns",
        remedy: REPORT,
    },
    Rule {
        broken: "SELECT o.company, o.kind || '/' || o.id FROM object o LEFT JOIN object_revision r ON r.company = o.company \
                 AND r.kind = o.kind AND r.id = o.id AND r.revision = o.revision WHERE r.data IS NULL OR r.data <> o.data LIMIT $1",
        message: "it differs from its latest revision",
        remedy: COMPARE,
    },
    Rule {
        broken: "SELECT o.company, o.kind || '/' || o.id FROM object o JOIN \
                 (SELECT company, kind, id, count(*) AS n, max(revision) AS last FROM object_revision GROUP BY company, kind, id) r \
                 ON r.company = o.company AND r.kind = o.kind AND r.id = o.id WHERE r.n <> o.revision OR r.last <> o.revision LIMIT $1",
        message: "its revisions are not numbered from 1 to the latest",
        remedy: COMPARE,
    },
    Rule {
        broken: "SELECT DISTINCT r.company, r.kind || '/' || r.id FROM object_revision r LEFT JOIN object o \
                 ON o.company = r.company AND o.kind = r.kind AND o.id = r.id WHERE o.id IS NULL LIMIT $1",
        message: "its revisions are stored, but it is not",
        remedy: COMPARE,
    },
    Rule {
        broken: "SELECT o.company, o.kind || '/' || o.id FROM object o LEFT JOIN instance i \
                 ON i.company = o.company AND i.id = o.instance LEFT JOIN archived a \
                 ON a.company = o.company AND a.instance = o.instance \
                 WHERE o.instance IS NOT NULL AND i.id IS NULL AND a.instance IS NULL LIMIT $1",
        message: "the instance that decides on it is not stored",
        remedy: COMPARE,
    },
    Rule {
        broken: "SELECT i.company, i.id FROM instance i LEFT JOIN object o \
                 ON o.company = i.company AND o.kind = i.subject_kind AND o.id = i.subject_id \
                 LEFT JOIN purge p ON p.company = i.company AND p.module || '/' = substr(i.subject_kind, 1, length(p.module) + 1) \
                 WHERE i.subject_id IS NOT NULL AND o.id IS NULL AND p.module IS NULL LIMIT $1",
        message: "the object that it decides on is not stored",
        remedy: COMPARE,
    },
    Rule {
        broken: "SELECT d.company, d.name || ' of ' || d.kind || '/' || d.object FROM document d LEFT JOIN object o \
                 ON o.company = d.company AND o.kind = d.kind AND o.id = d.object WHERE o.id IS NULL LIMIT $1",
        message: "the object that it was made for is not stored",
        remedy: COMPARE,
    },
    Rule {
        broken: "SELECT d.company, d.name || ' of ' || d.kind || '/' || d.object FROM document d LEFT JOIN blob b \
                 ON b.company = d.company AND b.sha256 = d.sha256 WHERE b.sha256 IS NULL LIMIT $1",
        message: "its bytes are not stored",
        remedy: "restore them from a backup, or have the document made again",
    },
    Rule {
        broken: "SELECT e.company, 'events' FROM (SELECT company, count(*) AS n, min(seq) AS first, max(seq) AS last \
                 FROM event GROUP BY company) e LEFT JOIN series s ON s.company = e.company AND s.name = 'event' \
                 WHERE e.first <> 1 OR e.last <> e.n OR s.value IS NULL OR s.value <> e.last LIMIT $1",
        message: "their places are not numbered from 1 without gaps",
        remedy: COMPARE,
    },
    Rule {
        broken: "SELECT s.company, 'events' FROM series s LEFT JOIN event e ON e.company = s.company \
                 WHERE s.name = 'event' AND e.seq IS NULL LIMIT $1",
        message: "they were removed",
        remedy: COMPARE,
    },
    Rule {
        broken: "SELECT s.company, 'subscription ' || s.module || '/' || s.name FROM subscription s LEFT JOIN series n \
                 ON n.company = s.company AND n.name = 'event' WHERE s.position > coalesce(n.value, 0) LIMIT $1",
        message: "it is beyond the end of the log",
        remedy: "set it back with `countersign module events NAME replay`",
    },
    Rule {
        broken: "SELECT h.company, 'event ' || h.seq || ' for ' || h.module || '/' || h.name FROM held_event h \
                 LEFT JOIN subscription s ON s.company = h.company AND s.module = h.module AND s.name = h.name \
                 LEFT JOIN event e ON e.company = h.company AND e.seq = h.seq \
                 WHERE s.name IS NULL OR h.seq > s.position OR e.seq IS NULL OR e.subject <> h.subject LIMIT $1",
        message: "it is held, and is none that its subscription has passed",
        remedy: COMPARE,
    },
    Rule {
        broken: "SELECT h.company, 'event ' || h.seq || ' for ' || h.module || '/' || h.name FROM held_event h \
                 LEFT JOIN held_event f ON f.company = h.company AND f.module = h.module AND f.name = h.name \
                 AND f.subject = h.subject AND f.seq < h.seq WHERE h.status = 'waiting' AND f.seq IS NULL LIMIT $1",
        message: "it waits for ever: nothing about the same subject is before it",
        remedy: "let it go with `countersign module events NAME skip`, or replay",
    },
    Rule {
        broken: "SELECT company, 'answer to ' || key || ' of ' || actor FROM idempotency \
                 WHERE length(request) <> 64 OR status NOT BETWEEN 200 AND 299 LIMIT $1",
        message: "it is not the answer to a request that was taken",
        remedy: COMPARE,
    },
];

impl Session {
    pub(super) async fn check_rules(
        &mut self,
        report: &mut CheckReport,
        progress: &mut impl FnMut(u64),
    ) -> Result<(), StoreError> {
        for (done, rule) in (1..).zip(&RULES) {
            for mut row in self.query(rule.broken, args![MOST]).await? {
                let (company, place) = (row.text()?, row.text()?);
                report.found(&company, place, rule.message, rule.remedy);
            }
            progress(done);
        }
        Ok(())
    }
}
