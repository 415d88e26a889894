//! The modules that are compiled in, and what each company has of them and of the packages that it has uploaded.
//!
//! What a company has is kept here until it changes. A change is heard at once on the node that makes it, and on others
//! through the store's bell; and because nothing may depend on bells, whatever was looked at a second ago is looked at
//! again.

use crate::builtin;
use crate::catalogue::Catalogue;
use crate::config::ConfigLayers;
use crate::health::Watch;
use crate::installed::Installed;
use crate::lifecycle;
use crate::manifest::Manifest;
use crate::module::Module;
use crate::package::PackageError;
use crate::trust::Trust;
use futures::future::BoxFuture;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock, Weak};
use std::time::{Duration, Instant};
use store::{
    Call, Generation, Inline, InlineResources, LockedModule, Object, OwnCall, Session, StoreError, StoredPackage,
    TaskError, Unit,
};

/// How long what a company has is taken for granted.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Where everybody asks for what a company has installed. Cheap to clone.
#[derive(Clone, Default)]
pub struct Registry(pub(crate) Arc<Inner>);

#[derive(Default)]
pub(crate) struct Inner {
    built_in: Arc<Catalogue>,
    pub(crate) companies: RwLock<HashMap<String, Looked>>,
    /// What the installation sets for the modules of all companies.
    layers: ConfigLayers,
    /// Whose packages it takes.
    trust: Trust,
    /// Packages by the hash of their file, as long as a company has them.
    pub(crate) packages: Mutex<HashMap<String, Weak<Installed>>>,
    /// How they do on this node.
    watch: Arc<Watch>,
}

/// What a company had when it was looked at.
#[derive(Clone)]
pub(crate) struct Looked {
    pub(crate) catalogue: Arc<Catalogue>,
    /// What the store had counted by then.
    changes: u64,
    at: Instant,
}

impl Looked {
    fn counts(&self, changes: u64) -> bool {
        self.changes == changes && self.at.elapsed() < LOOK_AGAIN
    }
}

impl Registry {
    /// Reads the packages of these modules; the first thing that does not fit is the error.
    pub fn new(modules: Vec<Box<dyn Module>>) -> Result<Self, PackageError> {
        let modules = modules.into_iter().map(|module| Installed::compiled_in(module).map(Arc::new));
        let built_in = Arc::new(Catalogue::checked(modules.collect::<Result<_, _>>()?)?);
        Ok(Self(Arc::new(Inner { built_in, ..Inner::default() })))
    }

    /// The same modules, with what the installation sets for them.
    #[must_use]
    pub fn configured(&self, layers: ConfigLayers) -> Self {
        let watch = Arc::new(Watch::new(layers.limits.clone()));
        let (built_in, trust) = (self.built_in().clone(), self.trust().clone());
        Self(Arc::new(Inner { built_in, layers, trust, watch, ..Inner::default() }))
    }

    /// The same modules, with packages of those whom the installation trusts.
    #[must_use]
    pub fn trusting(&self, trust: Trust) -> Self {
        let (built_in, layers, watch) = (self.built_in().clone(), self.layers().clone(), self.watch().clone());
        Self(Arc::new(Inner { built_in, layers, trust, watch, ..Inner::default() }))
    }

    /// Whose packages the installation takes.
    pub fn trust(&self) -> &Trust {
        &self.0.trust
    }

    /// How the modules do on this node.
    pub fn watch(&self) -> &Arc<Watch> {
        &self.0.watch
    }

    pub(crate) fn layers(&self) -> &ConfigLayers {
        &self.0.layers
    }

    /// The modules that are compiled in: what a company has that never installed anything.
    pub fn built_in(&self) -> &Arc<Catalogue> {
        &self.0.built_in
    }

    /// What a company has installed. In a transaction that changes it, what it will be.
    pub async fn of(&self, session: &mut Session, company: &str) -> Result<Arc<Catalogue>, StoreError> {
        if session.is_changing_installed() {
            let number = session.generation_number(company).await?;
            return self.read(session, company, number).await;
        }
        let changes = session.installed_changes();
        if let Some(number) = session.held_generation_number(company).await? {
            return self.numbered(session, company, (number, changes)).await;
        }
        if let Some(known) = self.known(company, changes) {
            return Ok(known);
        }
        let number = session.generation_number(company).await?;
        self.numbered(session, company, (number, changes)).await
    }

    /// The list of that number, which counts as far as `changes` have been heard of.
    async fn numbered(
        &self,
        session: &mut Session,
        company: &str,
        (number, changes): (u64, u64),
    ) -> Result<Arc<Catalogue>, StoreError> {
        let before = self.looked(company).filter(|looked| looked.catalogue.generation() == number);
        let catalogue = match before {
            Some(before) => before.catalogue,
            None => self.read(session, company, number).await?,
        };
        self.remember(company, Looked { catalogue: catalogue.clone(), changes, at: Instant::now() });
        Ok(catalogue)
    }

    /// What a company has installed, if it is known without asking the store, which has counted so many changes.
    pub fn known(&self, company: &str, changes: u64) -> Option<Arc<Catalogue>> {
        self.looked(company).filter(|looked| looked.counts(changes)).map(|looked| looked.catalogue)
    }

    fn looked(&self, company: &str) -> Option<Looked> {
        self.0.companies.read().ok()?.get(company).cloned()
    }

    fn remember(&self, company: &str, looked: Looked) {
        let before = self.looked(company).map(|before| before.catalogue.generation());
        if before != Some(looked.catalogue.generation()) {
            let all = looked.catalogue.all();
            let names = all.iter().map(|(installed, _)| installed.manifest.name.as_str()).collect();
            self.watch().keep_only(company, &names);
        }
        if let Ok(mut companies) = self.0.companies.write() {
            companies.insert(company.to_owned(), looked);
        }
    }

    /// A list of a company as it would be if it counted.
    pub(crate) async fn read(
        &self,
        session: &mut Session,
        company: &str,
        number: u64,
    ) -> Result<Arc<Catalogue>, StoreError> {
        if number == 0 {
            return Ok(self.built_in().clone());
        }
        let missing = || StoreError::Corrupt(format!("{company} has no list of modules {number}"));
        let Generation { modules, .. } = session.generation(company, number).await?.ok_or_else(missing)?;
        let known = session.known_packages(company).await?;
        let purged = session.purged_modules(company).await?;
        let had = known.into_iter().map(|known| known.module).chain(self.built_in().names()).chain(purged);
        let mut catalogue = Catalogue::of_generation(number, had.collect());
        // Held until the list holds them: the cache does not keep what nobody has.
        let _read = self.read_packages(session, company, &modules).await?;
        for locked in &modules {
            match self.locked(session, company, locked).await {
                Ok(installed) => catalogue.add(installed, locked.state),
                Err(StoreError::Missing { .. }) => {
                    tracing::error!(
                        company,
                        module = locked.module,
                        "an installed module is not there; it is left out"
                    );
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Arc::new(catalogue))
    }

    /// An uploaded package, shared by all companies that have it.
    pub(crate) async fn package(
        &self,
        session: &mut Session,
        company: &str,
        sha256: &str,
    ) -> Result<Option<Arc<Installed>>, StoreError> {
        if let Some(known) = self.shared_package(sha256) {
            return Ok(Some(known));
        }
        let Some(stored) = session.package(company, sha256).await? else { return Ok(None) };
        self.share(sha256.to_owned(), stored).map(Some)
    }

    /// Reads with few questions what a list has and nobody has read yet.
    async fn read_packages(
        &self,
        session: &mut Session,
        company: &str,
        modules: &[LockedModule],
    ) -> Result<Vec<Arc<Installed>>, StoreError> {
        let hashes = modules.iter().filter_map(|locked| locked.sha256.as_deref());
        let unread: Vec<&str> = hashes.filter(|sha256| self.shared_package(sha256).is_none()).collect();
        let read = session.packages(company, &unread).await?;
        read.into_iter().map(|(sha256, stored)| self.share(sha256, stored)).collect()
    }

    fn share(&self, sha256: String, stored: StoredPackage) -> Result<Arc<Installed>, StoreError> {
        let manifest: Manifest = serde_json::from_str(&stored.manifest)
            .map_err(|error| StoreError::Corrupt(format!("the manifest of the package {sha256}: {error}")))?;
        let installed =
            Arc::new(Installed::uploaded(manifest, sha256.clone(), stored.bytes, Arc::downgrade(self.watch())));
        if let Ok(mut packages) = self.0.packages.lock() {
            packages.retain(|_, package| package.strong_count() > 0);
            packages.insert(sha256, Arc::downgrade(&installed));
        }
        Ok(installed)
    }

    /// The module of an entry of a list.
    pub(crate) async fn locked(
        &self,
        session: &mut Session,
        company: &str,
        locked: &LockedModule,
    ) -> Result<Arc<Installed>, StoreError> {
        let installed = match &locked.sha256 {
            None => self.built_in().shared(&locked.module),
            Some(sha256) => self.package(session, company, sha256).await?,
        };
        installed.ok_or_else(|| StoreError::Missing { what: "module", id: locked.module.clone() })
    }

    fn shared_package(&self, sha256: &str) -> Option<Arc<Installed>> {
        self.0.packages.lock().ok()?.get(sha256)?.upgrade()
    }

    /// Stores the definitions of everything that a company has. Those that are there already stay as they are.
    pub async fn enable(&self, unit: &mut Unit, company: &str) -> Result<(), StoreError> {
        self.of(unit, company).await?.enable(unit, company).await?;
        self.follow_subscriptions(unit, company).await
    }
}

impl InlineResources for Catalogue {
    fn handles(&self, resource: &str) -> bool {
        self.is_inline(resource)
    }

    fn refuses(&self, definition: &str) -> Option<String> {
        self.refuses_new(definition.split_once('/')?.0)
    }
}

impl Inline for Registry {
    fn of<'a>(
        &'a self,
        unit: &'a mut Unit,
        company: &'a str,
    ) -> BoxFuture<'a, Result<Arc<dyn InlineResources>, StoreError>> {
        Box::pin(async move { Ok(Self::of(self, unit, company).await? as Arc<dyn InlineResources>) })
    }

    fn call<'a>(
        &'a self,
        unit: &'a mut Unit,
        call: Call,
    ) -> BoxFuture<'a, Result<Result<Value, TaskError>, StoreError>> {
        Box::pin(async move {
            let catalogue = Self::of(self, unit, &call.company).await?;
            match catalogue.owner(&call.resource) {
                Some(installed) => installed.module().call(unit, call).await,
                None if lifecycle::is_inline(&call.resource) => lifecycle::call(self, unit, call).await,
                None => builtin::call(&catalogue, unit, call).await,
            }
        })
    }

    fn own<'a>(&'a self, unit: &'a mut Unit, call: OwnCall) -> BoxFuture<'a, Result<Vec<Object>, StoreError>> {
        Box::pin(self.own_objects(unit, call))
    }
}
