//! Sample pages: ordinary, empty, long, hostile and right-to-left. The tests render each of them; the example `pages`
//! writes them as files.

mod data;
mod modules;

use ::modules::view::{Fact, Table, View};
use askama::Template;
use serde_json::json;
use time::macros::datetime;

use self::data::{NOW, approved, closed, column, form_fields, open_form, order, returned};
use super::decision::{DecisionForm, DecisionPage, Due, Refused};
use super::dev::DevPage;
use super::form::Field;
use super::mailbox::{Attachment, MailPage, MailRow, MailboxPage};
use super::notice::{Notice, NoticePage};
use super::openapi::ApiPage;
use super::outcome::{Arrival, OutcomePage, Standing};
use super::parts::{Document, Moment, Tone, Vote};
use super::start::{Person, StartPage, Step};

const HOSTILE: &str = "\"onfocus='alert(1)'></textarea><script>alert(1)</script><b>&amp;{{ 7 * 7 }}";

/// Every sample with the name of its file.
///
/// # Errors
/// A template that cannot be rendered.
pub fn all() -> Result<Vec<(&'static str, String)>, askama::Error> {
    let mut pages = vec![
        ("decision", open_page().render()?),
        ("decision-refused", refused_page().render()?),
        ("decision-changed", DecisionPage { refused: Some(Refused::DocumentChanged), ..open_page() }.render()?),
        ("decision-bare", bare_page().render()?),
        ("decision-long", long_page().render()?),
        ("decision-hostile", hostile_page().render()?),
        ("decision-rtl", rtl_page().render()?),
    ];
    for (name, arrival, standing) in outcomes() {
        let page = outcome_page();
        let own = page.own.clone().filter(|_| arrival != Arrival::TooLate);
        let next = page.next.clone().filter(|_| standing == closed());
        pages.push((name, OutcomePage { arrival, standing, own, next, ..page }.render()?));
    }
    for (name, notice) in notices() {
        pages.push((name, NoticePage { company: String::new(), notice }.render()?));
    }
    pages.push(("mailbox", mailbox_page().render()?));
    pages.push(("mailbox-empty", MailboxPage { mails: Vec::new(), older: None, ..mailbox_page() }.render()?));
    pages.push(("mail", mail_page().render()?));
    pages.push(("mail-hostile", MailPage { subject: HOSTILE.into(), text: HOSTILE.into(), ..mail_page() }.render()?));
    pages.push(("openapi", api_page().render()?));
    pages.push(("modules", modules::modules_page().render()?));
    pages.push(("modules-hostile", modules::hostile_modules_page().render()?));
    pages.push(("start", start_page().render()?));
    let serving = Some("travel 1.0.0".to_owned());
    let fine = DevPage { serving, reloads: 3, ..DevPage::default() };
    pages.push(("dev", fine.render()?));
    pages.push(("dev-hostile", DevPage { problems: vec![HOSTILE.into(); 2], ..fine }.render()?));
    pages
        .push(("dev-nothing", DevPage { problems: vec!["module.yaml:1:1: x".into()], ..DevPage::default() }.render()?));
    Ok(pages)
}

/// An order of three lines in its second round.
pub fn open_page() -> DecisionPage {
    DecisionPage {
        company: "Acme Instruments".into(),
        token: "q2Zr7v0sN1".into(),
        person: "Anna Weber".into(),
        asked_because: "You are the manager of Eva Berg.".into(),
        step: "Manager approval".into(),
        details: Some("Orders above 5,000 EUR need the manager of the requester.".into()),
        round: 2,
        requester: "Eva Berg".into(),
        requested: Moment(NOW),
        due: Some(Due {
            at: Moment(datetime!(2026-11-27 17:00 UTC)),
            then: Some("After that, Bob Stone is asked as well.".into()),
        }),
        view: order(3),
        changed: vec!["Line 2, quantity: 20 became 12.".into(), "Total: 15,020.00 EUR became 12,400.00 EUR.".into()],
        history: vec![returned(), Vote { who: "Dana Frey".into(), ..approved() }],
        document: Some(Document { name: "PO-2026-000017.pdf".into(), size: "84 kB".into() }),
        form: open_form(),
        refused: None,
    }
}

/// The same after a rejection without a reason and with wrong fields.
pub fn refused_page() -> DecisionPage {
    let mut page = DecisionPage { refused: Some(Refused::Form), ..open_page() };
    page.form.fields = form_fields();
    for (field, value) in page.form.fields.iter_mut().zip(["4711", "1,250", "", "Too late for this quarter", ""]) {
        field.value = value.into();
        field.error = field.parse().err();
    }
    page.form.comment_error = Some("Write why you reject. Eva Berg reads it.".into());
    page
}

/// Nothing but what must be there.
pub fn bare_page() -> DecisionPage {
    let view = View { title: "Request".into(), table: Some(Table::default()), ..View::default() };
    let form = DecisionForm { comment_required_for: Vec::new(), ..open_form() };
    let (changed, history) = (Vec::new(), Vec::new());
    DecisionPage { view, form, changed, history, details: None, due: None, document: None, round: 1, ..open_page() }
}

/// Sixty lines and texts as long as they come.
pub fn long_page() -> DecisionPage {
    let word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
    let mut page = open_page();
    page.view = order(60);
    page.view.title = format!("Framework agreement with {word} about everything, 2026-000018");
    page.view.headline = "123,456,789,012,345.67 EUR".into();
    page.view.facts.push(Fact::new(word, word.repeat(3)));
    page.view.note = Some(format!("{word} {}", "We need this before the audit in spring. ".repeat(20)));
    page.form.fields = form_fields();
    page
}

/// Texts that try to become markup.
pub fn hostile_page() -> DecisionPage {
    let hostile = || HOSTILE.to_owned();
    let mut page = open_page();
    (page.company, page.person, page.requester, page.step) = (hostile(), hostile(), hostile(), hostile());
    (page.asked_because, page.changed) = (hostile(), vec![hostile()]);
    page.view.title = hostile();
    page.view.note = Some(hostile());
    page.view.facts = vec![Fact::new(hostile(), hostile())];
    page.view.table = Some(Table { columns: vec![column(HOSTILE, false)], rows: vec![vec![hostile(), hostile()]] });
    page.form.comment = hostile();
    page.form.fields =
        vec![Field { key: hostile(), label: hostile(), value: hostile(), ..form_fields().swap_remove(1) }];
    page.history = vec![Vote { who: hostile(), comment: Some(hostile()), ..approved() }];
    page
}

/// Names and texts in Arabic and Hebrew.
pub fn rtl_page() -> DecisionPage {
    let mut page = open_page();
    page.company = "شركة النور للتجارة".into();
    page.requester = "ليلى حداد".into();
    page.person = "דוד כהן".into();
    page.view.title = "أمر شراء 2026-000017".into();
    page.view.facts = vec![Fact::new("المورد", "مؤسسة الأفق (Horizon GmbH)"), Fact::new("Delivery", "חיפה, 3100001")];
    page.view.note = Some("نحتاج هذه الطلبية قبل نهاية الشهر.".into());
    page.history =
        vec![Vote { who: "משה לוי".into(), on_behalf_of: Some("ليلى حداد".into()), ..approved() }];
    page
}

/// The page behind the link of somebody who approved.
pub fn outcome_page() -> OutcomePage {
    OutcomePage {
        company: "Acme Instruments".into(),
        token: "q2Zr7v0sN1".into(),
        person: "Anna Weber".into(),
        step: "Manager approval".into(),
        round: 2,
        requester: "Eva Berg".into(),
        arrival: Arrival::Looking,
        standing: closed(),
        next: Some("The order is sent to Nordwind GmbH.".into()),
        own: Some(approved()),
        view: order(3),
        history: vec![returned(), approved()],
        document: Some(Document { name: "PO-2026-000017.pdf".into(), size: "84 kB".into() }),
        kept_until: Some(Moment(datetime!(2027-02-21 15:21 UTC))),
    }
}

/// A mail that asks for a decision.
pub fn mail_page() -> MailPage {
    MailPage {
        company: "Acme Instruments".into(),
        id: "0193".into(),
        subject: "Please decide: Purchase order 2026-000017, 12,400.00 EUR".into(),
        at: Moment(NOW),
        headers: vec![
            Fact::new("From", "Acme Instruments <countersign@acme.example>"),
            Fact::new("To", "Anna Weber <anna@acme.example>"),
            Fact::new("Message-ID", "<0193a2c4-7d1e.2.1@countersign.acme.example>"),
        ],
        text: "Anna Weber, please decide.\n\nReview and decide:\nhttps://countersign.acme.example/a/q2Zr7v0sN1\n"
            .into(),
        html: true,
        attachments: vec![Attachment {
            name: "PO-2026-000017.pdf".into(),
            href: "/mailbox/0193/attachments/0".into(),
            size: "84 kB".into(),
        }],
    }
}

fn mailbox_page() -> MailboxPage {
    let row = |id: &str, to: &str, subject: &str, attachments| MailRow {
        id: id.into(),
        at: Moment(NOW),
        to: to.into(),
        subject: subject.into(),
        preview: "Eva Berg asks for your decision. You are the manager of Eva Berg. Supplier: Nordwind GmbH.".into(),
        attachments,
    };
    let mails = vec![
        row("3", "Anna Weber", "Please decide: Purchase order 2026-000017, 12,400.00 EUR", 1),
        row("2", "ליאור כהן", "Reminder: Purchase order 2026-000016, 980.00 EUR", 0),
        row("1", "Orders at Nordwind", HOSTILE, 2),
    ];
    MailboxPage { company: "Acme Instruments".into(), mails, older: Some("/mailbox?before=1".into()) }
}

fn start_page() -> StartPage {
    let person = |name: &str, role: &str, email: &str, part: &str| Person {
        name: name.into(),
        role: role.into(),
        email: email.into(),
        part: Some(part.into()),
    };
    let step = |title: &str, text: &str, command: Option<&str>, link: Option<(&str, &str)>| Step {
        title: title.into(),
        text: text.into(),
        command: command.map(str::to_owned),
        link: link.map(|(label, href)| (label.to_owned(), href.to_owned())),
    };
    let curl = "curl -X POST http://localhost:8080/v1/purchase-orders \\\n  -H 'Authorization: Bearer demo-eva' \\\n  \
                -H 'Idempotency-Key: first-order' \\\n  -H 'Content-Type: application/json' \\\n  -d @order.json";
    StartPage {
        company: "Acme Instruments".into(),
        people: vec![
            person("Eva Berg", "Laboratory", "eva@acme.example", "submits orders"),
            person("Anna Weber", "Head of Laboratory", "anna@acme.example", "approves orders of her people"),
            person("Bob Stone", "Finance", "bob@acme.example", "approves from 10,000 EUR"),
        ],
        steps: vec![
            step(
                "Submit an order",
                "Eva orders from Nordwind. The answer names the order and its address.",
                Some(curl),
                None,
            ),
            step(
                "Decide",
                "Her manager gets a mail with a link. Open it and decide.",
                None,
                Some(("Open the mailbox", "/mailbox")),
            ),
            step(
                "Follow it",
                "Ask the API what waits for whom, and why.",
                Some("curl http://localhost:8080/v1/instances"),
                None,
            ),
        ],
        version: "0.1.0".into(),
        remarks: vec![
            "Mails stay in the mailbox; nothing is sent.".into(),
            "Everything is kept in one SQLite file.".into(),
        ],
    }
}

fn api_page() -> ApiPage {
    let order = json!({"supplier": "nordwind", "currency": "EUR", "lines": [{"item": "Balance", "quantity": "2", "price": "1200.00"}]});
    let problem =
        json!({"type": "about:blank", "title": "Already decided", "status": 409, "detail": "Approved by Anna Weber"});
    let key = json!({"name": "Idempotency-Key", "in": "header", "required": true, "schema": {"type": "string"},
        "description": "Chosen by you. The same key answers the same request again without doing it twice."});
    let body = json!({"content": {"application/json": {"example": order}}});
    let created = json!({"description": "Created and submitted", "content": {"application/json": {"example": order}}});
    let conflict =
        json!({"description": "Somebody was faster", "content": {"application/problem+json": {"example": problem}}});
    let id = json!({"name": "id", "in": "path", "schema": {"type": "string", "format": "uuid"}, "description": "The order."});
    let document = json!({
        "info": {"title": "Countersign", "version": "0.1.0", "description": "Submit orders, follow their approvals.\n\nAmounts are decimal strings."},
        "tags": [{"name": "Purchase orders", "description": "What is bought, from whom and for how much."}, {"name": "Decisions"}],
        "paths": {
            "/v1/purchase-orders": {
                "get": {"tags": ["Purchase orders"], "summary": "List orders", "responses": {"200": {"description": "A page of orders"}}},
                "post": {"tags": ["Purchase orders"], "summary": "Submit an order", "description": "Starts its approval.",
                    "parameters": [key], "requestBody": body, "responses": {"201": created, "409": conflict}}
            },
            "/v1/purchase-orders/{id}/decisions/{task}/reassign-to-somebody-else": {
                "post": {"tags": ["Decisions"], "parameters": [id], "responses": {"204": {"description": "Done"}}}
            }
        }
    });
    ApiPage { company: "Acme Instruments".into(), ..ApiPage::read(&document, "/openapi.json") }
}

fn outcomes() -> Vec<(&'static str, Arrival, Standing)> {
    let at = Moment(NOW);
    let waiting = Standing::Waiting { for_whom: vec!["Bob Stone".into(), "1 of 3 from Finance".into()] };
    let rejected = Standing::Decided { outcome: "rejected".into(), tone: Tone::Bad, by: None, at };
    vec![
        ("outcome-confirmed", Arrival::JustDecided, waiting),
        ("outcome-closed", Arrival::Looking, closed()),
        ("outcome-late", Arrival::TooLate, closed()),
        ("outcome-rejected", Arrival::Looking, rejected),
        ("outcome-first-stands", Arrival::FirstStands, closed()),
        ("outcome-withdrawn", Arrival::Looking, Standing::Withdrawn { by: "Eva Berg".into(), at }),
        ("outcome-expired", Arrival::Looking, Standing::Expired { at }),
        ("outcome-restarted", Arrival::Looking, Standing::Restarted { at }),
    ]
}

fn notices() -> Vec<(&'static str, Notice)> {
    let reassigned = Notice::Reassigned { to: "Carla Nunes".into(), by: Some("Bob Stone".into()), at: Moment(NOW) };
    vec![
        ("notice-unknown", Notice::LinkUnknown),
        ("notice-expired", Notice::LinkExpired),
        ("notice-reassigned", reassigned),
        ("notice-page", Notice::PageUnknown),
        ("notice-host", Notice::OtherHost { base_url: "http://127.0.0.1:8080".into() }),
        ("notice-attempts", Notice::TooManyAttempts { wait_seconds: 300 }),
        ("notice-trouble", Notice::Trouble { reference: "0193a2c4-7d1e".into() }),
        ("notice-unavailable", Notice::Unavailable),
    ]
}
