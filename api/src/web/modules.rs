//! `/modules`, for those who run the installation.

use super::answer;
use crate::operator::Operator;
use crate::pages::modules::{CompanyModules, ModuleRow, ModulesPage};
use crate::pages::respond;
use crate::state::AppState;
use crate::wellbeing::{self, Wellbeing};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use modules::{Limit, Status};
use store::{ModuleState, StoreError};

/// So many companies are shown.
const MOST: usize = 50;

/// `GET /modules`
pub(super) async fn show(_: Operator, State(state): State<AppState>) -> Response {
    match page(&state).await {
        Ok(page) => respond(StatusCode::OK, &page),
        Err(error) => answer::reading(&error),
    }
}

async fn page(state: &AppState) -> Result<ModulesPage, StoreError> {
    let mut reader = state.store.read().await?;
    let all = reader.companies().await?;
    let more = all.len() > MOST;
    let mut companies = Vec::new();
    for company in all.into_iter().take(MOST) {
        let catalogue = state.registry.of(&mut reader, &company.id).await?;
        let waiting = reader.waiting_tasks_of(&company.id).await?;
        let well = wellbeing::of_catalogue(state, &company.id, &catalogue, &waiting);
        let row = |(installed, module_state): (&_, ModuleState)| row(installed, module_state, &well);
        let modules = catalogue.all().into_iter().map(|(installed, state)| row((installed.as_ref(), state))).collect();
        companies.push(CompanyModules { id: company.id, name: company.name, modules });
    }
    Ok(ModulesPage { company: String::new(), companies, more, demo: state.settings.mailbox })
}

fn row(installed: &modules::Installed, state: ModuleState, well: &[Wellbeing]) -> ModuleRow {
    let manifest = &installed.manifest;
    let (name, title, version) = (manifest.name.clone(), manifest.title.clone(), manifest.version.to_string());
    let state = match state {
        ModuleState::Enabled => "enabled",
        ModuleState::Draining => "draining",
        ModuleState::Disabled => "disabled",
    };
    let shown = ModuleRow { name, title, version, state: state.to_owned(), health: "ok", ..ModuleRow::default() };
    let Some(well) = well.iter().find(|well| well.meter.key.module == manifest.name) else { return shown };
    let totals = well.meter.totals();
    let unwell = well.report.checks.iter().filter(|check| check.status != Status::Ok);
    ModuleRow {
        health: well.report.status.word(),
        remarks: unwell.map(|check| check.message.clone()).collect(),
        requests: totals.requests.count,
        requests_per_minute: well.meter.limits.requests_per_minute,
        tasks: totals.tasks.count,
        waiting: well.waiting,
        hits: Limit::ALL.into_iter().map(|limit| totals.hits(limit)).sum(),
        ..shown
    }
}
