//! The query of a change: `plan`, `consent`, `running`.

use crate::problem::ProblemDetails;
use crate::rest::params::Params;
use axum::http::Uri;
use modules::RunningWorkflows;

/// How a change is wished for.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    /// Only to know what it would do.
    pub(super) plan: bool,
    /// The id of the plan that was agreed to.
    pub(super) consent: Option<String>,
    /// What becomes of workflows that run.
    pub(super) running: RunningWorkflows,
}

impl Wish {
    pub(super) fn read(uri: &Uri) -> Result<Self, ProblemDetails> {
        let params = Params::read(uri, &["plan", "consent", "running"])?;
        let plan = match params.text("plan")? {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(ProblemDetails::parameter("plan", "value", "must be true or false")),
        };
        let running = match params.text("running")? {
            None | Some("refuse") => RunningWorkflows::Refuse,
            Some("wait") => RunningWorkflows::Wait,
            Some("cancel") => RunningWorkflows::Cancel,
            Some(_) => return Err(ProblemDetails::parameter("running", "value", "must be refuse, wait or cancel")),
        };
        Ok(Self { plan, consent: params.text("consent")?.map(str::to_owned), running })
    }
}
