//! Tables, each in a box which scrolls.

use std::borrow::Cow;
use std::fmt::Write;

use comrak::nodes::{Node, NodeValue, TableAlignment};

use super::Writer;
use crate::direction;

/// So many cells a document may have; after that the empty cells which fill up short rows are
/// left out, because a small source can ask for half a million of them.
const MAX_CELLS: usize = 20_000;

impl Writer<'_> {
    pub(super) fn table(&mut self, node: Node<'_>) -> Cow<'static, str> {
        self.tables += 1;
        // Writing into a String cannot fail.
        let _ = writeln!(
            self.html,
            "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"Table {}\">\n\
             <table dir=\"{}\">",
            self.tables,
            direction::of(node)
        );
        Cow::Borrowed("</table>\n</div>\n")
    }

    pub(super) fn row(&mut self, node: Node<'_>, header: bool) -> Cow<'static, str> {
        self.column = 0;
        if !header {
            self.html.push_str("<tr>\n");
            return Cow::Borrowed("</tr>\n");
        }
        self.html.push_str("<thead>\n<tr>\n");
        if node.next_sibling().is_some() {
            Cow::Borrowed("</tr>\n</thead>\n<tbody>\n")
        } else {
            Cow::Borrowed("</tr>\n</thead>\n")
        }
    }

    pub(super) fn cell(&mut self, node: Node<'_>) -> Cow<'static, str> {
        let alignment = self.alignments.get(self.column).copied();
        self.column += 1;
        self.cells += 1;
        let empty = node.first_child().is_none();
        if empty && self.cells > MAX_CELLS {
            return Cow::Borrowed("");
        }
        // An empty header names no column, and screen readers stumble over it.
        let header = !empty && node.parent().is_some_and(is_header);
        self.html.push_str(if header { "<th scope=\"col\"" } else { "<td" });
        self.html.push_str(match alignment {
            Some(TableAlignment::Left) => " class=\"left\"",
            Some(TableAlignment::Center) => " class=\"center\"",
            Some(TableAlignment::Right) => " class=\"right\"",
            Some(TableAlignment::None) | None => "",
        });
        self.html.push_str(if empty { ">" } else { " dir=\"auto\">" });
        Cow::Borrowed(if header { "</th>\n" } else { "</td>\n" })
    }
}

pub(super) fn is_header(row: Node<'_>) -> bool {
    matches!(row.data().value, NodeValue::TableRow(true))
}
