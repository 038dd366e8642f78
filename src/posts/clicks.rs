//! One form, one post: the second click makes nothing twice, and what was typed after going back
//! to a form that was sent already is not lost (X75).

use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use super::{Fields, Post, store};
use crate::{Result, accounts::Viewer, app::App, db::Tx, ids::PostId};

/// How long the second click on a form without a mark of its own counts as the same.
const SAME_CLICK: TimeDelta = TimeDelta::seconds(30);

/// How long the mark of a form is known.
const KNOWN: TimeDelta = TimeDelta::days(1);

/// The version of a post that nobody has touched since its form was sent.
const UNTOUCHED: i64 = 1;

/// What is known of a form that came in: its mark, and a mark of this very content.
pub struct Sent {
    form: Option<String>,
    content: String,
}

/// What a click on a form is.
pub enum Click {
    /// The first one: there is no post yet.
    First,
    /// The same once more: this is the post that it made.
    Again(Post),
    /// The same form with other content, and its post is still as the first click left it.
    Changed(Post),
}

impl Sent {
    pub fn new(nonce: &str, fields: &Fields, status: &str) -> Result<Self> {
        let form: Option<String> = (!nonce.is_empty()).then(|| nonce.chars().take(64).collect());
        let text = serde_json::to_string(&(nonce, fields, status))?;
        let content = format!("={}", &hex::encode(Sha256::digest(text))[..60]);
        Ok(Self { form, content })
    }

    /// Finds out what this click is. Clicks at the same time wait here for each other.
    pub async fn look(&self, app: &App, tx: &mut Tx, viewer: &Viewer) -> Result<Click> {
        let now = app.clock.now();
        let since = now - if self.form.is_some() { KNOWN } else { SAME_CLICK };
        if !store::claim_nonce(tx, viewer.id, &self.content, since, now).await?
            && let Some(post) = made(tx, viewer, &self.content).await?
        {
            return Ok(Click::Again(post));
        }
        let Some(form) = &self.form else { return Ok(Click::First) };
        if store::claim_nonce(tx, viewer.id, form, since, now).await? {
            return Ok(Click::First);
        }
        // Where more has happened to the post since, another one is better than losing either text.
        let post = made(tx, viewer, form).await?;
        let post = post.filter(|post| post.version == UNTOUCHED && post.can_edit(viewer));
        Ok(post.map_or(Click::First, Click::Changed))
    }

    /// Remembers the post.
    pub async fn made(&self, tx: &mut Tx, viewer: &Viewer, post: PostId) -> Result<()> {
        for mark in self.form.iter().chain([&self.content]) {
            store::nonce_post(tx, viewer.id, mark, Some(post)).await?;
        }
        Ok(())
    }
}

/// The post that a mark stands for.
async fn made(tx: &mut Tx, viewer: &Viewer, mark: &str) -> Result<Option<Post>> {
    let Some(id) = store::nonce_post(tx, viewer.id, mark, None).await? else { return Ok(None) };
    store::lock(tx, id).await?;
    store::by_id(tx, id).await
}
