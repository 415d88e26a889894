//! What points from one instance to another, and from links to approvals, points at something that fits.

use super::deep::{Case, Child, Wrong};
use super::{COMPARE, REPORT};
use crate::backend::args;
use crate::error::StoreError;
use crate::unit::Session;
use std::collections::HashMap;
use workflow::{Activity, Effect, EventKind, Instance, Parent};

/// What is wrong with an instance's company, children and links, as far as its own case tells.
pub(super) fn wrong(company: &str, id: &str, case: &Case<'_>) -> Vec<Wrong> {
    let Instance { company: own, id: own_id, .. } = &case.instance;
    let mut wrong: Vec<Wrong> = Vec::new();
    if own != company || own_id != id {
        wrong.push((format!("it says that it is {own}/{own_id}"), COMPARE));
    }
    wrong.extend(in_children(case));
    wrong.extend(in_links(case));
    wrong
}

/// The tasks that wait for an instance of their own, with that instance.
fn waited_for(instance: &Instance) -> Vec<(u64, &str)> {
    let branches = instance.running().map(|running| running.branch.all()).unwrap_or_default();
    let children = branches.into_iter().filter_map(|branch| match &branch.activity {
        Activity::Task { activity, child: Some(child), .. } => Some((*activity, child.as_str())),
        _ => None,
    });
    children.collect()
}

fn in_children(case: &Case<'_>) -> Vec<Wrong> {
    let (waited, instance) = (waited_for(&case.instance), case.instance.id.clone());
    let stored = waited.into_iter().filter_map(|(activity, id)| Some((activity, id, case.children.get(id)?)));
    let strange = stored.filter(|(activity, _, child)| {
        child.started.as_ref().and_then(|event| parent(&event.kind))
            != Some(&Parent { instance: instance.clone(), activity: *activity })
    });
    strange
        .map(|(activity, id, _)| {
            (format!("activity {activity} waits for instance {id}, which was started by somebody else"), REPORT)
        })
        .collect()
}

fn parent(kind: &EventKind) -> Option<&Parent> {
    match kind {
        EventKind::Started { parent, .. } => parent.as_ref(),
        _ => None,
    }
}

/// Links lead to approvals that were opened, and were made for a request to that person.
fn in_links(case: &Case<'_>) -> Vec<Wrong> {
    let opened: Vec<u64> = case.history.iter().flat_map(|(_, entries)| entries).filter_map(opened).collect();
    let asked = |key: &str, wanted: u64, whom: &str| {
        case.effects.iter().any(|stored| match &stored.effect {
            Some(Effect::Ask(ask)) => stored.key(&case.instance) == key && ask.activity == wanted && ask.person == whom,
            _ => false,
        })
    };
    let mut wrong = Vec::new();
    for link in &case.links {
        let (activity, person) = (link.activity, &link.person);
        if !opened.contains(&activity) {
            wrong.push((format!("a link of {person} leads to approval {activity}, which was never opened"), COMPARE));
        } else if !asked(&link.effect, activity, person) {
            wrong.push((
                format!("a link of {person} to approval {activity} was made by no request: {}", link.effect),
                COMPARE,
            ));
        }
    }
    wrong
}

/// The number of the approval that the entry tells the opening of.
fn opened(entry: &workflow::Entry) -> Option<u64> {
    let details = entry.details.as_ref().filter(|_| entry.kind == "ApprovalOpened")?;
    details.get("activity")?.as_u64()
}

impl Session {
    /// The stored ones among the instances that a task of this one waits for.
    pub(super) async fn children(
        &mut self,
        company: &str,
        instance: &Instance,
    ) -> Result<HashMap<String, Child>, StoreError> {
        let mut children = HashMap::new();
        for (_, id) in waited_for(instance) {
            let sql = "SELECT i.status, t.event FROM instance i LEFT JOIN transition t \
                       ON t.company = i.company AND t.instance = i.id AND t.version = 1 WHERE i.company = $1 AND i.id = $2";
            let Some(mut row) = self.query_one(sql, args![company, id]).await? else { continue };
            let is_running = row.text()? == "running";
            let started = row.maybe_text()?.and_then(|event| serde_json::from_str(&event).ok());
            children.insert(id.to_owned(), Child { is_running, started });
        }
        Ok(children)
    }

    /// What is wrong between an instance and the one that started it.
    pub(super) async fn estranged(
        &mut self,
        company: &str,
        id: &str,
        case: &Case<'_>,
    ) -> Result<Option<Wrong>, StoreError> {
        let Some(parent) = case.history.first().and_then(|(event, _)| parent(&event.kind)) else { return Ok(None) };
        let sql = "SELECT body FROM instance WHERE company = $1 AND id = $2";
        let Some(mut row) = self.query_one(sql, args![company, &parent.instance]).await? else {
            let sql = "SELECT instance FROM archived WHERE company = $1 AND instance = $2";
            if self.query_one(sql, args![company, &parent.instance]).await?.is_some() {
                return Ok(None);
            }
            return Ok(Some((format!("the instance {} that started it is not stored", parent.instance), COMPARE)));
        };
        // One that cannot be read is told of by its own check.
        let Ok(instance) = serde_json::from_str::<Instance>(&row.text()?) else { return Ok(None) };
        let other =
            waited_for(&instance).into_iter().find(|(activity, child)| *activity == parent.activity && *child != id);
        Ok(other.map(|(_, child)| (format!("instance {} started it and waits for {child}", parent.instance), REPORT)))
    }
}
