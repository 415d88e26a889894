//! `doctor`: is everything as it should be, and if not, what is to be done.

use super::check::existing;
use super::config::Config;
use super::output;
use std::process::ExitCode;
use store::{Options, Store, StoreError};

/// What a look has found.
enum Finding {
    Good(String),
    Warning(String),
    Bad(String),
}

/// Looks at everything and prints a line for each.
pub(crate) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let links = config.base_url.clone().unwrap_or_else(|| format!("http://{}", config.listen));
    let mut found =
        vec![Finding::Good(format!("configuration: listens on {}, links begin with {links}", config.listen))];
    existing(config)?;
    match Store::open(config.database.expose(), Options::default()).await {
        Ok(store) => {
            found.push(Finding::Good("database: it answers, and its schema is up to date".to_owned()));
            found
                .extend(waiting(&store).await.unwrap_or_else(|error| vec![Finding::Bad(format!("database: {error}"))]));
            store.close().await;
        }
        Err(error) => found.push(Finding::Bad(format!("database: {error}; check the URL and that the server runs"))),
    }
    found.push(mail_server(config).await);
    let mut code = ExitCode::SUCCESS;
    for finding in found {
        output::line(match finding {
            Finding::Good(text) => format!("ok    {text}"),
            Finding::Warning(text) => format!("warn  {text}"),
            Finding::Bad(text) => {
                code = ExitCode::FAILURE;
                format!("FAIL  {text}")
            }
        });
    }
    Ok(code)
}

/// What waits, and for whom.
async fn waiting(store: &Store) -> Result<Vec<Finding>, StoreError> {
    let mut reader = store.read().await?;
    let now = store.now_ms();
    let mut found = vec![match reader.open_effects().await? {
        0 => Finding::Good("effects: none is waiting".to_owned()),
        count => Finding::Warning(format!("effects: {count} are waiting; they are performed while `serve` runs")),
    }];
    let overdue = reader.due_instances(now - 60_000, 1_000).await?.len();
    if overdue > 0 {
        found.push(Finding::Warning(format!(
            "deadlines: {overdue} are more than a minute overdue; they fire while `serve` runs"
        )));
    }
    let companies = reader.companies().await?;
    if companies.is_empty() {
        found.push(Finding::Warning(
            "companies: there is none; store one with `countersign company apply FILE`".to_owned(),
        ));
    }
    for company in companies {
        let dead = reader.dead_effects(&company.id, 1_000).await?;
        for effect in &dead {
            found.push(Finding::Bad(format!(
                "{}: effect {} gave up: {}; mend the cause, then retry it",
                company.id, effect.key, effect.error
            )));
        }
        if dead.is_empty() {
            found.push(Finding::Good(format!("{}: no effect has given up", company.id)));
        }
    }
    Ok(found)
}

async fn mail_server(config: &Config) -> Finding {
    let Some(smtp) = &config.smtp else {
        return Finding::Warning("mail: no server is set; mails go to the page /mailbox".to_owned());
    };
    match jobs::SmtpPostman::new(smtp.expose()) {
        Ok(postman) => match postman.test().await {
            Ok(()) => Finding::Good("mail: the server answers".to_owned()),
            Err(error) => Finding::Bad(format!("mail: {error}")),
        },
        Err(error) => Finding::Bad(format!("mail: {error}")),
    }
}
