//! Who has signed what a change would bring, and whether that is enough.

use super::change::Offered;
use super::plan::Plan;
use crate::registry::Registry;
use store::{LockedModule, Session, StoreError};

impl Registry {
    /// A sentence for each package that the change brings; none if the installation trusts nobody in particular.
    ///
    /// # Errors
    /// `Refused` if one is not signed by anybody who is trusted, and must be.
    pub(super) async fn signers(
        &self,
        session: &mut Session,
        plan: &Plan,
        offered: Option<&Offered>,
    ) -> Result<Vec<String>, StoreError> {
        let mut told = Vec::new();
        if !self.trust().is_any() {
            return Ok(told);
        }
        for LockedModule { module, version, sha256, .. } in plan.brought() {
            let Some(sha256) = sha256 else { continue };
            let signer = match offered.filter(|offered| offered.sha256 == *sha256) {
                Some(offered) => offered.signer.clone(),
                None => session.package_signer(sha256).await?,
            };
            let sentence = self.trust().told(module, version, signer.as_ref());
            told.push(sentence.map_err(|refused| StoreError::refused("untrusted-package", refused))?);
        }
        Ok(told)
    }
}
