//! The installed modules, and the way to each by the names that paths, definitions and forms use.

use crate::builtin;
use crate::manifest::{Manifest, ObjectType};
use crate::module::Module;
use crate::package::PackageError;
use futures::future::BoxFuture;
use jsonschema::Validator;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use store::{Call, Inline, StoreError, TaskError, Unit};
use workflow::{Definition, Problem};

/// A module with everything that its manifest names, read and checked.
pub struct Installed {
    /// Its manifest.
    pub manifest: Manifest,
    /// Its code.
    pub module: Box<dyn Module>,
    schemas: HashMap<String, (Value, Validator)>,
    workflows: Vec<(String, Value)>,
}

/// The installed modules.
#[derive(Clone, Default)]
pub struct Registry {
    modules: Arc<Vec<Installed>>,
}

impl Registry {
    /// Reads the packages of these modules; the first thing that does not fit is the error.
    pub fn new(modules: Vec<Box<dyn Module>>) -> Result<Self, PackageError> {
        let modules: Vec<Installed> = modules.into_iter().map(Installed::read).collect::<Result<_, _>>()?;
        let registry = Self { modules: Arc::new(modules) };
        registry.check_workflows()?;
        Ok(registry)
    }

    /// Every installed module.
    pub fn modules(&self) -> &[Installed] {
        &self.modules
    }

    /// The module of that name.
    pub fn module(&self, name: &str) -> Option<&Installed> {
        self.modules.iter().find(|installed| installed.manifest.name == name)
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

    /// Whether somebody with these roles has a right.
    pub fn allows(&self, roles: &[String], permission: &str) -> bool {
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

    /// Stores the definitions of every module for a company. Those that are there already stay as they are.
    pub async fn enable(&self, unit: &mut Unit, company: &str) -> Result<(), StoreError> {
        for (name, document) in self.modules.iter().flat_map(|installed| &installed.workflows) {
            unit.save_definition(company, name, document).await?;
        }
        Ok(())
    }

    fn check_workflows(&self) -> Result<(), PackageError> {
        for (name, document) in self.modules.iter().flat_map(|installed| &installed.workflows) {
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

impl Installed {
    /// The definitions that it brings, each with its name.
    pub fn workflows(&self) -> &[(String, Value)] {
        &self.workflows
    }

    fn read(module: Box<dyn Module>) -> Result<Self, PackageError> {
        let package = module.package();
        let manifest = package.manifest()?;
        let mut schemas = HashMap::new();
        for object in &manifest.objects {
            let schema = package.json(&object.schema)?;
            let wrong = |error: String| PackageError::Schema { path: object.schema.clone(), error };
            let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema);
            let validator = validator.map_err(|error| wrong(error.to_string()))?;
            schemas.insert(object.collection.clone(), (schema, validator));
        }
        let workflows = manifest.workflows.iter().map(|file| Ok((file.name.clone(), package.json(&file.file)?)));
        let workflows = workflows.collect::<Result<_, PackageError>>()?;
        Ok(Self { manifest, schemas, workflows, module })
    }

    /// The JSON Schema of a collection.
    pub fn schema(&self, collection: &str) -> Option<&Value> {
        self.schemas.get(collection).map(|(schema, _)| schema)
    }

    /// Everything in which an object does not fit its schema.
    pub fn problems(&self, collection: &str, data: &Value) -> Vec<Problem> {
        let Some((_, validator)) = self.schemas.get(collection) else { return Vec::new() };
        let errors = validator.iter_errors(data);
        errors
            .take(100)
            .map(|error| Problem::new(error.instance_path().to_string(), "schema", error.to_string()))
            .collect()
    }
}

impl Inline for Registry {
    fn handles(&self, resource: &str) -> bool {
        let owned =
            self.owner(resource).is_some_and(|installed| installed.manifest.inline.iter().any(|name| name == resource));
        owned || builtin::INLINE.contains(&resource)
    }

    fn call<'a>(
        &'a self,
        unit: &'a mut Unit,
        call: Call,
    ) -> BoxFuture<'a, Result<Result<Value, TaskError>, StoreError>> {
        match self.owner(&call.resource) {
            Some(installed) => installed.module.call(unit, call),
            None => Box::pin(builtin::call(unit, call)),
        }
    }
}
