//! Which versions of modules fit together, found with PubGrub, and why none do.

use crate::manifest::Manifest;
use pubgrub::{
    Dependencies, DependencyConstraints, DependencyProvider, DerivationTree, External, Map,
    PackageResolutionStatistics, PubGrubError, Ranges,
};
use semver::{Version, VersionReq};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

/// What asks for everything: the company itself. No module has an empty name.
const COMPANY: &str = "";

/// A version that could be installed.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) manifest: Manifest,
    /// The hash of its package file; none if it is compiled in.
    pub(crate) sha256: Option<String>,
}

/// Everything that could be installed, by name and version.
#[derive(Debug, Clone, Default)]
pub(crate) struct Candidates {
    known: BTreeMap<String, BTreeMap<Version, Candidate>>,
    /// The versions that are installed, which are kept where they fit.
    installed: BTreeMap<String, Version>,
}

/// The versions of one module that the company wants.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) module: String,
    pub(crate) versions: VersionReq,
}

impl Candidates {
    pub(crate) fn add(&mut self, candidate: Candidate) {
        let Manifest { name, version, .. } = &candidate.manifest;
        self.known.entry(name.clone()).or_default().insert(version.clone(), candidate);
    }

    pub(crate) fn prefer(&mut self, module: &str, version: Version) {
        self.installed.insert(module.to_owned(), version);
    }

    pub(crate) fn get(&self, module: &str, version: &Version) -> Option<&Candidate> {
        self.known.get(module)?.get(version)
    }

    /// The version that comes with the program.
    pub(crate) fn compiled_in(&self, module: &str) -> Option<&Candidate> {
        self.known.get(module)?.values().find(|candidate| candidate.sha256.is_none())
    }

    pub(crate) fn versions(&self, module: &str) -> Vec<&Version> {
        self.known.get(module).into_iter().flat_map(BTreeMap::keys).collect()
    }

    /// The versions of everything that is wanted and of what that needs; else why there are none, a sentence each.
    pub(crate) fn resolve(&self, wanted: &[Wanted]) -> Result<BTreeMap<String, Version>, Vec<String>> {
        let solving = Solving { candidates: self, wanted };
        let solved = pubgrub::resolve(&solving, COMPANY.to_owned(), Version::new(0, 0, 0));
        let solved = match solved {
            Ok(solved) => solved,
            Err(PubGrubError::NoSolution(tree)) => return Err(solving.sentences(&tree)),
            Err(error) => return Err(vec![error.to_string()]),
        };
        let chosen: BTreeMap<String, Version> = solved.into_iter().filter(|(module, _)| module != COMPANY).collect();
        match self.cycle(&chosen) {
            None => Ok(chosen),
            Some(cycle) => Err(vec![format!("{} need each other in a circle; one of them has to do without", cycle)]),
        }
    }

    /// Modules that need each other: `a, b and a`.
    fn cycle(&self, chosen: &BTreeMap<String, Version>) -> Option<String> {
        chosen.keys().find_map(|module| self.way_back(module, chosen, &mut vec![module.clone()]))
    }

    fn way_back(&self, first: &str, chosen: &BTreeMap<String, Version>, way: &mut Vec<String>) -> Option<String> {
        let last = way.last()?.clone();
        for needed in self.needs(&last, chosen) {
            if needed == first {
                return Some(way.join(", "));
            }
            if !way.contains(&needed) {
                way.push(needed);
                if let Some(found) = self.way_back(first, chosen, way) {
                    return Some(found);
                }
                way.pop();
            }
        }
        None
    }

    fn needs(&self, module: &str, chosen: &BTreeMap<String, Version>) -> Vec<String> {
        let candidate = chosen.get(module).and_then(|version| self.get(module, version));
        candidate.into_iter().flat_map(|one| &one.manifest.requires.modules).map(|needed| needed.name.clone()).collect()
    }

    /// A requirement as the set of known versions that meet it.
    fn set(&self, module: &str, versions: &VersionReq) -> Ranges<Version> {
        let meets = self.versions(module).into_iter().filter(|version| versions.matches(version));
        meets.fold(Ranges::empty(), |all, version| all.union(&Ranges::singleton(version.clone())))
    }

    /// `known here are 1.0.0 and 1.2.0`
    fn told_versions(&self, module: &str) -> String {
        let versions: Vec<String> = self.versions(module).iter().map(ToString::to_string).collect();
        match versions.as_slice() {
            [] => format!("no version of {module} is known here"),
            known => format!("known here is {module} {}", known.join(", ")),
        }
    }
}

/// What PubGrub asks.
struct Solving<'c> {
    candidates: &'c Candidates,
    wanted: &'c [Wanted],
}

impl Solving<'_> {
    /// What a version needs: the name and the versions as they were written.
    fn requirements(&self, module: &str, version: &Version) -> Vec<(String, VersionReq)> {
        if module == COMPANY {
            return self.wanted.iter().map(|wanted| (wanted.module.clone(), wanted.versions.clone())).collect();
        }
        let needed = self.candidates.get(module, version).into_iter();
        let needed = needed.flat_map(|candidate| &candidate.manifest.requires.modules);
        needed.map(|needed| (needed.name.clone(), needed.version.clone())).collect()
    }

    /// The facts from which it follows that nothing fits.
    fn sentences(&self, tree: &DerivationTree<String, Ranges<Version>, String>) -> Vec<String> {
        let (mut seen, mut sentences) = (BTreeSet::new(), Vec::new());
        self.walk(tree, &mut |sentence: String| {
            if seen.insert(sentence.clone()) {
                sentences.push(sentence);
            }
        });
        sentences
    }

    fn walk(&self, tree: &DerivationTree<String, Ranges<Version>, String>, tell: &mut impl FnMut(String)) {
        match tree {
            DerivationTree::External(External::FromDependencyOf(module, versions, needed, _)) => {
                self.need(module, versions, needed).into_iter().for_each(tell);
            }
            DerivationTree::External(_) => {}
            DerivationTree::Derived(derived) => {
                self.walk(&derived.cause1, tell);
                self.walk(&derived.cause2, tell);
            }
        }
    }

    fn need(&self, module: &str, versions: &Ranges<Version>, needed: &str) -> Vec<String> {
        if module == COMPANY {
            let kept = self.candidates.installed.get(needed);
            return kept.map(|version| format!("{needed} {version} is installed")).into_iter().collect();
        }
        let among = self.candidates.versions(module).into_iter().filter(|version| versions.contains(*version));
        let told = among.flat_map(|version| {
            let wanted = self.requirements(module, version).into_iter().find(|(name, _)| name == needed);
            wanted.map(|(_, range)| self.told(module, version, needed, &range))
        });
        told.collect()
    }

    fn told(&self, module: &str, version: &Version, needed: &str, range: &VersionReq) -> String {
        let known = self.candidates.told_versions(needed);
        if self.candidates.versions(needed).into_iter().any(|version| range.matches(version)) {
            return format!("{module} {version} needs {needed} {range}, and {known}");
        }
        format!("{module} {version} needs {needed} {range}, and {known}; upload a package of {needed} that fits first")
    }
}

impl DependencyProvider for Solving<'_> {
    type P = String;
    type V = Version;
    type VS = Ranges<Version>;
    type M = String;
    type Err = Infallible;
    type Priority = (u32, Reverse<usize>);

    fn prioritize(
        &self,
        module: &String,
        range: &Ranges<Version>,
        statistics: &PackageResolutionStatistics,
    ) -> Self::Priority {
        let choices = self.candidates.versions(module).into_iter().filter(|version| range.contains(*version)).count();
        match choices {
            0 => (u32::MAX, Reverse(0)),
            some => (statistics.conflict_count(), Reverse(some)),
        }
    }

    /// What is installed stays if it fits; else the newest.
    fn choose_version(&self, module: &String, range: &Ranges<Version>) -> Result<Option<Version>, Infallible> {
        if module == COMPANY {
            return Ok(Some(Version::new(0, 0, 0)));
        }
        let kept = self.candidates.installed.get(module);
        let kept = kept.filter(|version| range.contains(*version) && self.candidates.get(module, version).is_some());
        let newest = || self.candidates.versions(module).into_iter().rev().find(|version| range.contains(*version));
        Ok(kept.or_else(newest).cloned())
    }

    fn get_dependencies(
        &self,
        module: &String,
        version: &Version,
    ) -> Result<Dependencies<String, Ranges<Version>, String>, Infallible> {
        let needed = self.requirements(module, version).into_iter();
        let sets = needed.map(|(name, range)| {
            let set = self.candidates.set(&name, &range);
            (name, set)
        });
        let constraints: Map<String, Ranges<Version>> = sets.collect();
        Ok(Dependencies::Available(DependencyConstraints::from_iter(constraints)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str, version: &str, needs: &[(&str, &str)]) -> Candidate {
        let needs: Vec<_> =
            needs.iter().map(|(name, range)| serde_json::json!({ "name": name, "version": range })).collect();
        let manifest = serde_json::json!({
            "name": name, "version": version, "title": name, "description": name, "licence": "MIT",
            "requires": { "modules": needs },
        });
        Candidate { manifest: serde_json::from_value(manifest).unwrap(), sha256: None }
    }

    /// Name, version, and what it needs: names and ranges.
    type Known<'k> = (&'k str, &'k str, &'k [(&'k str, &'k str)]);

    fn candidates(all: &[Known<'_>]) -> Candidates {
        let mut candidates = Candidates::default();
        all.iter().for_each(|(name, version, needs)| candidates.add(candidate(name, version, needs)));
        candidates
    }

    fn wanted(module: &str, versions: &str) -> Wanted {
        Wanted { module: module.to_owned(), versions: VersionReq::parse(versions).unwrap() }
    }

    fn told(chosen: &BTreeMap<String, Version>) -> Vec<String> {
        chosen.iter().map(|(name, version)| format!("{name} {version}")).collect()
    }

    #[test]
    fn what_is_needed_comes_along_and_what_is_installed_stays() {
        let mut all = candidates(&[
            ("travel", "1.0.0", &[("inventory", ">=1, <2")]),
            ("inventory", "1.0.0", &[]),
            ("inventory", "1.5.0", &[]),
            ("inventory", "2.0.0", &[]),
        ]);
        assert_eq!(told(&all.resolve(&[wanted("travel", "=1.0.0")]).unwrap()), ["inventory 1.5.0", "travel 1.0.0"]);
        all.prefer("inventory", Version::new(1, 0, 0));
        let both = [wanted("travel", "=1.0.0"), wanted("inventory", ">=1.0.0")];
        assert_eq!(told(&all.resolve(&both).unwrap()), ["inventory 1.0.0", "travel 1.0.0"]);
    }

    #[test]
    fn what_is_missing_is_told_with_what_is_there() {
        let all = candidates(&[("travel", "1.0.0", &[("inventory", ">=2")]), ("inventory", "1.0.0", &[])]);
        let sentences = all.resolve(&[wanted("travel", "=1.0.0")]).unwrap_err();
        let expected = "travel 1.0.0 needs inventory >=2, and known here is inventory 1.0.0; upload a package of \
                        inventory that fits first";
        assert_eq!(sentences, [expected]);
        let all = candidates(&[("travel", "1.0.0", &[("stock", "*")])]);
        let sentences = all.resolve(&[wanted("travel", "=1.0.0")]).unwrap_err();
        let expected = "travel 1.0.0 needs stock *, and no version of stock is known here; upload a package of stock \
                        that fits first";
        assert_eq!(sentences, [expected]);
    }

    #[test]
    fn two_that_do_not_agree_are_both_told() {
        let mut all = candidates(&[
            ("travel", "1.0.0", &[("inventory", ">=2")]),
            ("fleet", "1.0.0", &[("inventory", "<2")]),
            ("inventory", "1.0.0", &[]),
            ("inventory", "2.0.0", &[]),
        ]);
        all.prefer("fleet", Version::new(1, 0, 0));
        let sentences = all.resolve(&[wanted("travel", "=1.0.0"), wanted("fleet", ">=1.0.0")]).unwrap_err();
        for part in ["travel 1.0.0 needs inventory >=2", "fleet 1.0.0 needs inventory <2", "fleet 1.0.0 is installed"] {
            assert!(sentences.iter().any(|sentence| sentence.contains(part)), "{part}: {sentences:?}");
        }
    }

    #[test]
    fn a_circle_is_refused() {
        let all =
            candidates(&[("a", "1.0.0", &[("b", "*")]), ("b", "1.0.0", &[("c", "*")]), ("c", "1.0.0", &[("a", "*")])]);
        let sentences = all.resolve(&[wanted("a", "*")]).unwrap_err();
        assert_eq!(sentences, ["a, b, c need each other in a circle; one of them has to do without"]);
    }
}
