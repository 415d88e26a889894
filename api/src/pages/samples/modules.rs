//! Samples of the page of modules.

use super::HOSTILE;
use crate::pages::modules::{CompanyModules, ModuleRow, ModulesPage};

/// Three modules, each in another state of health.
pub(super) fn modules_page() -> ModulesPage {
    let row = |name: &str, title: &str, health: &'static str, remarks: &[&str]| ModuleRow {
        name: name.to_owned(),
        title: title.to_owned(),
        version: "1.2.0".to_owned(),
        state: "enabled".to_owned(),
        health,
        remarks: remarks.iter().map(|remark| (*remark).to_owned()).collect(),
        requests: 1_204,
        requests_per_minute: 600,
        tasks: 310,
        waiting: 2,
        hits: 4,
    };
    let modules = vec![
        row("rooms", "Rooms", "ok", &[]),
        row("travel", "Travel", "degraded", &["hit in the last 300 s: requests 4"]),
        row(
            "fleet",
            "Fleet",
            "failing",
            &["its tasks failed time after time and is left alone for 3 min; tried again in 40 s"],
        ),
    ];
    let acme = CompanyModules { id: "acme".to_owned(), name: "Acme Instruments".to_owned(), modules };
    let empty = CompanyModules { id: "globex".to_owned(), name: "Globex".to_owned(), modules: Vec::new() };
    ModulesPage { companies: vec![acme, empty], demo: true, ..ModulesPage::default() }
}

/// The same with what tries to become markup.
pub(super) fn hostile_modules_page() -> ModulesPage {
    let mut page = modules_page();
    for company in &mut page.companies {
        company.name = HOSTILE.to_owned();
        for module in &mut company.modules {
            (module.title, module.remarks) = (HOSTILE.to_owned(), vec![HOSTILE.to_owned()]);
        }
    }
    ModulesPage { more: true, demo: false, ..page }
}
