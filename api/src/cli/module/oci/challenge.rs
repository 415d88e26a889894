//! What a registry asks for before it answers: `WWW-Authenticate` (RFC 9110, 11.6.1) with the schemes that registries know.

use hyper::header::{HeaderMap, WWW_AUTHENTICATE};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// Name and password with each request.
    Basic,
    /// A token, which `realm` gives to whoever shows name and password, or to everybody.
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
}

impl Challenge {
    /// The challenge of an answer that can be met; a token before a password.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let all = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| Self::read(value.to_str().ok()?));
        let (tokens, others): (Vec<Self>, Vec<Self>) = all.partition(|one| matches!(one, Self::Bearer { .. }));
        tokens.into_iter().chain(others).next()
    }

    fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => Some(Self::Basic),
            "bearer" => {
                let values = parameters(rest);
                let value = |name: &str| values.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
                Some(Self::Bearer { realm: value("realm")?, service: value("service"), scope: value("scope") })
            }
            _ => None,
        }
    }
}

/// `name="value", name=value`; a quoted value may hold commas and `\"`.
fn parameters(text: &str) -> Vec<(String, String)> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some((name, after)) = rest.split_once('=') {
        let (value, left) = value(after.trim_start());
        found.push((name.trim_matches([' ', ',']).to_ascii_lowercase(), value));
        rest = left;
    }
    found
}

/// A value, and what comes after it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(',').unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return (value.trim().to_owned(), rest);
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, c) in quoted.char_indices() {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return (value, quoted.get(at + 1..).unwrap_or_default()),
            c => {
                value.push(c);
                escaped = false;
            }
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn of(values: &[&str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(value).unwrap());
        }
        Challenge::of(&headers)
    }

    #[test]
    fn challenges_are_read_as_registries_write_them() {
        let token =
            r#"Bearer realm="https://auth.example/token",service="reg, \"main\"",scope="repository:a/b:pull,push""#;
        let Some(Challenge::Bearer { realm, service, scope }) = of(&["Basic realm=x", token]) else { panic!() };
        assert_eq!(realm, "https://auth.example/token");
        assert_eq!(service.as_deref(), Some("reg, \"main\""));
        assert_eq!(scope.as_deref(), Some("repository:a/b:pull,push"));
        assert_eq!(of(&[r#"Basic realm="Registry""#]), Some(Challenge::Basic));
        let plain = Challenge::Bearer { realm: "http://x/t".to_owned(), service: Some("s".to_owned()), scope: None };
        assert_eq!(of(&["bearer realm=http://x/t , service=s"]), Some(plain));
        for none in ["Negotiate", "Bearer", "Bearer service=x", ""] {
            assert_eq!(of(&[none]), None, "{none}");
        }
        assert_eq!(of(&[]), None);
    }
}
