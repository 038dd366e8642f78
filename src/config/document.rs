//! The settings as a page for operators.

use super::settings::{Config, DOCUMENTED};
use super::types::Environment;

/// The page `docs/configuration.md`.
pub fn document() -> String {
    use std::fmt::Write as _;
    let development = Config::defaults(Environment::Development);
    let production = Config::defaults(Environment::Production);
    let mut text = String::from(
        "# Configuration\n\n\
         *Made by `streamly config --document`; do not edit.*\n\n\
         Settings come from the defaults of the environment (`STREAMLY_ENV`: `development`, \
         `testing` or `production`), then from a TOML file (`STREAMLY_CONFIG`, else \
         `streamly.toml` in the working folder), then from environment variables. Any variable \
         may end in `_FILE`: its value is then read from that file. All problems are reported \
         together, unknown names are refused, and `streamly config` prints what is in force.\n",
    );
    let mut current = "";
    let rows = DOCUMENTED.iter().zip(development.shown()).zip(production.shown());
    for (((section, name, doc, also), (_, _, dev)), (_, _, prod)) in rows {
        if *section != current {
            current = section;
            let _never_fails = write!(
                text,
                "\n## {section}\n\n| setting | variable | default | meaning |\n|---|---|---|---|\n"
            );
        }
        let mut variable =
            format!("`STREAMLY_{}__{}`", section.to_uppercase(), name.to_uppercase());
        if !also.is_empty() {
            variable = format!("`{also}` or {variable}");
        }
        let default = match (dev.is_empty(), prod.is_empty()) {
            (true, true) => "(empty)".to_owned(),
            _ if dev == prod => format!("`{dev}`"),
            _ => format!("`{dev}`; production `{prod}`"),
        };
        let doc = doc.trim().replace('|', "\\|");
        let _never_fails =
            writeln!(text, "| `{section}.{name}` | {variable} | {default} | {doc} |");
    }
    text
}
