//! Code with classes, so that the style sheet can colour it.
//!
//! Classes have syntect's names in the style `SpacedPrefixed { prefix: "hl-" }`, and only those
//! which a style sheet uses: a scope of which the first part is in [`SHOWN`] becomes one `span`
//! with the scope's first two parts (three for `entity.name`), so `constant.numeric.integer`
//! becomes `hl-constant hl-numeric`. That is a tenth of what syntect itself would write.
//!
//! Worth a colour: `hl-comment`, `hl-string`, `hl-keyword`, `hl-storage`, `hl-support`,
//! `hl-constant` (`hl-numeric`, `hl-language`, `hl-character`), `hl-entity` (`hl-name` with
//! `hl-function`, `hl-type`, `hl-class`, `hl-struct`, `hl-tag`; `hl-other` for attributes),
//! `hl-variable` (`hl-parameter`, `hl-function`, `hl-language`), `hl-markup` (`hl-heading`,
//! `hl-bold`, `hl-italic`, `hl-inserted`, `hl-deleted`) and `hl-invalid`.

use std::collections::HashMap;
use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStackOp, SyntaxReference, SyntaxSet};
use syntect::util::LinesWithEndings;

use comrak::html::escape;

/// Longer blocks are shown without colours.
pub const MAX_BLOCK: usize = 64 * 1024;
/// What one document may have highlighted.
pub const MAX_DOCUMENT: usize = 256 * 1024;
/// A longer line is data, not code, and slow to read for the highlighter.
const MAX_LINE: usize = 2000;

const SHOWN: &[&str] = &[
    "comment", "constant", "entity", "invalid", "keyword", "markup", "storage", "string",
    "support", "variable",
];

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// The language a code block names, fit for a class: `rust,ignore` is `rust`.
pub fn language(info: &str) -> Option<String> {
    let name = info.split(|c: char| c.is_whitespace() || ",{:".contains(c)).next()?;
    let name = name.to_ascii_lowercase();
    let good = (1..=30).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+#_".contains(&b));
    good.then_some(name)
}

/// The code as HTML, or nothing when the language is not known or the code is too long.
pub fn highlight(language: &str, code: &str) -> Option<String> {
    if code.len() > MAX_BLOCK || code.lines().any(|line| line.len() > MAX_LINE) {
        return None;
    }
    let syntax = syntax(language)?;
    let mut spans = Spans::default();
    let mut state = ParseState::new(syntax);
    for line in LinesWithEndings::from(code) {
        let changes = state.parse_line(line, &SYNTAXES).ok()?;
        spans.line(line, &changes)?;
    }
    Some(spans.finish())
}

fn syntax(language: &str) -> Option<&'static SyntaxReference> {
    let token = match language {
        "text" | "txt" | "plain" | "plaintext" | "output" => return None,
        "javascript" | "jsx" | "ts" | "tsx" | "typescript" | "mjs" | "node" | "json5" => "js",
        "shell" | "console" | "zsh" | "fish" | "shell-session" | "docker" | "dockerfile" => "sh",
        "golang" => "go",
        "c++" => "cpp",
        "csharp" | "c#" => "cs",
        "jsonc" | "webmanifest" => "json",
        "vue" | "svelte" | "jinja" => "html",
        "scss" | "less" => "css",
        other => other,
    };
    SYNTAXES.find_syntax_by_token(token)
}

/// Writes a line's text between the tags its scopes open and close.
#[derive(Default)]
struct Spans {
    html: String,
    /// For each scope that is open, whether it opened a `span`.
    open: Vec<(Scope, bool)>,
    cleared: Vec<Vec<(Scope, bool)>>,
    classes: HashMap<Scope, Option<String>>,
}

impl Spans {
    fn line(&mut self, line: &str, changes: &[(usize, ScopeStackOp)]) -> Option<()> {
        let mut at = 0;
        for (place, change) in changes {
            self.text(line.get(at..*place)?);
            at = *place;
            self.change(change);
        }
        self.text(line.get(at..)?);
        Some(())
    }

    fn text(&mut self, text: &str) {
        // Writing into a String cannot fail.
        let _ = escape(&mut self.html, text);
    }

    fn change(&mut self, change: &ScopeStackOp) {
        match change {
            ScopeStackOp::Push(scope) => self.push(*scope),
            ScopeStackOp::Pop(count) => {
                for _ in 0..*count {
                    self.pop();
                }
            }
            ScopeStackOp::Clear(amount) => {
                let count = match amount {
                    syntect::parsing::ClearAmount::TopN(count) => *count,
                    syntect::parsing::ClearAmount::All => self.open.len(),
                };
                let cleared = (0..count).filter_map(|_| self.pop()).collect();
                self.cleared.push(cleared);
            }
            ScopeStackOp::Restore => {
                for (scope, _) in self.cleared.pop().unwrap_or_default().into_iter().rev() {
                    self.push(scope);
                }
            }
            ScopeStackOp::Noop => {}
        }
    }

    fn push(&mut self, scope: Scope) {
        let classes = self.classes.entry(scope).or_insert_with(|| classes(scope));
        if let Some(classes) = classes {
            self.html.push_str("<span class=\"");
            self.html.push_str(classes);
            self.html.push_str("\">");
        }
        self.open.push((scope, classes.is_some()));
    }

    fn pop(&mut self) -> Option<(Scope, bool)> {
        let closed = self.open.pop()?;
        if closed.1 {
            self.close_span();
        }
        Some(closed)
    }

    /// A span around nothing is taken back.
    fn close_span(&mut self) {
        if self.html.ends_with("\">")
            && let Some(start) = self.html.rfind("<span class=\"")
        {
            self.html.truncate(start);
        } else {
            self.html.push_str("</span>");
        }
    }

    fn finish(mut self) -> String {
        while self.pop().is_some() {}
        self.html
    }
}

fn classes(scope: Scope) -> Option<String> {
    let name = scope.build_string();
    let parts: Vec<&str> = name.split('.').collect();
    let first = *parts.first()?;
    if !SHOWN.contains(&first) || name.starts_with("variable.other") {
        return None;
    }
    let count = if name.starts_with("entity.name") { 3 } else { 2 };
    let classes: Vec<String> =
        parts.iter().take(count).map(|part| format!("hl-{}", part.to_ascii_lowercase())).collect();
    Some(classes.join(" "))
}
