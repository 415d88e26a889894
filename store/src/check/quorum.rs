//! Counting the votes of an approval once more, otherwise than the core does: what both say is hardly wrong.

use std::collections::HashSet;
use workflow::definition::{Approval, Require};
use workflow::{OpenApproval, OpenGroup};

/// Beyond so many groups the sets of groups are too many to look at each.
const MOST_GROUPS: usize = 16;

/// Whether those who voted for the outcome reach the quorums.
pub(super) fn is_reached(approval: &Approval, asked: &OpenApproval, outcome: &str) -> bool {
    let leads = |name: &str| approval.decision(name).is_some_and(|decision| decision.outcome == outcome);
    let agreed = asked.votes.iter().filter(|vote| leads(&vote.decision));
    let agreed: HashSet<&str> = agreed.map(|vote| vote.who.as_str()).collect();
    let groups: Vec<&OpenGroup> = asked.groups.iter().collect();
    let alone = |group: &&OpenGroup| enough(&[*group], &agreed);
    match (approval.require, approval.one_person_one_group) {
        (Require::AnyGroup, _) => groups.iter().any(alone),
        (Require::AllGroups, false) => groups.iter().all(alone),
        (Require::AllGroups, true) => shared_out(&groups, &agreed),
    }
}

/// Whether these groups together have at least as many people who agree as their quorums add up to.
fn enough(groups: &[&OpenGroup], agreed: &HashSet<&str>) -> bool {
    let seats = groups.iter().flat_map(|group| &group.seats).map(|seat| seat.person.as_str());
    let people: HashSet<&str> = seats.filter(|person| agreed.contains(person)).collect();
    people.len() >= groups.iter().map(|group| group.quorum).sum()
}

/// Whether everybody can be given to one group so that each has its quorum: exactly if every set of groups has enough
/// people together (Hall's theorem).
fn shared_out(groups: &[&OpenGroup], agreed: &HashSet<&str>) -> bool {
    if groups.len() > MOST_GROUPS {
        return enough(groups, agreed);
    }
    (1_u32..1 << groups.len()).all(|set| {
        let chosen = groups.iter().enumerate().filter(|(n, _)| set & (1 << n) != 0).map(|(_, group)| *group);
        enough(&chosen.collect::<Vec<_>>(), agreed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use workflow::{Seat, Why};

    fn group(people: &[&str], quorum: usize) -> OpenGroup {
        let seat = |person: &&str| Seat {
            person: (*person).to_owned(),
            name: (*person).to_owned(),
            why: Why::Named,
            since: 0,
            gave: Vec::new(),
        };
        OpenGroup { name: people.concat(), seats: people.iter().map(seat).collect(), quorum }
    }

    #[test]
    fn nobody_counts_in_two_groups() {
        let (one, two) = (group(&["a", "b"], 1), group(&["a", "c"], 1));
        let groups = [&one, &two];
        assert!(!shared_out(&groups, &HashSet::from(["a"])));
        assert!(shared_out(&groups, &HashSet::from(["a", "b"])));
        assert!(shared_out(&groups, &HashSet::from(["a", "c"])));
        assert!(!shared_out(&groups, &HashSet::from(["b", "x"])));
    }

    #[test]
    fn who_has_no_seat_does_not_count() {
        let one = group(&["a", "b", "c"], 2);
        assert!(!enough(&[&one], &HashSet::from(["a", "x", "y"])));
        assert!(enough(&[&one], &HashSet::from(["a", "c"])));
    }
}
