//! Tests of the whole: what a source becomes. The fixtures lie beside the checkout; a test which
//! needs them says so when they are absent.

mod articles;
mod attacks;
mod commonmark;
mod dialect;
mod dom;
mod properties;
mod slugs;
mod speed;
mod words;

use std::path::PathBuf;

/// The text of a fixture, or a line which says that a test was skipped.
fn fixture(path: &str) -> Option<String> {
    let file =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/fixtures")).join(path);
    let text = std::fs::read_to_string(&file).ok();
    if text.is_none() {
        println!("SKIPPED: {} is absent", file.display());
    }
    text
}
