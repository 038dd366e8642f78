//! From source to page: what is made of a text when it is saved.

use markup::Rendered;
use tokio::sync::Semaphore;

use super::{NewPost, store};
use crate::{Error, Result, app::App, media};

/// What is kept beside the text so that reading it costs nothing.
pub struct Made {
    excerpt: String,
    headings: String,
}

impl Made {
    pub fn of(new: &NewPost, rendered: &Rendered) -> Result<Self> {
        let excerpt = match &new.meta_description {
            Some(description) => description.clone(),
            None => markup::excerpt(&rendered.text, 200),
        };
        Ok(Self { excerpt, headings: serde_json::to_string(&rendered.headings)? })
    }

    /// The same as the store takes it.
    pub fn content<'a>(&'a self, new: &'a NewPost, rendered: &'a Rendered) -> store::Content<'a> {
        store::Content {
            title: &new.title,
            content: &new.content,
            html: rendered.html.as_str(),
            excerpt: &self.excerpt,
            headings: &self.headings,
            words: i64::from(rendered.words),
        }
    }
}

/// Turns a text into HTML, off the request threads, with the sizes of its pictures.
pub async fn render(app: &App, source: &str) -> Result<Rendered> {
    let names = media_names(source);
    let sizes = if names.is_empty() {
        Vec::new()
    } else {
        let mut conn = app.db.conn().await?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        media::store::sizes(&mut conn, &names).await?
    };
    let source = source.to_owned();
    let work = move || {
        markup::render_with(&source, &|address| {
            let name = address.strip_prefix("/media/")?;
            let (_, width, height) = sizes.iter().find(|(filename, ..)| filename == name)?;
            Some((u32::try_from(*width).ok()?, u32::try_from(*height).ok()?))
        })
    };
    let desks = app.state::<Desks>();
    let desk = desks.0.acquire().await.map_err(|_| Error::Unavailable)?;
    let rendered = tokio::task::spawn_blocking(work).await?;
    drop(desk);
    Ok(rendered)
}

/// Rendering takes a core: as many at once as there are, for more threads would only take memory.
struct Desks(Semaphore);

impl Default for Desks {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self(Semaphore::new(cores))
    }
}

/// The names of our own pictures in a text.
pub(super) fn media_names(source: &str) -> Vec<String> {
    const START: &str = "/media/";
    const MOST: usize = 200;
    let mut names: Vec<String> = Vec::new();
    for (at, _) in source.match_indices(START) {
        let rest = &source[at + START.len()..];
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).unwrap_or(rest.len());
        let name = &rest[..end.min(60)];
        if !name.is_empty() && !names.iter().any(|known| known == name) && names.len() < MOST {
            names.push(name.to_owned());
        }
    }
    names
}
