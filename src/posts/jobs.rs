//! Work on posts that nobody waits for.

use serde::{Deserialize, Serialize};

use super::{deletion, rendering, store};
use crate::{Result, app::App, ids::PostId, jobs::Job, media};

/// Publishes a scheduled post at its time.
#[derive(Debug, Serialize, Deserialize)]
pub struct PublishPost {
    pub post: PostId,
}

impl Job for PublishPost {
    const KIND: &'static str = "publish_post";

    async fn run(self, app: &App) -> Result<()> {
        deletion::publish_scheduled(app, self.post).await
    }
}

/// Removes deleted posts whose time to be had back is over.
#[derive(Debug, Serialize, Deserialize)]
pub struct PurgePosts;

impl Job for PurgePosts {
    const KIND: &'static str = "purge_posts";

    async fn run(self, app: &App) -> Result<()> {
        let before = app.clock.now() - app.config.pages.undo.delta();
        let expired = {
            let mut conn = app.db.conn().await?;
            store::expired(&mut conn, before).await?
        };
        for (post,) in expired {
            let mut tx = app.db.begin().await?;
            let shown = store::shown_by(&mut tx, post).await?;
            let unseen = store::unseen_texts(&mut tx, post).await?;
            store::purge(&mut tx, post, before).await?;
            if let Some((user, cover, content)) = shown {
                let texts = std::iter::once(&content).chain(unseen.iter().map(|(text,)| text));
                let mut names: Vec<String> =
                    texts.flat_map(|text| rendering::media_names(text)).collect();
                names.extend(cover);
                names.sort();
                names.dedup();
                media::actions::forget_unused(app, &mut tx, user, &names).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

/// What is looked after while the site runs: posts that are due although no job says so (a clock
/// that jumped, a queue that was emptied), deleted ones, and texts of an older renderer.
pub async fn tick(app: &App) -> Result<()> {
    let due = {
        let mut conn = app.db.conn().await?;
        store::due(&mut conn, app.clock.now()).await?
    };
    for (post,) in due {
        deletion::publish_scheduled(app, post).await?;
    }
    PurgePosts.run(app).await?;
    render_again(app).await
}

/// Renders posts that an older renderer made, a few at a time.
async fn render_again(app: &App) -> Result<()> {
    let stale = {
        let mut conn = app.db.conn().await?;
        store::stale_renders(&mut conn).await?
    };
    for (id, version, source) in stale {
        let rendered = rendering::render(app, &source).await?;
        let excerpt = markup::excerpt(&rendered.text, 200);
        let headings = serde_json::to_string(&rendered.headings)?;
        let content = store::Content {
            title: "",
            content: "",
            html: rendered.html.as_str(),
            excerpt: &excerpt,
            headings: &headings,
            words: i64::from(rendered.words),
        };
        let mut tx = app.db.begin().await?;
        store::update_html(&mut tx, id, &content, version, app.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}
