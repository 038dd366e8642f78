//! Outgoing mail: written into the outbox in the transaction of its cause, sent by a worker.
//!
//! Owns: `outgoing_mail`. It knows addresses and texts, nothing of who writes and why, so every
//! room may use it.

pub mod actions;
pub mod store;

pub use self::actions::{Content, Outgoing, queue};
