//! A migration as it was declared, ready to be done.

use super::{Migrating, Way};
use crate::manifest::{DeclaredMigration, Manifest};
use crate::module::Module;
use crate::package::{Package, PackageError};
use futures::FutureExt;
use semver::Version;
use serde_json::{Map, Value};
use workflow::expression::{Expression, Moment, Scope};

/// A migration of one collection.
#[derive(Debug)]
pub(crate) struct Migration {
    pub(crate) version: Version,
    pub(crate) collection: String,
    up: Maker,
    down: Down,
}

/// What makes one object of another.
#[derive(Debug)]
enum Maker {
    Expression(Expression),
    Code,
}

#[derive(Debug)]
enum Down {
    Maker(Maker),
    Irreversible(String),
}

/// What is wrong with a declaration: field, message, remedy.
pub(crate) struct Flawed {
    pub(crate) field: &'static str,
    pub(crate) message: String,
    pub(crate) remedy: String,
}

/// Every migration of a package that was checked before.
pub(crate) fn read_all(manifest: &Manifest, package: &Package) -> Result<Vec<Migration>, PackageError> {
    let told = |flaws: Vec<Flawed>| {
        let first = flaws.into_iter().next().map(|flaw| flaw.message).unwrap_or_default();
        PackageError::Code(format!("a migration: {first}"))
    };
    manifest.migrations.iter().map(|one| Migration::read(one, manifest, package).map_err(told)).collect()
}

impl Migration {
    /// Reads what was declared. That each way is given once is for [`crate::manifest`] to say.
    pub(crate) fn read(one: &DeclaredMigration, manifest: &Manifest, package: &Package) -> Result<Self, Vec<Flawed>> {
        if one.code && manifest.code.is_none() {
            let message = "the package has no code that would do it".to_owned();
            return Err(vec![Flawed {
                field: "code",
                message,
                remedy: "name its code under code, or write up and down".to_owned(),
            }]);
        }
        let maker = |field, text: &Option<String>| match text {
            None => Ok(Maker::Code),
            Some(text) => expression(field, text, package).map(Maker::Expression),
        };
        let up = maker("up", &one.up);
        let down = match &one.irreversible {
            Some(reason) => Ok(Down::Irreversible(reason.clone())),
            None => maker("down", &one.down).map(Down::Maker),
        };
        let (version, collection) = (one.version.clone(), one.collection.clone());
        match (up, down) {
            (Ok(up), Ok(down)) => Ok(Self { version, collection, up, down }),
            (up, down) => Err(up.err().into_iter().chain(down.err()).collect()),
        }
    }

    /// Why there is no way back.
    pub(crate) fn irreversible(&self) -> Option<&str> {
        match &self.down {
            Down::Irreversible(reason) => Some(reason),
            Down::Maker(_) => None,
        }
    }

    /// Whether code does it, which may take longer than an expression.
    pub(crate) fn is_code(&self) -> bool {
        matches!((&self.up, &self.down), (Maker::Code, _) | (_, Down::Maker(Maker::Code)))
    }

    /// What becomes of an object's data; or what is wrong, in a sentence.
    pub(crate) fn make(&self, module: &dyn Module, migrating: &Migrating<'_>, moment: Moment) -> Result<Value, String> {
        let maker = match (migrating.way, &self.down) {
            (Way::Up, _) => &self.up,
            (Way::Down, Down::Maker(down)) => down,
            (Way::Down, Down::Irreversible(reason)) => return Err(format!("there is no way back: {reason}")),
        };
        let made = match maker {
            // Migrations ask nobody for anything, so there is nothing to wait for.
            Maker::Code => {
                module.migrate(migrating).now_or_never().unwrap_or_else(|| Err("its code waits".to_owned()))?
            }
            Maker::Expression(expression) => evaluated(expression, migrating.data, moment)?,
        };
        if made.is_object() { Ok(made) } else { Err("the migration makes no group of fields of it".to_owned()) }
    }
}

fn evaluated(expression: &Expression, data: &Value, moment: Moment) -> Result<Value, String> {
    let seen = Map::from_iter([("object".to_owned(), data.clone())]);
    let made = expression.evaluate(&Scope::new(&Value::Null, &seen, moment)).map_err(|error| error.to_string())?;
    made.ok_or_else(|| "the migration makes nothing of it".to_owned())
}

/// `{% ... %}`, or a file that holds the expression with or without these.
fn expression(field: &'static str, text: &str, package: &Package) -> Result<Expression, Flawed> {
    let inner = |text: &str| text.trim().strip_prefix("{%")?.strip_suffix("%}").map(str::trim).map(str::to_owned);
    let flawed = |message: String, remedy: &str| Flawed { field, message, remedy: remedy.to_owned() };
    let source = match inner(text) {
        Some(source) => source,
        None => {
            let file = package.text(text).map_err(|error| {
                flawed(error.to_string(), "write an expression between {% and %}, or the path of a file that holds it")
            })?;
            inner(file).unwrap_or_else(|| file.trim().to_owned())
        }
    };
    let read = Expression::parse(&source)
        .map_err(|error| flawed(error.to_string(), "mend the expression; it is JSONata, as in definitions"))?;
    match read.variables().iter().find(|name| *name != "object") {
        None => Ok(read),
        Some(name) => Err(flawed(format!("there is nothing named ${name}"), "use $object")),
    }
}
