//! Names after an `@` in comments.

use super::Writer;

/// A name has 3 to 20 of these characters, as `accounts` gives them out.
fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

impl Writer<'_> {
    /// Writes text in which people may be named: whoever has an address becomes a link.
    pub(super) fn say_with_names(&mut self, text: &str) {
        let mut written = 0;
        for (at, _) in text.match_indices('@') {
            if at < written
                || text[..at].ends_with(|c: char| c.is_alphanumeric() || "@_-/.".contains(c))
            {
                continue;
            }
            let rest = &text[at + 1..];
            let end = rest.find(|c| !is_of_a_name(c)).unwrap_or(rest.len());
            let name = &rest[..end];
            if !(3..=20).contains(&name.len()) {
                continue;
            }
            if !self.mentions.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                self.mentions.push(name.to_owned());
            }
            let Some(address) = (self.asked.person)(name) else { continue };
            self.say(&text[written..at]);
            self.open_link(&address, "");
            self.say(&text[at..at + 1 + name.len()]);
            self.html.push_str("</a>");
            written = at + 1 + name.len();
        }
        self.say(&text[written..]);
    }
}
