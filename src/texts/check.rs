//! Whether an operator's file of texts can be used: it is readable, has no message or part that
//! Streamly does not know, and no gap that Streamly does not fill.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::{
    ast::{Attribute, Entry, Expression, InlineExpression, Message, Pattern, PatternElement},
    parser::{self, ParserError},
};

/// The gap that every message may have.
const EVERYWHERE: &str = "site";

/// What one message has: its parts, its gaps, and the messages that it is made of.
#[derive(Default)]
struct Inside<'a> {
    has_whole: bool,
    parts: BTreeSet<&'a str>,
    gaps: BTreeSet<&'a str>,
    messages: BTreeSet<&'a str>,
    /// Those of them that its whole is made of; parts are never used by others.
    of_whole: BTreeSet<&'a str>,
    /// What no text of Streamly needs: terms and functions.
    foreign: BTreeSet<&'a str>,
}

/// Says what is wrong with a file, by the names that stand in it.
pub fn check(own: &str, english: &str) -> anyhow::Result<()> {
    let english = messages(english)?;
    let own = messages(own)?;
    for (id, inside) in &own {
        let Some(known) = english.get(id) else {
            anyhow::bail!("{id}: there is no such text");
        };
        if inside.has_whole && !known.has_whole {
            anyhow::bail!("{id}: only its parts are used");
        }
        if let Some(part) = inside.parts.difference(&known.parts).next() {
            anyhow::bail!("{id}: there is no part .{part}");
        }
        if let Some(name) = inside.foreign.first() {
            anyhow::bail!(
                "{id}: {name} is used as a term, a part or a function, which texts here cannot do"
            );
        }
        if let Some(message) = inside.messages.iter().find(|message| !own.contains_key(*message)) {
            anyhow::bail!("{id}: the text {message} that it uses is not in the file");
        }
        let filled = gaps(&english, id);
        if let Some(gap) = gaps(&own, id).difference(&filled).next() {
            anyhow::bail!("{id}: there is no ${gap} to put in");
        }
    }
    loops(&own)
}

/// A message made of itself could never be said.
fn loops(texts: &BTreeMap<&str, Inside<'_>>) -> anyhow::Result<()> {
    for id in texts.keys() {
        let (mut seen, mut next) = (BTreeSet::new(), vec![*id]);
        while let Some(message) = next.pop() {
            for used in texts.get(message).iter().flat_map(|inside| &inside.of_whole) {
                anyhow::ensure!(used != id, "{id}: it is made of itself");
                if seen.insert(*used) {
                    next.push(used);
                }
            }
        }
    }
    Ok(())
}

/// The gaps of a message and of everything that it is made of.
fn gaps<'a>(texts: &BTreeMap<&'a str, Inside<'a>>, id: &'a str) -> BTreeSet<&'a str> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![id]);
    let mut gaps = BTreeSet::from([EVERYWHERE]);
    while let Some(message) = next.pop() {
        if let Some(inside) = texts.get(message)
            && seen.insert(message)
        {
            gaps.extend(&inside.gaps);
            next.extend(&inside.messages);
        }
    }
    gaps
}

fn messages(text: &str) -> anyhow::Result<BTreeMap<&str, Inside<'_>>> {
    let resource =
        parser::parse(text).map_err(|(_, errors)| anyhow::anyhow!("{}", first(text, &errors)))?;
    let mut messages = BTreeMap::new();
    for entry in resource.body {
        if let Entry::Message(message) = entry {
            let (id, inside) = look_into(&message);
            if messages.insert(id, inside).is_some() {
                anyhow::bail!("{id}: it stands there twice");
            }
        }
    }
    Ok(messages)
}

/// The first of the errors, with its line.
pub fn first(text: &str, errors: &[ParserError]) -> String {
    let Some(error) = errors.first() else { return "it cannot be read".to_owned() };
    let before = text.get(..error.pos.start).unwrap_or(text);
    format!("line {}: {error}", before.matches('\n').count() + 1)
}

fn look_into<'a>(message: &Message<&'a str>) -> (&'a str, Inside<'a>) {
    let mut inside = Inside { has_whole: message.value.is_some(), ..Inside::default() };
    if let Some(pattern) = &message.value {
        pattern_of(pattern, &mut inside);
    }
    inside.of_whole.clone_from(&inside.messages);
    for Attribute { id, value } in &message.attributes {
        inside.parts.insert(id.name);
        pattern_of(value, &mut inside);
    }
    (message.id.name, inside)
}

fn pattern_of<'a>(pattern: &Pattern<&'a str>, inside: &mut Inside<'a>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            expression_of(expression, inside);
        }
    }
}

fn expression_of<'a>(expression: &Expression<&'a str>, inside: &mut Inside<'a>) {
    match expression {
        Expression::Inline(inline) => inline_of(inline, inside),
        Expression::Select { selector, variants } => {
            inline_of(selector, inside);
            for variant in variants {
                pattern_of(&variant.value, inside);
            }
        }
    }
}

fn inline_of<'a>(inline: &InlineExpression<&'a str>, inside: &mut Inside<'a>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            inside.gaps.insert(id.name);
        }
        InlineExpression::MessageReference { id, attribute: None } => {
            inside.messages.insert(id.name);
        }
        InlineExpression::MessageReference { id, .. }
        | InlineExpression::TermReference { id, .. }
        | InlineExpression::FunctionReference { id, .. } => {
            inside.foreign.insert(id.name);
        }
        InlineExpression::Placeable { expression } => expression_of(expression, inside),
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = "time = { $number } hours\n\
        letter = Hello { $name }\n    .life = Good for { time }\n\
        frame =\n    .hello = Hello\n";

    #[test]
    fn a_file_says_only_what_is_known() {
        let table = [
            ("", ""),
            ("letter = Hallo { $name } bei { $site }", ""),
            ("letter = Hallo\n    .life = Gilt { $number } Stunden", ""),
            ("time = { $number } Std.\nletter = Hallo\n    .life = Gilt { time }", ""),
            ("letter = Hallo { $nam }", "letter: there is no $nam to put in"),
            ("time = { $name }", "time: there is no $name to put in"),
            ("lettre = Bonjour", "lettre: there is no such text"),
            ("letter = Hallo\n    .live = Gilt", "letter: there is no part .live"),
            ("frame = Hallo", "frame: only its parts are used"),
            ("letter = Gilt { time }", "letter: the text time that it uses is not in the file"),
            ("time = { letter }\nletter = { time }", "letter: it is made of itself"),
            ("time = { time }", "time: it is made of itself"),
            ("time = a\nletter = Hallo\n    .life = { letter }", ""),
            ("letter = { UPPER($name) }", "letter: UPPER is used as a term, a part or a function"),
            (
                "-site = S\nletter = { -site }",
                "letter: site is used as a term, a part or a function",
            ),
            ("time = a\ntime = b", "time: it stands there twice"),
            ("time = a\n\nletter = Hallo { $name", "line 3: "),
        ];
        for (own, expected) in table {
            let found = check(own, KNOWN).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(found.starts_with(expected), "{own}: {found}");
            assert_eq!(found.is_empty(), expected.is_empty(), "{own}: {found}");
        }
    }
}
