//! A site full of people and posts, to look at, to measure and to try things on.
//!
//! Writes into every table, so only the command line may call it. The same seed makes the same
//! site: texts come from word lists of our own, pictures are drawn.

mod article;
mod dice;
mod fill;
mod lexicon;
mod notices;
mod people;
mod scene;
mod shares;
mod store;
mod texts;

#[cfg(test)]
mod tests;

pub use self::fill::{Made, Plan, fill};
