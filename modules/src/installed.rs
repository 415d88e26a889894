//! One package as it is installed: its manifest at once, its files when they are needed first.
//!
//! What is compiled in is read when the program starts, so that a mistake in it stops the program. A package file was
//! checked when it was uploaded; of those only the manifest is read until somebody uses the module, so that hundreds of
//! them cost a start nothing.

use crate::declared::Declared;
use crate::endpoints::EndpointSchemas;
use crate::events::EventFiles;
use crate::health::Watch;
use crate::manifest::{Manifest, ObjectType};
use crate::migrate::{self, Migration};
use crate::module::Module;
use crate::objects::schema::{Flaw, ObjectSchema};
use crate::package::{Package, PackageError};
use crate::sandboxed::Sandboxed;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, Weak};

/// A module as it is installed.
pub struct Installed {
    /// Its manifest.
    pub manifest: Manifest,
    /// The hash of its package file; none if it is compiled in.
    pub sha256: Option<String>,
    /// The package file. Empty if it is compiled in.
    archive: Arc<[u8]>,
    contents: OnceLock<Contents>,
    /// How often it was looked at in a row without anybody having used it.
    idle: AtomicU32,
    watch: Weak<Watch>,
}

/// What the files of a package hold.
struct Contents {
    module: Box<dyn Module>,
    schemas: HashMap<String, ObjectSchema>,
    workflows: Vec<(String, Value)>,
    migrations: Vec<Migration>,
    endpoints: Vec<EndpointSchemas>,
    events: EventFiles,
    /// Why they cannot be used.
    broken: Option<String>,
}

impl Installed {
    /// A module that is compiled in.
    pub(crate) fn compiled_in(module: Box<dyn Module>) -> Result<Self, PackageError> {
        let manifest = module.package().manifest()?;
        let contents = OnceLock::from(Contents::read(&manifest, module)?);
        Ok(Self {
            manifest,
            sha256: None,
            archive: Arc::default(),
            contents,
            idle: AtomicU32::new(0),
            watch: Weak::new(),
        })
    }

    /// A package file that was checked before.
    pub(crate) fn uploaded(manifest: Manifest, sha256: String, archive: Vec<u8>, watch: Weak<Watch>) -> Self {
        let (sha256, archive) = (Some(sha256), archive.into());
        Self { manifest, sha256, archive, contents: OnceLock::new(), idle: AtomicU32::new(0), watch }
    }

    /// The same without what was read of its files, which is read again when somebody needs it. Who uses this one now goes on
    /// with it, and it goes when nobody does.
    pub(crate) fn unread(&self) -> Self {
        let Self { manifest, sha256, archive, watch, .. } = self;
        let (manifest, sha256, archive) = (manifest.clone(), sha256.clone(), archive.clone());
        Self { manifest, sha256, archive, contents: OnceLock::new(), idle: AtomicU32::new(0), watch: watch.clone() }
    }

    /// Whether its files have been read, and can be let go.
    pub(crate) fn is_read(&self) -> bool {
        self.sha256.is_some() && self.contents.get().is_some()
    }

    /// Its code, if it is in memory; looking at it so does not count as using it.
    pub(crate) fn in_memory(&self) -> Option<&dyn Module> {
        self.contents.get().map(|contents| contents.module.as_ref())
    }

    /// Whether its code is in memory.
    pub fn is_in_memory(&self) -> bool {
        self.contents.get().is_some()
    }

    /// Looks at it once more: how often nobody has used it since the look before.
    pub(crate) fn look(&self) -> u32 {
        self.idle.fetch_add(1, Ordering::Relaxed)
    }

    /// Why its files cannot be used, if they were read.
    pub(crate) fn known_broken(&self) -> Option<&str> {
        self.contents.get()?.broken.as_deref()
    }

    /// Its code.
    pub fn module(&self) -> &dyn Module {
        self.contents().module.as_ref()
    }

    /// The definitions that it brings, each with its name.
    pub fn workflows(&self) -> &[(String, Value)] {
        &self.contents().workflows
    }

    /// How objects of versions before become those of this one.
    pub(crate) fn migrations(&self) -> &[Migration] {
        &self.contents().migrations
    }

    /// The schema of a collection.
    pub fn object_schema(&self, collection: &str) -> Option<&ObjectSchema> {
        self.contents().schemas.get(collection)
    }

    /// The schemas of its endpoints, in the order of the manifest; none if its files cannot be used.
    pub(crate) fn endpoint_schemas(&self) -> &[EndpointSchemas] {
        &self.contents().endpoints
    }

    /// What its files say of events.
    pub(crate) fn events(&self) -> &EventFiles {
        &self.contents().events
    }

    /// Why its files cannot be used, although they could when it was installed.
    pub fn broken(&self) -> Option<&str> {
        self.contents().broken.as_deref()
    }

    fn contents(&self) -> &Contents {
        self.idle.store(0, Ordering::Relaxed);
        self.contents.get_or_init(|| {
            Contents::open(self).unwrap_or_else(|error| {
                tracing::error!(module = self.manifest.name, %error, "the files of a module cannot be used");
                Contents::broken(&self.manifest, &error)
            })
        })
    }
}

/// A package as a module, with the code that it brings. One that names actions or inline tasks and brings none is refused:
/// nothing would do them.
pub fn module_of(package: Package) -> Result<Box<dyn Module>, PackageError> {
    let manifest = package.manifest()?;
    of_package(package, &manifest, Weak::new())
}

pub(crate) fn of_package(
    package: Package,
    manifest: &Manifest,
    watch: Weak<Watch>,
) -> Result<Box<dyn Module>, PackageError> {
    match &manifest.code {
        Some(code) => Ok(Box::new(Sandboxed::of(package, manifest, code)?.watched(watch))),
        None => Ok(Box::new(Declared::without_code(package, manifest)?)),
    }
}

impl Contents {
    fn open(installed: &Installed) -> Result<Self, PackageError> {
        let Installed { manifest, sha256, archive, watch, .. } = installed;
        if *sha256 != Some(hex::encode(Sha256::digest(archive))) {
            return Err(PackageError::Code("the package file is not the one that was installed".to_owned()));
        }
        let package = Package::from_archive(archive)?;
        Self::read(manifest, of_package(package, manifest, watch.clone())?)
    }

    fn read(manifest: &Manifest, module: Box<dyn Module>) -> Result<Self, PackageError> {
        let package = module.package();
        let schemas = schemas(package, manifest)?;
        let workflows = manifest.workflows.iter().map(|file| Ok((file.name.clone(), package.json(&file.file)?)));
        let workflows = workflows.collect::<Result<_, PackageError>>()?;
        let migrations = migrate::read_all(manifest, package)?;
        let endpoints = EndpointSchemas::read(package, manifest)?;
        let events = EventFiles::read(package, manifest)?;
        Ok(Self { module, schemas, workflows, migrations, endpoints, events, broken: None })
    }

    fn broken(manifest: &Manifest, error: &PackageError) -> Self {
        let module = Box::new(Declared::of(Package::default(), manifest));
        let broken = Some(format!("the files of this module cannot be used: {error}"));
        Self {
            module,
            schemas: HashMap::new(),
            workflows: Vec::new(),
            migrations: Vec::new(),
            endpoints: Vec::new(),
            events: EventFiles::default(),
            broken,
        }
    }
}

fn schemas(package: &Package, manifest: &Manifest) -> Result<HashMap<String, ObjectSchema>, PackageError> {
    let read = |object: &ObjectType| {
        let flawed = |flaws: Vec<Flaw>| {
            let error = flaws.first().map(|flaw| format!("{}: {}", flaw.pointer, flaw.message)).unwrap_or_default();
            PackageError::Schema { path: object.schema.clone(), error }
        };
        let document = package.json(&object.schema)?;
        let schema = manifest.with_names(|around| ObjectSchema::read(document, around)).map_err(flawed)?;
        Ok((object.collection.clone(), schema))
    };
    manifest.objects.iter().map(read).collect()
}
