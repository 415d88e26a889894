//! What commands print. Everything for people goes through here.

use std::io::Write;

/// A line on the standard output. A closed pipe is no error: nobody reads any more.
pub(crate) fn line(text: impl AsRef<str>) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", text.as_ref());
    let _ = out.flush();
}

/// A value as indented JSON on the standard output.
pub(crate) fn json(value: &impl serde::Serialize) {
    line(serde_json::to_string_pretty(value).unwrap_or_else(|error| error.to_string()));
}

/// A value as one line of JSON on the standard output.
pub(crate) fn json_line(value: &impl serde::Serialize) {
    line(serde_json::to_string(value).unwrap_or_else(|error| error.to_string()));
}

/// What went wrong, with its causes, on the standard error.
pub(crate) fn error(error: &anyhow::Error) {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "error: {error:#}");
}

/// A count of what has come so far, where nobody knows how much there is.
pub(crate) fn counting(what: &'static str) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::no_length();
    if let Ok(style) = indicatif::ProgressStyle::with_template("{spinner} {pos} {msg}") {
        bar.set_style(style);
    }
    bar.with_message(what)
}

/// A progress bar that shows itself only where somebody looks.
pub(crate) fn progress(total: u64, what: &'static str) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new(total);
    let style = indicatif::ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len} {eta}");
    if let Ok(style) = style {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.with_message(what)
}

/// The same for bytes that are sent or received.
pub(crate) fn bytes(total: u64, what: &'static str) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new(total);
    let style = indicatif::ProgressStyle::with_template("{msg} [{bar:40}] {bytes}/{total_bytes} {eta}");
    if let Ok(style) = style {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.with_message(what)
}
