//! `/modules`: what each company has installed, how it does, and what it takes.

use askama::Template;

/// The modules of all companies.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "modules.html")]
pub struct ModulesPage {
    /// The layout names it; there may be several, so none is named.
    pub company: String,
    /// The companies, by name.
    pub companies: Vec<CompanyModules>,
    /// Whether there are more companies than are shown.
    pub more: bool,
    /// What can be reached from here, if this is the demo.
    pub demo: bool,
}

/// The modules of a company.
#[derive(Debug, Clone, Default)]
pub struct CompanyModules {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its modules, by name.
    pub modules: Vec<ModuleRow>,
}

/// A module.
#[derive(Debug, Clone, Default)]
pub struct ModuleRow {
    /// `travel`.
    pub name: String,
    /// `Travel`.
    pub title: String,
    /// `1.0.0`.
    pub version: String,
    /// `enabled`.
    pub state: String,
    /// `ok`.
    pub health: &'static str,
    /// What is not well, a sentence each.
    pub remarks: Vec<String>,
    /// Requests that were answered on this node.
    pub requests: u64,
    /// Requests that it may have in a minute.
    pub requests_per_minute: u32,
    /// Tasks that ended on this node.
    pub tasks: u64,
    /// Tasks that wait on all nodes.
    pub waiting: u64,
    /// How often a limit was hit.
    pub hits: u64,
}

impl ModuleRow {
    /// The class of its health in the style sheet.
    pub fn tone(&self) -> &'static str {
        match self.health {
            "ok" => "good",
            "degraded" => "neutral",
            _ => "bad",
        }
    }
}
