//! The few options the commands take: `--flag`, `--name value` and plain words.

use std::str::FromStr;

use anyhow::{Context, Result, bail};

pub struct Args {
    words: Vec<String>,
}

impl Args {
    pub fn parse(words: impl Iterator<Item = String>) -> Self {
        Self { words: words.collect() }
    }

    pub fn with(mut self, flag: &str) -> Self {
        self.words.push(format!("--{flag}"));
        self
    }

    /// Whether `--name` stands there; it is then used up.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word.strip_prefix("--") != Some(name));
        self.words.len() < before
    }

    /// The value after `--name`; both are then used up.
    pub fn value<T: FromStr>(&mut self, name: &str) -> Result<Option<T>> {
        let Some(at) = self.words.iter().position(|word| word.strip_prefix("--") == Some(name))
        else {
            return Ok(None);
        };
        if at + 1 >= self.words.len() {
            bail!("--{name} needs a value");
        }
        let value = self.words.remove(at + 1);
        self.words.remove(at);
        value.parse().ok().map(Some).with_context(|| format!("--{name} cannot be {value:?}"))
    }

    /// Whether this plain word stands there; it is then used up.
    pub fn word(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() < before
    }

    /// What is left is at most one plain word.
    pub fn last_word(mut self) -> Result<Option<String>> {
        let word = self.words.pop();
        if let Some(option) = word.iter().chain(&self.words).find(|word| word.starts_with('-')) {
            bail!("unknown option {option}");
        }
        if !self.words.is_empty() {
            bail!("one word too many: {}", self.words.join(" "));
        }
        Ok(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Args {
        Args::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_taken_wherever_they_stand() {
        let mut line = args("slug --coverage --rounds 3");
        assert!(line.flag("coverage"));
        assert!(!line.flag("coverage"));
        assert_eq!(line.value("rounds").unwrap(), Some(3));
        assert_eq!(line.value::<u32>("seconds").unwrap(), None);
        assert_eq!(line.last_word().unwrap().as_deref(), Some("slug"));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(args("--sqlit").last_word().is_err());
        assert!(args("one two").last_word().is_err());
        assert!(args("--rounds many").value::<u32>("rounds").is_err());
        assert!(args("--rounds").value::<u32>("rounds").is_err());
    }
}
