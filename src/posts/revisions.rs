//! Revisions: what a post was before, what changed, and back to it.

use std::time::{Duration, Instant};

use similar::{Algorithm, ChangeTag, capture_diff_slices_deadline};

use super::{
    Fields, NewPost, Post, RevisionKind, Saved,
    actions::{self, Change, Cover},
    autosave, rendering, store,
};
use crate::{
    Error, Result,
    accounts::Viewer,
    app::App,
    db::Conn,
    ids::{PostId, RevisionId},
};

/// A line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub kind: LineKind,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    Same,
    Added,
    Removed,
    /// Unchanged lines that are not shown.
    Skipped,
}

/// Unchanged lines shown around a change.
const AROUND: usize = 3;

/// A comparison of long texts that takes longer than this becomes coarser.
const PATIENCE: Duration = Duration::from_millis(300);

/// What changed from one text to another, by lines, with a few unchanged lines around.
pub fn compare(before: &str, after: &str) -> Vec<Line> {
    let old: Vec<&str> = before.lines().collect();
    let new: Vec<&str> = after.lines().collect();
    let deadline = Some(Instant::now() + PATIENCE);
    let operations = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, deadline);
    let all: Vec<Line> = operations
        .iter()
        .flat_map(|operation| operation.iter_changes(&old, &new))
        .map(|change| Line {
            kind: match change.tag() {
                ChangeTag::Equal => LineKind::Same,
                ChangeTag::Insert => LineKind::Added,
                ChangeTag::Delete => LineKind::Removed,
            },
            text: change.value().to_owned(),
        })
        .collect();
    shorten(all)
}

/// Leaves out what is far from any change.
fn shorten(lines: Vec<Line>) -> Vec<Line> {
    let mut near = vec![false; lines.len()];
    for (at, _) in lines.iter().enumerate().filter(|(_, line)| line.kind != LineKind::Same) {
        let end = (at + AROUND + 1).min(near.len());
        near[at.saturating_sub(AROUND)..end].fill(true);
    }
    let mut shown = Vec::new();
    let mut skipped = 0;
    for (line, near) in lines.into_iter().zip(near) {
        if near {
            flush(&mut shown, &mut skipped);
            shown.push(line);
        } else {
            skipped += 1;
        }
    }
    flush(&mut shown, &mut skipped);
    shown
}

fn flush(shown: &mut Vec<Line>, skipped: &mut usize) {
    if *skipped > 0 {
        let text = format!("{skipped} unchanged {}", if *skipped == 1 { "line" } else { "lines" });
        shown.push(Line { kind: LineKind::Skipped, text });
        *skipped = 0;
    }
}

/// A post with one of its revisions and the one before, for whoever may edit it.
pub async fn load(
    conn: &mut Conn,
    viewer: &Viewer,
    post: PostId,
    revision: RevisionId,
) -> Result<(Post, store::drafts::Revision, Option<store::drafts::Revision>)> {
    let post = store::by_id(conn, post).await?.ok_or(Error::NotFound)?;
    actions::allow_edit(&post, viewer)?;
    let revision =
        store::drafts::revision(conn, post.id, revision).await?.ok_or(Error::NotFound)?;
    let before = store::drafts::revision_before(conn, post.id, revision.version).await?;
    Ok((post, revision, before))
}

/// Makes a revision the present text again. What is replaced stays a revision itself.
pub async fn restore(
    app: &App,
    viewer: &Viewer,
    id: PostId,
    revision: RevisionId,
) -> Result<Saved> {
    let (fields, text) = {
        let mut conn = app.db.conn().await?;
        let (post, revision, _) = load(&mut conn, viewer, id, revision).await?;
        (autosave::fields_of(&mut conn, &post).await?, revision)
    };
    let fields = Fields {
        title: text.title,
        content: text.content,
        meta_description: text.meta_description.unwrap_or_default(),
        ..fields
    };
    let new = NewPost::draft(app, &fields)?;
    let rendered = rendering::render(app, &new.content).await?;
    let mut tx = app.db.begin().await?;
    let post = actions::editable(&mut tx, viewer, id).await?;
    let change = Change {
        viewer,
        new: &new,
        rendered: &rendered,
        cover: &Cover::Keep,
        status: post.status,
        kind: RevisionKind::Restore,
    };
    let saved = actions::apply(app, &mut tx, &post, &change).await?;
    store::drafts::drop(&mut tx, id).await?;
    tx.commit().await?;
    Ok(saved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(lines: &[Line]) -> String {
        lines
            .iter()
            .map(|line| match line.kind {
                LineKind::Same => '=',
                LineKind::Added => '+',
                LineKind::Removed => '-',
                LineKind::Skipped => '.',
            })
            .collect()
    }

    #[test]
    fn a_change_is_shown_with_its_surroundings() {
        let before = "a\nb\nc\nd\ne\nf\ng\nh\ni";
        let after = "a\nb\nc\nd\nE\nf\ng\nh\ni";
        assert_eq!(kinds(&compare(before, after)), ".===-+===.");
        assert_eq!(kinds(&compare("x", "x")), ".");
        assert_eq!(kinds(&compare("", "x")), "+");
    }

    #[test]
    fn a_long_comparison_ends() {
        let lines = |word: &str, step: usize| -> Vec<String> {
            (0..60_000).map(|n| format!("{word} {}", n * step)).collect()
        };
        let before = lines("line", 1).join("\n");
        let after = lines("row", 7).join("\n");
        assert!(!compare(&before, &after).is_empty());
    }
}
