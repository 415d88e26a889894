//! Plays a scenario with steps, and says where something else came of it than it expects.

use super::plan::{Deed, Expected, Plan, Request, Step};
use super::stage::Stage;
use crate::company_file::CompanyFile;
use anyhow::{Context, ensure};
use modules::Registry;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use workflow::rehearsal::{Difference, Expected as Whole};

/// All that came otherwise in the first step in which something did: the steps behind it build on it.
pub(super) async fn play(
    plan: &Plan,
    module: &str,
    registry: Registry,
    company: CompanyFile,
) -> anyhow::Result<Vec<Difference>> {
    let mut playing = Playing {
        stage: Stage::open(registry, company).await?,
        module,
        objects: BTreeMap::new(),
        last: None,
        mailed: BTreeMap::new(),
    };
    let played = playing.steps(plan).await;
    playing.stage.close().await;
    played
}

struct Playing<'m> {
    stage: Stage,
    module: &'m str,
    /// What was made, by the name that the scenario gives it.
    objects: BTreeMap<String, Made>,
    last: Option<Made>,
    /// The mails that there were before this step.
    mailed: BTreeMap<String, String>,
}

/// An object that was made.
#[derive(Debug, Clone)]
struct Made {
    path: String,
    id: String,
    by: String,
}

/// What the API answered.
struct Answer {
    status: u16,
    body: Value,
}

impl Playing<'_> {
    async fn steps(&mut self, plan: &Plan) -> anyhow::Result<Vec<Difference>> {
        for (step, number) in plan.steps.iter().zip(1..) {
            let place = format!("Steps/{number}");
            let found = self.step(step, &place).await.with_context(|| format!("step {number}"))?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    async fn step(&mut self, step: &Step, place: &str) -> anyhow::Result<Vec<Difference>> {
        if let Some(by) = &step.by {
            let known = self.stage.company.people.iter().any(|person| person.id == *by);
            ensure!(known, "there is no person \"{by}\" in the company {}", self.stage.company.company.id);
        }
        let answer = self.act(step).await?;
        self.stage.work().await?;
        let mut found = answer.map(|answer| answer.differences(&step.expect, place)).unwrap_or_default();
        if found.is_empty() {
            found = self.look(step, place).await?;
        }
        self.mailed = self.stage.mails().await?;
        Ok(found)
    }

    async fn act(&mut self, step: &Step) -> anyhow::Result<Option<Answer>> {
        let by = step.by.as_deref().unwrap_or_default();
        let answer = match step.deed()? {
            Deed::Look => return Ok(None),
            Deed::Pass(ms) => {
                self.stage.pass(ms);
                return Ok(None);
            }
            Deed::Create(collection) => self.create(step, by, collection).await?,
            Deed::Decide(decision) => self.decide(step, by, decision).await?,
            Deed::Send(Request { method, path, body }) => {
                let body = body.as_ref().map(|body| self.named(body));
                self.call(by, method, &self.named_in(path), body.as_ref()).await?
            }
        };
        Ok(Some(answer))
    }

    async fn create(&mut self, step: &Step, by: &str, collection: &str) -> anyhow::Result<Answer> {
        let path =
            if collection.contains('/') { collection.to_owned() } else { format!("{}/{collection}", self.module) };
        let data = self.named(step.data.as_ref().unwrap_or(&Value::Object(Map::new())));
        let answer = self.call(by, "POST", &path, Some(&data)).await?;
        if let Some(id) = answer.body.get("id").and_then(Value::as_str).filter(|_| answer.status == 201) {
            let made = Made { path: format!("{path}/{id}"), id: id.to_owned(), by: by.to_owned() };
            if let Some(name) = &step.called {
                self.objects.insert(name.clone(), made.clone());
            }
            self.last = Some(made);
        }
        Ok(answer)
    }

    async fn decide(&self, step: &Step, by: &str, decision: &str) -> anyhow::Result<Answer> {
        let instance = self.instance(step).await?;
        let mut body = json!({ "decision": decision });
        for (name, value) in
            [("comment", step.reason.as_ref().map(|reason| json!(reason))), ("form", step.form.clone())]
        {
            if let Some(value) = value {
                body[name] = value;
            }
        }
        self.call(by, "POST", &format!("instances/{instance}/decisions"), Some(&body)).await
    }

    async fn call(&self, by: &str, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Answer> {
        let (status, body) = self.stage.call(by, method, path, body).await?;
        Ok(Answer { status, body })
    }

    /// The object that a step is about.
    fn object(&self, step: &Step) -> anyhow::Result<&Made> {
        match &step.on {
            Some(name) => self.objects.get(name).with_context(|| format!("no step before it has made \"{name}\"")),
            None => self.last.as_ref().context("no step before it has made an object"),
        }
    }

    async fn read(&self, step: &Step) -> anyhow::Result<Value> {
        let made = self.object(step)?;
        let Answer { status, body } = self.call(&made.by, "GET", &made.path, None).await?;
        ensure!(status == 200, "{} cannot read {}: {body}", made.by, made.path);
        Ok(body)
    }

    async fn instance(&self, step: &Step) -> anyhow::Result<String> {
        let object = self.read(step).await?;
        let instance = object.get("instance").and_then(Value::as_str);
        instance.map(str::to_owned).context("no workflow decides on this object")
    }

    async fn look(&self, step: &Step, place: &str) -> anyhow::Result<Vec<Difference>> {
        let Expected { status, data, events, asked, mails, .. } = &step.expect;
        let mut found = Vec::new();
        let at = |name: &str| format!("{place}/Expect/{name}");
        if status.is_some() || data.is_some() {
            let object = self.read(step).await?;
            let field = |name: &str| object.get(name).unwrap_or(&Value::Null);
            found
                .extend(status.iter().flat_map(|status| Whole::within(&at("Status"), &json!(status), field("status"))));
            found.extend(data.iter().flat_map(|data| Whole::within(&at("Data"), &self.named(data), field("data"))));
        }
        if let Some(events) = events {
            found.extend(listed(&at("Events"), events, &self.stage.events(self.module).await?));
        }
        if let Some(asked) = asked {
            found.extend(listed(&at("Asked"), asked, &self.stage.asked(&self.instance(step).await?).await?));
        }
        if let Some(mails) = mails {
            let all = self.stage.mails().await?;
            let new = all.into_iter().filter(|(id, _)| !self.mailed.contains_key(id)).map(|(_, name)| name);
            found.extend(listed(&at("Mails"), &sorted(mails.clone()), &sorted(new.collect())));
        }
        Ok(found)
    }

    /// Texts that name an object stand for its id.
    fn named(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.named_in(text)),
            Value::Array(items) => items.iter().map(|item| self.named(item)).collect(),
            Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), self.named(field))).collect(),
            other => other.clone(),
        }
    }

    fn named_in(&self, text: &str) -> String {
        // Longer names first, so that $order does not take the beginning of $orders.
        let mut names: Vec<&String> = self.objects.keys().collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names.into_iter().fold(text.to_owned(), |text, name| text.replace(&format!("${name}"), &self.objects[name].id))
    }
}

fn listed(at: &str, expected: &[String], found: &[String]) -> Option<Difference> {
    (expected != found).then(|| Difference::of(at, expected.join(", "), found.join(", ")))
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

impl Answer {
    fn differences(&self, expected: &Expected, place: &str) -> Vec<Difference> {
        let Expected { problems, answer, .. } = expected;
        let at = |name: &str| format!("{place}/Expect/{name}");
        if let Some(answer) = answer.filter(|answer| *answer != self.status) {
            return vec![Difference::of(at("Answer"), answer, self.told())];
        }
        match problems {
            Some(problems) => listed(&at("Problems"), &sorted(problems.clone()), &self.places()).into_iter().collect(),
            None if self.status >= 400 && answer.is_none() => {
                vec![Difference::of(place, "that it is accepted", self.told())]
            }
            None => Vec::new(),
        }
    }

    /// The places that were refused.
    fn places(&self) -> Vec<String> {
        let errors = self.body.get("errors").and_then(Value::as_array).into_iter().flatten();
        let places = errors.filter_map(|error| error.get("pointer").and_then(Value::as_str)).map(str::to_owned);
        let mut places = sorted(places.collect());
        places.dedup();
        places
    }

    fn told(&self) -> String {
        let detail = self.body.get("detail").and_then(Value::as_str).unwrap_or_default();
        let errors = self.body.get("errors").and_then(Value::as_array).into_iter().flatten();
        let lines: Vec<String> = errors
            .filter_map(|error| {
                Some(format!("{} {}", error.get("pointer")?.as_str()?, error.get("message")?.as_str()?))
            })
            .collect();
        match lines.is_empty() {
            true => format!("{} {detail}", self.status),
            false => format!("{} {}", self.status, lines.join("; ")),
        }
    }
}
