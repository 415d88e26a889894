//! Effects: claimed with a lease, answered once, tried again, given up, revived.

use super::house::{START, open_with, start};
use super::{House, memories};
use crate::support::Database;
use anyhow::{Context, Result, ensure};
use futures::FutureExt;
use futures::future::try_join_all;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::collections::HashSet;
use std::sync::Arc;
use store::{Claimed, Clock, EffectKey, Except, Options, Store, StoreError, SystemClock, Verdict};
use workflow::Effect;

const LEASE: i64 = 60_000;

async fn claim(store: &Store, limit: u32) -> Result<Vec<Claimed>, StoreError> {
    store.write(move |unit| async move { unit.claim_effects(limit, LEASE).await }.boxed()).await
}

async fn answer(store: &Store, claimed: &Claimed, verdict: Verdict) -> Result<bool, StoreError> {
    let claimed = claimed.clone();
    let work = store.write(move |unit| {
        let (claimed, verdict) = (claimed.clone(), verdict.clone());
        async move { unit.answer_effect(&claimed, &verdict).await }.boxed()
    });
    work.await
}

async fn renew(store: &Store, claims: &[Claimed]) -> Result<HashSet<EffectKey>, StoreError> {
    let claims = claims.to_vec();
    let work = store.write(move |unit| {
        let claims = claims.clone();
        async move { unit.renew_leases(&claims, LEASE).await }.boxed()
    });
    work.await
}

async fn claim_one(store: &Store) -> Result<Claimed> {
    claim(store, 1).await?.pop().context("an effect that is due")
}

fn again(run_at: i64) -> Verdict {
    Verdict::Again { run_at, error: "not now".to_owned() }
}

fn gave_up() -> Verdict {
    Verdict::GaveUp { error: "Test.Broken".to_owned(), cause: "it is broken".to_owned() }
}

/// Runs a statement beside the store.
async fn execute(url: &str, sql: &str) -> Result<()> {
    let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    if url.starts_with("sqlite:") {
        sql.execute(&mut SqliteConnection::connect(url).await?).await?;
    } else {
        sql.execute(&mut PgConnection::connect(url).await?).await?;
    }
    Ok(())
}

memories! {
    /// However many tasks wait for the share of their module, whoever claims the others does not read them.
    async fn tasks_that_wait_cost_nothing(house: House) {
        house.start("work").await?;
        let url = house.database.url.clone();
        execute(&url, "WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < 20000) \
             INSERT INTO effect (company, instance, version, n, body, status, run_at, attempts, created_at, module) \
             SELECT e.company, e.instance, e.version, e.n + k.n, e.body, 'ready', 0, 0, 0, 'waits' FROM effect e CROSS JOIN k").await?;
        execute(&url, "ANALYZE").await?;
        let company = house.reader().await?.waiting_tasks().await?.pop().context("tasks")?.company;
        let except = Except::of([(company.as_str(), "waits")].into_iter());
        let plan = house.reader().await?.explain_claim(&except).await?.join("\n");
        ensure!(plan.contains("effect_of_module_due") && plan.contains("effect_of_none_due"), "{plan}");
        ensure!(!plan.contains("effect_ready") && !plan.contains("Seq Scan on effect"), "{plan}");
        ensure!(house.store.next_effect_in_except(&except).await? == Some(0));
        let (claims, not) = (house.store.clone(), except.clone());
        let work = claims.write(move |unit| {
            let not = not.clone();
            async move { unit.claim_effects_except(10, LEASE, &not).await }.boxed()
        });
        let claimed = work.await?;
        ensure!(claimed.len() == 1 && claimed[0].key.n == 0, "{claimed:?}");
        ensure!(house.store.next_effect_in_except(&except).await? == Some(LEASE + 1));
        ensure!(house.store.next_effect_in().await?.is_some_and(|due| due <= 0), "the others wait");
        execute(&url, "DELETE FROM effect WHERE module = 'waits'").await?;
        ensure!(house.store.next_effect_in().await? == Some(LEASE + 1));
        ensure!(answer(&house.store, &claimed[0], Verdict::Done(json!(null))).await?);
        Ok(())
    }

    /// Two nodes that claim at once share the effects; afterwards nothing is left to claim until the lease ends.
    async fn an_effect_has_one_owner_while_its_lease_lasts(house: House) {
        let other = house.second().await?;
        for _ in 0..20 {
            house.start("vote").await?;
        }
        let claims = (0..12).map(|n| claim(if n % 2 == 0 { &house.store } else { &other }, 7));
        let claimed: Vec<Claimed> = try_join_all(claims).await?.into_iter().flatten().collect();
        let keys: HashSet<String> = claimed.iter().map(|claimed| claimed.key.to_string()).collect();
        ensure!(keys.len() == claimed.len() && keys.len() == 60, "{} claims of {} effects", claimed.len(), keys.len());
        house.clock.pass(LEASE);
        ensure!(claim(&other, 100).await?.is_empty(), "the lease lasts to its last millisecond");
        ensure!(house.reader().await?.next_effect_at().await? == Some(START + LEASE + 1));
        house.clock.pass(1);
        let later = claim(&other, 100).await?;
        ensure!(later.len() == 60 && later.iter().all(|claimed| claimed.attempt == 2), "{}", later.len());
        Ok(())
    }

    /// Whoever works on an effect keeps its lease. One that is answered, or that somebody else has by now, is not renewed.
    async fn a_lease_is_renewed_by_who_has_it(house: House) {
        for _ in 0..3 {
            house.start("work").await?;
        }
        let (older, other) = (claim(&house.store, 3).await?, house.second().await?);
        house.clock.pass(LEASE);
        ensure!(renew(&house.store, &older).await?.len() == 3);
        house.clock.pass(LEASE);
        ensure!(claim(&other, 10).await?.is_empty(), "renewed, so still held");
        ensure!(house.reader().await?.next_effect_at().await? == Some(START + 2 * LEASE + 1));
        ensure!(answer(&house.store, &older[0], Verdict::Done(json!(null))).await?);
        house.clock.pass(1);
        let taken = claim(&other, 1).await?;
        let kept = renew(&house.store, &older).await?;
        ensure!(kept.len() == 1 && !kept.contains(&taken[0].key) && !kept.contains(&older[0].key), "{kept:?}");
        ensure!(renew(&other, &taken).await?.contains(&taken[0].key));
        ensure!(renew(&house.store, &[]).await?.is_empty());
        Ok(())
    }

    async fn the_answer_of_an_older_claim_is_refused(house: House) {
        let id = house.start("work").await?.id;
        let older = claim_one(&house.store).await?;
        house.clock.pass(LEASE + 1);
        let newer = claim_one(&house.second().await?).await?;
        ensure!(!answer(&house.store, &older, gave_up()).await?);
        ensure!(house.instance(&id).await?.status_name() == "running");
        ensure!(answer(&house.store, &newer, Verdict::Done(json!({ "n": 1 }))).await?);
        ensure!(house.instance(&id).await?.status_name() == "succeeded");
        ensure!(!answer(&house.store, &newer, gave_up()).await?, "an answer counts once");
        ensure!(house.reader().await?.open_effects().await? == 0);
        Ok(())
    }

    /// A late answer of a slow worker is taken as long as nobody else has begun.
    async fn a_claim_that_nobody_took_over_may_be_answered_late(house: House) {
        let id = house.start("work").await?.id;
        let claimed = claim_one(&house.store).await?;
        house.clock.pass(10 * LEASE);
        ensure!(answer(&house.store, &claimed, Verdict::Done(json!(null))).await?);
        ensure!(house.instance(&id).await?.status_name() == "succeeded");
        Ok(())
    }

    async fn what_is_tried_again_waits_for_its_time(house: House) {
        house.start("work").await?;
        let claimed = claim_one(&house.store).await?;
        ensure!(answer(&house.store, &claimed, again(START + 5_000)).await?);
        ensure!(!answer(&house.store, &claimed, Verdict::Done(json!(null))).await?, "the claim is over");
        ensure!(house.reader().await?.next_effect_at().await? == Some(START + 5_000));
        house.clock.pass(4_999);
        ensure!(claim(&house.store, 10).await?.is_empty());
        house.clock.pass(1);
        let second = claim_one(&house.store).await?;
        ensure!(second.attempt == 2 && second.created_at == START && second.key == claimed.key);
        Ok(())
    }

    async fn the_longest_due_comes_first(house: House) {
        let (one, two, three) = (house.start("work").await?.id, house.start("work").await?.id, house.start("work").await?.id);
        let claimed = claim(&house.store, 10).await?;
        for (id, wait) in [(&one, 3_000), (&two, 1_000), (&three, 2_000)] {
            let mine = claimed.iter().find(|claimed| claimed.key.instance == *id).context("the claim")?;
            ensure!(answer(&house.store, mine, again(START + wait)).await?);
        }
        house.clock.pass(10_000);
        let order: Vec<String> = claim(&house.store, 10).await?.into_iter().map(|claimed| claimed.key.instance).collect();
        ensure!(order == [two, three, one], "{order:?}");
        Ok(())
    }

    async fn a_task_that_gives_up_fails_in_its_workflow(house: House) {
        let id = house.start("work").await?.id;
        ensure!(answer(&house.store, &claim_one(&house.store).await?, gave_up()).await?);
        let instance = serde_json::to_value(house.instance(&id).await?)?;
        ensure!(instance["status"]["error"] == "Test.Broken" && instance["status"]["cause"] == "it is broken", "{instance}");
        ensure!(house.reader().await?.dead_effects("acme", 10).await?.is_empty(), "the workflow knows of it");
        Ok(())
    }

    /// A request that gave up waits for a person to look; revived it is as new, but for the claims that it had.
    async fn a_request_that_gives_up_can_be_revived(house: House) {
        let id = house.start("vote").await?.id;
        let claimed = claim_one(&house.store).await?;
        ensure!(matches!(claimed.effect, Effect::Ask(_)));
        ensure!(answer(&house.store, &claimed, gave_up()).await?);
        let dead = house.reader().await?.dead_effects_of("acme", &id).await?;
        ensure!(dead.len() == 1 && dead[0].error == "Test.Broken: it is broken" && dead[0].attempts == 1, "{dead:?}");
        ensure!(dead[0].effect.as_ref() == Some(&claimed.effect));
        revive(&house.store, &claimed).await?;
        ensure!(!answer(&house.store, &claimed, Verdict::Done(json!(null))).await?, "the old claim is over");
        let twice = revive(&house.store, &claimed).await;
        ensure!(matches!(twice, Err(StoreError::Missing { .. })), "{twice:?}");
        let claims = claim(&house.store, 10).await?;
        let second = claims.iter().find(|one| one.key == claimed.key).context("the revived one")?;
        ensure!(second.attempt == 2 && answer(&house.store, second, Verdict::Done(json!(null))).await?);
        Ok(())
    }

    /// A row that nobody can read keeps nobody from the others.
    async fn an_effect_that_cannot_be_read_is_set_aside(house: House) {
        let (broken, sound) = (house.start("work").await?.id, house.start("work").await?.id);
        house.sql(&format!("UPDATE effect SET body = '{{\"type\":\"unheard_of\"}}' WHERE instance = '{broken}'")).await?;
        let claimed = claim(&house.store, 10).await?;
        ensure!(claimed.len() == 1 && claimed[0].key.instance == sound, "{claimed:?}");
        let dead = house.reader().await?.dead_effects("acme", 10).await?;
        ensure!(dead.len() == 1 && dead[0].key.instance == broken && dead[0].effect.is_none(), "{dead:?}");
        ensure!(dead[0].error.contains("cannot be read") && dead[0].error.contains("unheard_of"), "{}", dead[0].error);
        Ok(())
    }
}

async fn revive(store: &Store, claimed: &Claimed) -> Result<(), StoreError> {
    let key = claimed.key.clone();
    let work = store.write(move |unit| {
        let key = key.clone();
        async move { unit.revive_effect(&key).await }.boxed()
    });
    work.await
}

/// The time of the world, as a machine tells it whose clock is wrong.
struct WrongClock {
    ahead_ms: i64,
}

impl Clock for WrongClock {
    fn now_ms(&self) -> i64 {
        SystemClock.now_ms() + self.ahead_ms
    }

    fn is_of_the_world(&self) -> bool {
        true
    }
}

/// Leases go by the server's clock: a node that is an hour ahead does not take over what another has in hand.
#[tokio::test]
async fn a_node_whose_clock_is_ahead_takes_nothing_from_others() -> Result<()> {
    let house = House::on(Database::postgres().await?).await?;
    let node = |ahead_ms| {
        let options = Options { clock: Arc::new(WrongClock { ahead_ms }), ..Options::default() };
        open_with(&house.database.url, options)
    };
    let (right, ahead) = (node(0).await?, node(3_600_000).await?);
    start(&right, "work").await?;
    let claimed = claim_one(&right).await?;
    ensure!(claim(&ahead, 10).await?.is_empty(), "it is in hand");
    let wait = ahead.next_effect_in().await?.context("the end of the lease")?;
    ensure!((1..=LEASE + 1).contains(&wait), "it would look again in {wait} ms");
    ensure!(renew(&right, std::slice::from_ref(&claimed)).await?.len() == 1);
    ensure!(answer(&right, &claimed, Verdict::Done(json!(null))).await?);
    for store in [right, ahead] {
        store.close().await;
    }
    house.finish().await
}
