//! The site itself: what it is, and how to write to it.
//!
//! Owns: `contact_message`. Emits: `ContactReceived`.

pub mod actions;
pub mod message;
pub mod pages;
pub mod store;

#[cfg(test)]
mod tests;

pub use self::message::{Message, MessageInput};
