//! The modules that are compiled in, and what each company has of them.

use crate::builtin;
use crate::catalogue::Catalogue;
use crate::installed::Installed;
use crate::module::Module;
use crate::package::PackageError;
use futures::future::BoxFuture;
use serde_json::Value;
use std::sync::Arc;
use store::{Call, Inline, InlineResources, Session, StoreError, TaskError, Unit};

/// Where everybody asks for what a company has installed. Cheap to clone.
#[derive(Clone, Default)]
pub struct Registry {
    built_in: Arc<Catalogue>,
}

impl Registry {
    /// Reads the packages of these modules; the first thing that does not fit is the error.
    pub fn new(modules: Vec<Box<dyn Module>>) -> Result<Self, PackageError> {
        let modules = modules.into_iter().map(|module| Installed::read(module).map(Arc::new));
        let catalogue = Catalogue::checked(modules.collect::<Result<_, _>>()?)?;
        Ok(Self { built_in: Arc::new(catalogue) })
    }

    /// The modules that are compiled in: what a company has that never installed anything.
    pub fn built_in(&self) -> &Arc<Catalogue> {
        &self.built_in
    }

    /// What a company has installed.
    #[expect(clippy::unused_async, reason = "what is not compiled in is read from the store")]
    pub async fn of(&self, _session: &mut Session, _company: &str) -> Result<Arc<Catalogue>, StoreError> {
        Ok(self.built_in.clone())
    }

    /// What a company has installed, if it is known without asking the store.
    pub fn known(&self, _company: &str) -> Option<Arc<Catalogue>> {
        Some(self.built_in.clone())
    }

    /// Stores the definitions of everything that a company has. Those that are there already stay as they are.
    pub async fn enable(&self, unit: &mut Unit, company: &str) -> Result<(), StoreError> {
        self.of(unit, company).await?.enable(unit, company).await
    }
}

impl InlineResources for Catalogue {
    fn handles(&self, resource: &str) -> bool {
        self.is_inline(resource)
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
                None => builtin::call(unit, call).await,
            }
        })
    }
}
