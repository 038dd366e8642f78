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

use std::{io::Write as _, path::PathBuf};

/// The text of a fixture, or a line which says that a test was skipped.
fn fixture(path: &str) -> Option<String> {
    let file =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/fixtures")).join(path);
    let text = std::fs::read_to_string(&file).ok();
    if text.is_none() {
        // Past the capture of what passing tests print: nobody would see it otherwise.
        let line = format!("\nLEFT OUT: what needs shared/fixtures/{path}, for that is not here\n");
        std::io::stdout().write_all(line.as_bytes()).unwrap();
    }
    text
}
