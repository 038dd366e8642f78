//! One comment as a page shows it.

use chrono::{DateTime, Utc};
use markup::SafeHtml;

use super::address;
use crate::{
    accounts::{Permission, Viewer, online},
    app::App,
    comments::{
        Row, Status,
        comment::Reader,
        thread::{Node, Step},
    },
    ids::{CommentId, UserId},
    links,
    web::view,
};

/// The face and name of whoever wrote it.
#[derive(Debug)]
pub struct Writer {
    pub name: String,
    /// Empty for somebody who has no page any more.
    pub url: String,
    pub initials: String,
    pub hue: u16,
    pub avatar: Option<String>,
    pub is_online: bool,
}

/// A comment, or the place where one was.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "what the template offers, each by itself")]
pub struct Item {
    pub id: CommentId,
    pub parent: String,
    pub url: String,
    /// Why nothing is shown here but a place.
    pub gone: Option<&'static str>,
    pub writer: Writer,
    pub is_post_author: bool,
    pub is_own: bool,
    pub when: (String, String),
    pub edited: Option<(String, String)>,
    /// Whom it answers: name and address.
    pub answers: Option<(String, String)>,
    pub html: SafeHtml,
    /// What others do not see of it, and why.
    pub state: Option<&'static str>,
    pub decision: Option<String>,
    pub likes: i64,
    pub likes_label: String,
    pub is_liked: bool,
    pub can_like: bool,
    pub reply_url: Option<String>,
    pub can_edit: bool,
    pub can_delete: bool,
    pub can_report: bool,
    pub can_moderate: bool,
    pub reports: i64,
}

/// What decides how comments are shown: the post, and who reads.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    pub app: &'a App,
    pub viewer: Option<&'a Viewer>,
    pub slug: &'a str,
    pub post_author: UserId,
    /// Whether this reader may say something here.
    pub may_write: bool,
}

impl Around<'_> {
    pub fn reader(&self) -> Reader {
        Reader::of(self.viewer)
    }

    /// A thread as a page writes it.
    pub fn thread(&self, steps: Vec<Step<Node>>) -> Vec<Step<Item>> {
        steps
            .into_iter()
            .map(|step| match step {
                Step::Comment(node) => Step::Comment(self.item(node)),
                Step::Replies { folded } => Step::Replies { folded },
                Step::EndReplies { folded } => Step::EndReplies { folded },
                Step::More { root, number } => Step::More { root, number },
                Step::End => Step::End,
            })
            .collect()
    }

    /// One comment by itself.
    pub fn one(&self, row: Row) -> Item {
        let is_seen = self.reader().sees(&row);
        let says_parent = row.parent_id.is_some();
        self.item(Node { row, is_seen, says_parent })
    }

    fn item(&self, node: Node) -> Item {
        let Node { row, is_seen, says_parent } = node;
        let viewer = self.viewer;
        let is_own = viewer.is_some_and(|viewer| viewer.id == row.user_id);
        let is_visible = is_seen && row.status == Status::Visible;
        let acts = |allowed: &dyn Fn(&Viewer) -> bool| is_seen && viewer.is_some_and(allowed);
        let time = |time| (view::iso(time), view::minute(time));
        let moderates = acts(&|viewer| viewer.can(Permission::ModerateComments));
        Item {
            id: row.id,
            parent: row.parent_id.map(|id| id.0.to_string()).unwrap_or_default(),
            url: address(row.id),
            gone: (!is_seen).then(|| gone(&row)),
            is_post_author: row.user_id == self.post_author && row.is_active,
            is_own,
            when: time(row.created_at),
            edited: row.edited_at.map(time),
            answers: says_parent.then(|| answers(&row)).flatten(),
            state: (row.status != Status::Visible).then(|| row.status.label()),
            decision: (moderates || is_own).then(|| decision(&row, moderates)).flatten(),
            likes: row.like_count,
            likes_label: view::plural(row.like_count, "like", "likes"),
            is_liked: row.is_liked,
            can_like: is_visible && viewer.is_some() && !is_own && !row.is_unwanted,
            reply_url: (is_visible && self.may_write && !row.is_unwanted)
                .then(|| format!("{}/comment?parent={}", links::post(self.slug), row.id)),
            can_edit: acts(&|viewer| row.can_edit(self.app, viewer)),
            can_delete: acts(&|viewer| row.can_delete(viewer, self.post_author)),
            can_report: is_visible && viewer.is_some() && !is_own && !moderates,
            can_moderate: moderates,
            reports: if moderates { row.report_count } else { 0 },
            writer: Writer::of(&row, viewer.map(|_| self.app.clock.now())),
            // Nothing of what is not shown reaches the page.
            html: SafeHtml::from_stored(if is_seen { row.html } else { String::new() }),
        }
    }
}

impl Writer {
    /// The time is given when whoever reads may learn who is online.
    fn of(row: &Row, now: Option<DateTime<Utc>>) -> Self {
        if !row.is_active {
            return Self {
                name: "Somebody who left".to_owned(),
                url: String::new(),
                initials: "–".into(),
                hue: 0,
                avatar: None,
                is_online: false,
            };
        }
        let name = row.author_name();
        Self {
            url: links::user(&row.username),
            initials: view::initials(&name),
            hue: view::hue(&row.username),
            avatar: row.avatar_filename.as_deref().map(view::media_url),
            is_online: !row.is_unwanted
                && now.is_some_and(|now| online::is_online(now, row.last_seen)),
            name,
        }
    }
}

/// What stands in the place of a comment that is not shown.
fn gone(row: &Row) -> &'static str {
    match row.status {
        Status::Deleted => "This comment was deleted.",
        Status::Hidden | Status::Spam => "This comment was removed by a moderator.",
        Status::Pending => "This comment waits for a moderator.",
        Status::Visible => "A comment by somebody you have blocked or muted.",
    }
}

fn answers(row: &Row) -> Option<(String, String)> {
    let url = address(row.parent_id?);
    let name = match &row.parent_username {
        Some(name) if !row.is_parent_unwanted => format!("@{name}"),
        _ => "an earlier comment".to_owned(),
    };
    Some((name, url))
}

/// Who decided, when and why. The writer is told the reason, not by whom.
fn decision(row: &Row, moderates: bool) -> Option<String> {
    let at = row.moderated_at?;
    let why = row.moderation_reason.as_deref().unwrap_or_default();
    if !moderates {
        let is_worth = !why.is_empty() && row.status != Status::Visible;
        return is_worth.then(|| format!("Reason: {why}"));
    }
    let who = row.moderator.as_deref().map_or("a moderator".to_owned(), |name| format!("@{name}"));
    let mut text = format!("{} – decided by {who}, {}", row.status.label(), view::minute(at));
    if !why.is_empty() {
        text.push_str(": ");
        text.push_str(why);
    }
    Some(text)
}
