//! What a post's page tells search engines and those who show a link to it (R-SOCIAL.3-6).

use serde::Serialize;

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

/// A post in the words of <https://schema.org/BlogPosting>.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BlogPosting<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    headline: &'a str,
    description: &'a str,
    url: &'a str,
    #[serde(rename = "mainEntityOfPage")]
    page: WebPage<'a>,
    date_published: &'a str,
    date_modified: &'a str,
    word_count: i64,
    in_language: &'a str,
    author: Party<'a>,
    publisher: Party<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    article_section: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    keywords: &'a [String],
}

#[derive(Serialize)]
struct WebPage<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "@id")]
    id: &'a str,
}

/// Who wrote or published it.
#[derive(Serialize)]
struct Party<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    name: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
}

/// JSON that may stand in a `<script>`: nothing in it can end the element or begin another.
pub struct ScriptJson(String);

impl ScriptJson {
    pub fn new(value: &impl Serialize) -> Self {
        let Ok(json) = serde_json::to_string(value) else { return Self("{}".to_owned()) };
        // Bytes are looked through much quicker than letters, and there is mostly nothing to find.
        if !json.bytes().any(|byte| matches!(byte, b'<' | b'>' | b'&' | 0xE2)) {
            return Self(json);
        }
        let mut text = String::with_capacity(json.len() + 64);
        for letter in json.chars() {
            match letter {
                '<' => text.push_str("\\u003c"),
                '>' => text.push_str("\\u003e"),
                '&' => text.push_str("\\u0026"),
                '\u{2028}' => text.push_str("\\u2028"),
                '\u{2029}' => text.push_str("\\u2029"),
                other => text.push(other),
            }
        }
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
        ScriptJson::new(&BlogPosting {
            context: "https://schema.org",
            kind: "BlogPosting",
            headline: &article.title,
            description: &self.description,
            url: &self.url,
            page: WebPage { kind: "WebPage", id: &self.canonical },
            date_published: &self.published,
            date_modified: self.modified.as_ref().unwrap_or(&self.published),
            word_count: article.word_count,
            in_language: &app.config.site.language,
            author: Party {
                kind: "Person",
                name: &self.author,
                url: &self.author_url,
                image: Some(&self.author_image),
            },
            publisher: Party {
                kind: "Organization",
                name: &app.config.site.name,
                url: &app.url("/"),
                image: None,
            },
            image: self.image.as_ref().map(|image| image.url.as_str()),
            article_section: self.section.as_deref(),
            keywords: &self.tags,
        })
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
