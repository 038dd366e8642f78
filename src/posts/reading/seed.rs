//! The categories that a new site begins with (R-SEED.1).

use super::store;
use crate::{Result, app::App, db::Tx};

/// Name, slug, description.
pub const CATEGORIES: [(&str, &str, &str); 5] = [
    ("Technology", "technology", "Programs, machines, and what they do to us."),
    ("Lifestyle", "lifestyle", "Homes, habits, and the art of an ordinary day."),
    ("Travel", "travel", "Journeys far and near, and how to get there slowly."),
    ("Food", "food", "Recipes, kitchens, and the stories behind a dish."),
    ("Health", "health", "Body and mind, with a look at the evidence."),
];

/// Makes them while the site is untouched. An administrator who removes them has an account, so
/// they do not come back.
pub async fn seed(app: &App, tx: &mut Tx) -> Result<()> {
    if store::is_untouched(tx).await? {
        for category in CATEGORIES {
            store::seed_category(tx, category, app.clock.now()).await?;
        }
    }
    Ok(())
}
