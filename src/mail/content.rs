//! What a mail says, and how it looks: an HTML part and a text part made of the same words.

use askama::Template;

use crate::{Result, app::App, texts::Text};

/// What a mail says; the HTML part and the text part are both made of it.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// What it is about, in a few words.
    pub headline: String,
    /// `Hello Ana,`
    pub greeting: String,
    pub paragraphs: Vec<String>,
    /// What somebody else wrote.
    pub quote: String,
    /// A list, each line with an absolute address.
    pub lines: Vec<(String, String)>,
    /// The button: its words and an absolute address.
    pub action: Option<(String, String)>,
    /// Small print below the button.
    pub notes: Vec<String>,
    /// Why the reader gets this mail.
    pub reason: String,
    /// How the reader gets no more of them: words and an absolute address.
    pub leave: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "mail/layout.html")]
struct HtmlPart<'a> {
    content: &'a Content,
    subject: &'a str,
    button_fails: String,
    lang: &'a str,
    is_rtl: bool,
    site_name: &'a str,
    site_url: &'a str,
}

#[derive(Template)]
#[template(path = "mail/layout.txt")]
struct TextPart<'a> {
    content: &'a Content,
    site_name: &'a str,
    site_url: &'a str,
}

impl Content {
    /// What mail programs show beside the subject.
    fn preview(&self) -> &str {
        let first = self.paragraphs.first().map_or("", String::as_str);
        if self.quote.is_empty() { first } else { &self.quote }
    }

    /// The small print in pieces, and which of them are addresses on the site.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn pieces<'text>(&self, text: &'text str, site: &str) -> Vec<(&'text str, bool)> {
        let mut pieces = Vec::new();
        for word in text.split_inclusive(' ') {
            let bare = word.trim_end();
            pieces.push((bare, bare.starts_with(site)));
            pieces.push((&word[bare.len()..], false));
        }
        pieces
    }

    /// The HTML part.
    pub fn html(&self, app: &App, subject: &str) -> Result<String> {
        let site = &app.config.site;
        let (lang, is_rtl) = app.texts.language(&site.language);
        let html = HtmlPart {
            content: self,
            subject,
            button_fails: Text::new(app, "mail-frame").part("button-fails"),
            lang,
            is_rtl,
            site_name: &site.name,
            site_url: &app.base_url(),
        };
        Ok(html.render()?)
    }

    /// The text part, for those who read without HTML.
    pub fn text(&self, app: &App) -> Result<String> {
        let text =
            TextPart { content: self, site_name: &app.config.site.name, site_url: &app.base_url() };
        Ok(text.render()?)
    }
}
