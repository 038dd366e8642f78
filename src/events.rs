//! Events: what happened, written down in the transaction in which it happened.
//!
//! Owns: `event`. What must follow in the same transaction is in [`rooms::react`]; what follows
//! once the commit has succeeded (caches, open pages) in [`rooms::committed`].

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    Result,
    app::App,
    db::{Tx, write},
    ids::{EventId, PostId, SessionId, UserId},
    rooms,
};

/// Everything that something else may want to follow from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    UserRegistered { user: UserId },
    EmailConfirmed { user: UserId },
    EmailChanged { user: UserId },
    UserLoggedIn { user: UserId, remember: bool },
    UserLoggedOut { user: UserId, session: SessionId },
    SessionsEnded { user: UserId },
    PasswordChanged { user: UserId },
    PasswordResetRequested { user: UserId },
    PasswordResetCompleted { user: UserId },
    LoginFailed { user: Option<UserId> },
    ProfileChanged { user: UserId },
    RoleChanged { user: UserId, role: String, by: Option<UserId> },
    UserDeactivated { user: UserId, by: Option<UserId> },
    UserReactivated { user: UserId, by: Option<UserId> },
    UserDeletionRequested { user: UserId },
    UserDeleted { user: UserId },
    DataExported { user: UserId },
    PostPublished { author: UserId, post: PostId },
    PostChanged { author: UserId, post: PostId },
    PostHidden { author: UserId, post: PostId, by: UserId },
    PostDeleted { author: UserId, post: PostId, by: UserId },
    PostRestored { author: UserId, post: PostId },
    ContactReceived { id: i64 },
    RolesChanged,
}

/// An event with the row it was written to.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub id: EventId,
    pub event: Event,
    pub at: DateTime<Utc>,
}

impl Event {
    /// The name of the event, as in its row and in the log.
    pub fn kind(&self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|value| value["kind"].as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Whose act or account it is about.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::UserRegistered { user }
            | Self::EmailConfirmed { user }
            | Self::EmailChanged { user }
            | Self::UserLoggedIn { user, .. }
            | Self::UserLoggedOut { user, .. }
            | Self::SessionsEnded { user }
            | Self::PasswordChanged { user }
            | Self::PasswordResetRequested { user }
            | Self::PasswordResetCompleted { user }
            | Self::ProfileChanged { user }
            | Self::RoleChanged { user, .. }
            | Self::UserDeactivated { user, .. }
            | Self::UserReactivated { user, .. }
            | Self::UserDeletionRequested { user }
            | Self::DataExported { user } => Some(*user),
            Self::LoginFailed { user } => *user,
            Self::PostPublished { author, .. }
            | Self::PostChanged { author, .. }
            | Self::PostHidden { author, .. }
            | Self::PostDeleted { author, .. }
            | Self::PostRestored { author, .. } => Some(*author),
            Self::UserDeleted { .. } | Self::ContactReceived { .. } | Self::RolesChanged => None,
        }
    }
}

/// Writes an event down, lets the rooms react in the same transaction, and hands it on after the
/// commit. Each is also one line of the log (`user_action`, R-LOG.7).
pub async fn record(app: &App, tx: &mut Tx, event: Event) -> Result<()> {
    let at = app.clock.now();
    let kind = event.kind();
    let id = write(
        "insert into event (created_at, kind, user_id, data) values ($1, $2, $3, $4) returning id",
    )
    .bind(at)
    .bind(&kind)
    .bind(event.user())
    .bind(serde_json::to_string(&event)?)
    .value(tx)
    .await?;
    let recorded = Recorded { id, event, at };
    rooms::react(app, tx, &recorded).await?;
    let app = app.clone();
    tx.after_commit(move || {
        let user_id = recorded.event.user().map(|user| user.0);
        tracing::info!(target: "streamly::actions", action = kind, user_id, "user_action");
        rooms::committed(&app, &recorded);
    });
    Ok(())
}
