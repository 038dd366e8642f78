//! The site itself: what it is, how to write to it, and what it writes to people.
//!
//! Owns: `contact_message`. Emits: `ContactReceived`.

pub mod actions;
pub mod message;
pub mod outbox;
pub mod pages;
pub mod store;

#[cfg(test)]
mod tests;

pub use self::message::{Message, MessageInput};
