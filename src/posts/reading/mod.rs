//! What can be read of posts: lists, topics, tags and the post itself.
//!
//! The pages stand in `src/reading`, after the rooms that they put together. Owns no table; `public_post` says what everybody may see (V15). `store` keeps the questions,
//! [`card`] how a post looks in a list, [`article`] who may see one that is not public.

pub mod article;
pub mod card;
pub mod pages;
pub mod seed;
pub mod store;

#[cfg(test)]
mod tests;
