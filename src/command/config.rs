//! `streamly config`: what is in force.

use super::say;
use crate::config::{self, Config};

/// Prints the configuration as TOML, secrets hidden.
pub fn show(config: &Config) {
    say(&format!("# environment: {}", config::shown(&config.environment)));
    let mut current = "";
    for (section, name, value) in config.shown() {
        if section != current {
            say(&format!("\n[{section}]"));
            current = section;
        }
        say(&format!("{name} = {}", toml::Value::String(value)));
    }
}

/// Prints `docs/configuration.md`.
pub fn document() {
    say(config::document().trim_end());
}
