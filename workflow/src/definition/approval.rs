//! `Approval`: the one state type that this product adds to Amazon States Language. It asks people.

use super::retry::Catcher;
use crate::expression::{Expression, Template};
use serde::{Deserialize, Serialize};

/// The fields that `ApprovalDefaults` may hold.
pub(super) const SHARED: [&str; 8] = [
    "Details",
    "Exclude",
    "RejectWhen",
    "CommentRequired",
    "Reminders",
    "Escalations",
    "ExpireAfter",
    "OnePersonOneGroup",
];

/// A question to people and what follows from their answers.
#[derive(Debug, Clone)]
pub struct Approval {
    /// One line for inbox and mail.
    pub title: Option<Template>,
    /// More words for the page.
    pub details: Option<Template>,
    /// The object that is decided on.
    pub subject: Option<SubjectRule>,
    /// Who is asked; all groups at once.
    pub groups: Vec<Group>,
    /// Whether all groups must agree, or one is enough.
    pub require: Require,
    /// One person's vote counts in one group only.
    pub one_person_one_group: bool,
    /// Who must not decide. `None`: the requester must not.
    pub exclude: Option<Vec<Exclusion>>,
    /// When a negative vote ends the question.
    pub reject_when: RejectWhen,
    /// The buttons.
    pub decisions: Vec<Decision>,
    /// When the pending are asked again.
    pub reminders: Vec<Reminder>,
    /// What happens when they do not answer.
    pub escalations: Vec<Escalation>,
    /// When the question ends with the outcome `expired`, after opening, in milliseconds.
    pub expire_after_ms: Option<i64>,
    /// The outcome when nobody can be asked; the error `Approval.NoApprover` when absent.
    pub on_nobody: Option<String>,
    /// Where each outcome leads: exactly the outcomes that can occur.
    pub outcomes: Vec<(String, OutcomeRoute)>,
    /// Variables set on closing, before those of the outcome.
    pub assign: Option<Template>,
    /// Where errors lead.
    pub catch: Vec<Catcher>,
}

/// The object that is decided on.
#[derive(Debug, Clone)]
pub struct SubjectRule {
    /// The kind of object: `purchasing/orders`.
    pub kind: String,
    /// Which one.
    pub id: Template,
}

/// People who are asked together.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its name: `finance`.
    pub name: String,
    /// Where its people come from.
    pub from: Vec<ApproverSource<Template>>,
    /// How many of them must agree.
    pub quorum: Quorum,
}

/// Where approvers come from. `T` is a [`Template`] in a definition and a text once it is evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApproverSource<T> {
    /// A person, by id.
    User(T),
    /// Everybody who has a role in the company.
    Role(T),
    /// The manager of a person.
    ManagerOf(T),
    /// The managers of those who have not answered; only in escalations.
    ManagerOfPending,
    /// The head of a department.
    HeadOf(T),
    /// Whom the authority table names for a step.
    Matrix(T),
    /// Person ids that an expression yields, one or a list.
    Expr(T),
}

/// How many people of a group must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Quorum {
    /// So many.
    Count(u32),
    /// Everybody who was asked.
    All,
    /// That share of those who were asked, rounded up.
    Percent(u32),
}

impl Quorum {
    /// The number of votes needed when so many people are asked.
    pub fn of(self, asked: usize) -> usize {
        match self {
            Self::Count(count) => count as usize,
            Self::All => asked.max(1),
            Self::Percent(percent) => (asked * percent as usize).div_ceil(100).max(1),
        }
    }
}

/// Whether all groups must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Require {
    /// Every group reaches its quorum.
    AllGroups,
    /// One group is enough.
    AnyGroup,
}

/// When a negative vote ends the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectWhen {
    /// At once.
    First,
    /// When the votes that are left cannot reach the quorum.
    QuorumImpossible,
}

/// Who must not decide.
#[derive(Debug, Clone)]
pub enum Exclusion {
    /// The person ids that an expression yields.
    People(Expression),
    /// Everybody who decided in one of these states.
    DecidedIn(Vec<String>),
}

/// A button.
#[derive(Debug, Clone)]
pub struct Decision {
    /// What is recorded: `approve`.
    pub name: String,
    /// What the button says; the name when absent.
    pub label: Option<String>,
    /// What it leads to when it wins: `approved`.
    pub outcome: String,
    /// The form that goes with it, by name in the module.
    pub form: Option<String>,
    /// Whether it needs a reason.
    pub comment: CommentRule,
}

/// Whether a decision needs a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentRule {
    /// It may carry one.
    Optional,
    /// It must carry one.
    Required,
}

/// Asks the pending again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminder {
    /// First time, after opening, in milliseconds.
    pub after_ms: i64,
    /// Again and again after that, in milliseconds.
    pub every_ms: Option<i64>,
    /// How often in all.
    pub max: u32,
}

/// What happens when nobody answers.
#[derive(Debug, Clone)]
pub struct Escalation {
    /// After opening, in milliseconds.
    pub after_ms: i64,
    /// What is done.
    pub act: EscalationAct,
}

/// What an escalation does.
#[derive(Debug, Clone)]
pub enum EscalationAct {
    /// More people may answer, in every group that has not agreed.
    AddApprovers(Vec<ApproverSource<Template>>),
    /// Other people may answer instead of those who have not.
    Replace(Vec<ApproverSource<Template>>),
    /// The question ends with this outcome.
    Decide(String),
}

/// Where an outcome leads.
#[derive(Debug, Clone)]
pub struct OutcomeRoute {
    /// The next state.
    pub next: String,
    /// Variables set on the way.
    pub assign: Option<Template>,
}

impl Approval {
    /// Every outcome that can occur, each once: those of the decisions, of escalations, of `OnNobody`, and `expired`.
    pub fn possible_outcomes(&self) -> Vec<&str> {
        let mut found: Vec<&str> = self.decisions.iter().map(|decision| decision.outcome.as_str()).collect();
        found.extend(self.escalations.iter().filter_map(|escalation| match &escalation.act {
            EscalationAct::Decide(outcome) => Some(outcome.as_str()),
            EscalationAct::AddApprovers(_) | EscalationAct::Replace(_) => None,
        }));
        found.extend(self.on_nobody.as_deref());
        found.extend(self.expire_after_ms.map(|_| "expired"));
        let mut seen = std::collections::HashSet::new();
        found.retain(|outcome| seen.insert(*outcome));
        found
    }

    /// The decision of that name.
    pub fn decision(&self, name: &str) -> Option<&Decision> {
        self.decisions.iter().find(|decision| decision.name == name)
    }

    /// Where an outcome leads.
    pub fn route(&self, outcome: &str) -> Option<&OutcomeRoute> {
        self.outcomes.iter().find(|(name, _)| name == outcome).map(|(_, route)| route)
    }
}
