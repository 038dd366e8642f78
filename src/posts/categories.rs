//! Categories that a new site begins with (R-SEED.1).

use super::store;
use crate::{Result, app::App, db::Tx};

const DEFAULTS: [(&str, &str); 5] = [
    ("Technology", "Programs, machines, and what they do to us."),
    ("Lifestyle", "How people live, and how they would like to."),
    ("Travel", "Places, ways there, and what happened on them."),
    ("Food", "What we eat, and where it comes from."),
    ("Health", "Body and mind, in good days and bad."),
];

/// Makes the default categories on a site that has neither categories nor posts. A category that
/// was deleted does not come back.
pub async fn seed(app: &App, tx: &mut Tx) -> Result<()> {
    if store::tags::has_content(tx).await? {
        return Ok(());
    }
    let now = app.clock.now();
    for (name, description) in DEFAULTS {
        let slug = markup::slugify(name);
        store::tags::insert_category(tx, (name, &slug, description), now).await?;
    }
    Ok(())
}
