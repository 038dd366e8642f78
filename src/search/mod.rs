//! Search: posts by their words, people by their names.
//!
//! Owns no table. It looks through the public posts from the newest on, a bounded number at a
//! time; a full-text index takes its place later.

pub mod pages;
pub mod query;
mod store;

#[cfg(test)]
mod tests;
