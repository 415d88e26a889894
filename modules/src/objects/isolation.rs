//! Code about objects, or behind an endpoint that changes something, that fails time after time is left alone for a while.
//!
//! It runs while everybody waits for the one who writes, so it is not only its own caller who pays. While it is left alone
//! its objects cannot be saved and such requests are not answered; what is there is read as always.

use crate::health::{Admission, Called, Meter, Probe};
use crate::installed::Installed;
use crate::registry::Registry;
use std::sync::Arc;
use store::{StoreError, Unit};

/// Code that is about to be called; nothing where a module has none in its package.
pub(crate) struct Watched(Option<Call>);

struct Call {
    meter: Arc<Meter>,
    now_ms: i64,
    _probe: Option<Probe>,
}

impl Registry {
    /// Before the code of a package has its say.
    ///
    /// # Errors
    /// `Busy` while it is left alone.
    pub(crate) fn begin_code(&self, unit: &Unit, company: &str, installed: &Installed) -> Result<Watched, StoreError> {
        if installed.manifest.code.is_none() {
            return Ok(Watched(None));
        }
        let (meter, now_ms) = (self.watch().meter(company, installed), unit.now_ms());
        match meter.enter_hooks(now_ms) {
            Admission::Open(probe) => Ok(Watched(Some(Call { meter, now_ms, _probe: probe }))),
            Admission::ShutUntil(until) => Err(isolated(&installed.manifest.name, until - now_ms)),
        }
    }
}

fn isolated(module: &str, in_ms: i64) -> StoreError {
    let after_seconds = u64::try_from(in_ms).unwrap_or(0).div_ceil(1_000).max(1);
    let sentence = format!(
        "the code of the module {module} failed time after time and is left alone; its objects can be saved and its endpoints used again when it works, which is tried in {after_seconds} s"
    );
    StoreError::Busy { code: "module-isolated", sentence, after_seconds }
}

impl Watched {
    /// Notes how it ended.
    pub(crate) fn ended<T>(self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Some(Call { meter, now_ms, .. }) = &self.0 {
            meter.hook_ended(how(&done), *now_ms);
        }
        done
    }
}

/// That code complains is what it is for. What was refused before it was asked says nothing.
fn how<T>(done: &Result<T, StoreError>) -> Called {
    match done {
        Ok(_) => Called::Well,
        Err(StoreError::Problems(problems)) => {
            let has = |code: &str| problems.iter().any(|problem| problem.code == code);
            match (has("module-failed"), has("module")) {
                (true, _) => Called::Badly,
                (false, true) => Called::Well,
                (false, false) => Called::Neither,
            }
        }
        Err(_) => Called::Neither,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use workflow::Problem;

    #[test]
    fn a_refusal_is_an_answer_and_a_trap_is_none() {
        let ended = |codes: &[&str]| -> Called {
            let problems = codes.iter().map(|code| Problem::new("", *code, "why")).collect();
            how::<()>(&Err(StoreError::Problems(problems)))
        };
        assert_eq!(how(&Ok(())), Called::Well);
        assert_eq!(ended(&["module"]), Called::Well);
        assert_eq!(ended(&["module-failed"]), Called::Badly);
        assert_eq!(ended(&["module", "module-failed"]), Called::Badly);
        assert_eq!(ended(&["schema"]), Called::Neither);
    }
}
