//! New modules: what `module new` writes, from the templates that are compiled in.
//!
//! A template is a module with the names `__module__`, `__object__` and `__objects__`; lines that begin with `#each` stand
//! there once for every object, and so does a file whose path has the name of one.

use crate::package::Package;
use std::fmt;

/// What a new module is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewModule {
    /// Its name: `travel`.
    pub name: String,
    /// What one object is called, for each kind: `request`.
    pub objects: Vec<String>,
    /// Who decides on its objects.
    pub workflow: Decides,
    /// Its code in Rust, if it is to have any.
    pub code: Option<Sdk>,
}

/// Where the crate `countersign-module` comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sdk {
    /// The version of this program, from the registry of crates.
    Published,
    /// A folder.
    Folder(String),
}

/// Who decides on the objects of a new module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decides {
    /// The manager of whoever makes one.
    Manager,
    /// Nobody: they are kept only.
    Nobody,
}

/// Why a name is none, with the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoName(String);

impl fmt::Display for NoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(name) = self;
        write!(
            f,
            "\"{name}\" is no name; use small letters, digits and single hyphens, and begin with a letter: it-equipment"
        )
    }
}

impl std::error::Error for NoName {}

/// A file of a template: path and text.
type File = (&'static str, &'static str);

macro_rules! template {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../templates/", $folder, "/", $path)))),+]
    };
}

const APPROVAL: &[File] = template!("approval":
    "README.md",
    "__object__.asl.json",
    "examples/__object__.json",
    "module.yaml",
    "scenarios/__object___1_approved.json",
    "scenarios/__object___2_no_manager.json",
    "scenarios/__object___3_nobody_decides.json",
    "scenarios/service/__object__.json",
    "scenarios/shared/__object__.json",
    "schemas/__object__.json",
);

const OBJECTS: &[File] = template!("objects":
    "README.md",
    "examples/__object__.json",
    "module.yaml",
    "scenarios/service/__object__.json",
    "schemas/__object__.json",
);

/// What code in Rust is, whatever the template.
const RUST: &[File] = &[
    // Not under its own name: cargo would take the template for a package.
    ("code/Cargo.toml", include_str!("../templates/rust/code/Cargo.toml.txt")),
    ("code/src/lib.rs", include_str!("../templates/rust/code/src/lib.rs")),
];
/// What is added to files of the template.
const RUST_MORE: &[File] = template!("rust": "README.md", "code.yaml");
/// What plays the code.
const RUST_APPROVAL: &str = include_str!("../templates/rust/approval/__object___code.json");
const RUST_OBJECTS: &str = include_str!("../templates/rust/objects/__object___code.json");
const RUST_SCENARIO: &str = "scenarios/service/__object___code.json";

/// Whether a module or an object may be called so.
pub fn check_name(name: &str) -> Result<(), NoName> {
    let part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let fine =
        name.len() <= 64 && name.split('-').all(part) && name.starts_with(|first: char| first.is_ascii_lowercase());
    if fine { Ok(()) } else { Err(NoName(name.to_owned())) }
}

impl NewModule {
    /// Its files.
    pub fn package(&self) -> Result<Package, NoName> {
        check_name(&self.name)?;
        self.objects.iter().try_for_each(|object| check_name(object))?;
        let (template, scenario) = match self.workflow {
            Decides::Manager => (APPROVAL, RUST_APPROVAL),
            Decides::Nobody => (OBJECTS, RUST_OBJECTS),
        };
        let mut package = Package::of_texts(template.iter().flat_map(|file| self.files(file)));
        if let Some(sdk) = &self.code {
            let played = [(RUST_SCENARIO, scenario)];
            for (path, text) in RUST.iter().chain(&played).flat_map(|file| self.files(file)) {
                package.put(path, text.replace("__sdk__", &sdk.dependency()).into_bytes());
            }
            for (path, (_, more)) in ["README.md", "module.yaml"].into_iter().zip(RUST_MORE) {
                let text = format!("{}{more}", package.get(path).unwrap_or_default());
                package.put(path, text.into_bytes());
            }
        }
        Ok(package)
    }

    fn files(&self, (path, text): &File) -> Vec<(String, String)> {
        match path.contains("__object__") {
            true => self.objects.iter().map(|object| (self.named(path, object), self.named(text, object))).collect(),
            false => vec![((*path).to_owned(), self.repeated(text))],
        }
    }

    /// A text about the whole module: runs of lines that are there for each object are repeated.
    fn repeated(&self, text: &str) -> String {
        let mut out = String::new();
        let mut run: Vec<&str> = Vec::new();
        for line in text.lines() {
            if let Some(line) = line.strip_prefix("#each ") {
                run.push(line);
                continue;
            }
            self.write_run(&mut out, &std::mem::take(&mut run));
            out.push_str(&self.named(line, self.objects.first().map_or("", String::as_str)));
            out.push('\n');
        }
        self.write_run(&mut out, &run);
        out
    }

    fn write_run(&self, out: &mut String, run: &[&str]) {
        for object in &self.objects {
            for line in run {
                out.push_str(&self.named(line, object));
                out.push('\n');
            }
        }
    }

    fn named(&self, text: &str, object: &str) -> String {
        let many = plural(object);
        let names = [
            ("__module__", self.name.clone()),
            ("__Module__", title(&self.name)),
            ("__object__", object.to_owned()),
            ("__Object__", title(object)),
            ("__word__", object.replace('-', " ")),
            ("__words__", many.replace('-', " ")),
            ("__Objects__", title(&many)),
            ("__objects__", many),
        ];
        names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

impl Sdk {
    /// As `Cargo.toml` names it.
    fn dependency(&self) -> String {
        match self {
            // The crate is published with each version of the program.
            Self::Published => format!("\"{}\"", env!("CARGO_PKG_VERSION")),
            Self::Folder(folder) => format!("{{ path = {} }}", serde_json::Value::from(folder.as_str())),
        }
    }
}

/// More than one: request, requests; entry, entries; box, boxes.
fn plural(one: &str) -> String {
    match one.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if ["s", "x", "z", "ch", "sh"].iter().any(|end| one.ends_with(end)) => format!("{one}es"),
        _ => format!("{one}s"),
    }
}

/// As people write it: `it-equipment` is `It equipment`.
fn title(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Module, Registry, module_of};

    fn new(name: &str, objects: &[&str], workflow: Decides) -> NewModule {
        NewModule {
            name: name.to_owned(),
            objects: objects.iter().map(|&object| object.to_owned()).collect(),
            workflow,
            code: None,
        }
    }

    #[test]
    fn code_in_rust_is_a_crate_beside_the_manifest() {
        for (sdk, named) in
            [(Sdk::Published, "\"0.1.0\""), (Sdk::Folder("/a \"b\"".to_owned()), r#"{ path = "/a \"b\"" }"#)]
        {
            let made =
                NewModule { code: Some(sdk), ..new("travel", &["request"], Decides::Manager) }.package().unwrap();
            let manifest = made.text("code/Cargo.toml").unwrap();
            assert!(manifest.contains(&format!("countersign-module = {named}\n")), "{manifest}");
            assert!(made.text("module.yaml").unwrap().ends_with("  file: code.wasm\n  build: code\n"));
            let scenario = made.text("scenarios/service/request_code.json").unwrap();
            assert!(scenario.contains("Request in a service"), "{scenario}");
            assert!(made.files().all(|(_, bytes)| !String::from_utf8_lossy(bytes).contains("__")), "{made:?}");
        }
    }

    #[test]
    fn every_new_module_is_in_order() {
        for workflow in [Decides::Manager, Decides::Nobody] {
            for (name, objects) in [("travel", ["request"].as_slice()), ("it-equipment", &["laptop", "spare-battery"])]
            {
                let package = new(name, objects, workflow).package().unwrap();
                let module: Box<dyn Module> = module_of(package.clone()).unwrap();
                let registry = Registry::new(vec![module]).map_err(|error| error.to_string());
                assert!(registry.is_ok(), "{:?}", registry.err());
                for (path, bytes) in package.files() {
                    let text = std::str::from_utf8(bytes).unwrap();
                    assert!(!path.contains("__") && !text.contains("__") && !text.contains("#each"), "{path}: {text}");
                }
            }
        }
    }

    #[test]
    fn each_object_has_its_files_and_lines() {
        let package = new("travel", &["request", "entry"], Decides::Manager).package().unwrap();
        let paths: Vec<&str> =
            package.files().map(|(path, _)| path).filter(|path| path.ends_with(".asl.json")).collect();
        assert_eq!(paths, ["entry.asl.json", "request.asl.json"]);
        let manifest = package.text("module.yaml").unwrap();
        let collections: Vec<&str> =
            manifest.lines().filter_map(|line| line.strip_prefix("  - collection: ")).collect();
        assert_eq!(collections, ["requests", "entries"]);
    }

    #[test]
    fn names_are_names() {
        for name in ["", "Travel", "1st", "a--b", "-a", "a-", "a_b", "a.b", "a/b", "ä", &"a".repeat(65)] {
            assert_eq!(check_name(name), Err(NoName(name.to_owned())));
        }
        for (one, many) in
            [("request", "requests"), ("entry", "entries"), ("day", "days"), ("box", "boxes"), ("batch", "batches")]
        {
            assert_eq!((check_name(one), plural(one)), (Ok(()), many.to_owned()));
        }
    }
}
