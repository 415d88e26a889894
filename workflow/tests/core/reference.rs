//! What an approval is, written a second time and as plainly as possible: the model that the core is compared with.
//!
//! Quorums are counted by trying every way of sharing the voters out, not by matching.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const REQUESTER: &str = "p0";

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Quorum {
    Count(usize),
    All,
    Percent(usize),
}

/// The rules of one approval, from which both the definition and the model are made.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) groups: Vec<(BTreeSet<usize>, Quorum)>,
    pub(crate) any_group: bool,
    pub(crate) one_person_one_group: bool,
    pub(crate) late_reject: bool,
    pub(crate) exclude_nobody: bool,
    pub(crate) expire_days: Option<i64>,
    pub(crate) remind_days: Option<(i64, i64, u32)>,
    pub(crate) escalate: Option<(i64, Escalation)>,
    pub(crate) comment_on_reject: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Escalation {
    Add(BTreeSet<usize>),
    Replace(BTreeSet<usize>),
    Decide,
}

pub(crate) fn person(n: usize) -> String {
    format!("p{n}")
}

impl Rules {
    /// The fields of the `Approval`.
    pub(crate) fn fields(&self) -> Value {
        let from = |people: &BTreeSet<usize>| people.iter().map(|n| json!({ "User": person(*n) })).collect::<Vec<_>>();
        let quorum = |quorum: Quorum| match quorum {
            Quorum::Count(count) => json!(count),
            Quorum::All => json!("All"),
            Quorum::Percent(share) => json!(format!("{share}%")),
        };
        let groups = self.groups.iter().enumerate();
        let groups: Vec<Value> = groups
            .map(|(n, (people, of))| json!({ "Name": format!("g{n}"), "From": from(people), "Quorum": quorum(*of) }))
            .collect();
        let mut fields = json!({ "Groups": groups, "Require": if self.any_group { "AnyGroup" } else { "AllGroups" },
            "OnePersonOneGroup": self.one_person_one_group,
            "RejectWhen": if self.late_reject { "QuorumImpossible" } else { "First" },
            "OnNobody": "nobody" });
        let days = |days: i64| format!("P{days}D");
        if self.exclude_nobody {
            fields["Exclude"] = json!([]);
        }
        if self.comment_on_reject {
            fields["CommentRequired"] = json!(["reject"]);
        }
        if let Some(after) = self.expire_days {
            fields["ExpireAfter"] = json!(days(after));
        }
        if let Some((after, every, max)) = self.remind_days {
            fields["Reminders"] = json!([{ "After": days(after), "Every": days(every), "Max": max }]);
        }
        if let Some((after, act)) = &self.escalate {
            let act = match act {
                Escalation::Add(people) => json!({ "After": days(*after), "Do": "AddApprovers", "From": from(people) }),
                Escalation::Replace(people) => json!({ "After": days(*after), "Do": "Replace", "From": from(people) }),
                Escalation::Decide => json!({ "After": days(*after), "Do": "Decide", "Outcome": "late" }),
            };
            fields["Escalations"] = json!([act]);
        }
        fields
    }
}

/// Where the question stands.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    rules: Rules,
    /// Who sits in each group, and how many votes the group needs.
    groups: Vec<(BTreeSet<String>, usize)>,
    /// True for yes.
    votes: BTreeMap<String, bool>,
    gave: BTreeSet<String>,
    reminded: u32,
    escalated: bool,
    pub(crate) outcome: Option<&'static str>,
}

impl Model {
    pub(crate) fn new(rules: &Rules) -> Self {
        let groups = rules.groups.iter().map(|(people, quorum)| {
            let people: BTreeSet<String> = people.iter().map(|n| person(*n)).collect();
            let people: BTreeSet<String> =
                people.into_iter().filter(|name| rules.exclude_nobody || name != REQUESTER).collect();
            let needed = needed(*quorum, people.len());
            (people, needed)
        });
        let (votes, gave) = (BTreeMap::new(), BTreeSet::new());
        let mut model = Self {
            rules: rules.clone(),
            groups: groups.collect(),
            votes,
            gave,
            reminded: 0,
            escalated: false,
            outcome: None,
        };
        if !model.agreed(&model.seated()) {
            model.outcome = Some("nobody");
        }
        model
    }

    fn seated(&self) -> BTreeSet<String> {
        self.groups.iter().flat_map(|(people, _)| people).cloned().collect()
    }

    /// Who may vote now.
    pub(crate) fn pending(&self) -> BTreeSet<String> {
        if self.outcome.is_some() {
            return BTreeSet::new();
        }
        self.seated().into_iter().filter(|person| !self.votes.contains_key(person)).collect()
    }

    /// Whether the vote is taken.
    pub(crate) fn vote(&mut self, person: &str, yes: bool, comment: bool) -> bool {
        let reason = yes || comment || !self.rules.comment_on_reject;
        if !self.pending().contains(person) || !reason {
            return false;
        }
        self.votes.insert(person.to_owned(), yes);
        self.count();
        true
    }

    /// Whether the seat changes hands.
    pub(crate) fn reassign(&mut self, from: &str, to: &str) -> bool {
        let barred = to == REQUESTER && !self.rules.exclude_nobody;
        if !self.pending().contains(from) || barred || self.seated().contains(to) {
            return false;
        }
        for (people, _) in &mut self.groups {
            if people.remove(from) {
                people.insert(to.to_owned());
            }
        }
        self.gave.insert(from.to_owned());
        true
    }

    fn count(&mut self) {
        let yes: BTreeSet<String> = self.votes.iter().filter(|(_, yes)| **yes).map(|(name, _)| name.clone()).collect();
        let hoped = yes.union(&self.pending()).cloned().collect();
        let no = self.votes.values().any(|yes| !yes);
        if no && !self.rules.late_reject {
            self.outcome = Some("rejected");
        } else if self.agreed(&yes) {
            self.outcome = Some("approved");
        } else if !self.agreed(&hoped) {
            self.outcome = Some("rejected");
        }
    }

    /// Whether the quorums are reached if these people say yes.
    fn agreed(&self, people: &BTreeSet<String>) -> bool {
        let reached = |(members, needed): &(BTreeSet<String>, usize)| members.intersection(people).count() >= *needed;
        match (self.rules.any_group, self.rules.one_person_one_group) {
            (true, _) => self.groups.iter().any(reached),
            (false, false) => self.groups.iter().all(reached),
            (false, true) => {
                let missing: Vec<usize> = self.groups.iter().map(|(_, needed)| *needed).collect();
                self.shared_out(&people.iter().collect::<Vec<_>>(), &missing)
            }
        }
    }

    /// Gives the first person to each group in turn, or to none.
    fn shared_out(&self, people: &[&String], missing: &[usize]) -> bool {
        let Some((first, rest)) = people.split_first() else { return missing.iter().all(|missing| *missing == 0) };
        let mut ways = (0..missing.len()).filter(|n| missing[*n] > 0 && self.groups[*n].0.contains(*first));
        let in_a_group = ways.any(|n| {
            let mut fewer = missing.to_vec();
            fewer[n] -= 1;
            self.shared_out(rest, &fewer)
        });
        in_a_group || self.shared_out(rest, missing)
    }

    /// Days after opening on which something happens next.
    pub(crate) fn due_days(&self) -> Option<i64> {
        if self.outcome.is_some() {
            return None;
        }
        let reminder = self.rules.remind_days.filter(|(_, _, max)| self.reminded < *max);
        let reminder = reminder.map(|(after, every, _)| after + every * i64::from(self.reminded));
        let escalation = self.rules.escalate.as_ref().filter(|_| !self.escalated).map(|(after, _)| *after);
        self.rules.expire_days.into_iter().chain(reminder).chain(escalation).min()
    }

    /// Days have passed and the deadlines are looked at. Whether one had come.
    pub(crate) fn deadline(&mut self, days: i64) -> bool {
        if self.due_days().is_none_or(|due| due > days) {
            return false;
        }
        if self.rules.expire_days.is_some_and(|expire| expire <= days) {
            self.outcome = Some("expired");
            return true;
        }
        while self
            .rules
            .remind_days
            .is_some_and(|(after, every, max)| self.reminded < max && after + every * i64::from(self.reminded) <= days)
        {
            self.reminded += 1;
        }
        let escalation = self.rules.escalate.clone().filter(|(after, _)| !self.escalated && *after <= days);
        if let Some((_, act)) = escalation {
            self.escalated = true;
            self.escalate(&act);
        }
        true
    }

    fn escalate(&mut self, act: &Escalation) {
        let (people, replace) = match act {
            Escalation::Decide => return self.outcome = Some("late"),
            Escalation::Add(people) => (people, false),
            Escalation::Replace(people) => (people, true),
        };
        let seated = self.seated();
        let new: Vec<String> = people
            .iter()
            .map(|n| person(*n))
            .filter(|name| (self.rules.exclude_nobody || name != REQUESTER) && !seated.contains(name))
            .collect();
        if replace && !new.is_empty() {
            let mut after = self.clone();
            for ((members, needed_now), (_, quorum)) in after.groups.iter_mut().zip(&self.rules.groups) {
                members.retain(|member| self.votes.contains_key(member));
                members.extend(new.iter().cloned());
                *needed_now = needed(*quorum, members.len());
            }
            let no = |name: &String| self.votes.get(name) == Some(&false);
            let hoped: BTreeSet<String> = after.seated().into_iter().filter(|name| !no(name)).collect();
            if after.agreed(&hoped) {
                *self = after;
                return;
            }
        }
        self.groups.iter_mut().for_each(|(members, _)| members.extend(new.iter().cloned()));
    }
}

fn needed(quorum: Quorum, people: usize) -> usize {
    match quorum {
        Quorum::Count(count) => count,
        Quorum::All => people.max(1),
        Quorum::Percent(share) => (1..).find(|votes| votes * 100 >= people * share).unwrap_or(1),
    }
}
