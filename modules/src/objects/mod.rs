//! Business objects: checked, completed, stored with what they are found by, told of in events, and handed to their
//! workflow, in one unit of work.

mod change;
mod compute;
mod create;
mod delete;
mod isolation;
pub(crate) mod keys;
mod merge;
pub(crate) mod money;
mod named;
mod own;
mod own_task;
mod save;
pub(crate) mod schema;
mod told;
mod unique;

pub use change::Changing;
pub(crate) use compute::computed_at;
pub(crate) use keys::{name as key_name, of as keys_of};
pub use merge::merge_patch;
pub(crate) use own_task::{Shape, deed, own_task, shown};

use crate::catalogue::Catalogue;
use crate::installed::Installed;
use crate::manifest::{Manifest, ObjectType, Operation};
use crate::registry::Registry;
use schema::ObjectSchema;
use serde_json::Value;
use store::{Object, Person, StoreError, Unit};
use workflow::{Actor, Channel};

/// What the id of a module begins with that acts by itself, and the role that it alone has. Ids and roles of people have no
/// colon.
const MODULE: &str = "module:";

/// The most problems that are told of one object, whoever finds them.
pub(crate) const MOST_PROBLEMS: usize = 100;

/// Who calls, and how that is known.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The company.
    pub company: String,
    /// The person.
    pub person: Person,
    /// How the person was recognised.
    pub through: Channel,
}

impl Caller {
    /// A module that acts by itself. It has every permission that it declares.
    pub(crate) fn module(company: &str, manifest: &Manifest) -> Self {
        let id = role_of_module(&manifest.name);
        let person = Person {
            roles: vec![id.clone()],
            id,
            name: manifest.title.clone(),
            email: String::new(),
            manager: None,
            department: None,
            active: true,
        };
        Self { company: company.to_owned(), person, through: Channel::Token }
    }

    /// Whether it is a module and not a person.
    pub(crate) fn is_module(&self) -> bool {
        self.person.id.starts_with(MODULE)
    }

    /// The caller as the history names it.
    pub fn actor(&self) -> Actor {
        if self.is_module() {
            return Actor::System;
        }
        Actor::Person { id: self.person.id.clone(), through: self.through }
    }
}

/// An object to be made.
#[derive(Debug, Clone)]
pub struct Creating {
    /// The module.
    pub module: String,
    /// The collection.
    pub collection: String,
    /// What was sent.
    pub data: Value,
}

/// An object that is to be changed, and what the caller has seen of it.
#[derive(Debug, Clone)]
pub struct Target {
    /// The module.
    pub module: String,
    /// The collection.
    pub collection: String,
    /// The object.
    pub id: String,
    /// What the caller has seen.
    pub seen: Seen,
}

/// A kind of objects with everything that is known of it.
#[derive(Clone, Copy)]
pub struct Collection<'c> {
    /// Who knows the rights.
    catalogue: &'c Catalogue,
    /// The module.
    pub installed: &'c Installed,
    /// What the manifest says.
    pub object_type: &'c ObjectType,
    /// Its schema.
    pub schema: &'c ObjectSchema,
}

impl Catalogue {
    /// A kind of objects by module and collection.
    pub fn collection(&self, module: &str, collection: &str) -> Option<Collection<'_>> {
        let (installed, object_type) = self.object_type(module, collection)?;
        let schema = installed.object_schema(collection)?;
        Some(Collection { catalogue: self, installed, object_type, schema })
    }

    pub(crate) fn known(&self, module: &str, collection: &str) -> Result<Collection<'_>, StoreError> {
        if let Some(broken) = self.module(module).and_then(Installed::broken) {
            return Err(StoreError::refused("module-broken", broken));
        }
        let missing = || StoreError::Missing { what: "collection", id: format!("{module}/{collection}") };
        self.collection(module, collection).ok_or_else(missing)
    }

    /// The kind of an object.
    pub(crate) fn collection_of(&self, object: &Object) -> Result<Collection<'_>, StoreError> {
        let (module, collection) = object.kind.split_once('/').unwrap_or_default();
        self.known(module, collection)
    }
}

impl Registry {
    /// Makes an object, and starts the workflow that decides on it.
    pub async fn create(&self, unit: &mut Unit, caller: &Caller, creating: &Creating) -> Result<Object, StoreError> {
        let catalogue = self.of(unit, &caller.company).await?;
        if let Some(sentence) = catalogue.refuses_new(&creating.module) {
            return Err(StoreError::refused("module-disabled", sentence));
        }
        let collection = catalogue.known(&creating.module, &creating.collection)?;
        let watched = self.begin_code(unit, &caller.company, collection.installed)?;
        watched.ended(collection.create(unit, caller, &creating.data).await)
    }

    /// Changes an object.
    pub async fn change(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        target: &Target,
        changing: &Changing,
    ) -> Result<Object, StoreError> {
        let catalogue = self.of(unit, &caller.company).await?;
        let collection = catalogue.known(&target.module, &target.collection)?;
        let watched = self.begin_code(unit, &caller.company, collection.installed)?;
        watched.ended(collection.change(unit, caller, target, changing).await)
    }

    /// Deletes an object.
    pub async fn delete(&self, unit: &mut Unit, caller: &Caller, target: &Target) -> Result<(), StoreError> {
        let catalogue = self.of(unit, &caller.company).await?;
        catalogue.known(&target.module, &target.collection)?.delete(unit, caller, target).await
    }

    /// An object that may be changed now, whatever of it is.
    pub async fn changeable(&self, unit: &mut Unit, company: &str, target: &Target) -> Result<Object, StoreError> {
        let catalogue = self.of(unit, company).await?;
        let collection = catalogue.known(&target.module, &target.collection)?;
        let object = unit.object(company, &collection.kind(), &target.id).await?;
        refuse_unless_seen(&object, &target.seen)?;
        collection.refuse_while_running(unit, company, &object).await?;
        Ok(object)
    }
}

impl Collection<'_> {
    /// `purchasing/orders`
    #[must_use]
    pub fn kind(&self) -> String {
        format!("{}/{}", self.installed.manifest.name, self.object_type.collection)
    }

    /// Whether somebody may do something with these objects. This is the one place that decides it.
    #[must_use]
    pub fn may(&self, caller: &Caller, operation: Operation) -> bool {
        self.object_type.permission(operation).is_some_and(|needed| self.catalogue.allows(&caller.person.roles, needed))
    }

    /// Refuses to change what a workflow is deciding on, unless the module says that this is fine.
    pub(crate) async fn refuse_while_running(
        &self,
        unit: &mut Unit,
        company: &str,
        object: &Object,
    ) -> Result<(), StoreError> {
        let Some(instance) = object.instance.as_ref().filter(|_| !self.object_type.changes_while_running) else {
            return Ok(());
        };
        let (instance, _) = unit.instance(company, instance).await?;
        let Some(running) = instance.running() else { return Ok(()) };
        let state = &running.branch.state;
        let message = format!("its workflow is running, in \"{state}\"; wait for its end or cancel it first");
        Err(StoreError::refused("workflow-running", message))
    }
}

/// What the caller knows of the object that is to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Nothing but that it is there.
    Any,
    /// It is at one of these revisions.
    At(Vec<u64>),
}

/// The role that a module alone has, which stands for every permission that it declares.
pub(crate) fn role_of_module(module: &str) -> String {
    format!("{MODULE}{module}")
}

/// Refuses if the object is not at a revision that the caller has seen.
pub(crate) fn refuse_unless_seen(object: &Object, seen: &Seen) -> Result<(), StoreError> {
    match seen {
        Seen::At(revisions) if !revisions.contains(&object.revision) => {
            let message = format!("it is at revision {} by now; read it again, and change that", object.revision);
            Err(StoreError::Outdated(message))
        }
        _ => Ok(()),
    }
}
