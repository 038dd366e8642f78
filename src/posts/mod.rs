//! Posts.

pub mod reading;
