//! Articles of three to six thousand characters: paragraphs, headings, lists, tables, code,
//! quotes, footnotes, alerts, pictures.

use std::fmt::Write as _;

use super::{
    dice::Dice,
    lexicon::{Block, Domain, Library, capitalised},
    scene::Cover,
};

/// What somebody could have typed into the editor.
pub struct Draft {
    pub title: String,
    pub description: Option<String>,
    pub content: String,
    pub tags: Vec<&'static str>,
}

/// Writes one article; sentences are not said twice in it.
struct Writer<'a> {
    library: &'a Library,
    domain: &'a Domain,
    dice: &'a mut Dice,
    sentences: Vec<&'static str>,
    notes: Vec<String>,
    text: String,
}

/// What may stand between paragraphs.
const EXTRAS: [&str; 8] =
    ["list", "numbers", "block", "block", "quote", "alert", "tasks", "picture"];

const ALERTS: [&str; 3] = ["NOTE", "TIP", "IMPORTANT"];

/// Writes the article with these dice.
pub fn write(library: &Library, domain: &Domain, dice: &mut Dice, pictures: &[Cover]) -> Draft {
    let title = dice.pick(domain.own.all("titles"));
    let title = capitalised(&library.say(domain, dice, title));
    let mut pool: Vec<&'static str> = domain
        .own
        .all("sentences")
        .iter()
        .chain(library.common.all("sentences"))
        .copied()
        .collect();
    let order = dice.shuffled(pool.len());
    pool = order.into_iter().map(|at| pool[at]).collect();
    let description = pool.pop();
    let mut writer = Writer {
        library,
        domain,
        dice,
        sentences: pool,
        notes: Vec::new(),
        text: String::with_capacity(6_000),
    };
    writer.opening();
    writer.sections(pictures);
    writer.closing();
    let text = writer.text;
    let description =
        description.filter(|_| dice.percent(70)).map(|line| library.say(domain, dice, line));
    let tags = domain.own.all("tags");
    let number = dice.between(2, 4);
    let tags = dice.shuffled(tags.len()).into_iter().take(number).map(|at| tags[at]).collect();
    Draft { title, description, content: text, tags }
}

impl Writer<'_> {
    fn say(&mut self, template: &str) -> String {
        self.library.say(self.domain, self.dice, template)
    }

    fn one_of(&mut self, section: &str) -> String {
        let lines = self.domain.own.all(section);
        if lines.is_empty() {
            return String::new();
        }
        let line = self.dice.pick(lines);
        self.say(line)
    }

    fn opening(&mut self) {
        let opening = self.one_of("openings");
        self.text.push_str(&opening);
        self.text.push(' ');
        self.paragraph(2, 3);
    }

    fn sections(&mut self, pictures: &[Cover]) {
        let headings = self.domain.own.all("headings");
        let number = self.dice.between(5, 7);
        let mut extras = self.dice.shuffled(EXTRAS.len()).into_iter();
        for (at, heading) in self.dice.shuffled(headings.len()).into_iter().take(number).enumerate()
        {
            // Better a heading less than one without a text.
            if self.sentences.len() < 6 {
                break;
            }
            let level = if at > 0 && self.dice.percent(25) { "###" } else { "##" };
            self.put(&format!("{level} {}\n\n", headings[heading]));
            self.paragraph(4, 6);
            if let Some(extra) = extras.next() {
                self.extra(EXTRAS[extra], pictures);
            }
            if self.dice.percent(80) {
                self.paragraph(2, 5);
            }
        }
    }

    fn closing(&mut self) {
        if self.dice.percent(30) {
            self.put("---\n\n");
        }
        let closing = self.dice.pick(self.library.common.all("closings"));
        self.put(closing);
        self.text.push_str("\n\n");
        for (at, note) in std::mem::take(&mut self.notes).iter().enumerate() {
            self.put(&format!("[^{}]: {note}\n\n", at + 1));
        }
        self.text.truncate(self.text.trim_end().len());
        self.text.push('\n');
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Some sentences, now and then with an accent or a footnote.
    fn paragraph(&mut self, least: usize, most: usize) {
        let number = self.dice.between(least, most);
        for _ in 0..number {
            let Some(template) = self.sentences.pop() else { break };
            let sentence = self.say(template);
            let sentence = self.accented(&sentence);
            self.text.push_str(&sentence);
            if self.notes.len() < 2 && self.dice.percent(5) {
                let note = self.one_of("notes");
                self.notes.push(note);
                let number = self.notes.len();
                self.put(&format!("[^{number}]"));
            }
            self.text.push(' ');
        }
        self.text.truncate(self.text.trim_end().len());
        self.text.push_str("\n\n");
    }

    fn accented(&mut self, sentence: &str) -> String {
        if !self.dice.percent(9) {
            return sentence.to_owned();
        }
        let words: Vec<&str> = sentence.split(' ').collect();
        let at = self.dice.below(words.len().saturating_sub(1));
        let mark = self.dice.pick(&["*", "**"]);
        let plain = |word: &str| word.chars().all(char::is_alphabetic) && word.len() > 3;
        let accented = words.iter().enumerate().map(|(place, word)| {
            if place == at && plain(word) {
                format!("{mark}{word}{mark}")
            } else {
                (*word).to_owned()
            }
        });
        accented.collect::<Vec<_>>().join(" ")
    }

    fn extra(&mut self, kind: &str, pictures: &[Cover]) {
        match kind {
            "list" => self.list(|_| "- ".to_owned()),
            "numbers" => self.list(|number| format!("{number}. ")),
            "tasks" => {
                self.list(|number| format!("- [{}] ", if number % 3 == 0 { ' ' } else { 'x' }));
            }
            "block" => self.block(),
            "quote" => {
                let quote = self.one_of("quotes");
                self.put(&format!("> {quote}\n\n"));
            }
            "alert" => {
                let alert = self.dice.pick(&ALERTS);
                let point = self.one_of("points");
                let point = capitalised(&point);
                self.put(&format!("> [!{alert}]\n> {point}.\n\n"));
            }
            _ => {
                if let Some(picture) = pictures.get(self.dice.below(pictures.len())) {
                    self.put(&format!("![{}](/media/{})\n\n", picture.alt, picture.filename));
                }
            }
        }
    }

    fn list(&mut self, mark: impl Fn(usize) -> String) {
        let points = self.domain.own.all("points");
        let number = self.dice.between(3, 6);
        for (at, point) in self.dice.shuffled(points.len()).into_iter().take(number).enumerate() {
            let point = self.say(points[point]);
            self.put(&format!("{}{point}\n", mark(at + 1)));
        }
        self.text.push('\n');
    }

    fn block(&mut self) {
        let blocks = self.domain.own.blocks();
        let Some(Block { language, text }) = blocks.get(self.dice.below(blocks.len())) else {
            return;
        };
        if language.is_empty() {
            self.put(&format!("{text}\n"));
        } else if write!(self.text, "```{language}\n{text}```\n\n").is_err() {
            // A string takes everything.
        }
    }
}
