//! Writes a parsed document as HTML and as text, in one walk without recursion.
//!
//! comrak's own HTML is not used: it has no captions, no directions, and labels which no screen
//! reader can tell apart. The HTML written here still goes through the allow-list.

mod figures;
mod footnotes;
mod mentions;
mod tables;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use comrak::arena_tree::NodeEdge;
use comrak::html::{escape, escape_href};
use comrak::nodes::{
    AlertType, AstNode, ListType, Node, NodeCodeBlock, NodeLink, NodeList, NodeValue,
    TableAlignment,
};

use crate::links::{Target, target};
use crate::outline::Outline;
use crate::{Asked, Dialect, direction, highlight, text};

/// Elements nested deeper are left out, their text stays: no person writes so, and an HTML parser
/// needs time that grows with the square of the depth.
const MAX_DEPTH: usize = 60;

/// What a walk writes.
pub struct Written {
    pub html: String,
    pub text: String,
    pub images: Vec<String>,
    pub mentions: Vec<String>,
}

/// Writes a document.
pub fn write(root: Node<'_>, dialect: Dialect, outline: &Outline, asked: Asked<'_>) -> Written {
    let mut writer = Writer::new(dialect, outline, asked);
    let mut skipped: Option<Node<'_>> = None;
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(node) if skipped.is_none() => {
                skipped = (!writer.enter(node)).then_some(node);
            }
            NodeEdge::End(node) if skipped.is_none_or(|top| top.same_node(node)) => {
                skipped = None;
                writer.leave(node);
            }
            _ => {}
        }
    }
    Written {
        html: writer.html,
        text: writer.text.trim().to_owned(),
        images: writer.images,
        mentions: writer.mentions,
    }
}

struct Writer<'a> {
    dialect: Dialect,
    asked: Asked<'a>,
    html: String,
    text: String,
    images: Vec<String>,
    mentions: Vec<String>,
    seen_images: HashSet<String>,
    /// How many links are open around this place.
    links: usize,
    outline: &'a Outline,
    /// The end tag of each node that was entered.
    ends: Vec<Cow<'static, str>>,
    depth: usize,
    headings: usize,
    tables: usize,
    cells: usize,
    alignments: Vec<TableAlignment>,
    column: usize,
    footnotes: u32,
    /// For each footnote, which of the references to it were written.
    references: HashMap<u32, Vec<u32>>,
    highlighted: usize,
}

impl<'a> Writer<'a> {
    fn new(dialect: Dialect, outline: &'a Outline, asked: Asked<'a>) -> Self {
        Self {
            dialect,
            asked,
            outline,
            html: String::new(),
            text: String::new(),
            images: Vec::new(),
            mentions: Vec::new(),
            seen_images: HashSet::new(),
            links: 0,
            ends: Vec::new(),
            depth: 0,
            headings: 0,
            tables: 0,
            cells: 0,
            alignments: Vec::new(),
            column: 0,
            footnotes: 0,
            references: HashMap::new(),
            highlighted: 0,
        }
    }

    /// Writes a node's beginning; false when its children are not to be visited.
    fn enter(&mut self, node: Node<'_>) -> bool {
        let mut end = Cow::Borrowed("");
        let mut descend = true;
        match node.data().value {
            NodeValue::BlockQuote => {
                let tag = format!("<blockquote dir=\"{}\">\n", direction::of(node));
                end = self.nest(&tag, "</blockquote>\n");
            }
            NodeValue::List(ref list) => end = self.list(node, list),
            NodeValue::Item(_) => end = self.item(node, ""),
            NodeValue::TaskItem(ref task) => {
                let done = task.symbol.is_some();
                end = self.item(node, " class=\"task\"");
                self.html.push_str(if done {
                    "<input type=\"checkbox\" checked disabled aria-label=\"Done\"> "
                } else {
                    "<input type=\"checkbox\" disabled aria-label=\"To do\"> "
                });
            }
            NodeValue::Paragraph => end = self.paragraph(node),
            NodeValue::Heading(_) => (end, descend) = self.heading(node),
            NodeValue::CodeBlock(ref block) => self.code_block(block),
            NodeValue::HtmlBlock(ref block) => self.html_block(&block.literal),
            NodeValue::ThematicBreak => self.html.push_str("<hr>\n"),
            NodeValue::Alert(ref alert) => {
                end = self.alert(alert.alert_type, alert.title.as_deref());
            }
            NodeValue::FootnoteDefinition(ref definition) => {
                end = self.footnote(node, definition.total_references > 0);
            }
            NodeValue::FootnoteReference(ref reference) => self.footnote_reference(reference),
            NodeValue::Table(ref table) => {
                self.alignments.clone_from(&table.alignments);
                end = self.table(node);
            }
            NodeValue::TableRow(header) => end = self.row(node, header),
            NodeValue::TableCell => end = self.cell(node),
            NodeValue::Link(ref link) => end = self.link(node, link),
            NodeValue::Image(ref link) => {
                self.image(node, link);
                descend = false;
            }
            NodeValue::Emph => end = self.nest("<em>", "</em>"),
            NodeValue::Strong => end = self.nest("<strong>", "</strong>"),
            NodeValue::Strikethrough => end = self.nest("<del>", "</del>"),
            ref leaf => self.leaf(leaf),
        }
        self.ends.push(end);
        descend
    }

    fn leaf(&mut self, value: &NodeValue) {
        match value {
            NodeValue::Text(literal) if self.dialect == Dialect::Comment && self.links == 0 => {
                self.say_with_names(literal);
            }
            NodeValue::Text(literal) => self.say(literal),
            NodeValue::HtmlInline(literal) => self.say(literal),
            NodeValue::Code(code) => {
                self.html.push_str("<code>");
                self.say(&code.literal);
                self.html.push_str("</code>");
            }
            NodeValue::SoftBreak => {
                self.html.push('\n');
                self.text.push(' ');
            }
            NodeValue::LineBreak => {
                self.html.push_str("<br>\n");
                self.text.push('\n');
            }
            _ => {}
        }
    }

    fn leave(&mut self, node: Node<'_>) {
        let end = self.ends.pop().unwrap_or_default();
        let value = &node.data().value;
        match value {
            NodeValue::Document if self.footnotes > 0 => self.html.push_str("</ol>\n</section>\n"),
            NodeValue::Paragraph if footnotes::is_last_in_one(node) => self.back_links(),
            NodeValue::FootnoteDefinition(_) if !end.is_empty() => self.end_footnote(node),
            NodeValue::Link(_) if !end.is_empty() => self.links -= 1,
            NodeValue::Table(_) if node.last_child().is_some_and(|row| !tables::is_header(row)) => {
                self.html.push_str("</tbody>\n");
            }
            _ => {}
        }
        if value.block() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        if !end.is_empty() && counts_as_depth(value) {
            self.depth -= 1;
        }
        self.html.push_str(&end);
    }

    /// Opens an element which can be inside its own kind; nothing when that is too deep.
    fn nest(&mut self, tag: &str, end: &'static str) -> Cow<'static, str> {
        if self.depth >= MAX_DEPTH {
            return Cow::Borrowed("");
        }
        self.depth += 1;
        self.html.push_str(tag);
        Cow::Borrowed(end)
    }

    fn escaped(&mut self, text: &str) {
        // Writing into a String cannot fail.
        let _ = escape(&mut self.html, text);
    }

    /// Writes to the HTML and to the text.
    fn say(&mut self, text: &str) {
        self.escaped(text);
        self.text.push_str(text);
    }

    fn list(&mut self, node: Node<'_>, list: &NodeList) -> Cow<'static, str> {
        let dir = direction::of(node);
        match list.list_type {
            ListType::Bullet => self.nest(&format!("<ul dir=\"{dir}\">\n"), "</ul>\n"),
            ListType::Ordered if list.start == 1 => {
                self.nest(&format!("<ol dir=\"{dir}\">\n"), "</ol>\n")
            }
            ListType::Ordered => {
                self.nest(&format!("<ol start=\"{}\" dir=\"{dir}\">\n", list.start), "</ol>\n")
            }
        }
    }

    /// An item is written when its list is.
    fn item(&mut self, node: Node<'_>, class: &str) -> Cow<'static, str> {
        if self.ends.last().is_none_or(|list| list.is_empty()) {
            return Cow::Borrowed("");
        }
        let tight = node.parent().is_some_and(is_tight);
        let dir = if tight { "auto" } else { direction::of(node) };
        self.html.push_str("<li");
        self.html.push_str(class);
        self.html.push_str(" dir=\"");
        self.html.push_str(dir);
        self.html.push_str("\">");
        Cow::Borrowed("</li>\n")
    }

    fn paragraph(&mut self, node: Node<'_>) -> Cow<'static, str> {
        if self.is_figure(node) {
            self.html.push_str("<figure>");
            return Cow::Borrowed("</figure>\n");
        }
        let tight = node.parent().and_then(AstNode::parent).is_some_and(is_tight);
        if tight {
            if node.previous_sibling().is_some() {
                self.html.push('\n');
            }
            return Cow::Borrowed("");
        }
        self.html.push_str("<p dir=\"auto\">");
        Cow::Borrowed("</p>\n")
    }

    fn heading(&mut self, node: Node<'_>) -> (Cow<'static, str>, bool) {
        if self.dialect == Dialect::Comment {
            self.html.push_str("<p dir=\"auto\"><strong>");
            return (Cow::Borrowed("</strong></p>\n"), true);
        }
        let place = self.headings;
        self.headings += 1;
        match self.outline.heading(place) {
            Some(heading) if !heading.text.is_empty() => {
                let (level, id) = (heading.level, &heading.id);
                let _ = write!(self.html, "<h{level} id=\"{id}\" dir=\"auto\">");
                let label = "aria-label=\"Link to this section\"";
                let end = format!("<a class=\"anchor\" href=\"#{id}\" {label}>#</a></h{level}>\n");
                (Cow::Owned(end), true)
            }
            // A heading that says nothing only confuses; an image in it is still shown.
            _ if node.first_child().is_none() => (Cow::Borrowed(""), true),
            _ => {
                self.html.push_str("<p dir=\"auto\">");
                (Cow::Borrowed("</p>\n"), true)
            }
        }
    }

    fn code_block(&mut self, block: &NodeCodeBlock) {
        let language = highlight::language(&block.info);
        self.html.push_str("<pre tabindex=\"0\" dir=\"ltr\"><code");
        if let Some(ref language) = language {
            let _ = write!(self.html, " class=\"language-{language}\"");
        }
        self.html.push('>');
        let room = highlight::MAX_DOCUMENT.saturating_sub(self.highlighted);
        let coloured = language
            .filter(|_| block.literal.len() <= room)
            .and_then(|language| highlight::highlight(&language, &block.literal));
        if let Some(coloured) = coloured {
            self.highlighted += block.literal.len();
            self.html.push_str(&coloured);
        } else {
            self.escaped(&block.literal);
        }
        self.html.push_str("</code></pre>\n");
        self.text.push_str(&block.literal);
    }

    fn html_block(&mut self, literal: &str) {
        self.html.push_str("<p dir=\"auto\">");
        self.say(literal.trim_end());
        self.html.push_str("</p>\n");
    }

    fn alert(&mut self, kind: AlertType, title: Option<&str>) -> Cow<'static, str> {
        let name = kind.default_title();
        let class = name.to_ascii_lowercase();
        let tag = format!("<div class=\"alert alert-{class}\" role=\"note\">\n");
        let end = self.nest(&tag, "</div>\n");
        if !end.is_empty() {
            self.html.push_str("<p class=\"alert-title\" dir=\"auto\">");
            self.escaped(title.unwrap_or(name));
            self.html.push_str("</p>\n");
        }
        if let Some(title) = title {
            self.text.push_str(title);
            self.text.push('\n');
        }
        end
    }

    fn link(&mut self, node: Node<'_>, link: &NodeLink) -> Cow<'static, str> {
        let found;
        let address = match target(&link.url) {
            _ if self.links > 0 => return Cow::Borrowed(""),
            Target::Refused => return Cow::Borrowed(""),
            Target::Address(address) => address,
            Target::Fragment(fragment) => match self.outline.find(fragment) {
                Some(id) => {
                    found = format!("#{id}");
                    &found
                }
                None => &link.url,
            },
        };
        self.links += 1;
        self.open_link(address, &link.title);
        if node.first_child().is_none() {
            self.escaped(&link.url);
        } else if text::plain(node).trim().is_empty() {
            self.html.truncate(self.html.len() - 1);
            self.html.push_str(" aria-label=\"");
            self.escaped(&link.url);
            self.html.push_str("\">");
        }
        Cow::Borrowed("</a>")
    }

    fn open_link(&mut self, address: &str, title: &str) {
        self.html.push_str("<a href=\"");
        let _ = escape_href(&mut self.html, address, false);
        if !title.is_empty() {
            self.html.push_str("\" title=\"");
            self.escaped(title);
        }
        self.html.push_str("\">");
    }
}

fn is_tight(node: Node<'_>) -> bool {
    matches!(node.data().value, NodeValue::List(ref list) if list.tight)
}

/// The nodes which [`Writer::nest`] writes.
fn counts_as_depth(value: &NodeValue) -> bool {
    matches!(
        value,
        NodeValue::BlockQuote
            | NodeValue::List(_)
            | NodeValue::Alert(_)
            | NodeValue::Emph
            | NodeValue::Strong
            | NodeValue::Strikethrough
    )
}
