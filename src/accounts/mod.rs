//! Accounts: who someone is, and what they may do.
//!
//! Owns: `role`, `permission`, `role_permissions`, `"user"`, `session`, `user_token`,
//! `login_throttle`, `known_device`. Emits: all `User…`, `Email…`, `Password…` events.
//! `UserDeleted` is recorded while the person's rows are still there, so that a room may count
//! them down; they go with the person, in the same transaction.

pub mod actions;
mod device;
mod input;
pub mod jobs;
pub mod mails;
pub mod next;
pub mod online;
pub mod pages;
pub mod passwords;
mod permission;
pub mod roles;
pub mod sessions;
mod setup;
pub mod store;
mod throttle;
mod tokens;
mod user;

#[cfg(test)]
mod tests;

pub use self::{
    permission::{Permission, PermissionSet},
    setup::welcome,
    user::{Person, Profile, User, Viewer, full_name},
};
