//! Packages that nobody uses: what was read of their files is let go, and read again when somebody needs it.
//!
//! Nothing is taken away from under anybody. The lists of the companies get the same packages unread, and whoever works
//! with the old ones goes on with them until the end.

use crate::installed::Installed;
use crate::registry::Registry;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

impl Registry {
    /// Lets go of packages that nobody has used since so many calls of this, and of those unused for longest where more
    /// than `most` are read; how many it were. What is compiled in stays.
    pub fn let_go_of_idle(&self, looks: u32, most: usize) -> usize {
        let mut read: Vec<(u32, Arc<Installed>)> =
            self.read_packages_once().into_iter().map(|installed| (installed.look(), installed)).collect();
        read.sort_by_key(|(idle, _)| std::cmp::Reverse(*idle));
        let surplus = read.len().saturating_sub(most);
        let idle = read.iter().enumerate().filter(|(n, (idle, _))| *n < surplus || *idle >= looks);
        let fresh: HashMap<String, Arc<Installed>> = idle
            .filter_map(|(_, (_, installed))| Some((installed.sha256.clone()?, Arc::new(installed.unread()))))
            .collect();
        self.replace(&fresh);
        fresh.len()
    }

    /// How many packages are known, and of how many the files are read.
    pub fn packages_read(&self) -> (usize, usize) {
        let packages = self.0.packages.lock().unwrap_or_else(PoisonError::into_inner);
        let known = packages.values().filter_map(std::sync::Weak::upgrade).count();
        drop(packages);
        (known, self.read_packages_once().len())
    }

    /// Every package whose files are read, once, however many companies have it.
    fn read_packages_once(&self) -> Vec<Arc<Installed>> {
        let packages = self.0.packages.lock().unwrap_or_else(PoisonError::into_inner);
        packages.values().filter_map(std::sync::Weak::upgrade).filter(|installed| installed.is_read()).collect()
    }

    fn replace(&self, fresh: &HashMap<String, Arc<Installed>>) {
        if fresh.is_empty() {
            return;
        }
        let mut packages = self.0.packages.lock().unwrap_or_else(PoisonError::into_inner);
        packages.extend(fresh.iter().map(|(sha256, installed)| (sha256.clone(), Arc::downgrade(installed))));
        drop(packages);
        let mut companies = self.0.companies.write().unwrap_or_else(PoisonError::into_inner);
        companies.values_mut().for_each(|looked| looked.catalogue = Arc::new(looked.catalogue.with(fresh)));
    }
}
