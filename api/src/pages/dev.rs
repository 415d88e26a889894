//! `/dev`: what `module dev` found in the module's folder.

use askama::Template;

/// How the module stands.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "dev.html")]
pub struct DevPage {
    /// Nobody's: the page is of the module.
    pub company: String,
    /// Name and version of what is served, if it could be read.
    pub serving: Option<String>,
    /// What is wrong with the folder now: `module.yaml:2:1: ...`.
    pub problems: Vec<String>,
    /// How often it was read anew.
    pub reloads: u64,
}
