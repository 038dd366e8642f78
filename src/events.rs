//! Events: what happened, written down in the transaction in which it happened.
//!
//! Owns: `event`. What must follow in the same transaction is in [`rooms::react`]; what follows
//! once the commit has succeeded (caches, open pages) in [`rooms::committed`].

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    Result,
    app::App,
    db::{Conn, Tx, read, write},
    ids::{CommentId, EventId, MailId, PostId, SessionId, UserId},
    rooms,
};

/// Everything that something else may want to follow from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    UserRegistered {
        user: UserId,
    },
    EmailConfirmed {
        user: UserId,
    },
    EmailChanged {
        user: UserId,
    },
    UserLoggedIn {
        user: UserId,
        remember: bool,
    },
    UserLoggedOut {
        user: UserId,
        session: SessionId,
    },
    SessionsEnded {
        user: UserId,
    },
    PasswordChanged {
        user: UserId,
    },
    PasswordResetRequested {
        user: UserId,
    },
    PasswordResetCompleted {
        user: UserId,
    },
    LoginFailed {
        user: Option<UserId>,
    },
    ProfileChanged {
        user: UserId,
    },
    RoleChanged {
        user: UserId,
        role: String,
        by: Option<UserId>,
    },
    UserDeactivated {
        user: UserId,
        by: Option<UserId>,
    },
    UserReactivated {
        user: UserId,
        by: Option<UserId>,
    },
    UserDeletionRequested {
        user: UserId,
    },
    UserDeleted {
        user: UserId,
    },
    DataExported {
        user: UserId,
    },
    /// Readers see it from now on; `scheduled` when its time had come and nobody was there.
    PostPublished {
        author: UserId,
        post: PostId,
        #[serde(default)]
        scheduled: bool,
    },
    PostChanged {
        author: UserId,
        post: PostId,
    },
    PostHidden {
        author: UserId,
        post: PostId,
        by: UserId,
    },
    PostDeleted {
        author: UserId,
        post: PostId,
        by: UserId,
    },
    PostRestored {
        author: UserId,
        post: PostId,
    },
    /// A post that readers do not see was saved. Nothing is written down of it: it happens every
    /// few seconds while somebody writes.
    DraftSaved {
        author: UserId,
        post: PostId,
    },
    /// Written, in whatever state; `visible` says whether readers see it.
    CommentAdded {
        author: UserId,
        post: PostId,
        comment: CommentId,
        visible: bool,
    },
    /// `named` are those whom it names since then, and did not before.
    CommentChanged {
        author: UserId,
        post: PostId,
        comment: CommentId,
        #[serde(default)]
        named: Vec<UserId>,
    },
    CommentRemoved {
        author: UserId,
        post: PostId,
        comment: CommentId,
        by: UserId,
    },
    /// A moderator decided: `status` is what the comment is now, `was` what it was before.
    CommentModerated {
        author: UserId,
        post: PostId,
        comment: CommentId,
        by: UserId,
        was: String,
        status: String,
    },
    CommentReported {
        by: UserId,
        post: PostId,
        comment: CommentId,
    },
    /// `like_count` is how many like it now.
    CommentLiked {
        user: UserId,
        author: UserId,
        post: PostId,
        comment: CommentId,
        like_count: i64,
    },
    CommentUnliked {
        user: UserId,
        author: UserId,
        post: PostId,
        comment: CommentId,
        like_count: i64,
    },
    PostLiked {
        user: UserId,
        author: UserId,
        post: PostId,
    },
    PostUnliked {
        user: UserId,
        author: UserId,
        post: PostId,
    },
    PostFeatured {
        author: UserId,
        post: PostId,
        by: UserId,
        featured: bool,
    },
    UserFollowed {
        follower: UserId,
        followed: UserId,
    },
    UserUnfollowed {
        follower: UserId,
        followed: UserId,
    },
    UserBlocked {
        user: UserId,
        blocked: UserId,
    },
    UserUnblocked {
        user: UserId,
        blocked: UserId,
    },
    UserMuted {
        user: UserId,
        muted: UserId,
    },
    UserUnmuted {
        user: UserId,
        muted: UserId,
    },
    /// Something to read in somebody's list of notifications was added, read or taken away.
    NotificationsChanged {
        user: UserId,
        unread: i64,
    },
    /// Somebody told everybody something on behalf of the site.
    BroadcastSent {
        by: UserId,
        batch: String,
    },
    /// A mail, or all that were given up, is to be sent again; `by` nobody from the shell.
    MailResent {
        by: Option<UserId>,
        mail: Option<MailId>,
    },
    MailCancelled {
        by: Option<UserId>,
        mail: MailId,
    },
    /// Optional mail may go to an address again that was stopped.
    MailAllowed {
        by: Option<UserId>,
    },
    ContactReceived {
        id: i64,
    },
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
            | Self::DataExported { user }
            | Self::CommentLiked { user, .. }
            | Self::CommentUnliked { user, .. }
            | Self::PostLiked { user, .. }
            | Self::PostUnliked { user, .. }
            | Self::UserBlocked { user, .. }
            | Self::UserUnblocked { user, .. }
            | Self::UserMuted { user, .. }
            | Self::UserUnmuted { user, .. }
            | Self::NotificationsChanged { user, .. } => Some(*user),
            Self::LoginFailed { user }
            | Self::MailResent { by: user, .. }
            | Self::MailCancelled { by: user, .. }
            | Self::MailAllowed { by: user } => *user,
            Self::PostPublished { author, .. }
            | Self::PostChanged { author, .. }
            | Self::PostHidden { author, .. }
            | Self::PostDeleted { author, .. }
            | Self::PostRestored { author, .. }
            | Self::DraftSaved { author, .. }
            | Self::CommentAdded { author, .. }
            | Self::CommentChanged { author, .. } => Some(*author),
            Self::CommentRemoved { by, .. }
            | Self::CommentModerated { by, .. }
            | Self::CommentReported { by, .. }
            | Self::PostFeatured { by, .. }
            | Self::BroadcastSent { by, .. } => Some(*by),
            Self::UserFollowed { follower, .. } | Self::UserUnfollowed { follower, .. } => {
                Some(*follower)
            }
            Self::UserDeleted { .. } | Self::ContactReceived { .. } | Self::RolesChanged => None,
        }
    }
}

impl Event {
    /// Whether what is remembered of people's sessions may be wrong after it.
    pub fn changes_sessions(&self) -> bool {
        matches!(
            self,
            Self::EmailConfirmed { .. }
                | Self::EmailChanged { .. }
                | Self::UserLoggedIn { .. }
                | Self::UserLoggedOut { .. }
                | Self::SessionsEnded { .. }
                | Self::PasswordChanged { .. }
                | Self::PasswordResetCompleted { .. }
                | Self::ProfileChanged { .. }
                | Self::RoleChanged { .. }
                | Self::RolesChanged
                | Self::UserDeactivated { .. }
                | Self::UserReactivated { .. }
                | Self::UserDeletionRequested { .. }
                | Self::UserDeleted { .. }
                | Self::NotificationsChanged { .. }
        )
    }

    /// The post whose open pages want to know (`event.post_id`).
    pub fn post(&self) -> Option<PostId> {
        match self {
            Self::PostPublished { post, .. }
            | Self::PostChanged { post, .. }
            | Self::PostHidden { post, .. }
            | Self::PostDeleted { post, .. }
            | Self::PostRestored { post, .. }
            | Self::DraftSaved { post, .. }
            | Self::CommentAdded { post, .. }
            | Self::CommentChanged { post, .. }
            | Self::CommentRemoved { post, .. }
            | Self::CommentModerated { post, .. }
            | Self::CommentReported { post, .. }
            | Self::CommentLiked { post, .. }
            | Self::CommentUnliked { post, .. }
            | Self::PostLiked { post, .. }
            | Self::PostUnliked { post, .. }
            | Self::PostFeatured { post, .. } => Some(*post),
            _ => None,
        }
    }

    /// The person whose open pages want to know (`event.target_user_id`).
    pub fn target(&self) -> Option<UserId> {
        match self {
            Self::UserFollowed { followed, .. } | Self::UserUnfollowed { followed, .. } => {
                Some(*followed)
            }
            Self::NotificationsChanged { user, .. } => Some(*user),
            _ => None,
        }
    }
}

/// Writes an event down, lets the rooms react in the same transaction, and hands it on after the
/// commit. Each is also one line of the log (`user_action`, R-LOG.7).
pub async fn record(app: &App, tx: &mut Tx, event: Event) -> Result<()> {
    let at = app.clock.now();
    let kind = event.kind();
    let id = write(
        "insert into event (created_at, kind, user_id, post_id, target_user_id, data)
         values ($1, $2, $3, $4, $5, $6) returning id",
    )
    .bind(at)
    .bind(&kind)
    .bind(event.user())
    .bind(event.post())
    .bind(event.target())
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

/// Lets the rooms follow in the same transaction from something that is not worth a row.
pub async fn pass_on(app: &App, tx: &mut Tx, event: Event) -> Result<()> {
    let recorded = Recorded { id: EventId(0), event, at: app.clock.now() };
    rooms::react(app, tx, &recorded).await
}

/// The last event of a post: a page shown now asks for what comes after it. Read it before what is
/// shown.
pub async fn last_of_post(conn: &mut Conn, post: PostId) -> Result<EventId> {
    read("select coalesce(max(id), 0) from event where post_id = $1").bind(post).value(conn).await
}
