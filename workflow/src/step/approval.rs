//! `Approval`, first half: what is asked, and whom.

use super::ballot::reached;
use super::deadline::approval_of;
use super::run::{Failure, Flow, Run};
use super::scope::Seen;
use crate::definition::{Approval, ApproverSource, Exclusion, Group};
use crate::effect::{Asking, Effect, Occasion};
use crate::event::{Candidate, FoundGroup, WantedGroup};
use crate::expression::{Expression, Template};
use crate::history::Entry;
use crate::instance::{Activity, Excluded, OpenApproval, OpenGroup, Seat, Subject};
use serde_json::{Value, json};
use std::collections::HashSet;

impl Run<'_> {
    /// Enters the state: evaluates what is asked and has the people looked up.
    pub(super) fn ask(&mut self, approval: &Approval) -> Flow {
        let asked = self.try_ask(approval);
        self.or_caught(asked)
    }

    fn try_ask(&mut self, approval: &Approval) -> Result<Flow, Failure> {
        let groups = self.wanted(&approval.groups)?;
        let open = OpenApproval {
            activity: self.new_activity(),
            round: self.round(),
            items: self.items_above(),
            opened_at: self.at,
            title: self.title(approval)?,
            details: self.text(approval.details.as_ref())?,
            subject: self.subject(approval)?,
            excluded: self.excluded(approval)?,
            groups: Vec::new(),
            votes: Vec::new(),
            reminded: Vec::new(),
            escalated: 0,
        };
        self.cause(Effect::FindApprovers { activity: open.activity, groups });
        self.branch.activity = Activity::Approvers(open);
        Ok(Flow::Rest)
    }

    fn round(&self) -> u32 {
        self.instance.rounds_of(&self.branch.state, &self.items_above()).saturating_add(1)
    }

    /// The places of the items that the current branch belongs to, from the outermost `Map`.
    fn items_above(&self) -> Vec<usize> {
        let items = self.above.iter().filter_map(|above| match &above.branch.activity {
            Activity::Items(items) => items.lanes.get(above.lane).map(|lane| lane.item),
            _ => None,
        });
        items.collect()
    }

    fn title(&self, approval: &Approval) -> Result<String, Failure> {
        let title = self.text(approval.title.as_ref())?;
        Ok(title.unwrap_or_else(|| self.branch.state.clone()))
    }

    fn text(&self, template: Option<&Template>) -> Result<Option<String>, Failure> {
        let value = template.map(|template| self.evaluate(template, Seen::NOTHING)).transpose()?;
        let value = value.filter(|value| !value.is_null());
        Ok(value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
    }

    fn subject(&self, approval: &Approval) -> Result<Option<Subject>, Failure> {
        let Some(rule) = &approval.subject else { return Ok(None) };
        let id = self.text(Some(&rule.id))?.unwrap_or_default();
        Ok(Some(Subject { kind: rule.kind.clone(), id }))
    }

    fn wanted(&self, groups: &[Group]) -> Result<Vec<WantedGroup>, Failure> {
        groups
            .iter()
            .map(|group| Ok(WantedGroup { name: group.name.clone(), from: self.sources(&group.from, &[])? }))
            .collect()
    }

    /// The sources with their expressions evaluated; an expression may yield several people.
    pub(super) fn sources(
        &self,
        from: &[ApproverSource<Template>],
        pending: &[String],
    ) -> Result<Vec<ApproverSource<String>>, Failure> {
        use ApproverSource::{Expr, HeadOf, ManagerOf, ManagerOfPending, Matrix, Role, User};
        let mut found = Vec::new();
        for source in from {
            let (template, make): (_, fn(String) -> ApproverSource<String>) = match source {
                User(template) | Expr(template) => (template, User),
                Role(template) => (template, Role),
                ManagerOf(template) => (template, ManagerOf),
                HeadOf(template) => (template, HeadOf),
                Matrix(template) => (template, Matrix),
                ManagerOfPending => {
                    found.extend(pending.iter().cloned().map(ManagerOf));
                    continue;
                }
            };
            let value = self.evaluate(template, Seen::NOTHING)?;
            found.extend(self.names(value)?.into_iter().map(make));
        }
        Ok(found)
    }

    fn excluded(&self, approval: &Approval) -> Result<Vec<Excluded>, Failure> {
        let requester = self.running.requester.clone();
        let requested = |person: String| Excluded { person, because: "made the request".to_owned() };
        let Some(rules) = &approval.exclude else { return Ok(requester.into_iter().map(requested).collect()) };
        let mut found: Vec<Excluded> = Vec::new();
        for rule in rules {
            match rule {
                Exclusion::People(expression) => {
                    let people = self.excluded_people(expression)?;
                    found.extend(people.into_iter().map(|person| match &requester {
                        Some(requester) if *requester == person => requested(person),
                        _ => Excluded { person, because: "is excluded by the workflow".to_owned() },
                    }));
                }
                Exclusion::DecidedIn(listed) => found.extend(self.decided_in(listed)),
            }
        }
        Ok(found)
    }

    /// An expression that yields nothing is an error: a misspelt field must not let everybody decide. Null is nobody.
    fn excluded_people(&self, expression: &Expression) -> Result<Vec<String>, Failure> {
        match self.expression(expression, Seen::NOTHING)? {
            Some(people) => self.names(people),
            None => Err(self.unusable(format!("Exclude: '{}' returned nothing (undefined)", expression.source()))),
        }
    }

    /// Person ids, departments or roles: one text or a list of texts. Null is nobody.
    fn names(&self, value: Value) -> Result<Vec<String>, Failure> {
        match value {
            Value::Null => Ok(Vec::new()),
            Value::String(name) => Ok(vec![name]),
            Value::Array(items) => items
                .into_iter()
                .map(|item| self.names(item))
                .collect::<Result<Vec<_>, _>>()
                .map(|lists| lists.concat()),
            other => Err(self.unusable(format!("{other} is not an id; approvers are named by text"))),
        }
    }

    fn decided_in(&self, states: &[String]) -> Vec<Excluded> {
        let earlier = self.instance.earlier.iter().filter(|earlier| states.contains(&earlier.state));
        let earlier = earlier.flat_map(|earlier| earlier.decided.iter().map(|who| (who, &earlier.state)));
        let closed = self.instance.closed.iter().filter(|closed| states.contains(&closed.state));
        let closed = closed.flat_map(|closed| closed.approval.votes.iter().map(|vote| (&vote.who, &closed.state)));
        let excluded = |(who, state): (&String, &String)| Excluded {
            person: who.clone(),
            because: format!("already decided in {state}"),
        };
        earlier.chain(closed).map(excluded).collect()
    }

    /// The people are known: asks them, unless there are too few.
    pub(super) fn open(&mut self, mut open: OpenApproval, found: &[FoundGroup]) {
        let definition = self.definition;
        let Some(approval) = approval_of(definition, &self.branch) else { return };
        open.groups = approval.groups.iter().map(|group| self.seat_group(group, &open, found)).collect();
        let flow = match self.too_few(approval, &open) {
            None => self.opened(open),
            Some(cause) => self.nobody(approval, open, cause),
        };
        self.go(flow);
    }

    fn seat_group(&self, group: &Group, open: &OpenApproval, found: &[FoundGroup]) -> OpenGroup {
        let people = found.iter().find(|found| found.name == group.name).map_or(&[][..], |found| &found.people);
        let allowed = people.iter().filter(|person| open.excluded.iter().all(|rule| rule.person != person.person));
        // Each person once: a second seat would raise the quorum of "All" beyond the people.
        let mut asked = HashSet::new();
        let once = allowed.filter(|person| asked.insert(person.person.as_str()));
        let seats: Vec<Seat> = once.map(|person| self.seat(person)).collect();
        OpenGroup { name: group.name.clone(), quorum: group.quorum.of(seats.len()), seats }
    }

    pub(super) fn seat(&self, candidate: &Candidate) -> Seat {
        Seat {
            person: candidate.person.clone(),
            name: candidate.name.clone(),
            why: candidate.why.clone(),
            since: self.at,
            gave: Vec::new(),
        }
    }

    /// Why the quorums cannot be reached, if they cannot.
    fn too_few(&self, approval: &Approval, open: &OpenApproval) -> Option<String> {
        let everybody = open.groups.iter().flat_map(|group| &group.seats).map(|seat| seat.person.as_str()).collect();
        if reached(approval, open, &everybody) {
            return None;
        }
        let short: Vec<String> = open
            .groups
            .iter()
            .filter(|group| group.seats.len() < group.quorum)
            .map(|group| format!("{} needs {} and has {}", group.name, group.quorum, group.seats.len()))
            .collect();
        let what = if short.is_empty() { "the groups share too few people".to_owned() } else { short.join("; ") };
        Some(format!("too few people can be asked: {what} (the people who must not decide are left out)"))
    }

    fn nobody(&mut self, approval: &Approval, open: OpenApproval, cause: String) -> Flow {
        match &approval.on_nobody {
            Some(outcome) => self.close_unasked(approval, open, outcome),
            None => self.caught(Failure::new("Approval.NoApprover", cause)),
        }
    }

    fn opened(&mut self, open: OpenApproval) -> Flow {
        let state = self.branch.state.clone();
        let groups = open.groups.iter().map(|group| {
            json!({ "name": group.name, "quorum": group.quorum, "asked": group.seats.iter().map(asked).collect::<Vec<_>>() })
        });
        let details = json!({ "activity": open.activity, "round": open.round, "title": open.title, "groups": groups.collect::<Vec<_>>() });
        self.log(Entry::of("ApprovalOpened", &state).details(details));
        self.send(&open, Occasion::Opened);
        self.branch.activity = Activity::Decision(open);
        Flow::Rest
    }

    /// One request to each of the people who can decide.
    fn send(&mut self, open: &OpenApproval, occasion: Occasion) {
        for seat in open.pending() {
            self.cause(Effect::Ask(Asking { activity: open.activity, person: seat.person.clone(), occasion }));
        }
    }

    pub(super) fn ask_again(&mut self, open: &OpenApproval, count: u32) {
        let state = self.branch.state.clone();
        let people: Vec<&str> = open.pending().into_iter().map(|seat| seat.person.as_str()).collect();
        self.log(Entry::of("ApprovalReminded", &state).details(json!({ "count": count, "people": people })));
        self.send(open, Occasion::Reminder(count));
    }
}

pub(super) fn asked(seat: &Seat) -> Value {
    json!({ "person": seat.person, "name": seat.name, "why": seat.why.to_string() })
}
