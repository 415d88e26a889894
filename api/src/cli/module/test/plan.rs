//! What a scenario with steps says. Names are written as in definitions: `Steps`, `Create`, `Expect`.

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use workflow::rehearsal::Delay;

/// A scenario with steps.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Plan {
    pub(super) name: Option<String>,
    #[serde(rename = "Comment")]
    _comment: Option<String>,
    pub(super) company: Option<String>,
    pub(super) steps: Vec<Step>,
}

/// Something that somebody does, or that happens, and what must come of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Step {
    #[serde(rename = "Comment")]
    _comment: Option<String>,
    /// Who acts.
    pub(super) by: Option<String>,
    /// The collection of which an object is made.
    pub(super) create: Option<String>,
    pub(super) data: Option<Value>,
    /// What the object is called in the steps behind this one.
    #[serde(rename = "As")]
    pub(super) called: Option<String>,
    /// The decision that is made.
    pub(super) decide: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) form: Option<Value>,
    /// The object that it is about; the last one that was made if absent.
    pub(super) on: Option<String>,
    /// The time that passes.
    pub(super) pass: Option<Delay>,
    /// Any other request.
    pub(super) send: Option<Request>,
    #[serde(default)]
    pub(super) expect: Expected,
}

/// A request to the API.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Request {
    pub(super) method: String,
    /// The path behind `/api/v1/COMPANY/`.
    pub(super) path: String,
    pub(super) body: Option<Value>,
}

/// What must come of a step. What is not named may be anything, but for an answer of 400 and more.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Expected {
    /// The status of the object.
    pub(super) status: Option<String>,
    /// Fields of its data.
    pub(super) data: Option<Value>,
    /// The types of the events that were published since the scenario began.
    pub(super) events: Option<Vec<String>>,
    /// Who is asked to decide on the object.
    pub(super) asked: Option<Vec<String>>,
    /// Who was mailed in this step.
    pub(super) mails: Option<Vec<String>>,
    /// The places that are refused.
    pub(super) problems: Option<Vec<String>>,
    /// The HTTP status of the answer.
    pub(super) answer: Option<u16>,
}

/// What a step does.
pub(super) enum Deed<'s> {
    Create(&'s str),
    Decide(&'s str),
    Pass(i64),
    Send(&'s Request),
    /// Only looks.
    Look,
}

impl Plan {
    pub(super) fn read(document: Value) -> anyhow::Result<Self> {
        let plan: Self = serde_json::from_value(document).context("this is not a scenario with steps")?;
        ensure!(!plan.steps.is_empty(), "the scenario has no steps");
        let nothing = plan.steps.iter().all(|step| step.expect == Expected::default());
        ensure!(!nothing, "no step expects anything, so nothing can fail; add an Expect");
        for (n, step) in plan.steps.iter().enumerate() {
            step.deed().with_context(|| format!("step {}", n + 1))?;
        }
        Ok(plan)
    }
}

impl Step {
    pub(super) fn deed(&self) -> anyhow::Result<Deed<'_>> {
        let create = self.create.as_deref().map(Deed::Create);
        let decide = self.decide.as_deref().map(Deed::Decide);
        let pass = self.pass.map(|Delay(ms)| Deed::Pass(ms));
        let send = self.send.as_ref().map(Deed::Send);
        let mut deeds = [create, decide, pass, send].into_iter().flatten();
        let deed = deeds.next().unwrap_or(Deed::Look);
        ensure!(deeds.next().is_none(), "a step does one thing: Create, Decide, Pass or Send; make it two steps");
        let acts = matches!(deed, Deed::Create(_) | Deed::Decide(_) | Deed::Send(_));
        ensure!(!acts || self.by.is_some(), "it does not say who acts; add By, such as \"By\": \"eva\"");
        let strays = [
            ("Data", self.data.is_some() && !matches!(deed, Deed::Create(_))),
            ("As", self.called.is_some() && !matches!(deed, Deed::Create(_))),
            ("Reason", self.reason.is_some() && !matches!(deed, Deed::Decide(_))),
            ("Form", self.form.is_some() && !matches!(deed, Deed::Decide(_))),
        ];
        if let Some((name, _)) = strays.iter().find(|(_, stray)| *stray) {
            bail!("{name} does not go with what it does; Data and As go with Create, Reason and Form with Decide");
        }
        Ok(deed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(document: Value) -> String {
        Plan::read(document).map_or_else(|error| format!("{error:#}"), |_| "fine".to_owned())
    }

    #[test]
    fn what_a_scenario_cannot_mean_is_refused() {
        let plan = |step: Value| json!({ "Steps": [step, { "Expect": { "Status": "active" } }] });
        assert_eq!(refused(plan(json!({ "By": "eva", "Create": "requests", "Data": {} }))), "fine");
        assert_eq!(refused(json!({ "Steps": [] })), "the scenario has no steps");
        assert!(refused(json!({ "Steps": [{ "Pass": "P1D" }] })).starts_with("no step expects anything"));
        assert!(refused(plan(json!({ "Create": "requests" }))).starts_with("step 1: it does not say who acts"));
        assert!(refused(plan(json!({ "By": "a", "Create": "b", "Pass": "P1D" }))).contains("a step does one thing"));
        assert!(refused(plan(json!({ "Pass": "P1D", "Data": 1 }))).contains("Data does not go with what it does"));
        assert!(refused(plan(json!({ "Crate": "requests" }))).contains("unknown field `Crate`"));
    }

    #[test]
    fn the_published_schema_and_what_is_read_are_the_same() {
        let schema: Value = serde_json::from_str(super::super::SCENARIO_SCHEMA).unwrap();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let whole = json!({ "Name": "n", "Comment": "c", "Company": "x.json", "Steps": [
            { "Comment": "c", "By": "eva", "Create": "requests", "Data": {}, "As": "r", "Expect": { "Problems": [], "Answer": 201 } },
            { "By": "mira", "Decide": "approve", "On": "r", "Reason": "why", "Form": {}, "Expect": { "Status": "s", "Data": {} } },
            { "Pass": "P1D", "Expect": { "Events": [], "Asked": [], "Mails": [] } },
            { "By": "eva", "Send": { "Method": "GET", "Path": "people", "Body": {} } },
        ] });
        assert!(validator.is_valid(&whole), "{:?}", validator.iter_errors(&whole).next());
        assert_eq!(refused(whole), "fine");
        for stray in [json!({ "Steps": [{ "Crate": "x" }] }), json!({ "Steps": [{ "Expect": { "State": "x" } }] })] {
            assert!(!validator.is_valid(&stray) && refused(stray).contains("unknown field"));
        }
    }
}
