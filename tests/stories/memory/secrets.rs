//! What is known by its hash only: requests that are sent again, links, tokens.

use super::house::{START, person};
use super::{House, memories};
use anyhow::{Context, ensure};
use futures::FutureExt;
use futures::future::join_all;
use store::{Link, LinkToken, Remembered, RequestKey, Store, StoreError};

fn request(actor: &str, key: &str, request: &str) -> RequestKey {
    let (company, actor) = ("acme".to_owned(), actor.to_owned());
    RequestKey { company, actor, key: key.to_owned(), request: request.to_owned() }
}

/// A number for the request; the same number if it was sent before.
async fn answer(store: &Store, key: RequestKey) -> Result<String, StoreError> {
    let work = store.write(move |unit| {
        let key = key.clone();
        async move {
            if let Some(known) = unit.remembered(&key).await? {
                return Ok(known.answer);
            }
            let answer = unit.next_number("acme", "answers").await?.to_string();
            unit.remember(&key, &Remembered { status: 201, answer: answer.clone() }).await?;
            Ok(answer)
        }
        .boxed()
    });
    work.await
}

async fn let_speak(
    store: &Store,
    company: &'static str,
    secret: &'static str,
    who: &'static str,
) -> Result<(), StoreError> {
    let work = store.write(move |unit| {
        async move {
            unit.put_person(company, &person(who, true)).await?;
            unit.put_token(company, secret, who, "test").await
        }
        .boxed()
    });
    work.await
}

memories! {
    async fn the_same_request_has_one_answer(house: House) {
        let other = house.second().await?;
        let sent = (0..40).map(|n| answer(if n % 2 == 0 { &house.store } else { &other }, request("p0", "k", "r")));
        for answer in join_all(sent).await {
            ensure!(answer? == "1");
        }
        let reused = answer(&house.store, request("p0", "k", "another")).await;
        ensure!(matches!(reused, Err(StoreError::KeyReused)), "{reused:?}");
        ensure!(answer(&house.store, request("p1", "k", "another")).await? == "2", "keys of two people do not meet");
        ensure!(answer(&house.store, request("p0", "l", "r")).await? == "3");
        Ok(())
    }

    async fn a_link_is_found_by_its_secret_only(house: House) {
        let token = LinkToken::random();
        let (company, instance) = ("acme".to_owned(), "i".to_owned());
        let link = Link { company, instance, activity: 1, person: "p0".to_owned(), revision: 2, effect: "i/1/0".to_owned() };
        let (known, kept) = (token.clone(), link.clone());
        let put = house.store.write(move |unit| {
            let (token, link) = (known.clone(), kept.clone());
            async move { unit.put_link(&token, &link).await }.boxed()
        });
        put.await?;
        let mut reader = house.reader().await?;
        ensure!(reader.link(token.secret()).await? == Some(link));
        ensure!(reader.link(&token.secret().to_uppercase()).await?.is_none());
        ensure!(reader.link(LinkToken::random().secret()).await?.is_none());
        ensure!(!format!("{token:?}").contains(token.secret()), "it does not print itself");
        ensure!(reader.revision_asked("acme", "i", 1).await? == 2 && reader.revision_asked("acme", "i", 2).await? == 0);
        Ok(())
    }

    async fn a_token_speaks_for_its_owner_while_it_may(house: House) {
        let_speak(&house.store, "acme", "the-secret", "p0").await?;
        let_speak(&house.store, "other", "other-secret", "p0").await?;
        let store = &house.store;
        let owner = store.person_of_token("acme", "the-secret").await?.context("the owner")?;
        ensure!(owner == person("p0", true), "{owner:?}");
        ensure!(store.person_of_token("other", "the-secret").await?.is_none(), "another company");
        ensure!(store.person_of_token("acme", "the-secre").await?.is_none());
        house.sql(&format!("UPDATE token SET expires_at = {} WHERE company = 'acme'", START + 1)).await?;
        ensure!(store.person_of_token("acme", "the-secret").await?.is_some());
        house.clock.pass(1);
        ensure!(store.person_of_token("acme", "the-secret").await?.is_none(), "expired");
        house.sql("UPDATE token SET expires_at = NULL").await?;
        let leave = house.store.write(|unit| async move { unit.put_person("acme", &person("p0", false)).await }.boxed());
        leave.await?;
        ensure!(store.person_of_token("acme", "the-secret").await?.is_none(), "not active any more");
        ensure!(store.person_of_token("other", "other-secret").await?.is_some());
        Ok(())
    }

    async fn tokens_that_are_shown_together_are_told_apart(house: House) {
        let_speak(&house.store, "acme", "secret-0", "p0").await?;
        let_speak(&house.store, "acme", "secret-1", "p1").await?;
        let_speak(&house.store, "other", "secret-1", "p0").await?;
        let shown = |n: usize| [("acme", "secret-0"), ("acme", "secret-1"), ("other", "secret-1"), ("other", "secret-0")][n % 4];
        let store = &house.store;
        let ask = |n: usize| async move {
            let (company, secret) = shown(n);
            let asked = store.person_of_token(company, secret);
            // Some go away before they are answered, also those who ask for the others.
            match n % 7 {
                0 => asked.now_or_never().unwrap_or(Ok(None)).map(|_| None),
                _ => asked.await.map(|person| Some(person.map(|person| person.id))),
            }
        };
        for (n, answered) in join_all((0..200).map(ask)).await.into_iter().enumerate() {
            let owner = ["p0", "p1", "p0"].get(n % 4).map(|owner| (*owner).to_owned());
            let answered = answered?;
            ensure!(answered.is_none() || answered == Some(owner), "{n}: {answered:?}");
        }
        Ok(())
    }
}
