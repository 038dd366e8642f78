//! Outgoing mail: written into the outbox in the transaction of its cause, sent by a worker.
//!
//! Owns: `outgoing_mail`, `mail_event`, `mail_suppression`. It knows addresses and texts, nothing of who writes and why, so every
//! room may use it. A mail stays in the outbox until a server has taken or refused it for good;
//! it may be sent twice when the process dies in between, then with the same `Message-ID`.

pub mod actions;
pub mod bounces;
mod content;
pub mod mask;
mod pace;
pub mod pages;
pub mod store;
mod webhooks;
pub mod worker;

#[cfg(test)]
mod sink;
#[cfg(test)]
mod tests;

pub use self::{
    actions::{Outgoing, forget_user, queue, sweep},
    content::Content,
};
