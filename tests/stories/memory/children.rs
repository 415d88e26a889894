//! Workflows that start others, and hear of their end in the commit in which they end.

use super::house::decide;
use super::{House, memories};
use anyhow::{Context, Result, ensure};
use futures::FutureExt;
use serde_json::{Value, json};
use workflow::{Activity, Actor, EventKind, Instance, Status};

fn running(resource: &str, definition: &str) -> Value {
    json!({
        "QueryLanguage": "JSONata", "StartAt": "Run",
        "States": {
            "Run": {
                "Type": "Task", "Resource": resource, "Arguments": { "Definition": definition, "Input": { "n": 1 } },
                "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Caught" }], "Next": "Done"
            },
            "Done": { "Type": "Succeed" },
            "Caught": { "Type": "Succeed", "Output": "{% $states.input.Error %}" }
        }
    })
}

/// The instance that a task has started and waits for.
fn child_of(instance: &Instance) -> Result<String> {
    match &instance.running().context("it runs")?.branch.activity {
        Activity::Task { child: Some(child), .. } => Ok(child.clone()),
        other => anyhow::bail!("{other:?}"),
    }
}

fn output(instance: &Instance) -> Result<&Value> {
    match &instance.status {
        Status::Succeeded { output, .. } => Ok(output),
        other => anyhow::bail!("{other:?}"),
    }
}

async fn cancel(house: &House, id: &str) -> Result<Instance> {
    let id = id.to_owned();
    let work = house.store.write(move |unit| {
        let id = id.clone();
        let cancelled = EventKind::Cancelled { reason: "not needed".to_owned() };
        async move { unit.advance("acme", &id, Actor::System, cancelled).await }.boxed()
    });
    Ok(work.await?)
}

memories! {
    /// The parent waits for people whom the child asks.
    async fn a_parent_goes_on_when_its_child_ends(house: House) {
        house.save("parent", &running("workflow.run", "vote")).await?;
        let parent = house.start("parent").await?;
        let child = child_of(&parent)?;
        ensure!(house.instance(&child).await?.open_approvals().count() == 1, "the child asks");
        for person in ["p0", "p1", "p2"] {
            decide(&house.store, &child, person).await?;
        }
        let parent = house.instance(&parent.id).await?;
        ensure!(output(&parent)?["outcome"] == "approved", "{:?}", parent.status);
        Ok(())
    }

    /// What ends without waiting is the result at once, in one commit.
    async fn a_child_that_ends_at_once_is_a_task_like_any_other(house: House) {
        house.save("short", &json!({ "QueryLanguage": "JSONata", "StartAt": "S", "States": { "S": { "Type": "Succeed", "Output": { "got": "{% $states.input.n %}" } } } })).await?;
        house.save("parent", &running("workflow.run", "short")).await?;
        ensure!(output(&house.start("parent").await?)? == &json!({ "got": 1 }), "the result of the child");
        house.save("wrong", &json!({ "QueryLanguage": "JSONata", "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": "Child.Broke" } } })).await?;
        house.save("parent", &running("workflow.run", "wrong")).await?;
        ensure!(output(&house.start("parent").await?)? == "Child.Broke", "its error is the task's");
        Ok(())
    }

    /// Nobody waits for what was only started.
    async fn a_workflow_that_is_started_goes_its_own_way(house: House) {
        house.save("parent", &running("workflow.start", "vote")).await?;
        let parent = house.start("parent").await?;
        let started = output(&parent)?["Instance"].as_str().context("the id of the other")?.to_owned();
        ensure!(house.instance(&started).await?.running().is_some(), "it runs on");
        Ok(())
    }

    /// A misspelt name is an error that the definition can catch.
    async fn a_workflow_that_is_not_there_fails_the_task(house: House) {
        house.save("parent", &running("workflow.run", "no-such")).await?;
        ensure!(output(&house.start("parent").await?)? == "Workflow.Missing", "caught by its name");
        Ok(())
    }

    /// Cancelling goes down, and a child that ends afterwards has nobody to tell.
    async fn who_cancels_the_parent_cancels_the_child(house: House) {
        house.save("parent", &running("workflow.run", "vote")).await?;
        let parent = house.start("parent").await?;
        let child = child_of(&parent)?;
        cancel(house, &parent.id).await?;
        ensure!(house.instance(&child).await?.status_name() == "cancelled", "the child is over, too");
        Ok(())
    }

    /// The child's end is told even if it is cancelled by itself.
    async fn a_child_that_is_cancelled_fails_the_task(house: House) {
        house.save("parent", &running("workflow.run", "vote")).await?;
        let parent = house.start("parent").await?;
        cancel(house, &child_of(&parent)?).await?;
        ensure!(output(&house.instance(&parent.id).await?)? == "Workflow.ChildCancelled", "the parent hears of it");
        Ok(())
    }

    /// A workflow that starts itself without waiting comes to an end.
    async fn workflows_do_not_start_each_other_for_ever(house: House) {
        house.save("self", &running("workflow.run", "self")).await?;
        ensure!(output(&house.start("self").await?)? == "Workflow.TooDeep", "the innermost is refused and caught");
        Ok(())
    }
}
