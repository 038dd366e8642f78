//! Analytics: who read what, what trends, and what writers and readers learn of it.
//!
//! Owns: `post_view`, `post_view_day`, `post_view_part`, `view_salt`, `analytics_run`, `analytics_summary`, `trending_post`,
//! `trending_writer`, `trending_tag`, `user_influence`. Emits nothing: a view is no event anybody
//! follows from. Formulas stand in [`trending`] and [`influence`], one function each; how a reader
//! is told apart without being known in [`reader`]
//! (`docs/decisions/0018-views-without-consent.md`).

mod agent;
pub mod influence;
pub mod jobs;
mod keeping;
pub mod pages;
mod place;
pub mod reader;
mod source;
pub mod stats;
pub mod store;
mod tally;
pub mod trending;
pub mod views;

#[cfg(test)]
mod tests;

pub use self::jobs::{ComputeInfluence, ComputeTrending, KeepViews};
