//! The declarative configuration of Kong, format 3.0: <https://developer.konghq.com/gateway/db-less-mode>.
//!
//! One service, and a route for each module of each company. Counters of a plugin are its route's, so that each module has its limit in
//! each company, as the service itself counts.

use serde_json::{Value, json};

/// The header that the gateway's own token comes in. `Authorization` is left to the service, whose tokens are no JWT.
const GATEWAY_TOKEN: &str = "x-gateway-token";

/// The file for these services, which Kong reaches at `upstream`.
pub(super) fn document(listed: &Value, upstream: &str) -> Value {
    let services = listed["services"].as_array().into_iter().flatten();
    let routes: Vec<Value> = services.flat_map(routes).collect();
    json!({
        "_format_version": "3.0",
        "services": [{
            "name": "countersign",
            "url": upstream.trim_end_matches('/'),
            // What was sent is not sent again by itself: clients do that, with their Idempotency-Key.
            "retries": 0,
            "connect_timeout": 5_000,
            "read_timeout": 120_000,
            "write_timeout": 120_000,
            "tags": ["countersign"],
            "routes": routes,
        }],
    })
}

/// A route for each company that has the module.
fn routes(service: &Value) -> Vec<Value> {
    let Some(module) = service["name"].as_str() else { return Vec::new() };
    let companies = service["companies"].as_array().into_iter().flatten();
    companies
        .filter_map(|has| Some(route(module, has["company"].as_str()?, has["requests_per_minute"].as_u64()?)))
        .collect()
}

fn route(module: &str, company: &str, per_minute: u64) -> Value {
    json!({
        "name": format!("{company}.{module}"),
        // A path that begins with ~ is a regular expression: so that travel is not travel-agency too.
        "paths": [format!("~/api/v1/{company}/{module}(/|$)")],
        "protocols": ["http", "https"],
        "strip_path": false,
        "preserve_host": true,
        "tags": ["countersign", module],
        "plugins": [
            { "name": "jwt", "config": {
                "header_names": [GATEWAY_TOKEN],
                "claims_to_verify": ["exp"],
                "run_on_preflight": false,
            } },
            { "name": "rate-limiting", "config": {
                "minute": per_minute,
                "limit_by": "service",
                "policy": "local",
                "fault_tolerant": true,
                "hide_client_headers": true,
            } },
        ],
    })
}
