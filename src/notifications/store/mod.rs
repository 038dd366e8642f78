//! The SQL of notifications.

pub mod digests;
pub mod facts;
pub mod lists;
pub mod readers;
pub mod removal;
pub mod write;
