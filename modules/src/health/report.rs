//! What is told of a module's health: a word, and the checks that it comes from.

use super::meter::{Meter, Part};
use super::window::Limit;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// So few calls say nothing about how often a module fails.
const FEWEST_CALLS: u64 = 10;
/// How long it counts what a module's code said of itself, in milliseconds. Whoever asks it later hears it anew.
const OWN_WORDS_LAST_MS: i64 = 60_000;

/// A word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// All is well.
    Ok,
    /// It works, and somebody should look.
    Degraded,
    /// It does not work.
    Failing,
}

impl Status {
    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Failing => "failing",
        }
    }
}

/// What a module's code says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The word.
    pub status: Status,
    /// A sentence, for those who run the service.
    pub message: String,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name: `error_rate`.
    pub name: &'static str,
    /// Its word.
    pub status: Status,
    /// What was found.
    pub message: String,
}

/// How a module does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The worst word of the checks.
    pub status: Status,
    /// Every check, the worst first.
    pub checks: Vec<Check>,
}

impl Report {
    /// The report of a module that did nothing yet.
    #[must_use]
    pub fn idle() -> Self {
        Self { status: Status::Ok, checks: Vec::new() }
    }

    /// The same with another check.
    #[must_use]
    pub fn with(mut self, check: Check) -> Self {
        self.status = self.status.max(check.status);
        self.checks.push(check);
        self.checks.sort_by_key(|check| std::cmp::Reverse(check.status));
        self
    }
}

impl Meter {
    /// How the module does, of whose tasks the oldest that is not done is so old, in milliseconds.
    pub fn report(&self, oldest_task_ms: Option<i64>, now_ms: i64) -> Report {
        let checks = [
            Some(self.error_rate(now_ms)),
            Some(self.queue_age(oldest_task_ms.unwrap_or(0))),
            self.limits_hit(now_ms),
            self.isolation(Part::Tasks, "tasks", now_ms),
            self.isolation(Part::Hooks, "code", now_ms),
            self.own_words(now_ms),
        ];
        checks.into_iter().flatten().fold(Report::idle(), Report::with)
    }

    fn error_rate(&self, now_ms: i64) -> Check {
        let sum = self.inner().window.sum(self.thresholds.window_seconds, now_ms);
        let most = u64::from(self.thresholds.max_error_percent);
        let percent = sum.error_percent(FEWEST_CALLS);
        let status = if percent.is_some_and(|percent| percent > most) { Status::Degraded } else { Status::Ok };
        let (failed, all) = (sum.failed, sum.failed + sum.succeeded);
        let seconds = self.thresholds.window_seconds;
        let message = format!("{failed} of {all} calls failed in the last {seconds} s; at most {most} % may");
        Check { name: "error_rate", status, message }
    }

    fn queue_age(&self, oldest_task_ms: i64) -> Check {
        let (age, most) = (oldest_task_ms / 1_000, self.thresholds.max_queue_age_seconds);
        let status = if age > i64::from(most) { Status::Degraded } else { Status::Ok };
        let message = format!("its oldest task that is not done is {age} s old; {most} s are fine");
        Check { name: "queue_age", status, message }
    }

    fn limits_hit(&self, now_ms: i64) -> Option<Check> {
        let sum = self.inner().window.sum(self.thresholds.window_seconds, now_ms);
        let hit = Limit::ALL.into_iter().filter(|limit| sum.hits(*limit) > 0);
        let told: Vec<String> = hit.map(|limit| format!("{} {}", limit.name(), sum.hits(limit))).collect();
        let message = format!("hit in the last {} s: {}", self.thresholds.window_seconds, told.join(", "));
        // That tasks wait for their turn is what a share is for; how long they wait is another check.
        let matters = Limit::ALL.into_iter().any(|limit| limit != Limit::Queue && sum.hits(limit) > 0);
        let status = if matters { Status::Degraded } else { Status::Ok };
        (!told.is_empty()).then_some(Check { name: "limits", status, message })
    }

    fn isolation(&self, part: Part, what: &str, now_ms: i64) -> Option<Check> {
        let (since, until) = self.isolated(part)?;
        let (minutes, seconds) = ((now_ms - since) / 60_000, ((until - now_ms) / 1_000).max(0));
        let message = format!(
            "its {what} failed time after time and is left alone for {minutes} min; tried again in {seconds} s"
        );
        Some(Check { name: "isolated", status: Status::Failing, message })
    }

    fn own_words(&self, now_ms: i64) -> Option<Check> {
        let said = self.said().filter(|said| now_ms.saturating_sub(said.at_ms) <= OWN_WORDS_LAST_MS)?;
        Some(Check { name: "own", status: said.status, message: said.message })
    }

    /// What it takes, beside what it may take.
    pub fn usage(&self, now_ms: i64) -> Value {
        let (totals, limits) = (self.totals(), self.limits);
        let hits = Limit::ALL.into_iter().map(|limit| (limit.name().to_owned(), json!(totals.hits(limit)))).collect();
        let sum = self.inner().window.sum(self.thresholds.window_seconds, now_ms);
        json!({
            "limits": {
                "requests_per_minute": limits.requests_per_minute,
                "queue_share": limits.queue_share,
                "pool_connections": limits.pool_connections,
                "time_ms": limits.time_ms,
            },
            "requests": { "answered": totals.requests.count, "failed": totals.requests_failed },
            "tasks": { "ended": totals.tasks.count, "failed": totals.tasks_failed, "in_hand": self.tasks_in_hand() },
            "connections_in_use": self.connections_in_use(),
            "limits_hit": Value::Object(hits),
            "window": { "seconds": self.thresholds.window_seconds, "succeeded": sum.succeeded, "failed": sum.failed },
        })
    }
}
