//! The pages that people see. One file per page: its view model and the rules of what it says.
//!
//! A handler fills a view model with final texts and answers with [`respond`]. The pages run no scripts at all and
//! carry no inline styles, so [`PAGE_POLICY`] forbids both: a hostile text that ever slipped through the escaping of
//! the templates still could not act. Every page is rendered with every entry of [`samples`] by the tests below, and
//! `cargo run -p api --example pages -- <folder>` writes them as files to be looked at.

pub mod decision;
pub mod dev;
pub mod form;
pub mod mailbox;
pub mod modules;
pub mod notice;
pub mod openapi;
pub mod outcome;
pub mod parts;
pub mod samples;
pub mod start;

use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// The one style sheet, to be served at `/assets/countersign.css` as `text/css; charset=utf-8`.
pub const STYLE_SHEET: &str = include_str!("../../assets/countersign.css");

/// The icon, to be served at `/assets/favicon.svg` as `image/svg+xml`.
pub const FAVICON: &str = include_str!("../../assets/favicon.svg");

/// `Content-Security-Policy` of every page: own style sheet, own forms, own frames and documents, nothing else.
pub const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                               frame-src 'self'; object-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/// `Content-Security-Policy` of a document (PDF) that the decision page shows within itself.
pub const DOCUMENT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; \
                                   frame-ancestors 'self'; base-uri 'none'";

/// `Content-Security-Policy` of the HTML part of a mail at `/mailbox/{id}/html`: inline styles, no scripts, no forms,
/// no external images. Links may open a new, unrestricted tab, otherwise the demo's button would lead nowhere.
pub const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; \
                               base-uri 'none'; sandbox allow-popups allow-popups-to-escape-sandbox";

/// Headers of every page. A link is a secret: it must not travel in `Referer` nor stay in a shared cache.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// Answers with a page, its status and the headers that all pages share.
///
/// A template that cannot be rendered is answered with 500 and one plain sentence; the cause is logged.
pub fn respond(status: StatusCode, page: &impl Template) -> Response {
    let mut response = match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong. Nothing was recorded. Please try again.")
                .into_response()
        }
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_renders_as_one_complete_document() {
        for (name, html) in samples::all().unwrap() {
            assert!(html.starts_with("<!DOCTYPE html>"), "{name} starts late");
            assert!(html.trim_end().ends_with("</html>"), "{name} ends early");
            assert_eq!(html.matches("<h1").count(), 1, "{name} needs one h1");
            assert_eq!(html.matches("<main").count(), 1, "{name} needs one main landmark");
            assert!(html.contains("<html lang=\"en\">"), "{name} names no language");
        }
    }

    #[test]
    fn no_sample_needs_what_the_policy_forbids() {
        for (name, html) in samples::all().unwrap() {
            let html = html.to_lowercase();
            for forbidden in ["<script", " style=", "<style", " onclick=", "javascript:", "<base", "<img"] {
                assert!(!html.contains(forbidden), "{name} contains {forbidden}");
            }
        }
    }

    #[test]
    fn headings_never_skip_a_level() {
        for (name, html) in samples::all().unwrap() {
            let levels = html.match_indices("<h").filter_map(|(at, _)| html[at + 2..].chars().next()?.to_digit(10));
            let mut last = 0;
            for level in levels {
                assert!(level <= last + 1, "{name}: h{last} is followed by h{level}");
                last = level;
            }
        }
    }

    #[test]
    fn every_label_and_reference_has_its_target() {
        for (name, html) in samples::all().unwrap() {
            for attribute in [" for=\"", " href=\"#", " aria-labelledby=\"", " aria-describedby=\""] {
                for part in html.split(attribute).skip(1) {
                    for id in part.split('"').next().unwrap().split_whitespace() {
                        assert!(html.contains(&format!(" id=\"{id}\"")), "{name}: nothing has the id {id}");
                    }
                }
            }
        }
    }

    #[test]
    fn ids_are_unique() {
        for (name, html) in samples::all().unwrap() {
            let mut seen = std::collections::BTreeSet::new();
            for part in html.split(" id=\"").skip(1) {
                let id = part.split('"').next().unwrap();
                assert!(seen.insert(id), "{name}: the id {id} is used twice");
            }
        }
    }

    #[test]
    fn a_page_keeps_its_link_secret() {
        let page = notice::NoticePage { company: String::new(), notice: notice::Notice::LinkUnknown };
        let response = respond(page.notice.status(), &page);
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(response.headers()[header::REFERRER_POLICY], "no-referrer");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        assert_eq!(response.headers()[header::CONTENT_SECURITY_POLICY], PAGE_POLICY);
    }

    #[test]
    fn the_style_sheet_loads_nothing() {
        for forbidden in ["url(", "@import", "@font-face"] {
            assert!(!STYLE_SHEET.contains(forbidden), "the style sheet contains {forbidden}");
        }
        assert!(!FAVICON.contains("style=") && !FAVICON.contains("<script"));
    }
}
