//! The accessibility checker axe, in the pages of a browser.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::Browser;

const AXE: &str = "const done = arguments[arguments.length - 1];
    axe.run(document, {runOnly: arguments[0]}).then((result) => done(result.violations.map((one) =>
        one.id + ': ' + one.help + ' ' + one.nodes.slice(0, 5).map((node) =>
            node.html.slice(0, 200) + ' ' + (node.any[0]?.message ?? '')).join(' | '))),
        (error) => done([String(error)]));";

/// WCAG 2.2 at level AA, and what is good practice besides.
pub fn every_rule() -> Value {
    json!(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
}

impl Browser {
    /// Has axe stand ready in every page from now on; false, and said so, where it is not to be had.
    pub fn bring_axe(&self) -> Result<bool> {
        let Some(file) = std::env::var_os("AXE_JS") else {
            crate::leave_out("axe over all pages, for AXE_JS does not name it");
            return Ok(false);
        };
        let source = std::fs::read_to_string(file).context("axe")?;
        self.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": source}))?;
        Ok(true)
    }

    /// What axe finds on the page that is open.
    pub fn audit(&self, rules: &Value) -> Result<Vec<String>> {
        let found = self.async_script(AXE, std::slice::from_ref(rules))?;
        let found = found.as_array().context("axe gave no list")?;
        Ok(found.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }
}
