//! What hands do beside clicking: press keys, and drop files.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};

use super::Browser;
use crate::encode_base64;

/// Keys that are no letters, as `WebDriver` names them.
pub const TAB: &str = "\u{e004}";
pub const ENTER: &str = "\u{e007}";
pub const ESCAPE: &str = "\u{e00c}";
pub const DOWN: &str = "\u{e015}";
const CONTROL: &str = "\u{e009}";

/// What the focus stands on: its words, and the ring that shows it.
const FOCUSED: &str = "const one = document.activeElement;
    const style = getComputedStyle(one);
    const ringed = (style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
        || style.boxShadow !== 'none' || style.borderBottomColor !== style.borderTopColor;
    const words = (one.getAttribute('aria-label') || one.textContent.trim() || one.id).slice(0, 80);
    return [one.localName + ' ' + (one.name || '') + ' ' + words,
        ringed(style) || ringed(getComputedStyle(one.parentElement ?? one)),
        one.matches(arguments[0])];";

const WIDE: &str = "const root = document.documentElement;
    const extra = root.scrollWidth - root.clientWidth;
    if (extra <= 0) return '';
    const out = [...document.querySelectorAll('body *')].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.width > 0 && one.checkVisibility({contentVisibilityAuto: true}) && box.right > root.clientWidth + 1;
    });
    return extra + ' pixels: ' + out.slice(0, 4).map((one) => one.outerHTML.slice(0, 150)).join(' | ');";

impl Browser {
    /// Presses keys one after the other.
    pub fn press(&self, keys: &str) -> Result<()> {
        let strokes = keys.chars().flat_map(|key| [stroke("keyDown", key), stroke("keyUp", key)]);
        self.act(&strokes.collect::<Vec<_>>())
    }

    /// Presses a key while Control is held.
    pub fn press_with_control(&self, key: &str) -> Result<()> {
        let control = CONTROL.chars().next().unwrap_or_default();
        let mut strokes = vec![stroke("keyDown", control)];
        strokes.extend(key.chars().flat_map(|key| [stroke("keyDown", key), stroke("keyUp", key)]));
        strokes.push(stroke("keyUp", control));
        self.act(&strokes)
    }

    fn act(&self, strokes: &[Value]) -> Result<()> {
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": strokes});
        self.call("POST", "/actions", &json!({"actions": [keyboard]})).map(drop)
    }

    /// Presses Tab until the focus stands on such an element; each stop on the way must show it.
    pub fn tab_to(&self, css: &str) -> Result<()> {
        let mut stops = Vec::new();
        for _ in 0..60 {
            self.press(TAB)?;
            let focused = self.script(FOCUSED, &[json!(css)])?;
            let words = focused[0].as_str().unwrap_or_default().to_owned();
            ensure!(focused[1] == true || words.starts_with("body"), "{words} shows no focus");
            if focused[2] == true {
                return Ok(());
            }
            stops.push(words);
        }
        bail!("Tab never came to {css} at {}: {}", self.url()?, stops.join(" → "))
    }

    /// Drops a file on an element.
    pub fn drop_file(&self, css: &str, file: &Path, kind: &str) -> Result<()> {
        self.wait(css)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let script = "const bytes = Uint8Array.from(atob(arguments[1]), (one) => one.charCodeAt(0));
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([bytes], arguments[2], {type: arguments[3]}));
            const target = document.querySelector(arguments[0]);
            for (const name of ['dragover', 'drop'])
                target.dispatchEvent(new DragEvent(name, {dataTransfer, bubbles: true, cancelable: true}));";
        let bytes = encode_base64(&std::fs::read(file)?);
        self.script(script, &[json!(css), json!(bytes), json!(name), json!(kind)]).map(drop)
    }

    /// What sticks out of the window at its sides, with how far the page can be moved; nothing if
    /// it fits.
    pub fn overflow(&self) -> Result<String> {
        Ok(self.script(WIDE, &[])?.as_str().unwrap_or_default().to_owned())
    }
}

fn stroke(what: &str, key: char) -> Value {
    json!({"type": what, "value": key.to_string()})
}
