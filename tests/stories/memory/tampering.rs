//! `check` names what somebody has changed behind the store's back.

use super::house::decide;
use super::{House, memories};
use anyhow::{Result, ensure};

/// Changes rows and looks for the sentence; then nothing else may be wrong with the other instance.
async fn found(house: &mut House, statement: &str, sentence: &str) -> Result<()> {
    house.tampered = true;
    let id = house.start("vote").await?.id;
    decide(&house.store, &id, "p0").await?;
    decide(&house.store, &id, "p1").await?;
    ensure!(house.violations().await?.is_empty());
    house.sql(&statement.replace("{id}", &id)).await?;
    let report = house.reader().await?.check(|_| {}).await?;
    let told: Vec<String> = report.violations.iter().map(ToString::to_string).collect();
    ensure!(told.iter().any(|told| told.contains(sentence)), "{statement}\nsaid {told:?}");
    ensure!(told.iter().all(|told| told.starts_with(&format!("acme/{id}: "))), "{told:?}");
    Ok(())
}

const VOTE: &str = "company = 'acme' AND instance = '{id}' AND version = 3";

macro_rules! tampered {
    ($($name:ident: $statement:expr => $sentence:literal;)+) => {
        memories! {
            $(async fn $name(house: House) { found(house, $statement, $sentence).await })+
        }
    };
}

tampered! {
    a_changed_vote:
        &format!("UPDATE transition SET event = replace(event, 'p0', 'p2') WHERE {VOTE}") => "event 3 was changed after it was stored";
    // The text is what was hashed, not its meaning.
    a_blank_in_an_event:
        &format!("UPDATE transition SET event = event || ' ' WHERE {VOTE}") => "event 3 was changed after it was stored";
    a_changed_history:
        &format!("UPDATE transition SET entries = '[]' WHERE {VOTE}") => "event 3 was changed after it was stored";
    an_event_that_is_no_json:
        &format!("UPDATE transition SET event = 'x' WHERE {VOTE}") => "event 3 cannot be read";
    a_changed_time:
        &format!("UPDATE transition SET at = at - 1 WHERE {VOTE}") => "the time column of event 3 differs from the event";
    a_removed_event:
        &format!("DELETE FROM transition WHERE {VOTE}") => "event 3 is missing";
    the_last_event_removed:
        "DELETE FROM transition WHERE instance = '{id}' AND version = 4" => "the last events were removed or changed";
    all_events_removed:
        "DELETE FROM transition WHERE instance = '{id}'" => "the last events were removed or changed";
    a_changed_body:
        "UPDATE instance SET body = replace(body, 'All together', 'All alone') WHERE id = '{id}'"
        => "the stored instance differs from its replayed events";
    a_body_that_is_no_json:
        "UPDATE instance SET body = '{' WHERE id = '{id}'" => "the instance cannot be read";
    a_changed_version:
        "UPDATE instance SET version = version + 1 WHERE id = '{id}'" => "the version column differs from the instance";
    a_changed_status:
        "UPDATE instance SET status = 'succeeded' WHERE id = '{id}'" => "the status column differs from the instance";
    a_deadline_put_off:
        "UPDATE instance SET next_due = next_due + 1 WHERE id = '{id}'" => "the deadline column differs from the instance";
    a_deadline_removed:
        "UPDATE instance SET next_due = NULL WHERE id = '{id}'" => "the deadline column differs from the instance";
    another_definition:
        "UPDATE instance SET definition = 'work' WHERE id = '{id}'" => "the definition columns differ from the instance";
    a_definition_that_is_not_there:
        "UPDATE instance SET definition_version = 7 WHERE id = '{id}'" => "its definition vote v7 is missing";
    a_removed_effect:
        "DELETE FROM effect WHERE instance = '{id}' AND version = 2 AND n = 0" => "event 2 caused 3 effects, 2 are stored";
    an_added_effect:
        "INSERT INTO effect (company, instance, version, n, body, status, run_at, attempts, created_at) SELECT company, instance, version, 9, body, status, run_at, attempts, created_at FROM effect WHERE instance = '{id}' AND version = 2 AND n = 0"
        => "event 2 caused 3 effects, 4 are stored";
    an_effect_without_an_event:
        "UPDATE effect SET version = 99 WHERE instance = '{id}' AND version = 2" => "3 effects are stored for event 99, which is not";
    an_effect_at_another_place:
        "UPDATE effect SET n = 9 WHERE instance = '{id}' AND version = 2 AND n = 0" => "the effects of event 2 are not numbered from 0 on";
    a_removed_instance:
        "DELETE FROM instance WHERE id = '{id}'" => "its events are stored, but it is not";
}

memories! {
    async fn a_changed_definition(house: House) {
        house.tampered = true;
        house.start("vote").await?;
        house.sql("UPDATE definition SET body = body || ' ' WHERE name = 'vote'").await?;
        let told = house.violations().await?;
        ensure!(told == ["the text of version 1 was changed after it was stored"], "{told:?}");
        Ok(())
    }

    /// A check of a service at work is not misled by what happens meanwhile.
    async fn a_check_beside_the_work_finds_nothing(house: House) {
        house.people(60).await?;
        let id = house.start("vote").await?.id;
        let (store, instance) = (house.store.clone(), id.clone());
        let work = tokio::spawn(async move {
            for n in 0..60 {
                decide(&store, &instance, &format!("p{n}")).await?;
            }
            anyhow::Ok(())
        });
        while !work.is_finished() {
            let told = house.violations().await?;
            ensure!(told.is_empty(), "{told:?}");
        }
        work.await?
    }
}
