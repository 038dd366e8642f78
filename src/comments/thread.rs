//! From rows to a thread as it is shown: what answers what, what is left out, what is folded.

use std::collections::HashMap;

use super::{Row, Status, comment::Reader};
use crate::ids::CommentId;

/// Answers are set in so many times; deeper ones stand below each other and say what they answer.
const LEVELS: usize = 4;

/// A comment at the top shows so many answers at once; more are folded.
const FOLD_TOP: usize = 20;

/// The same for an answer.
const FOLD: usize = 5;

/// A thread, step by step, as a page writes it from top to bottom.
#[derive(Debug)]
pub enum Step<T> {
    /// A comment begins.
    Comment(T),
    /// Its answers begin; folded when a number is given.
    Replies { folded: Option<usize> },
    /// They end.
    EndReplies { folded: bool },
    /// So many answers of a branch are on a page of their own.
    More { root: CommentId, number: i64 },
    /// The comment ends, and what hangs on it.
    End,
}

/// A comment in its place.
#[derive(Debug)]
pub struct Node {
    pub row: Row,
    /// Whether the reader is shown what it says.
    pub is_seen: bool,
    /// Whether it has to say what it answers, because it does not stand below that.
    pub says_parent: bool,
}

struct Tree {
    rows: Vec<Option<Row>>,
    ids: Vec<CommentId>,
    seen: Vec<bool>,
    /// Answers of each row that are shown or have something below them that is.
    children: Vec<Vec<usize>>,
    /// How many comments below each row are shown.
    below: Vec<usize>,
    alive: Vec<bool>,
    /// Where something stands that must not be folded away.
    opened: Vec<bool>,
    steps: Vec<Step<Node>>,
}

/// Puts rows in order below `tops`. Nothing below `wanted` or above it is folded. Rows come in the order in
/// which they were written, so an answer always comes after what it answers.
pub fn steps(
    tops: &[CommentId],
    rows: Vec<Row>,
    reader: Reader,
    wanted: Option<CommentId>,
) -> Vec<Step<Node>> {
    let hidden = hidden_answers(&rows);
    let mut tree = Tree::new(rows, reader, wanted);
    for top in tops {
        let Some(at) = tree.ids.iter().position(|id| id == top) else { continue };
        if !tree.alive[at] {
            continue;
        }
        tree.tell(at, 0, false);
        let more = hidden.get(top).copied().unwrap_or(0);
        if more > 0 {
            // Before the end of the comment at the top.
            tree.steps.pop();
            tree.steps.push(Step::More { root: *top, number: more });
            tree.steps.push(Step::End);
        }
    }
    tree.steps
}

/// Whether a comment has a place among the rows of its branch, be it that something hangs on it
/// that this reader sees.
pub fn has_place(id: CommentId, rows: Vec<Row>, reader: Reader) -> bool {
    let top = rows.iter().find(|row| row.root_id.is_none() && reader.finds(row));
    let Some(top) = top.map(|row| row.id) else { return false };
    let stands = |step: &Step<Node>| matches!(step, Step::Comment(node) if node.row.id == id);
    steps(&[top], rows, reader, None).iter().any(stands)
}

/// How many visible answers of each branch did not come with it.
fn hidden_answers(rows: &[Row]) -> HashMap<CommentId, i64> {
    let mut hidden: HashMap<CommentId, i64> = rows
        .iter()
        .filter(|row| row.root_id.is_none())
        .map(|row| (row.id, row.branch_count))
        .collect();
    for row in rows.iter().filter(|row| row.status == Status::Visible) {
        if let Some(count) = row.root_id.and_then(|root| hidden.get_mut(&root)) {
            *count -= 1;
        }
    }
    hidden
}

impl Tree {
    fn new(rows: Vec<Row>, reader: Reader, wanted: Option<CommentId>) -> Self {
        let places: HashMap<CommentId, usize> =
            rows.iter().enumerate().map(|(at, row)| (row.id, at)).collect();
        let size = rows.len();
        let mut tree = Self {
            ids: rows.iter().map(|row| row.id).collect(),
            seen: rows.iter().map(|row| reader.sees(row)).collect(),
            children: vec![Vec::new(); size],
            below: vec![0; size],
            alive: vec![false; size],
            opened: rows.iter().map(|row| Some(row.id) == wanted).collect(),
            steps: Vec::with_capacity(size * 3),
            rows: Vec::new(),
        };
        for at in (0..size).rev() {
            let row = &rows[at];
            tree.alive[at] = tree.seen[at] || tree.below[at] > 0;
            let parent = row.parent_id.and_then(|id| places.get(&id));
            // What answers something that did not come along hangs on the top of its branch.
            let parent = parent.or_else(|| row.root_id.and_then(|id| places.get(&id)));
            let Some(parent) = parent.copied().filter(|parent| *parent < at) else { continue };
            if tree.alive[at] {
                tree.children[parent].push(at);
                tree.below[parent] += tree.below[at] + usize::from(tree.seen[at]);
                tree.opened[parent] |= tree.opened[at];
            }
        }
        for children in &mut tree.children {
            children.reverse();
        }
        tree.rows = rows.into_iter().map(Some).collect();
        tree
    }

    /// Writes a comment and what hangs on it. It calls itself [`LEVELS`] deep at most.
    fn tell(&mut self, at: usize, level: usize, says_parent: bool) {
        self.begin(at, says_parent);
        let answers = if level + 1 < LEVELS {
            self.children[at].clone()
        } else if level < LEVELS {
            self.all_below(at)
        } else {
            Vec::new()
        };
        if !answers.is_empty() {
            let most = if level == 0 { FOLD_TOP } else { FOLD };
            let folded = (self.below[at] > most && !self.opened[at]).then_some(self.below[at]);
            self.steps.push(Step::Replies { folded });
            for answer in answers {
                let says_parent = self.parent_of(answer) != Some(self.ids[at]);
                self.tell(answer, level + 1, says_parent);
            }
            self.steps.push(Step::EndReplies { folded: folded.is_some() });
        }
        self.steps.push(Step::End);
    }

    fn begin(&mut self, at: usize, says_parent: bool) {
        if let Some(row) = self.rows[at].take() {
            let is_seen = self.seen[at];
            self.steps.push(Step::Comment(Node { row, is_seen, says_parent }));
        }
    }

    fn parent_of(&self, at: usize) -> Option<CommentId> {
        self.rows[at].as_ref().and_then(|row| row.parent_id)
    }

    /// Everything below a row, each before what answers it. Places that show nothing are left
    /// out: set in no further, they would only interrupt.
    fn all_below(&self, at: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut waiting: Vec<usize> = self.children[at].iter().rev().copied().collect();
        while let Some(at) = waiting.pop() {
            if self.seen[at] {
                found.push(at);
            }
            waiting.extend(self.children[at].iter().rev());
        }
        found
    }
}
