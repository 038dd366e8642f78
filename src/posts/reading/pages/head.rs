//! What a post's page tells search engines and those who show a link to it (R-SOCIAL.3-6).

use crate::{
    app::App,
    links,
    posts::reading::{article::Article, pages::card::Picture},
    web::view,
};

/// How many characters describe a post elsewhere (R-SOCIAL.7).
const DESCRIPTION: usize = 160;

/// The head of a public post's page. All addresses are whole, and none is made from a request.
pub struct Head {
    pub description: String,
    pub canonical: String,
    pub url: String,
    pub author: String,
    pub author_url: String,
    pub author_image: String,
    pub published: String,
    pub modified: Option<String>,
    pub section: Option<String>,
    pub tags: Vec<String>,
    pub image: Option<Picture>,
    pub linked_data: ScriptJson,
}

/// JSON that may stand in a `<script>`: nothing in it can end the element or begin another.
pub struct ScriptJson(String);

impl ScriptJson {
    pub fn new(value: &serde_json::Value) -> Self {
        let json = value.to_string();
        let mut text = String::with_capacity(json.len());
        let mut rest = json.as_str();
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (before, from) = rest.split_at(at);
            let mut letters = from.chars();
            text.push_str(before);
            text.push_str(match letters.next() {
                Some('<') => "\\u003c",
                Some('>') => "\\u003e",
                Some('&') => "\\u0026",
                Some('\u{2028}') => "\\u2028",
                _ => "\\u2029",
            });
            rest = letters.as_str();
        }
        text.push_str(rest);
        Self(text)
    }
}

impl std::fmt::Display for ScriptJson {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Head {
    pub fn of(app: &App, article: &Article, tags: &[String]) -> Self {
        let url = app.url(&article.path());
        let summary = article.description().unwrap_or(&article.excerpt);
        let picture = Picture::of(
            article.image_filename.as_deref(),
            article.image_alt.as_deref(),
            (article.image_width, article.image_height),
        );
        let author = article.author_name();
        let face =
            view::face_url(article.author_avatar.as_deref(), &author, &article.author_username);
        let mut head = Self {
            description: markup::excerpt(summary, DESCRIPTION),
            canonical: canonical(article).unwrap_or_else(|| url.clone()),
            url,
            author,
            author_image: app.url(&face),
            author_url: app.url(&links::user(&article.author_username)),
            published: article.published_at.map(view::iso).unwrap_or_default(),
            modified: article.changed_at().map(view::iso),
            section: article.category_name.clone(),
            tags: tags.to_vec(),
            image: picture.map(|picture| Picture { url: app.url(&picture.url), ..picture }),
            linked_data: ScriptJson(String::new()),
        };
        head.linked_data = head.linked_data(app, article);
        head
    }

    fn linked_data(&self, app: &App, article: &Article) -> ScriptJson {
        let mut value = serde_json::json!({
            "@context": "https://schema.org",
            "@type": "BlogPosting",
            "headline": article.title,
            "description": self.description,
            "url": self.url,
            "mainEntityOfPage": { "@type": "WebPage", "@id": self.canonical },
            "datePublished": self.published,
            "dateModified": self.modified.as_ref().unwrap_or(&self.published),
            "wordCount": article.word_count,
            "inLanguage": app.config.site.language,
            "author": {
                "@type": "Person",
                "name": self.author,
                "url": self.author_url,
                "image": self.author_image,
            },
            "publisher": {
                "@type": "Organization",
                "name": app.config.site.name,
                "url": app.url("/"),
            },
        });
        if let Some(image) = &self.image {
            value["image"] = serde_json::json!(image.url);
        }
        if let Some(section) = &self.section {
            value["articleSection"] = serde_json::json!(section);
        }
        if !self.tags.is_empty() {
            value["keywords"] = serde_json::json!(self.tags);
        }
        ScriptJson::new(&value)
    }
}

/// Where the writer says that the post was first; only a web address can be that.
fn canonical(article: &Article) -> Option<String> {
    let address = url::Url::parse(article.canonical_url.as_deref()?.trim()).ok()?;
    matches!(address.scheme(), "http" | "https").then(|| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_script() {
        let json = ScriptJson::new(&serde_json::json!({ "a": "</script><!--&\u{2028}" }));
        assert_eq!(json.to_string(), r#"{"a":"\u003c/script\u003e\u003c!--\u0026\u2028"}"#);
        let back: serde_json::Value = serde_json::from_str(&json.to_string()).unwrap();
        assert_eq!(back["a"], "</script><!--&\u{2028}");
    }
}
