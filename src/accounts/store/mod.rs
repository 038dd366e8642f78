//! The SQL of accounts.

pub mod export;
pub mod roles;
pub mod sessions;
pub mod throttle;
pub mod tokens;
pub mod users;
