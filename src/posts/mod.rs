//! Posts: what people write, publish, change, and take back.
//!
//! Owns: `category`, `tag`, `post`, `post_tag`, `post_slug`, `post_draft`, `post_revision`,
//! `form_nonce`. Emits: `PostPublished`, `PostChanged`, `PostHidden`, `PostDeleted`,
//! `PostRestored`. How posts are read is in [`reading`].

pub mod actions;
pub mod autosave;
mod clicks;
pub mod deletion;
pub mod featuring;
mod input;
pub mod jobs;
pub mod pages;
mod post;
pub mod reading;
pub mod rendering;
pub mod repair;
pub mod revisions;
mod slugs;
pub mod store;
#[cfg(test)]
mod tests;
pub mod visibility;

pub use self::{
    actions::Saved,
    input::is_blank,
    jobs::{PublishPost, PurgePosts},
    post::{Fields, NewPost, Post, PostInput, RevisionKind, Status},
};
