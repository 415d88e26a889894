//! The breaks: what is done to which table, and the sentence that tells of it.

/// A break of one invariant.
pub(super) struct Break {
    pub(super) name: &'static str,
    pub(super) table: &'static str,
    /// `{sent}` is the instance of that order, `{sent.order}` its object, `{sent.number}` its number.
    pub(super) statement: &'static str,
    pub(super) sentence: &'static str,
}

const fn broken(name: &'static str, table: &'static str, statement: &'static str, sentence: &'static str) -> Break {
    Break { name, table, statement, sentence }
}

/// The row of the effect that makes the document of an order.
macro_rules! the_work_of {
    ($order:literal) => {
        concat!("instance = '", $order, "' AND body LIKE '%render_order%'")
    };
}

pub(super) const BREAKS: &[Break] = &[
    // The instance and its history.
    broken(
        "a put off deadline",
        "instance",
        "UPDATE instance SET next_due = next_due + 1 WHERE id = '{asked}'",
        "acme/{asked}: the deadline column differs from the instance",
    ),
    broken(
        "a hole in the history",
        "transition",
        "DELETE FROM transition WHERE instance = '{asked}' AND version = 2",
        "acme/{asked}: event 2 is missing",
    ),
    broken(
        "a changed history",
        "transition",
        "UPDATE transition SET entries = '[]' WHERE instance = '{sent}' AND version = 3",
        "acme/{sent}: event 3 was changed after it was stored",
    ),
    broken(
        "a changed instance",
        "instance",
        "UPDATE instance SET body = replace(body, 'Manager approval', 'Nobody') WHERE id = '{asked}'",
        "acme/{asked}: the stored instance differs from its replayed events",
    ),
    broken(
        "an instance of another company",
        "instance",
        "UPDATE instance SET body = replace(body, '\"company\":\"acme\"', '\"company\":\"other\"') WHERE id = '{asked}'",
        "acme/{asked}: it says that it is other/{asked}",
    ),
    // Nothing is stuck.
    broken(
        "lost work",
        "effect",
        concat!("DELETE FROM effect WHERE ", the_work_of!("{at_work}")),
        "for ever: nobody does the work of activity",
    ),
    broken(
        "work written off without an answer",
        "effect",
        concat!("UPDATE effect SET status = 'done', ended_at = 1 WHERE ", the_work_of!("{at_work}")),
        "for ever: nobody does the work of activity",
    ),
    broken(
        "approvers that were not found",
        "instance",
        "UPDATE instance SET body = replace(body, '\"waits_for\":\"decision\"', '\"waits_for\":\"approvers\"') WHERE id = '{asked}'",
        "acme/{asked}: it stands in ManagerApproval for ever: the search for approvers was not answered",
    ),
    broken(
        "a step left in the middle",
        "instance",
        "UPDATE instance SET body = replace(body, '\"activity\":{\"waits_for\":\"decision\"', '\"activity\":{\"waits_for\":\"moving\"') WHERE id = '{asked}'",
        "acme/{asked}: it stands in ManagerApproval for ever: it was left in the middle of a step",
    ),
    broken(
        "nobody to decide",
        "instance",
        "UPDATE instance SET body = replace(body, '\"seats\":[{', '\"seats\":[],\"gone\":[{') WHERE id = '{asked}'",
        "acme/{asked}: it stands in ManagerApproval for ever: nobody is left who could decide",
    ),
    broken(
        "a child that ended without a word",
        "instance",
        "UPDATE instance SET status = 'cancelled' WHERE id = '{child}'",
        "acme/{parent}: it stands in Run for ever: nobody does the work of activity 1",
    ),
    broken(
        "a child of somebody else",
        "transition",
        "UPDATE transition SET event = replace(event, '{parent}', 'nobody') WHERE instance = '{child}'",
        "acme/{parent}: activity 1 waits for instance {child}, which was started by somebody else",
    ),
    broken(
        "a child of nobody",
        "transition",
        "UPDATE transition SET event = replace(event, '{parent}', 'nobody') WHERE instance = '{child}'",
        "acme/{child}: the instance nobody that started it is not stored",
    ),
    broken(
        "a parent that waits for another",
        "instance",
        "UPDATE instance SET body = replace(body, '{child}', 'another') WHERE id = '{parent}'",
        "acme/{child}: instance {parent} started it and waits for another",
    ),
    // Effects and their causes.
    broken(
        "work that would be done again",
        "effect",
        concat!("UPDATE effect SET status = 'ready', ended_at = NULL WHERE ", the_work_of!("{sent}")),
        "acme/{sent}: activity",
    ),
    broken(
        "an effect for somebody else",
        "effect",
        "UPDATE effect SET body = replace(body, 'mira', 'carl') WHERE instance = '{asked}'",
        "did not cause a request to carl, which is stored",
    ),
    broken(
        "a request that is not stored",
        "effect",
        "UPDATE effect SET body = replace(body, 'mira', 'carl') WHERE instance = '{asked}'",
        "caused a request to mira, which is not stored",
    ),
    broken(
        "an effect that cannot be read",
        "effect",
        "UPDATE effect SET body = '{' WHERE instance = '{asked}'",
        "cannot be read; ",
    ),
    broken(
        "an effect too many",
        "effect",
        "INSERT INTO effect (company, instance, version, n, body, status, run_at, attempts, lease_until, error, created_at, ended_at) SELECT company, instance, version, n + 1, body, status, run_at, attempts, lease_until, error, created_at, ended_at FROM effect WHERE instance = '{asked}'",
        "caused 1 effects, 2 are stored",
    ),
    broken(
        "a status without a meaning",
        "effect",
        "UPDATE effect SET status = 'lost' WHERE instance = '{asked}'",
        "acme/effect {asked}/",
    ),
    broken(
        "dead without a reason",
        "effect",
        "UPDATE effect SET status = 'dead', ended_at = 1 WHERE instance = '{asked}'",
        "its status does not fit its other columns",
    ),
    // Decisions.
    broken(
        "two votes of one person",
        "instance",
        "UPDATE instance SET body = replace(body, '\"who\":\"felix\"', '\"who\":\"fiona\"') WHERE id = '{sent}'",
        "acme/{sent}: fiona has two votes in FinanceAndDepartment, round 1",
    ),
    broken(
        "a decision made twice",
        "transition",
        "INSERT INTO transition SELECT company, instance, version + 100, at, event, entries, effects, hash FROM transition WHERE instance = '{sent}' AND event LIKE '%\"person\":\"hanna\"%' AND event LIKE '%voted%'",
        "is a second decision of hanna in approval",
    ),
    broken(
        "a quorum that was not reached",
        "instance",
        "UPDATE instance SET body = replace(body, '\"quorum\":2', '\"quorum\":3') WHERE id = '{sent}'",
        "acme/{sent}: FinanceAndDepartment was left as approved in round 1, and its 3 votes do not reach the quorum",
    ),
    broken(
        "a decision of somebody excluded",
        "instance",
        "UPDATE instance SET body = replace(body, '\"who\":\"mira\"', '\"who\":\"eva\"') WHERE id = '{sent}'",
        "acme/{sent}: eva decided in ManagerApproval and must not: eva made the request",
    ),
    broken(
        "a decision of somebody who was not asked",
        "instance",
        "UPDATE instance SET body = replace(body, '\"who\":\"mira\"', '\"who\":\"clara\"') WHERE id = '{sent}'",
        "acme/{sent}: clara decided in ManagerApproval without having been asked",
    ),
    // Links and tokens.
    broken(
        "a link to no instance",
        "link",
        "UPDATE link SET instance = 'nowhere' WHERE instance = '{at_work}'",
        "it leads to an instance that is not stored",
    ),
    broken(
        "a link to no approval",
        "link",
        "UPDATE link SET activity = 99 WHERE instance = '{at_work}'",
        "acme/{at_work}: a link of mira leads to approval 99, which was never opened",
    ),
    broken(
        "a link for somebody else",
        "link",
        "UPDATE link SET person = 'carl' WHERE instance = '{at_work}'",
        "acme/{at_work}: a link of carl to approval",
    ),
    broken(
        "a link in plain text",
        "link",
        "UPDATE link SET hash = 'secret' WHERE instance = '{at_work}'",
        "one of its links is not stored as a hash",
    ),
    broken(
        "a token in plain text",
        "token",
        "UPDATE token SET hash = upper(hash) WHERE person = 'eva'",
        "acme/token test: it is not stored as a hash",
    ),
    broken(
        "a token of nobody",
        "token",
        "UPDATE token SET person = 'nobody' WHERE person = 'eva'",
        "acme/token test: it speaks for a person who is not stored",
    ),
    broken(
        "a role of nobody",
        "person_role",
        "UPDATE person_role SET person = 'nobody' WHERE role = 'ceo'",
        "acme/role ceo: it is given to a person who is not stored",
    ),
    // Objects, numbers, documents.
    broken(
        "a changed object",
        "object",
        "UPDATE object SET data = replace(data, 'Workbench', 'Yacht') WHERE id = '{sent.order}'",
        "acme/purchasing/orders/{sent.order}: it differs from its latest revision",
    ),
    broken(
        "a lost revision",
        "object_revision",
        "DELETE FROM object_revision WHERE id = '{sent.order}'",
        "acme/purchasing/orders/{sent.order}: it differs from its latest revision",
    ),
    broken(
        "a revision too many",
        "object_revision",
        "INSERT INTO object_revision (company, kind, id, revision, at, by_whom, data) SELECT company, kind, id, revision + 1, at, by_whom, data FROM object_revision WHERE id = '{sent.order}'",
        "acme/purchasing/orders/{sent.order}: its revisions are not numbered from 1 to the latest",
    ),
    broken(
        "a lost object",
        "object",
        "DELETE FROM object WHERE id = '{asked.order}'",
        "acme/purchasing/orders/{asked.order}: its revisions are stored, but it is not",
    ),
    broken(
        "an instance about nothing",
        "object",
        "DELETE FROM object WHERE id = '{asked.order}'",
        "acme/{asked}: the object that it decides on is not stored",
    ),
    broken(
        "an object that nothing decides on",
        "object",
        "UPDATE object SET instance = 'nowhere' WHERE id = '{asked.order}'",
        "acme/purchasing/orders/{asked.order}: the instance that decides on it is not stored",
    ),
    broken(
        "a number that nobody has",
        "object",
        "UPDATE object SET number = 'PO-2026-000017' WHERE id = '{asked.order}'",
        "acme/series purchasing/orders/2026: no object has the number 3",
    ),
    broken(
        "a number given twice",
        "object",
        "UPDATE object SET number = 'P2-2026-000001' WHERE id = '{asked.order}'",
        "this number was given twice by series purchasing/orders/2026",
    ),
    broken(
        "a series that runs ahead",
        "series",
        "UPDATE series SET value = 900 WHERE name LIKE '%2026'",
        "acme/series purchasing/orders/2026: it stands at 900, and only 3 objects have a number",
    ),
    broken(
        "changed bytes",
        "blob",
        "UPDATE blob SET bytes = substr(bytes, 2)",
        "its bytes are not those that were stored",
    ),
    broken("lost bytes", "blob", "DELETE FROM blob", "of purchasing/orders/{sent.order}: its bytes are not stored"),
    broken(
        "a document of nothing",
        "document",
        "UPDATE document SET object = 'nothing'",
        "of purchasing/orders/nothing: the object that it was made for is not stored",
    ),
    // Answers, events, companies.
    broken(
        "an answer about nothing",
        "idempotency",
        "UPDATE idempotency SET answer = replace(answer, '{sent}', 'nowhere') WHERE key = 'sent'",
        "acme/answer to sent of eva: it names the instance nowhere, which is not stored",
    ),
    broken(
        "an answer about another object",
        "idempotency",
        "UPDATE idempotency SET answer = replace(answer, '{sent.order}', 'nothing') WHERE key = 'sent'",
        "acme/answer to sent of eva: it names the thing nothing, which is not stored",
    ),
    broken(
        "an answer to no request",
        "idempotency",
        "UPDATE idempotency SET status = 500 WHERE key = 'sent'",
        "acme/answer to sent of eva: it is not the answer to a request that was taken",
    ),
    broken(
        "a hole in the log",
        "event",
        "DELETE FROM event WHERE seq = 2",
        "acme/events: their places are not numbered from 1 without gaps",
    ),
    broken(
        "a place beyond the log",
        "subscription",
        "INSERT INTO subscription (company, module, name, position, state, moved_at) VALUES ('acme', 'm', 's', 9999, 'active', 0)",
        "acme/subscription m/s: it is beyond the end of the log",
    ),
    broken(
        "an event that is held for nobody",
        "held_event",
        "INSERT INTO held_event (company, module, name, seq, subject, status, attempts, run_at, since) \
         VALUES ('acme', 'm', 's', 1, 'x', 'ready', 1, 0, 0)",
        "acme/event 1 for m/s: it is held, and is none that its subscription has passed",
    ),
    broken(
        "an event that waits for nothing",
        "held_event",
        "INSERT INTO held_event (company, module, name, seq, subject, status, attempts, run_at, since) \
         VALUES ('acme', 'm', 's', 1, 'x', 'waiting', 0, 0, 0)",
        "acme/event 1 for m/s: it waits for ever: nothing about the same subject is before it",
    ),
    broken("a lost log", "event", "DELETE FROM event", "acme/events: they were removed"),
    broken(
        "a lost company",
        "company",
        "DELETE FROM company WHERE company = 'acme'",
        "acme/instances: these rows belong to a company that is not stored",
    ),
    broken(
        "rows in another company",
        "person",
        "INSERT INTO person SELECT 'acme2', id, name, email, manager, department, active FROM person",
        "acme2/people: these rows belong to a company that is not stored",
    ),
];
