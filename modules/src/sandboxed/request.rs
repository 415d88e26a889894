//! Requests to endpoints, as code is given them.

use crate::endpoints::{EndpointAnswer, EndpointRequest};
use sandbox::Failure;
use serde::Deserialize;
use serde_json::{Value, json};

/// What code answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    status: u16,
    #[serde(default)]
    body: Value,
}

pub(super) fn given(request: &EndpointRequest) -> Value {
    let EndpointRequest { by, method, path, parameters, query, body, .. } = request;
    json!({
        "method": method.name(),
        "path": path,
        "parameters": parameters,
        "query": query,
        "by": by.person.id,
        "roles": by.person.roles,
        "body": body,
    })
}

pub(super) fn answered(answer: Value) -> Result<EndpointAnswer, Failure> {
    let Answered { status, body } =
        serde_json::from_value(answer).map_err(|error| Failure::Unagreed(error.to_string()))?;
    Ok(EndpointAnswer { status, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_status_and_a_document() {
        let answer = answered(json!({ "status": 201, "body": [1] })).unwrap();
        assert_eq!((answer.status, answer.body), (201, json!([1])));
        for none in [json!({}), json!({ "status": "ok" }), json!({ "status": 200, "headers": {} }), json!([])] {
            assert!(matches!(answered(none), Err(Failure::Unagreed(_))));
        }
    }
}
