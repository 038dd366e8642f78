//! Notifications: what people are told of what others do, on the page and by mail.
//!
//! Owns: `notification`, `notification_setting`, `notification_digest`. Emits:
//! `NotificationsChanged`, `BroadcastSent`.
//!
//! They follow from events, in the transaction of their cause (`react`); only what concerns many
//! people at once (a published post, a message to everybody) is told by jobs, batch by batch. The
//! number of unread ones stands in the row of the person; whoever changes it first holds that
//! row, then changes the notifications, then records `NotificationsChanged`.
//!
//! Of those that say the same (`group_key`) the newest is the head; a list reads heads only.

pub mod actions;
mod digests;
pub mod jobs;
mod kind;
mod mails;
pub mod pages;
mod react;
mod removal;
pub mod repair;
mod samples;
pub mod settings;
pub mod store;
mod telling;
mod unsubscribe;

#[cfg(test)]
mod tests;

pub use self::{
    kind::{Choice, Delivery, Kind, Mailing, NotificationTarget, Priority},
    react::react,
    samples::samples,
};
