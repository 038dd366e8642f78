//! What a mail says, and how it looks: an HTML part and a text part made of the same words.

use askama::Template;

use crate::{Result, app::App};

/// What a mail says; the HTML part and the text part are both made of it.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// `Hello Ana,`
    pub greeting: String,
    pub paragraphs: Vec<String>,
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
struct Html<'a> {
    content: &'a Content,
    subject: &'a str,
    lang: &'a str,
    site_name: &'a str,
    site_url: &'a str,
}

#[derive(Template)]
#[template(path = "mail/layout.txt")]
struct Text<'a> {
    content: &'a Content,
    site_name: &'a str,
    site_url: &'a str,
}

impl Content {
    /// The HTML part.
    pub fn html(&self, app: &App, subject: &str) -> Result<String> {
        let site = &app.config.site;
        let html = Html {
            content: self,
            subject,
            lang: &site.language,
            site_name: &site.name,
            site_url: &app.base_url(),
        };
        Ok(html.render()?)
    }

    /// The text part, for those who read without HTML.
    pub fn text(&self, app: &App) -> Result<String> {
        let text =
            Text { content: self, site_name: &app.config.site.name, site_url: &app.base_url() };
        Ok(text.render()?)
    }
}
