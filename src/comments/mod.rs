//! Comments: what readers say under a post, to each other, and who keeps that in order.
//!
//! Owns: `comment`, `comment_like`, `comment_mention`, `report`. Emits: `CommentAdded`,
//! `CommentChanged`, `CommentRemoved`, `CommentModerated`, `CommentReported`, `CommentLiked`,
//! `CommentUnliked`.
//!
//! Four counts follow from the rows, always in the transaction that changes them: the visible
//! comments of a post (`post.comment_count`), the visible answers to a comment (`reply_count`),
//! all of them below one at the top (`branch_count`), and likes and open reports. Every act on a
//! comment first holds the row of its post, so that acts under one post come one after the other
//! and their events are numbered in the order of their commits.

pub mod actions;
pub mod comment;
pub mod jobs;
pub mod pages;
pub mod repair;
pub mod store;
#[cfg(test)]
mod tests;
mod text;
mod thread;
pub mod visibility;

pub use self::{
    comment::{CommentInput, Decision, Reason, Row, Sort, Status, score},
    thread::Step,
};
