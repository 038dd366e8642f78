//! Reading: the front page, lists, topics, tags and a post with what people say about it.
//!
//! Owns no table. It stands after the rooms whose parts it puts together on one page; which posts
//! may be seen, and the questions about them, are in [`crate::posts::reading`].

pub mod pages;
