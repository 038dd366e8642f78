//! The SQL of writing posts.

pub mod comments;
pub mod counters;
pub mod drafts;
pub mod lists;
pub mod repair;
pub mod slugs;
pub mod tags;
pub mod views;
mod write;

pub use self::write::{
    Content, Insert, Meta, by_id, claim_nonce, due, expired, insert, lock, mark_deleted,
    nonce_post, publish_due, purge, set_status, shown_by, stale_renders, unmark_deleted,
    unseen_texts, update_content, update_html, update_meta,
};
