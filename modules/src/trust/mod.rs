//! Whose packages an installation takes: publishers, each with the key that they sign with.
//!
//! A package is looked at when it is uploaded, and who has signed it is kept with it. Whether that counts is asked again
//! whenever a change is planned, because the installation may trust others by then.

use crate::package::{Package, PackageError};
use crate::signature::{PublicKey, SignatureError};
use store::PackageSigner;

/// Whom an installation trusts.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    publishers: Vec<Publisher>,
    require: Required,
}

/// What a package must have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Required {
    /// Nothing; a signature of a publisher who is trusted must be right all the same.
    #[default]
    None,
    /// The signature of a publisher who is trusted.
    Signed,
}

/// Somebody who signs packages.
#[derive(Debug, Clone)]
pub struct Publisher {
    name: String,
    line: String,
    key: PublicKey,
    modules: Vec<String>,
}

impl Publisher {
    /// A publisher whose key counts for these modules: `travel`, or `acme-*` for all that begin so. None of them is all.
    pub fn new(name: Option<&str>, key: &str, modules: Vec<String>) -> Result<Self, SignatureError> {
        let line = key.trim().lines().last().unwrap_or_default().trim().to_owned();
        let key = PublicKey::read(&line)?;
        let begin: String = line.chars().take(12).collect();
        let name = name.map_or_else(|| format!("the key {begin}..."), str::to_owned);
        Ok(Self { name, line, key, modules })
    }

    fn counts_for(&self, module: &str) -> bool {
        self.modules.is_empty()
            || self.modules.iter().any(|one| match one.strip_suffix('*') {
                Some(begin) => module.starts_with(begin),
                None => one == module,
            })
    }
}

impl Trust {
    /// Trust in these, and what packages must have.
    pub fn new(publishers: Vec<Publisher>, require: Required) -> Self {
        Self { publishers, require }
    }

    /// Whether anybody is named here, so that it is worth telling who has signed what.
    pub(crate) fn is_any(&self) -> bool {
        !self.publishers.is_empty() || self.require == Required::Signed
    }

    /// Who has signed a package that was sent; nobody whose key counts for it, if that is enough here.
    ///
    /// # Errors
    /// `Untrusted` if its signature is wrong, or is none that counts where one is required.
    pub fn check(&self, package: &Package, module: &str) -> Result<Option<PackageSigner>, PackageError> {
        let found = self.find(package, module).map_err(|error| PackageError::Untrusted(error.to_string()))?;
        if found.is_none() && self.require == Required::Signed {
            let signed = package.signature().is_some();
            return Err(PackageError::Untrusted(missing(module, signed)));
        }
        Ok(found)
    }

    fn find(&self, package: &Package, module: &str) -> Result<Option<PackageSigner>, SignatureError> {
        if package.signature().is_none() {
            return Ok(None);
        }
        let counting = self.publishers.iter().filter(|one| one.counts_for(module));
        for Publisher { key, line, .. } in counting {
            match key.verify(package) {
                Ok(comment) => return Ok(Some(PackageSigner { key: line.clone(), comment })),
                Err(SignatureError::OtherKey) => {}
                Err(wrong) => return Err(wrong),
            }
        }
        Ok(None)
    }

    /// What is to be told of who has signed a package, in a plan.
    ///
    /// # Errors
    /// A sentence, if it is not signed by anybody who is trusted now, and must be.
    pub(crate) fn told(&self, module: &str, version: &str, signer: Option<&PackageSigner>) -> Result<String, String> {
        let publisher = signer.and_then(|signer| {
            let trusted = self.publishers.iter().find(|one| one.line == signer.key && one.counts_for(module));
            Some((trusted?, signer))
        });
        match publisher {
            Some((publisher, signer)) => {
                Ok(format!("{module} {version} is signed by {}, as \"{}\"", publisher.name, plain(&signer.comment)))
            }
            None if self.require == Required::Signed => Err(missing(module, signer.is_some())),
            None => Ok(format!("{module} {version} is not signed by anybody who is trusted here")),
        }
    }
}

fn missing(module: &str, signed: bool) -> String {
    let what = if signed {
        "is signed, but with no key that is trusted here for it"
    } else {
        "is not signed, and packages must be here"
    };
    format!(
        "the package of {module} {what}; ask for one that is signed with a trusted key, or have the operator add its key \
         under [trust] in the service's configuration"
    )
}

/// The signer has written it, and people read it in a terminal.
fn plain(comment: &str) -> String {
    comment.chars().filter(|c| !c.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::{NewKey, SecretKey};

    fn package() -> Package {
        Package::of([("module.yaml", "name: travel\n"), ("trip.json", "{}")])
    }

    /// Whoever signs, and what others know them by.
    fn signer() -> (SecretKey, String) {
        let key = NewKey::generate(None).unwrap();
        (SecretKey::read(&key.secret, None).unwrap(), key.public)
    }

    fn trust(key: &str, modules: &[&str], require: Required) -> Trust {
        let modules = modules.iter().map(|module| (*module).to_owned()).collect();
        Trust::new(vec![Publisher::new(Some("Acme"), key, modules).unwrap()], require)
    }

    #[test]
    fn the_signature_of_a_publisher_is_known() {
        let (secret, public) = signer();
        let signed = secret.sign(&package(), "travel 1.0.0").unwrap();
        for require in [Required::None, Required::Signed] {
            let trust = trust(&public, &["fleet", "tra*"], require);
            let found = trust.check(&signed, "travel").unwrap();
            let told = trust.told("travel", "1.0.0", found.as_ref()).unwrap();
            assert_eq!(told, "travel 1.0.0 is signed by Acme, as \"travel 1.0.0\"");
        }
    }

    #[test]
    fn without_a_trusted_signature_a_package_is_taken_only_where_none_is_required() {
        let ((secret, _), (_, other)) = (signer(), signer());
        let signed = secret.sign(&package(), "x").unwrap();
        for package in [package(), signed.clone()] {
            let open = trust(&other, &[], Required::None);
            assert_eq!(open.check(&package, "travel").unwrap(), None);
            assert!(open.told("travel", "1.0.0", None).unwrap().contains("not signed by anybody"));
            let closed = trust(&other, &[], Required::Signed);
            let refused = closed.check(&package, "travel").unwrap_err().to_string();
            assert!(refused.contains("add its key under [trust]"), "{refused}");
            assert!(closed.told("travel", "1.0.0", None).is_err());
        }
    }

    #[test]
    fn a_key_counts_for_its_modules_only() {
        let (secret, public) = signer();
        let signed = secret.sign(&package(), "x").unwrap();
        let trust = trust(&public, &["acme-*", "fleet"], Required::Signed);
        assert!(trust.check(&signed, "acme-travel").is_ok() && trust.check(&signed, "fleet").is_ok());
        let found = trust.check(&signed, "fleet").unwrap();
        for other in ["travel", "acme", "fleets"] {
            assert!(trust.check(&signed, other).is_err() && trust.told(other, "1", found.as_ref()).is_err(), "{other}");
        }
    }

    #[test]
    fn a_wrong_signature_is_refused_wherever_its_key_is_trusted() {
        let (secret, public) = signer();
        let mut changed = secret.sign(&package(), "x").unwrap();
        changed.put("trip.json", b"{ }".as_slice());
        for require in [Required::None, Required::Signed] {
            let refused = trust(&public, &[], require).check(&changed, "travel").unwrap_err().to_string();
            assert!(refused.contains("was changed after it was signed"), "{refused}");
        }
    }

    #[test]
    fn what_is_no_key_is_told() {
        assert!(Publisher::new(None, "RW", Vec::new()).is_err());
        let (_, public) = signer();
        assert!(Publisher::new(None, &public, Vec::new()).unwrap().name.starts_with("the key RW"));
    }
}
