//! One instance on a virtual clock. Every event is taken twice and must give the same; when a world is dropped, its
//! instance must be the fold of its events and survive its own JSON.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use workflow::definition::ApproverSource;
use workflow::{
    Actor, Candidate, Channel, Definition, DefinitionRef, Effect, Entry, Event, EventKind, FoundGroup, Instance,
    OpenApproval, Rejected, Status, WantedGroup, Why, next_due, replay, step,
};

pub(crate) const DAY: i64 = 86_400_000;
pub(crate) const START: i64 = 1_795_446_000_000;

pub(crate) struct World {
    pub(crate) definition: Definition,
    pub(crate) instance: Instance,
    pub(crate) now: i64,
    pub(crate) effects: Vec<Effect>,
    roles: BTreeMap<String, Vec<String>>,
    events: Vec<(Event, Vec<Entry>)>,
}

/// A definition of these states, the first of which is started.
pub(crate) fn definition(start: &str, states: Value) -> Definition {
    let document = json!({ "QueryLanguage": "JSONata", "StartAt": start, "States": states });
    Definition::parse(&document).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// A document with one approval, `Ask`, and a state for each of its outcomes that ends with the outcome's name.
pub(crate) fn asking_document(fields: Value) -> Value {
    let mut state = json!({ "Type": "Approval", "Groups": [{ "Name": "g", "From": [{ "Role": "g" }] }] });
    let own = state.as_object_mut().unwrap();
    own.extend(fields.as_object().unwrap().clone());
    let mut states = Map::new();
    let mut routes = Map::new();
    for outcome in outcomes(own) {
        routes.insert(outcome.clone(), json!({ "Next": outcome }));
        states.insert(outcome.clone(), json!({ "Type": "Succeed", "Output": outcome }));
    }
    own.entry("Outcomes").or_insert(Value::Object(routes));
    let catch = own.get("Catch").is_some();
    states.insert("Ask".into(), state);
    if catch {
        states.insert("Caught".into(), json!({ "Type": "Succeed", "Output": "{% $states.input.Error %}" }));
    }
    json!({ "QueryLanguage": "JSONata", "StartAt": "Ask", "States": states })
}

fn outcomes(state: &Map<String, Value>) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut found = match state.get("Decisions").and_then(Value::as_array) {
        Some(decisions) => decisions.iter().map(|decision| text(&decision["Outcome"])).collect(),
        None => vec!["approved".to_owned(), "rejected".to_owned()],
    };
    let escalations = state.get("Escalations").and_then(Value::as_array).into_iter().flatten();
    found.extend(escalations.filter_map(|escalation| escalation.get("Outcome").map(text)));
    found.extend(state.get("OnNobody").map(text));
    found.extend(state.get("ExpireAfter").map(|_| "expired".to_owned()));
    found
}

impl World {
    pub(crate) fn new(definition: Definition) -> Self {
        let reference = DefinitionRef { name: "test/core".into(), version: 1 };
        let instance = Instance::new("instance-1", "acme", reference);
        let (effects, events) = (Vec::new(), Vec::new());
        Self { definition, instance, now: START, effects, roles: BTreeMap::new(), events }
    }

    /// A world with one approval, started on behalf of `rita`.
    pub(crate) fn asking(fields: Value, roles: &[(&str, &[&str])]) -> Self {
        let definition = Definition::parse(&asking_document(fields)).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let mut world = Self::new(definition).with(roles);
        world.start(json!({ "requester": { "id": "rita" } }));
        world
    }

    pub(crate) fn with(mut self, roles: &[(&str, &[&str])]) -> Self {
        for (role, people) in roles {
            self.roles.insert((*role).to_owned(), people.iter().map(|person| (*person).to_owned()).collect());
        }
        self
    }

    pub(crate) fn start(&mut self, input: Value) {
        self.take(EventKind::started(input, Some("rita".into()))).unwrap();
    }

    /// Takes an event and answers, as the store does within the commit, who the approvers are.
    pub(crate) fn take(&mut self, kind: EventKind) -> Result<Vec<Effect>, Rejected> {
        let mut effects = self.take_one(kind)?;
        let wanted = |effect: &Effect| matches!(effect, Effect::FindApprovers { .. });
        while let Some(Effect::FindApprovers { activity, groups }) =
            effects.iter().position(wanted).map(|place| effects.remove(place))
        {
            let groups = groups.iter().map(|group| self.found(group)).collect();
            effects.extend(self.take_one(EventKind::ApproversFound { activity, groups })?);
        }
        self.effects.extend(effects.clone());
        Ok(effects)
    }

    /// Takes one event and nothing else.
    pub(crate) fn take_one(&mut self, kind: EventKind) -> Result<Vec<Effect>, Rejected> {
        let by = match &kind {
            EventKind::Voted { person, .. } => Actor::Person { id: person.clone(), through: Channel::Link },
            _ => Actor::System,
        };
        let event = Event { at: self.now, by, kind };
        let taken = step(&self.definition, &self.instance, &event);
        assert_eq!(taken, step(&self.definition, &self.instance, &event), "the same event gave something else");
        let taken = taken?;
        assert_eq!(taken.instance.version, self.instance.version + 1);
        self.instance = taken.instance;
        self.events.push((event, taken.entries));
        Ok(taken.effects)
    }

    fn found(&self, wanted: &WantedGroup) -> FoundGroup {
        let people = wanted.from.iter().flat_map(|source| self.people(source)).collect();
        FoundGroup { name: wanted.name.clone(), people }
    }

    fn people(&self, source: &ApproverSource<String>) -> Vec<Candidate> {
        match source {
            ApproverSource::User(person) => vec![candidate(person, Why::Named)],
            ApproverSource::ManagerOf(person) => {
                vec![candidate(&format!("boss of {person}"), Why::ManagerOf(person.clone()))]
            }
            ApproverSource::HeadOf(department) => {
                vec![candidate(&format!("head of {department}"), Why::HeadOf(department.clone()))]
            }
            ApproverSource::Role(role) | ApproverSource::Matrix(role) => {
                let people = self.roles.get(role).into_iter().flatten();
                people.map(|person| candidate(person, Why::Role(role.clone()))).collect()
            }
            other => panic!("no test uses {other:?}"),
        }
    }

    pub(crate) fn vote(&mut self, person: &str, decision: &str) -> Result<Vec<Effect>, Rejected> {
        self.vote_with(person, decision, None, None)
    }

    pub(crate) fn vote_with(
        &mut self,
        person: &str,
        decision: &str,
        form: Option<Value>,
        comment: Option<&str>,
    ) -> Result<Vec<Effect>, Rejected> {
        let activity = self.last_activity();
        self.take(EventKind::Voted {
            activity,
            person: person.into(),
            decision: decision.into(),
            form,
            comment: comment.map(str::to_owned),
        })
    }

    pub(crate) fn reassign(&mut self, from: &str, to: &str) -> Result<Vec<Effect>, Rejected> {
        let (activity, to) = (self.last_activity(), candidate(to, Why::Named));
        self.take(EventKind::Reassigned { activity, from: from.into(), to, reason: "away".into() })
    }

    /// The approval that is open, else the one that was closed last.
    pub(crate) fn last_activity(&self) -> u64 {
        let open = self.instance.open_approvals().next().map(|(_, open)| open);
        open.or(self.instance.closed.last().map(|closed| &closed.approval)).map_or(1, |approval| approval.activity)
    }

    pub(crate) fn open(&self) -> &OpenApproval {
        self.instance.open_approvals().next().map(|(_, open)| open).expect("no approval is open")
    }

    pub(crate) fn due(&self) -> Option<i64> {
        next_due(&self.definition, &self.instance)
    }

    /// Lets time pass up to the next deadline and fires it.
    pub(crate) fn fire(&mut self) -> Vec<Effect> {
        let due = self.due().expect("nothing is due");
        self.now = self.now.max(due);
        self.take(EventKind::DeadlineReached).expect("a deadline that is due is not taken")
    }

    /// Lets time pass, firing every deadline on the way at its own time.
    pub(crate) fn pass(&mut self, ms: i64) {
        let until = self.now + ms;
        while self.due().is_some_and(|due| due <= until) {
            self.fire();
        }
        self.now = until;
    }

    /// The output of an execution that ended well.
    pub(crate) fn output(&self) -> &Value {
        match &self.instance.status {
            Status::Succeeded { output, .. } => output,
            other => panic!("did not succeed: {other:?}"),
        }
    }

    /// Error and cause of an execution that failed.
    pub(crate) fn failure(&self) -> (&str, &str) {
        match &self.instance.status {
            Status::Failed { error, cause, .. } => (error, cause),
            other => panic!("did not fail: {other:?}"),
        }
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.events.iter().flat_map(|(_, entries)| entries)
    }

    /// `PassStateEntered A`, entry by entry.
    pub(crate) fn history(&self) -> Vec<String> {
        self.entries()
            .map(|entry| match &entry.name {
                Some(name) => format!("{} {name}", entry.kind),
                None => entry.kind.clone(),
            })
            .collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        if let Err(difference) = replay(&self.definition, &self.instance, &self.events) {
            panic!("{difference}");
        }
        let again: Instance = serde_json::from_str(&serde_json::to_string(&self.instance).unwrap()).unwrap();
        assert_eq!(again, self.instance, "an instance is another after its JSON");
        let events: Vec<(Event, Vec<Entry>)> =
            serde_json::from_str(&serde_json::to_string(&self.events).unwrap()).unwrap();
        if let Err(difference) = replay(&self.definition, &again, &events) {
            panic!("after their JSON: {difference}");
        }
        let again: Vec<Effect> = serde_json::from_str(&serde_json::to_string(&self.effects).unwrap()).unwrap();
        assert_eq!(again, self.effects, "effects are others after their JSON");
    }
}

pub(crate) fn candidate(person: &str, why: Why) -> Candidate {
    Candidate { person: person.into(), name: person.to_uppercase(), why }
}

/// Who is asked by these effects, in order.
pub(crate) fn asked(effects: &[Effect]) -> Vec<&str> {
    let asked = effects.iter().filter_map(|effect| match effect {
        Effect::Ask(asking) => Some(asking.person.as_str()),
        _ => None,
    });
    asked.collect()
}

/// Who is told that nothing is left to do, and why.
pub(crate) fn released(effects: &[Effect]) -> Vec<(&str, &str)> {
    let released = effects.iter().filter_map(|effect| match effect {
        Effect::Release { person, because, .. } => Some((person.as_str(), because.as_str())),
        _ => None,
    });
    released.collect()
}
