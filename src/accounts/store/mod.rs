//! The SQL of accounts.

pub mod archives;
pub mod counts;
pub mod export;
pub mod online;
pub mod roles;
pub mod sessions;
pub mod throttle;
pub mod tokens;
pub mod users;

pub use self::{
    roles::{by_name as role_by_name, grant, revoke},
    users::{count_posts, set_avatar},
};
