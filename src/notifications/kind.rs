//! What people are told of: the kinds, and what each is worth when nobody chose otherwise.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    db::text_enum,
    ids::{CommentId, PostId, UserId},
    texts::{Catalogue, Text},
};

text_enum! {
    /// What a notification is about.
    #[derive(PartialOrd, Ord)]
    pub enum Kind {
        Comment = "comment",
        Reply = "reply",
        Mention = "mention",
        Like = "like",
        Follow = "follow",
        Post = "post",
        Moderation = "moderation",
        System = "system",
    }
}

text_enum! {
    /// How much it matters.
    pub enum Priority {
        Low = "low",
        Normal = "normal",
        High = "high",
        Urgent = "urgent",
    }
}

text_enum! {
    /// When mail is sent of a kind.
    pub enum Mailing {
        Off = "off",
        Now = "now",
        Daily = "daily",
        Weekly = "weekly",
    }
}

text_enum! {
    /// How it reaches somebody: on the page, or by mail alone.
    pub enum Delivery {
        Web = "web",
        Email = "email",
    }
}

/// What somebody wants of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub web: bool,
    pub mailing: Mailing,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Comment,
        Self::Reply,
        Self::Mention,
        Self::Like,
        Self::Follow,
        Self::Post,
        Self::Moderation,
        Self::System,
    ];

    /// As the page of settings calls it, and after "because of".
    pub const fn label(self) -> &'static str {
        match self {
            Self::Comment => "Comments on your posts",
            Self::Reply => "Answers to your comments",
            Self::Mention => "Mentions of you",
            Self::Like => "Likes",
            Self::Follow => "New followers",
            Self::Post => "New posts of people you follow",
            Self::Moderation => "Decisions of moderators",
            Self::System => "Messages from the site",
        }
    }

    /// Whether the page always shows it: a decision about one's own words, and the site's word.
    pub const fn is_always_shown(self) -> bool {
        matches!(self, Self::Moderation | Self::System)
    }

    /// What somebody gets who chose nothing (decision 0020): mail at once where another person
    /// waits for an answer or decided something, none where many come or none is needed.
    pub const fn default_choice(self) -> Choice {
        let mailing = match self {
            Self::Comment | Self::Reply | Self::Mention | Self::Moderation => Mailing::Now,
            Self::Like | Self::Follow | Self::Post | Self::System => Mailing::Off,
        };
        Choice { web: true, mailing }
    }

    /// The choice that a row of settings makes, or the default.
    pub fn choice(self, web: Option<bool>, mailing: Option<Mailing>) -> Choice {
        let default = self.default_choice();
        Choice {
            web: self.is_always_shown() || web.unwrap_or(default.web),
            mailing: mailing.unwrap_or(default.mailing),
        }
    }

    pub const fn priority(self) -> Priority {
        match self {
            Self::Like | Self::Follow | Self::Post => Priority::Low,
            Self::Comment | Self::Reply | Self::Mention | Self::System => Priority::Normal,
            Self::Moderation => Priority::High,
        }
    }

    /// How long it is worth reading.
    pub fn expires_at(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + match self {
            Self::Post | Self::System => TimeDelta::days(30),
            Self::Like | Self::Follow => TimeDelta::days(90),
            Self::Comment | Self::Reply | Self::Mention => TimeDelta::days(180),
            Self::Moderation => TimeDelta::days(365),
        }
    }

    /// Whether what it tells of may go and come back: the line then comes back too, without a mail.
    pub const fn comes_back(self) -> bool {
        match self {
            Self::Comment | Self::Reply | Self::Mention | Self::Post | Self::Moderation => true,
            Self::Like | Self::Follow | Self::System => false,
        }
    }

    /// Whether several make one line: "Ana and 3 others".
    pub const fn is_grouped(self) -> bool {
        matches!(self, Self::Like | Self::Follow)
    }
}

/// What a notification points at, over the three columns that may be empty (P7). `related_user_id`
/// also names who did it, so it is the target only when the other two are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationTarget {
    Post(PostId),
    Comment { comment: CommentId, post: PostId },
    User(UserId),
    Nothing,
}

impl NotificationTarget {
    /// The target that a row names: the most exact one.
    pub fn of(post: Option<PostId>, comment: Option<CommentId>, user: Option<UserId>) -> Self {
        match (comment, post, user) {
            (Some(comment), Some(post), _) => Self::Comment { comment, post },
            (_, Some(post), _) => Self::Post(post),
            (_, None, Some(user)) => Self::User(user),
            (_, None, None) => Self::Nothing,
        }
    }

    pub const fn post(self) -> Option<PostId> {
        match self {
            Self::Post(post) | Self::Comment { post, .. } => Some(post),
            Self::User(_) | Self::Nothing => None,
        }
    }

    pub const fn comment(self) -> Option<CommentId> {
        match self {
            Self::Comment { comment, .. } => Some(comment),
            _ => None,
        }
    }
}

/// How many others are "many", and counted no further.
const MANY: i64 = 100;

/// What a line says: `Ana and 3 others liked “A week”`. `None` where the text was written when it
/// happened.
pub fn headline(
    texts: &Catalogue,
    kind: Kind,
    target: NotificationTarget,
    actor: &str,
    others: i64,
    post: &str,
) -> Option<String> {
    let id = match (kind, target) {
        (Kind::Comment, _) => "told-comment",
        (Kind::Reply, _) => "told-reply",
        (Kind::Mention, _) => "told-mention",
        (Kind::Like, NotificationTarget::Comment { .. }) => "told-like-comment",
        (Kind::Like, _) => "told-like",
        (Kind::Follow, _) => "told-follow",
        (Kind::Post, _) => "told-post",
        (Kind::Moderation | Kind::System, _) => return None,
    };
    let text = Text::of(texts, id).with("name", actor).with("post", post);
    Some(text.count("others", others.min(MANY)).whole())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_the_most_exact_of_three() {
        let (post, comment, user) = (Some(PostId(1)), Some(CommentId(2)), Some(UserId(3)));
        let exact = NotificationTarget::Comment { comment: CommentId(2), post: PostId(1) };
        assert_eq!(NotificationTarget::of(post, comment, user), exact);
        assert_eq!(NotificationTarget::of(post, None, user), NotificationTarget::Post(PostId(1)));
        assert_eq!(NotificationTarget::of(None, None, user), NotificationTarget::User(UserId(3)));
        assert_eq!(NotificationTarget::of(None, None, None), NotificationTarget::Nothing);
    }

    #[test]
    fn a_line_counts_the_others() {
        let target = NotificationTarget::Post(PostId(1));
        let texts = Catalogue::english().unwrap();
        let say = |kind, others| headline(&texts, kind, target, "Ana", others, "Rivers");
        let table = [
            (Kind::Like, 0, "Ana liked “Rivers”"),
            (Kind::Like, 1, "Ana and 1 other liked “Rivers”"),
            (Kind::Like, 3, "Ana and 3 others liked “Rivers”"),
            (Kind::Like, 99, "Ana and 99 others liked “Rivers”"),
            (Kind::Like, 12_000, "Ana and many others liked “Rivers”"),
            (Kind::Follow, 0, "Ana follows you"),
            (Kind::Follow, 2, "Ana and 2 others follow you"),
        ];
        for (kind, others, expected) in table {
            assert_eq!(say(kind, others).as_deref(), Some(expected));
        }
        assert_eq!(say(Kind::System, 0), None);
    }
}
