//! Search: posts by their words, people and tags by their names, one's own drafts.
//!
//! Owns: `search_post`, `search_name`, `search_word`, on SQLite also their FTS5 tables and
//! `search_trigram`. Text is cut into words by [`words`] alone, so that FTS5 and tsvector hold and
//! find the same; they find candidates, newest first and never more than a few hundred, and
//! [`rank`] puts those in order. Who may see what is decided by joining posts and people in the
//! question, never by the index.

pub mod actions;
mod dates;
mod gather;
pub mod index;
mod jobs;
mod meant;
pub mod pages;
mod plain;
pub mod query;
pub mod rank;
mod spelling;
mod store;
pub mod words;

#[cfg(test)]
mod tests;

pub use self::jobs::{IndexOutdated, IndexPeople, IndexPosts, begin, tick};
