//! The fonts of a company: those that the program ships and, after them, the company's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::document::{DocumentError, Faces};

/// A font with all of Chinese, Japanese and Korean has 20 MB; a larger file is a mistake.
const MAX_FONT_BYTES: u64 = 64 << 20;
/// Lists of paths that are kept parsed. A service has few companies, and most of them no font of their own.
const MAX_LISTS: usize = 16;

/// Parsed fonts, so that an order that is rendered parses none.
pub(crate) struct Fonts {
    shipped: Faces,
    /// By the paths in a company's settings. A font that is changed on disk is read at the next start.
    parsed: Mutex<BTreeMap<Vec<PathBuf>, Faces>>,
}

impl Fonts {
    /// Without any company's fonts yet.
    pub(crate) fn new() -> Result<Self, DocumentError> {
        Ok(Self { shipped: Faces::shipped()?, parsed: Mutex::default() })
    }

    /// The shipped faces and after them the fonts at `paths`, in that order. One that cannot be used is left out with a
    /// warning: an order with a few replacement characters is better than none.
    pub(crate) fn faces(&self, paths: &[PathBuf]) -> Faces {
        if paths.is_empty() {
            return self.shipped.clone();
        }
        // Held while parsing: two orders at the same moment must not parse the same fonts twice.
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(faces) = parsed.get(paths) {
            return faces.clone();
        }
        if parsed.len() >= MAX_LISTS {
            parsed.clear();
        }
        let faces = paths.iter().fold(self.shipped.clone(), |faces, path| with_font(faces, path));
        parsed.insert(paths.to_vec(), faces.clone());
        faces
    }
}

fn with_font(faces: Faces, path: &Path) -> Faces {
    let added = read(path).and_then(|bytes| faces.clone().with_fallback(&bytes).map_err(|error| error.to_string()));
    added.unwrap_or_else(|reason| {
        tracing::warn!(path = %path.display(), reason, "a font of the company cannot be used; documents are made without it until the next start");
        faces
    })
}

/// The bytes of a font file. Devices and pipes are not files: reading one might never end.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let about = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !about.is_file() || about.len() > MAX_FONT_BYTES {
        return Err(format!("it is no file of at most {} MB", MAX_FONT_BYTES >> 20));
    }
    std::fs::read(path).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{render_with_report, sample::sample_scripts};
    use std::io::Write;
    use std::sync::Arc;

    /// Everything that is logged on this thread.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What `act` gives, and what was logged meanwhile.
    fn logged<T>(act: impl FnOnce() -> T) -> (T, String) {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        let given = tracing::subscriber::with_default(subscriber, act);
        let bytes = log.0.lock().unwrap().clone();
        (given, String::from_utf8(bytes).unwrap())
    }

    fn font(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fonts").join(name)
    }

    fn missing(faces: &Faces) -> Vec<char> {
        render_with_report(&sample_scripts(), faces).unwrap().missing
    }

    #[test]
    fn the_fonts_of_the_company_have_the_letters_that_the_shipped_lack() {
        let fonts = Fonts::new().unwrap();
        let added = ['\u{5DE}', '\u{6CB9}'];
        let without = missing(&fonts.faces(&[]));
        let paths = [font("test/han.otf"), font("test/hebrew.ttf")];
        let (faces, log) = logged(|| fonts.faces(&paths));
        assert!(added.iter().all(|letter| without.contains(letter)), "{without:?}");
        let with = missing(&faces);
        assert!(added.iter().all(|letter| !with.contains(letter)), "{with:?}");
        assert_eq!(log, "");
    }

    #[test]
    fn a_font_that_cannot_be_used_is_left_out_with_one_warning() {
        let fonts = Fonts::new().unwrap();
        let bad = [font("test/nothing.ttf"), font("README.md"), font("test")];
        let paths = [&bad[..], &[font("test/hebrew.ttf")]].concat();
        let (faces, log) = logged(|| fonts.faces(&paths));
        assert!(!missing(&faces).contains(&'\u{5DE}'));
        for path in &bad {
            assert_eq!(log.matches(&format!("{} ", path.display())).count(), 1, "{log}");
        }
        assert_eq!(log.matches("WARN").count(), bad.len(), "{log}");
        // A second order parses nothing: it would warn again.
        assert_eq!(logged(|| fonts.faces(&paths)).1, "");
    }

    #[test]
    fn a_list_of_paths_is_parsed_once_and_few_lists_are_kept() {
        let fonts = Fonts::new().unwrap();
        for n in 0..=MAX_LISTS {
            let paths = [font(&format!("test/{n}.ttf"))];
            fonts.faces(&paths);
            fonts.faces(&paths);
        }
        assert_eq!(fonts.parsed.lock().unwrap().len(), 1);
    }
}
