//! One package, read and checked: manifest, schemas, definitions and code.

use crate::manifest::Manifest;
use crate::module::Module;
use crate::package::PackageError;
use jsonschema::Validator;
use serde_json::Value;
use std::collections::HashMap;
use workflow::Problem;

/// A module with everything that its manifest names, read and checked.
pub struct Installed {
    /// Its manifest.
    pub manifest: Manifest,
    module: Box<dyn Module>,
    schemas: HashMap<String, (Value, Validator)>,
    workflows: Vec<(String, Value)>,
}

impl Installed {
    pub(crate) fn read(module: Box<dyn Module>) -> Result<Self, PackageError> {
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

    /// Its code.
    pub fn module(&self) -> &dyn Module {
        self.module.as_ref()
    }

    /// The definitions that it brings, each with its name.
    pub fn workflows(&self) -> &[(String, Value)] {
        &self.workflows
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
