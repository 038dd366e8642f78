//! The SQL of comments.

pub mod moderation;
pub mod people;
pub mod repair;
pub mod short;
pub mod threads;
pub mod write;
