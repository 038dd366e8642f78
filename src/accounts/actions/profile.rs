//! What one says about oneself, and how one likes the pages.

use crate::{
    Error, Result,
    accounts::{Viewer, input::ProfileInput, sessions, store},
    app::App,
    events::{self, Event},
};

/// Changes one's own profile.
pub async fn update_profile(app: &App, viewer: &Viewer, input: &ProfileInput) -> Result<()> {
    let profile = input.parse()?;
    let mut tx = app.db.begin().await?;
    store::users::set_profile(&mut tx, viewer.id, &profile, app.clock.now()).await?;
    events::record(app, &mut tx, Event::ProfileChanged { user: viewer.id }).await?;
    tx.commit().await
}

/// Remembers light, dark, or what the device says.
pub async fn set_theme(app: &App, viewer: &Viewer, theme: &str) -> Result<()> {
    if !["system", "light", "dark"].contains(&theme) {
        return Err(Error::invalid("theme", "Choose one of the three."));
    }
    let mut tx = app.db.begin().await?;
    store::users::set_theme(&mut tx, viewer.id, theme, app.clock.now()).await?;
    let app = app.clone();
    tx.after_commit(move || sessions::forget(&app));
    tx.commit().await
}
