//! People: as rows, as whoever asks, as others see them.

use chrono::{DateTime, Utc};

use super::{Permission, PermissionSet};
use crate::{
    db::record,
    ids::{RoleId, SessionId, UserId},
};

record! {
    /// A person's account, whole. Never shown as it is: it holds the address and the hash.
    #[derive(Clone)]
    pub struct User {
        pub id: UserId,
        pub created_at: DateTime<Utc>,
        pub username: String,
        pub email: String,
        pub password_hash: String,
        pub password_changed_at: DateTime<Utc>,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub bio: Option<String>,
        pub location: Option<String>,
        pub website: Option<String>,
        pub avatar_filename: Option<String>,
        pub is_active: bool,
        pub email_confirmed: bool,
        pub last_seen: DateTime<Utc>,
        pub show_online: bool,
        pub role_id: Option<RoleId>,
        pub post_count: i64,
        pub theme: String,
        pub delete_after: Option<DateTime<Utc>>,
    }
}

record! {
    /// A person as everybody may see them.
    #[derive(Debug, Clone)]
    pub struct Person {
        pub id: UserId,
        pub created_at: DateTime<Utc>,
        pub username: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub bio: Option<String>,
        pub location: Option<String>,
        pub website: Option<String>,
        pub avatar_filename: Option<String>,
        pub post_count: i64,
        pub follower_count: i64,
        pub following_count: i64,
    }
}

/// Somebody logged in: what every page and every action needs to know of them.
#[derive(Debug, Clone)]
pub struct Viewer {
    pub id: UserId,
    pub session: SessionId,
    pub username: String,
    pub email: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub avatar_filename: Option<String>,
    pub theme: String,
    pub role_id: Option<RoleId>,
    pub permissions: PermissionSet,
    /// Notifications that wait to be read.
    pub unread_count: i64,
    /// When the password was typed last.
    pub proved_at: DateTime<Utc>,
}

impl Viewer {
    pub fn can(&self, permission: Permission) -> bool {
        self.permissions.has(permission)
    }

    /// Whether blocks between people do not hold for what this one reads: who moderates or edits
    /// everybody's posts has to see what they decide on.
    pub fn sees_past_blocks(&self) -> bool {
        self.can(Permission::ModerateComments) || self.can(Permission::EditAllPosts)
    }

    pub fn display_name(&self) -> String {
        full_name(&self.username, self.first_name.as_deref(), self.last_name.as_deref())
    }
}

impl Person {
    pub fn display_name(&self) -> String {
        full_name(&self.username, self.first_name.as_deref(), self.last_name.as_deref())
    }
}

impl User {
    /// Somebody made up, for mails to look at.
    pub fn sample(now: DateTime<Utc>) -> Self {
        Self {
            id: UserId(0),
            created_at: now,
            username: "ana".to_owned(),
            email: "ana@example.org".to_owned(),
            password_hash: String::new(),
            password_changed_at: now,
            first_name: Some("Ana".to_owned()),
            last_name: Some("Moreno".to_owned()),
            bio: None,
            location: None,
            website: None,
            avatar_filename: None,
            is_active: true,
            email_confirmed: true,
            last_seen: now,
            show_online: true,
            role_id: None,
            post_count: 0,
            theme: "system".to_owned(),
            delete_after: None,
        }
    }

    pub fn display_name(&self) -> String {
        full_name(&self.username, self.first_name.as_deref(), self.last_name.as_deref())
    }
}

/// What a person says about themselves; empty fields are `None`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Profile {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub bio: Option<String>,
    pub location: Option<String>,
    pub website: Option<String>,
    /// Whether other members may see when one is online.
    pub show_online: bool,
}

/// First and last name when both are there, else the first, else the user name (P12).
pub fn full_name(username: &str, first: Option<&str>, last: Option<&str>) -> String {
    fn clean(name: Option<&str>) -> Option<&str> {
        name.map(str::trim).filter(|name| !name.is_empty())
    }
    match (clean(first), clean(last)) {
        (Some(first), Some(last)) => [first, last].join(" "),
        (Some(first), None) => first.to_owned(),
        _ => username.to_owned(),
    }
}
