//! Footnotes: a section at the end, with links there and back.

use std::borrow::Cow;
use std::fmt::Write;

use comrak::nodes::{Node, NodeFootnoteReference, NodeValue};

use super::Writer;

impl Writer<'_> {
    pub(super) fn footnote_reference(&mut self, reference: &NodeFootnoteReference) {
        let (note, count) = (reference.ix, reference.ref_num);
        let id = format!("fn-ref-{note}-{count}");
        let html = &mut self.html;
        // Writing into a String cannot fail.
        let _ = if self.links == 0 {
            write!(
                html,
                "<sup class=\"footnote-ref\"><a href=\"#fn-{note}\" id=\"{id}\" \
                 aria-label=\"Footnote {note}\">{note}</a></sup>"
            )
        } else {
            write!(html, "<sup class=\"footnote-ref\" id=\"{id}\">{note}</sup>")
        };
        self.references.entry(note).or_default().push(count);
    }

    /// A definition; comrak puts those which are referred to at the document's end. Others are
    /// shown where they stand.
    pub(super) fn footnote(&mut self, node: Node<'_>, used: bool) -> Cow<'static, str> {
        if !used || !node.parent().is_some_and(is_document) {
            return Cow::Borrowed("");
        }
        if self.footnotes == 0 {
            self.html.push_str(
                "<section class=\"footnotes\" aria-labelledby=\"fn-label\">\n\
                 <h2 id=\"fn-label\">Footnotes</h2>\n<ol>\n",
            );
        }
        self.footnotes += 1;
        let _ = write!(self.html, "<li id=\"fn-{}\">", self.footnotes);
        Cow::Borrowed("</li>\n")
    }

    /// Links to the places which refer to the current footnote.
    pub(super) fn back_links(&mut self) {
        let note = self.footnotes;
        for count in self.references.remove(&note).unwrap_or_default() {
            let _ = write!(
                self.html,
                " <a class=\"footnote-back\" href=\"#fn-ref-{note}-{count}\" \
                 aria-label=\"Back to reference {note}-{count}\">↩</a>"
            );
        }
    }

    /// Writes the links back when the footnote does not end with a paragraph, which has them.
    pub(super) fn end_footnote(&mut self, node: Node<'_>) {
        if !node.last_child().is_some_and(|last| matches!(last.data().value, NodeValue::Paragraph))
        {
            self.html.push_str("<p>");
            self.back_links();
            self.html.push_str("</p>\n");
        }
    }
}

/// Whether a paragraph is the last in a footnote which is shown at the end.
pub(super) fn is_last_in_one(node: Node<'_>) -> bool {
    node.next_sibling().is_none()
        && node.parent().is_some_and(|parent| {
            matches!(parent.data().value, NodeValue::FootnoteDefinition(ref definition)
                if definition.total_references > 0)
                && parent.parent().is_some_and(is_document)
        })
}

fn is_document(node: Node<'_>) -> bool {
    matches!(node.data().value, NodeValue::Document)
}
