//! What one company has installed, and the way to each module by the names that paths, definitions and forms use.

use crate::builtin;
use crate::installed::Installed;
use crate::lifecycle;
use crate::manifest::ObjectType;
use crate::objects::role_of_module;
use crate::package::PackageError;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use store::{ModuleState, StoreError, Unit};
use workflow::{Definition, Problem};

/// What one company has installed.
#[derive(Default)]
pub struct Catalogue {
    /// The number of the list that it is; 0 is what is compiled in.
    generation: u64,
    /// Those that may be used, drained ones included.
    modules: Vec<Arc<Installed>>,
    /// Those that may not.
    set_aside: Vec<Arc<Installed>>,
    /// Those that nothing new is begun with.
    draining: BTreeSet<String>,
    /// The names of those that the company once had.
    gone: BTreeSet<String>,
}

impl Catalogue {
    /// A catalogue of these modules; the first definition that names code which none of them has is the error.
    pub(crate) fn checked(modules: Vec<Arc<Installed>>) -> Result<Self, PackageError> {
        let catalogue = Self { modules, ..Self::default() };
        catalogue.check_workflows()?;
        Ok(catalogue)
    }

    /// The list of that number.
    pub(crate) fn of_generation(generation: u64, gone: BTreeSet<String>) -> Self {
        Self { generation, gone, ..Self::default() }
    }

    /// Adds a module in a state.
    pub(crate) fn add(&mut self, installed: Arc<Installed>, state: ModuleState) {
        self.gone.remove(&installed.manifest.name);
        match state {
            ModuleState::Enabled => self.modules.push(installed),
            ModuleState::Draining => {
                self.draining.insert(installed.manifest.name.clone());
                self.modules.push(installed);
            }
            ModuleState::Disabled => self.set_aside.push(installed),
        }
    }

    /// The same with other contents of some packages, by the hash of their file.
    pub(crate) fn with(&self, fresh: &HashMap<String, Arc<Installed>>) -> Self {
        let changed = |all: &[Arc<Installed>]| {
            let one = |installed: &Arc<Installed>| {
                let found = installed.sha256.as_ref().and_then(|sha256| fresh.get(sha256));
                found.unwrap_or(installed).clone()
            };
            all.iter().map(one).collect()
        };
        let (modules, set_aside) = (changed(&self.modules), changed(&self.set_aside));
        let (draining, gone) = (self.draining.clone(), self.gone.clone());
        Self { generation: self.generation, modules, set_aside, draining, gone }
    }

    /// The number of the list that it is; 0 is what is compiled in.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Every module, with its state, by name.
    pub fn all(&self) -> Vec<(&Arc<Installed>, ModuleState)> {
        let usable = self.modules.iter().map(|installed| match self.draining.contains(&installed.manifest.name) {
            true => (installed, ModuleState::Draining),
            false => (installed, ModuleState::Enabled),
        });
        let set_aside = self.set_aside.iter().map(|installed| (installed, ModuleState::Disabled));
        let mut all: Vec<_> = usable.chain(set_aside).collect();
        all.sort_by(|one, two| one.0.manifest.name.cmp(&two.0.manifest.name));
        all
    }

    /// Why nothing of this module can be used, if the company has it and has set it aside.
    pub fn set_aside(&self, module: &str) -> Option<String> {
        let found = self.set_aside.iter().any(|installed| installed.manifest.name == module);
        found.then(|| format!("the module {module} is disabled in this company; an admin can enable it"))
    }

    /// Why nothing new of this module can be begun.
    pub fn refuses_new(&self, module: &str) -> Option<String> {
        if self.draining.contains(module) {
            return Some(format!("the module {module} is about to be disabled; nothing new is begun with it"));
        }
        if self.gone.contains(module) {
            return Some(format!("the module {module} is not installed in this company any more"));
        }
        self.set_aside(module)
    }

    /// Every module that may be used.
    pub fn modules(&self) -> &[Arc<Installed>] {
        &self.modules
    }

    /// The module of that name.
    pub fn module(&self, name: &str) -> Option<&Installed> {
        self.modules.iter().find(|installed| installed.manifest.name == name).map(Arc::as_ref)
    }

    /// The names of those that may be used.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        self.modules.iter().map(|installed| installed.manifest.name.clone())
    }

    /// The module of that name, to be kept.
    pub(crate) fn shared(&self, name: &str) -> Option<Arc<Installed>> {
        self.modules.iter().find(|installed| installed.manifest.name == name).cloned()
    }

    /// The module and object type of a collection: `purchasing`, `orders`.
    pub fn object_type(&self, module: &str, collection: &str) -> Option<(&Installed, &ObjectType)> {
        let installed = self.module(module)?;
        let found = installed.manifest.objects.iter().find(|object| object.collection == collection);
        found.map(|object| (installed, object))
    }

    /// The module and object type of a kind: `purchasing/orders`.
    pub fn kind(&self, kind: &str) -> Option<(&Installed, &ObjectType)> {
        let (module, collection) = kind.split_once('/')?;
        self.object_type(module, collection)
    }

    /// The module whose name is the first part of a dotted name: a form, a resource.
    pub fn owner(&self, dotted: &str) -> Option<&Installed> {
        self.module(dotted.split_once('.')?.0)
    }

    /// The module whose code performs this resource in a worker.
    pub fn action(&self, resource: &str) -> Option<&Installed> {
        self.owner(resource).filter(|installed| installed.manifest.actions.iter().any(|action| action == resource))
    }

    /// Whether this resource is done within the commit.
    pub(crate) fn is_inline(&self, resource: &str) -> bool {
        let owned =
            self.owner(resource).is_some_and(|installed| installed.manifest.inline.iter().any(|name| name == resource));
        owned || builtin::INLINE.contains(&resource) || lifecycle::is_inline(resource)
    }

    /// Whether somebody with these roles has a right.
    pub fn allows(&self, roles: &[String], permission: &str) -> bool {
        let owner = self.owner(permission).map(|installed| role_of_module(&installed.manifest.name));
        if owner.is_some_and(|owner| roles.contains(&owner)) {
            return true;
        }
        let named = self.modules.iter().flat_map(|installed| &installed.manifest.permissions);
        let granted = named.filter(|known| known.name == permission).flat_map(|known| &known.roles);
        granted.into_iter().any(|role| role == "*" || roles.contains(role))
    }

    /// The names that a task may name.
    pub fn resources(&self) -> BTreeSet<&str> {
        let own = self
            .modules
            .iter()
            .flat_map(|installed| installed.manifest.actions.iter().chain(&installed.manifest.inline));
        own.map(String::as_str).chain(builtin::INLINE).chain(builtin::ACTIONS).chain(builtin::CORE).collect()
    }

    /// What is wrong with a definition, names of code included.
    pub fn check_definition(&self, document: &Value) -> Vec<Problem> {
        let definition = match Definition::parse(document) {
            Ok(definition) => definition,
            Err(problems) => return problems,
        };
        let known = self.resources();
        let unknown = definition.resources().filter(|(_, resource)| !known.contains(resource));
        let message = |resource| {
            format!("there is no code named {resource}; install its module, or use one of: {}", list(&known))
        };
        unknown
            .map(|(state, resource)| Problem::new(format!("{state}/Resource"), "unknown-resource", message(resource)))
            .collect()
    }

    /// Stores the definitions of every module for the company. Those that are there already stay as they are.
    pub async fn enable(&self, unit: &mut Unit, company: &str) -> Result<(), StoreError> {
        for (name, document) in self.modules.iter().flat_map(|installed| installed.workflows()) {
            unit.save_definition(company, name, document).await?;
        }
        Ok(())
    }

    fn check_workflows(&self) -> Result<(), PackageError> {
        for (name, document) in self.modules.iter().flat_map(|installed| installed.workflows()) {
            let problems: Vec<String> = self.check_definition(document).iter().map(ToString::to_string).collect();
            if !problems.is_empty() {
                return Err(PackageError::Json { path: name.clone(), error: problems.join("\n") });
            }
        }
        Ok(())
    }
}

fn list(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}
