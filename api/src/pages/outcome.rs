//! `/a/{token}` after this person or somebody else decided: what was decided, by whom, when, and what comes next.

use askama::Template;
use modules::view::View;

use super::parts::{Document, Moment, Tone, Vote};

/// The page behind a link when there is nothing (more) to decide for this person.
#[derive(Debug, Clone, Template)]
#[template(path = "outcome.html")]
pub struct OutcomePage {
    /// The company in whose name the question was asked.
    pub company: String,
    /// The secret of the link, for the address of the PDF.
    pub token: String,
    /// Whose link this is.
    pub person: String,
    /// The title of the step.
    pub step: String,
    /// The round, from 1.
    pub round: u32,
    /// Who asked.
    pub requester: String,
    /// How the person came here.
    pub arrival: Arrival,
    /// Where the step stands.
    pub standing: Standing,
    /// What happens next, as a sentence: `The order is sent to Nordwind GmbH.`
    pub next: Option<String>,
    /// The vote of the person whose link this is.
    pub own: Option<Vote>,
    /// The document.
    pub view: View,
    /// All decisions, oldest first.
    pub history: Vec<Vote>,
    /// The PDF, when there is one.
    pub document: Option<Document>,
    /// Until when this link shows this page.
    pub kept_until: Option<Moment>,
}

/// How the person came to the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// Opened the link.
    Looking,
    /// Was sent here by the POST that recorded the vote (303).
    JustDecided,
    /// Pressed a button, but the step had been closed (409).
    TooLate,
    /// Made the own decision once more, with another comment or form (409): the first one stands.
    FirstStands,
}

/// Where the step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Others are still asked: `Bob Stone`, `1 of 3 from Finance`.
    Waiting {
        /// For whom.
        for_whom: Vec<String>,
    },
    /// The step has its outcome.
    Decided {
        /// In the past tense, in lower case: `approved`.
        outcome: String,
        /// How it is marked.
        tone: Tone,
        /// Whose vote closed the step. Nobody when a rule did.
        by: Option<String>,
        /// When.
        at: Moment,
    },
    /// The requester took the request back.
    Withdrawn {
        /// Who.
        by: String,
        /// When.
        at: Moment,
    },
    /// Nobody decided in time.
    Expired {
        /// When.
        at: Moment,
    },
    /// The document was changed and a new round was opened: a new link was sent.
    Restarted {
        /// When.
        at: Moment,
    },
}

impl OutcomePage {
    /// How the head of the page is marked.
    pub fn tone(&self) -> Tone {
        match (&self.standing, self.fresh_vote()) {
            // The head says that it was recorded, which is good news whatever was decided.
            (_, Some(_)) => Tone::Good,
            (Standing::Decided { tone, .. }, None) => *tone,
            (Standing::Expired { .. }, None) => Tone::Bad,
            _ => Tone::Neutral,
        }
    }

    /// The head of the page: the answer to "what happened?" in one sentence.
    pub fn heading(&self) -> String {
        if let Some(vote) = self.fresh_vote() {
            return match self.arrival {
                Arrival::FirstStands => format!("You had {} before", vote.decision),
                _ => "Thank you. Your decision is recorded".to_owned(),
            };
        }
        match (&self.standing, &self.arrival) {
            (Standing::Decided { outcome, .. }, Arrival::TooLate) => format!("Already {outcome}"),
            (Standing::Decided { outcome, .. }, _) => format!("This request was {outcome}"),
            (Standing::Waiting { .. }, _) => "Others are still asked".to_owned(),
            (Standing::Withdrawn { .. }, _) => "This request was withdrawn".to_owned(),
            (Standing::Expired { .. }, _) => "The time to decide has passed".to_owned(),
            (Standing::Restarted { .. }, _) => "The document was changed".to_owned(),
        }
    }

    /// Who closed it and when, and whether a late click did anything.
    pub fn explanation(&self) -> String {
        let state = match &self.standing {
            Standing::Waiting { for_whom } if for_whom.is_empty() => "The step is still open.".to_owned(),
            Standing::Waiting { for_whom } => format!("Still open. Waiting for {}.", listed(for_whom)),
            Standing::Decided { at, .. } if self.own_vote_closed(*at) => "Your decision closed this step.".to_owned(),
            Standing::Decided { outcome, by: Some(by), at, .. } => format!("{by} {outcome} it on {at}."),
            Standing::Decided { outcome, by: None, at, .. } => format!("A rule of the workflow {outcome} it on {at}."),
            Standing::Withdrawn { by, at } => format!("{by} took it back on {at}. Nothing is needed from you."),
            Standing::Expired { at } => format!("Nobody decided until {at}."),
            Standing::Restarted { at } => format!("It changed on {at}. A mail with a new link was sent to you."),
        };
        match self.arrival {
            Arrival::TooLate => format!("Your click changed nothing. {state}"),
            Arrival::FirstStands => {
                format!("The first decision stands, and what you sent now is not recorded. {state}")
            }
            Arrival::Looking | Arrival::JustDecided => state,
        }
    }

    /// Whether the own vote was the one that gave the step its outcome.
    fn own_vote_closed(&self, at: Moment) -> bool {
        let Standing::Decided { by: Some(by), .. } = &self.standing else { return false };
        self.own.as_ref().is_some_and(|vote| vote.who == *by && vote.at == at)
    }

    /// The own vote when the person comes straight from giving it, or from trying to give another.
    fn fresh_vote(&self) -> Option<&Vote> {
        match self.arrival {
            Arrival::JustDecided | Arrival::FirstStands => self.own.as_ref(),
            Arrival::Looking | Arrival::TooLate => None,
        }
    }
}

/// `A`, `A and B`, `A, B and C`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::samples::outcome_page;

    #[test]
    fn a_confirmation_says_what_was_recorded_and_what_is_still_open() {
        let mut page = outcome_page();
        page.arrival = Arrival::JustDecided;
        page.standing = Standing::Waiting { for_whom: vec!["Bob Stone".into(), "Finance".into()] };
        assert_eq!(page.heading(), "Thank you. Your decision is recorded");
        assert_eq!(page.explanation(), "Still open. Waiting for Bob Stone and Finance.");
        let html = page.render().unwrap();
        assert!(
            html.contains("You approved on <time datetime=\"2026-11-23T15:21:00Z\">23 November 2026, 15:21 UTC</time>")
        );
    }

    #[test]
    fn a_late_click_is_told_that_it_changed_nothing() {
        let mut page = outcome_page();
        page.arrival = Arrival::TooLate;
        page.own = None;
        assert_eq!(page.heading(), "Already approved");
        let explanation = page.explanation();
        assert!(
            explanation.starts_with("Your click changed nothing. Anna Weber approved it on 23 November"),
            "{explanation}"
        );
    }

    #[test]
    fn whoever_decides_once_more_is_told_that_the_first_one_stands() {
        let page = OutcomePage { arrival: Arrival::FirstStands, ..outcome_page() };
        assert_eq!(page.heading(), "You had approved before");
        let explanation = page.explanation();
        assert!(explanation.starts_with("The first decision stands, and what you sent now is not"), "{explanation}");
    }

    #[test]
    fn a_closed_page_has_nothing_to_press() {
        let html = outcome_page().render().unwrap();
        assert!(!html.contains("<form") && !html.contains("<button"));
    }
}
