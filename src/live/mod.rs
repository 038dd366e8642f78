//! Live: what happens on open pages at once, by server-sent events.
//!
//! Owns no table; reads `event`. Emits no event. An event is never carried to a page: it is only a
//! `hint` that a post or a person has news, whether it comes from this process, from another one
//! through Redis, or from the table. The `desk` then reads the rows after the last one that this
//! topic has told, in their order, and hands them to all of its streams at once. So nothing is lost
//! and nothing comes twice, however the hints arrive (docs/decisions/0022).
//!
//! - `hub` the open streams, who reads what, and their queues
//! - `reader` one stream: what it begins with, whether it may go on
//! - `desk` reads news and passes them on; heartbeats; looks at the table every second
//! - `presence` readers now, who is typing
//! - `redis` tells the other instances, and hears them

mod desk;
mod frame;
mod hint;
mod hub;
pub mod pages;
mod presence;
mod reader;
mod redis;
pub mod store;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::{hint::Hint, hub::Hub, redis::Word};
use crate::{app::App, events::Recorded};

/// The streams of one application.
fn hub(app: &App) -> Arc<Hub> {
    app.state::<Hub>()
}

/// Lets open pages know, here and at the other instances, that something has happened.
pub fn happened(app: &App, recorded: &Recorded) {
    let hub = hub(app);
    let hint = Hint::of(recorded.id, &recorded.event);
    hub.mark(hint.event);
    hub.heed(&hint);
    hub.tell(Word::Hint(hint));
}

/// Everything that streams need, as long as the site runs.
pub async fn work(app: App) {
    let hub = hub(&app);
    tokio::join!(
        desk::pass_on(&app, &hub),
        desk::beat(&app, &hub),
        desk::follow(&app, &hub),
        redis::work(&app, &hub),
    );
}

/// Ends all streams and takes no more: the process has been told to stop.
pub fn close(app: &App) {
    hub(app).close();
}

/// How the messenger between instances is: `none`, `healthy` or `degraded`.
pub fn messenger(app: &App) -> &'static str {
    if app.config.redis.url.is_empty() { "none" } else { hub(app).messenger() }
}
