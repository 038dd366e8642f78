//! What an event means for open pages: who has news, and whose streams must be looked at again.

use serde::{Deserialize, Serialize};

use crate::{
    events::Event,
    ids::{EventId, PostId, UserId},
};

/// Says that there is something to read; never what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    pub event: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<i64>,
    #[serde(default, skip_serializing_if = "is_none")]
    pub again: Again,
}

/// Which streams ask again whether they may go on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Again {
    #[default]
    Nobody,
    /// Those of the people named.
    Them,
    /// Those of the people named, whose blocks have changed.
    TheirBlocks,
    /// All, and all posts: somebody's posts may have gone with them.
    Everybody,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_none(again: &Again) -> bool {
    *again == Again::Nobody
}

impl Hint {
    pub fn of(id: EventId, event: &Event) -> Self {
        let people: Vec<UserId> = match event {
            Event::UserFollowed { follower, followed }
            | Event::UserUnfollowed { follower, followed } => vec![*follower, *followed],
            Event::UserBlocked { user, blocked } | Event::UserUnblocked { user, blocked } => {
                vec![*user, *blocked]
            }
            Event::UserMuted { user, .. }
            | Event::UserUnmuted { user, .. }
            | Event::UserDeleted { user } => vec![*user],
            event if event.changes_sessions() => event.user().into_iter().collect(),
            _ => Vec::new(),
        };
        Self {
            event: id.0,
            post: event.post().map(|post| post.0),
            people: people.into_iter().map(|user| user.0).collect(),
            again: Again::after(event),
        }
    }

    pub fn post(&self) -> Option<PostId> {
        self.post.map(PostId)
    }

    pub fn people(&self) -> impl Iterator<Item = UserId> {
        self.people.iter().copied().map(UserId)
    }
}

impl Again {
    fn after(event: &Event) -> Self {
        match event {
            Event::RolesChanged
            | Event::UserDeactivated { .. }
            | Event::UserReactivated { .. }
            | Event::UserDeletionRequested { .. }
            | Event::UserDeleted { .. } => Self::Everybody,
            Event::UserBlocked { .. }
            | Event::UserUnblocked { .. }
            | Event::UserMuted { .. }
            | Event::UserUnmuted { .. } => Self::TheirBlocks,
            Event::NotificationsChanged { .. } => Self::Nobody,
            event if event.changes_sessions() => Self::Them,
            _ => Self::Nobody,
        }
    }
}
