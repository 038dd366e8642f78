//! Reads HTML as a browser does.

use std::fmt::Write;

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, QualName, local_name, ns, parse_fragment};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

use crate::links;
use crate::sanitise::{ANYWHERE, ATTRIBUTES, ELEMENTS, REL};

/// The fragment's root, whose children are what was parsed.
pub fn parse(html: &str) -> RcDom {
    let context = QualName::new(None, ns!(html), local_name!("div"));
    parse_fragment(RcDom::default(), ParseOpts::default(), context, Vec::new(), false).one(html)
}

pub fn root(dom: &RcDom) -> Handle {
    dom.document.children.borrow()[0].clone()
}

pub fn name(node: &Handle) -> Option<String> {
    match &node.data {
        NodeData::Element { name, .. } => Some(name.local.to_string()),
        _ => None,
    }
}

pub fn attributes(node: &Handle) -> Vec<(String, String)> {
    match &node.data {
        NodeData::Element { attrs, .. } => attrs
            .borrow()
            .iter()
            .map(|attr| (attr.name.local.to_string(), attr.value.to_string()))
            .collect(),
        _ => Vec::new(),
    }
}

pub fn attribute(node: &Handle, name: &str) -> Option<String> {
    attributes(node).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// All nodes below one, in order.
pub fn all(node: &Handle) -> Vec<Handle> {
    let mut found = Vec::new();
    let mut stack: Vec<Handle> = node.children.borrow().iter().rev().cloned().collect();
    while let Some(next) = stack.pop() {
        stack.extend(next.children.borrow().iter().rev().cloned());
        found.push(next);
    }
    found
}

pub fn text(node: &Handle) -> String {
    let mut text = String::new();
    for node in all(node) {
        if let NodeData::Text { contents } = &node.data {
            let _ = write!(text, "{}", contents.borrow());
        }
    }
    text
}

/// Checks that HTML holds nothing outside the allow-list.
pub fn assert_safe(html: &str, source: &str) {
    let dom = parse(html);
    for node in all(&root(&dom)) {
        match &node.data {
            NodeData::Text { .. } => {}
            NodeData::Element { name, .. } => {
                assert_eq!(name.ns, ns!(html), "namespace in {html} from {source}");
                let element = name.local.to_string();
                assert!(ELEMENTS.contains(&&*element), "<{element}> in {html} from {source}");
                for (key, value) in attributes(&node) {
                    assert_attribute(&element, &key, &value, source);
                }
            }
            other => panic!("{other:?} in {html} from {source}"),
        }
    }
}

fn assert_attribute(element: &str, key: &str, value: &str, source: &str) {
    let own = ATTRIBUTES.iter().find(|(tag, _)| *tag == element).map(|(_, list)| *list);
    let known = ANYWHERE.contains(&key)
        || own.is_some_and(|list| list.contains(&key))
        || (element == "a" && key == "rel");
    assert!(known, "{key} on <{element}> from {source}");
    match key {
        "href" => assert!(links::may_be_followed(value), "{value} from {source}"),
        "src" => assert!(links::is_own_media(value), "{value} from {source}"),
        "rel" => assert_eq!(value, REL),
        "id" => assert!(value.starts_with("h-") || value.starts_with("fn-"), "{value}"),
        _ => {}
    }
    if matches!(key, "href" | "src") {
        let plain: String = value.chars().filter(|c| !c.is_control() && *c != ' ').collect();
        let plain = plain.to_lowercase();
        for scheme in ["javascript:", "data:", "vbscript:"] {
            assert!(!plain.starts_with(scheme), "{value} from {source}");
        }
    }
}
