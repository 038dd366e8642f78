//! Accounts: who someone is, and what they may do.
//!
//! Owns: `role`, `permission`, `role_permissions`, `"user"`, `session`, `user_token`,
//! `login_throttle`, `known_device`. Emits: all `User…`, `Email…`, `Password…` events.

mod permission;
pub mod roles;
pub mod sessions;
pub mod store;
mod user;

pub use self::{
    permission::{Permission, PermissionSet},
    user::{Person, User, Viewer, full_name},
};
