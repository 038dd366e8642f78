//! The comment as it is kept, what is sent to make one, and the rules between the two.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;

use crate::{
    Error, Result,
    accounts::{Permission, Viewer, full_name},
    app::App,
    db::{record, text_enum},
    ids::{CommentId, PostId, UserId},
    paging::Cursor,
};

text_enum! {
    /// Who sees a comment.
    pub enum Status {
        /// Everybody who sees the post.
        Visible = "visible",
        /// Its writer and the moderators, until one of them has looked at it.
        Pending = "pending",
        /// Its writer and the moderators, who hid it.
        Hidden = "hidden",
        /// The same, and it was an advertisement.
        Spam = "spam",
        /// Nobody; where it has answers, a line says that something was here.
        Deleted = "deleted",
    }
}

text_enum! {
    /// Why a reader reports a comment.
    pub enum Reason {
        Spam = "spam",
        Abuse = "abuse",
        OffTopic = "off_topic",
        Illegal = "illegal",
        Other = "other",
    }
}

text_enum! {
    /// What a moderator decides.
    pub enum Decision {
        Approve = "approve",
        Hide = "hide",
        Spam = "spam",
        /// Back to what it was before the last decision.
        Undo = "undo",
    }
}

/// In which order the comments at the top of a thread stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    #[default]
    Oldest,
    Newest,
    Best,
}

/// What is worth more stands higher in the order "best": three for each like, one for each
/// visible answer; of two alike, the younger one first. This is the whole formula.
pub const fn score(likes: i64, replies: i64) -> i64 {
    3 * likes + replies
}

/// Answers may go so deep; whoever goes on answers the last one beside the others.
pub const MAX_DEPTH: i64 = 100;

/// So many people are told that a comment names them, over its whole life (X75).
pub const MAX_MENTIONS: usize = 10;

/// The longest reason and note, in characters.
pub const MAX_NOTE: usize = 500;

impl Status {
    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Visible => "Visible",
            Self::Pending => "Waiting for a moderator",
            Self::Hidden => "Hidden by a moderator",
            Self::Spam => "Marked as spam",
            Self::Deleted => "Deleted",
        }
    }
}

impl Reason {
    pub const ALL: [Self; 5] =
        [Self::Spam, Self::Abuse, Self::OffTopic, Self::Illegal, Self::Other];

    pub fn label(self) -> &'static str {
        match self {
            Self::Spam => "It is advertising or spam",
            Self::Abuse => "It insults or threatens somebody",
            Self::OffTopic => "It has nothing to do with the post",
            Self::Illegal => "It is against the law",
            Self::Other => "Something else",
        }
    }
}

impl Sort {
    pub const ALL: [Self; 3] = [Self::Oldest, Self::Newest, Self::Best];

    pub fn word(self) -> &'static str {
        match self {
            Self::Oldest => "oldest",
            Self::Newest => "newest",
            Self::Best => "best",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Oldest => "Oldest",
            Self::Newest => "Newest",
            Self::Best => "Best",
        }
    }

    /// The order with this word; any other word is the usual order.
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|sort| sort.word() == word).unwrap_or_default()
    }
}

record! {
    /// A comment with its writer, as one reader sees it.
    #[derive(Debug, Clone)]
    pub struct Row {
        pub id: CommentId,
        pub created_at: DateTime<Utc>,
        pub post_id: PostId,
        pub user_id: UserId,
        pub parent_id: Option<CommentId>,
        pub root_id: Option<CommentId>,
        pub depth: i64,
        pub status: Status,
        pub edited_at: Option<DateTime<Utc>>,
        pub like_count: i64,
        pub reply_count: i64,
        pub branch_count: i64,
        pub score: i64,
        pub report_count: i64,
        pub status_before: Option<Status>,
        pub moderated_at: Option<DateTime<Utc>>,
        pub moderation_reason: Option<String>,
        pub html: String,
        pub username: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub avatar_filename: Option<String>,
        pub is_active: bool,
        /// `None` for who does not show it.
        pub last_seen: Option<DateTime<Utc>>,
        pub parent_username: Option<String>,
        pub moderator: Option<String>,
        /// Whether this reader likes it.
        pub is_liked: bool,
        /// Whether this reader and its writer have nothing to do with each other: one has blocked
        /// the other, or the reader has muted the writer.
        pub is_unwanted: bool,
        /// The same of the comment that it answers.
        pub is_parent_unwanted: bool,
    }
}

/// Who reads, as statements want to know it.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    pub user: UserId,
    pub moderates: bool,
}

impl Reader {
    pub fn of(viewer: Option<&Viewer>) -> Self {
        Self {
            // Nobody has the number 0.
            user: viewer.map_or(UserId(0), |viewer| viewer.id),
            moderates: viewer.is_some_and(|viewer| viewer.can(Permission::ModerateComments)),
        }
    }

    /// Whether it is somebody who has not logged in.
    pub fn is_visitor(self) -> bool {
        self.user == UserId(0)
    }

    /// Whether a comment at the top has a place in the thread that this reader finds.
    pub fn finds(self, row: &Row) -> bool {
        let own = row.user_id == self.user;
        row.status == Status::Visible
            || row.branch_count > 0
            || (row.status != Status::Deleted && (own || self.moderates))
    }

    /// Whether this reader is shown what a comment says.
    pub fn sees(self, row: &Row) -> bool {
        let own = row.user_id == self.user;
        let may = match row.status {
            Status::Visible => true,
            Status::Pending | Status::Hidden | Status::Spam => own || self.moderates,
            Status::Deleted => false,
        };
        // Who moderates has to see what is decided on, blocked or not.
        may && (!row.is_unwanted || self.moderates)
    }
}

impl Row {
    pub fn author_name(&self) -> String {
        full_name(&self.username, self.first_name.as_deref(), self.last_name.as_deref())
    }

    /// The comment at the top of its branch: itself, or what it hangs on.
    pub fn root(&self) -> CommentId {
        self.root_id.unwrap_or(self.id)
    }

    /// Whether this person may change what it says now.
    pub fn can_edit(&self, app: &App, viewer: &Viewer) -> bool {
        if !matches!(self.status, Status::Visible | Status::Pending) {
            return false;
        }
        let window = app.config.comments.edit_window;
        let in_time = window.0 == 0 || app.clock.now() - self.created_at <= window.delta();
        let own = self.user_id == viewer.id && viewer.can(Permission::EditOwnComments) && in_time;
        own || viewer.can(Permission::EditAllComments)
    }

    /// Its writer, whoever wrote the post (R-ROUTE.25), and who deletes everybody's comments.
    pub fn can_delete(&self, viewer: &Viewer, post_author: UserId) -> bool {
        let own = self.user_id == viewer.id && viewer.can(Permission::DeleteOwnComments);
        let under_own_post = post_author == viewer.id && self.status == Status::Visible;
        self.status != Status::Deleted
            && (own || under_own_post || viewer.can(Permission::DeleteAllComments))
    }

    /// What the form for changing it started from.
    pub fn version(&self) -> String {
        self.edited_at.map_or(0, |time| time.timestamp_micros()).to_string()
    }

    /// Its place in a thread in this order.
    pub fn cursor(&self, sort: Sort) -> Cursor {
        match sort {
            Sort::Best => Cursor { key: self.score, id: self.id.0 },
            Sort::Oldest | Sort::Newest => Cursor::at(self.created_at, self.id.0),
        }
    }
}

/// What somebody sends to write or change a comment.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CommentInput {
    pub content: String,
    /// The comment that is answered; empty for one at the top.
    pub parent_id: String,
    /// A mark of the form as it was shown, so that the second click makes nothing twice.
    pub nonce: String,
    /// What a change started from; empty when the sender does not know.
    pub version: String,
}

impl CommentInput {
    /// The text, fit to be kept.
    pub fn text(&self, app: &App) -> Result<String> {
        let text: String = self.content.nfc().collect();
        let text = text.trim().to_owned();
        if crate::posts::is_blank(&text) {
            return Err(Error::invalid("content", "Write something first."));
        }
        let (length, most) = (text.chars().count(), app.config.comments.max_length);
        if length > most {
            let message = format!("The comment has {length} characters; {most} are the most.");
            return Err(Error::invalid("content", message));
        }
        Ok(text)
    }

    /// The comment that is answered.
    pub fn parent(&self) -> Result<Option<CommentId>> {
        match self.parent_id.trim() {
            "" => Ok(None),
            text => {
                let id = text.parse().map_err(|_| Error::NotFound)?;
                Ok(Some(CommentId(id)))
            }
        }
    }
}

/// A line or two to go with a decision or a report.
pub fn note(text: &str) -> Result<String> {
    let text: String =
        text.nfc().filter(|c| *c == '\n' || !c.is_control()).collect::<String>().trim().to_owned();
    if text.chars().count() > MAX_NOTE {
        let message = format!("Use {MAX_NOTE} characters at most.");
        return Err(Error::invalid("note", message));
    }
    Ok(text)
}
