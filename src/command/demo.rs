//! `streamly demo`: fills a site to look at, or to measure.

use clap::ValueEnum;

use super::say;
use crate::{
    app::App,
    demo::{Plan, fill},
};

/// How much is made.
#[derive(Clone, Copy, ValueEnum)]
pub enum Size {
    /// 200 people, 1,000 posts, 10,000 comments: in seconds.
    Small,
    /// 20,000 people, 100,000 posts, a million comments, five million views: in minutes.
    Large,
}

pub async fn run(app: App, size: Size, seed: u64, force: bool) -> anyhow::Result<()> {
    let plan = match size {
        Size::Small => Plan::small(),
        Size::Large => Plan::large(),
    };
    let made = fill(&app, Plan { seed, force, ..plan }, say).await?;
    say(&format!(
        "Made {} people, {} posts, {} comments, {} likes, {} follows and {} views.",
        made.people, made.posts, made.comments, made.likes, made.follows, made.views
    ));
    say("Log in with one of these names:");
    for name in &made.usernames {
        say(&format!("  {name}"));
    }
    say(&format!("All of them have the password {}", made.password));
    Ok(())
}
