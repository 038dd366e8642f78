//! Social: who follows, likes, keeps, blocks and mutes what and whom; what a member's home shows.
//!
//! Owns: `post_like`, `bookmark`, `follow`, `category_follow`, `tag_follow`, `user_block`,
//! `user_mute`. Emits: `PostLiked`, `PostUnliked`, `UserFollowed`, `UserUnfollowed`,
//! `UserBlocked`, `UserUnblocked`, `UserMuted`, `UserUnmuted`. A block works both ways: neither
//! follows, likes or is shown the other. Muting hides the muted from whoever mutes.
//!
//! Order of locks: first the row whose counter changes, then the row that is counted, then the
//! event, so that events about one post or person are numbered in the order of their commits.

pub mod feed;
pub mod follows;
pub mod likes;
pub mod pages;
pub mod relations;
pub mod store;

#[cfg(test)]
mod tests;
