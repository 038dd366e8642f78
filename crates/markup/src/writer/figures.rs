//! Images: own media is shown, other images become links.

use comrak::nodes::{Node, NodeLink, NodeValue};

use super::Writer;
use crate::Dialect;
use crate::links::{is_on_the_web, is_own_media};
use crate::shown;
use crate::text::plain;

impl Writer<'_> {
    /// Whether a paragraph is a figure: one own image with a title and nothing else.
    pub(super) fn is_figure(&self, paragraph: Node<'_>) -> bool {
        let Some(only) = paragraph.first_child() else { return false };
        if only.next_sibling().is_some() || self.dialect == Dialect::Comment {
            return false;
        }
        match only.data().value {
            NodeValue::Image(ref link) => !link.title.is_empty() && is_own_media(&link.url),
            _ => false,
        }
    }

    /// Writes an image, or what stands for it.
    pub(super) fn image(&mut self, node: Node<'_>, link: &NodeLink) {
        let alt = plain(node);
        self.text.push_str(&alt);
        if self.dialect == Dialect::Article && is_own_media(&link.url) {
            self.own_image(node, link, &alt);
        } else if self.links == 0 && is_on_the_web(&link.url) {
            let shown = if alt.trim().is_empty() { &link.url } else { &alt };
            self.open_link(&link.url, &link.title);
            self.escaped(shown);
            self.html.push_str("</a>");
        } else {
            self.escaped(&alt);
        }
    }

    fn own_image(&mut self, node: Node<'_>, link: &NodeLink, alt: &str) {
        let figure = node.parent().is_some_and(|parent| {
            matches!(parent.data().value, NodeValue::Paragraph) && self.is_figure(parent)
        });
        let size = (self.asked.media)(&link.url);
        let sets = size.and_then(|(width, _)| {
            Some((shown::webp(&link.url, width)?, shown::jpeg(&link.url, width)))
        });
        if let Some((webp, _)) = &sets {
            self.html.push_str("<picture><source type=\"image/webp");
            self.attribute("srcset", webp);
            self.attribute("sizes", shown::SIZES);
            self.html.push_str("\">");
        }
        self.html.push_str("<img src=\"");
        self.html.push_str(&link.url);
        if let Some((_, Some(jpeg))) = &sets {
            self.attribute("srcset", jpeg);
            self.attribute("sizes", shown::SIZES);
        }
        self.attribute("alt", alt);
        if !figure && !link.title.is_empty() {
            self.attribute("title", &link.title);
        }
        if let Some((width, height)) = size {
            self.attribute("width", &width.to_string());
            self.attribute("height", &height.to_string());
        }
        self.html.push_str("\" loading=\"lazy\" decoding=\"async\">");
        if sets.is_some() {
            self.html.push_str("</picture>");
        }
        if figure {
            self.html.push_str("<figcaption dir=\"auto\">");
            self.escaped(&link.title);
            self.html.push_str("</figcaption>");
            self.text.push('\n');
            self.text.push_str(&link.title);
        }
        if self.seen_images.insert(link.url.clone()) {
            self.images.push(link.url.clone());
        }
    }

    /// Ends the attribute before and begins one.
    fn attribute(&mut self, name: &str, value: &str) {
        self.html.push_str("\" ");
        self.html.push_str(name);
        self.html.push_str("=\"");
        self.escaped(value);
    }
}
