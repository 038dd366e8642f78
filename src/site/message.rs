//! Messages to the site: what is sent, and what is taken.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::{
    Result, error::FieldErrors, mail::actions::one_line, mailer::is_address, secrets::token_hash,
};

/// The longest name, address and message, in characters.
pub const NAME: usize = 100;
pub const EMAIL: usize = 254;
pub const MESSAGE: usize = 5_000;

/// What somebody typed into the contact form.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MessageInput {
    pub name: String,
    pub email: String,
    pub message: String,
    /// People do not see this field and leave it empty; programs fill it in.
    pub website_url: String,
}

/// A message as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub name: String,
    pub email: String,
    pub text: String,
}

impl Message {
    /// What tells messages of one day apart: the same words from the same address, sent again, are
    /// the second click on the same form.
    pub fn digest(&self, now: DateTime<Utc>) -> String {
        token_hash(&format!("{}\n{}\n{}", now.format("%F"), self.email, self.text))
    }
}

impl MessageInput {
    /// Whether a program filled in what no person sees.
    pub fn is_from_a_program(&self) -> bool {
        !self.website_url.is_empty()
    }
}

impl Message {
    pub fn parse(input: &MessageInput) -> Result<Self> {
        let mut errors = FieldErrors::default();
        let name = errors.check("name", name(&input.name));
        let email = errors.check("email", email(&input.email));
        let text = errors.check("message", text(&input.message));
        match (name, email, text) {
            (Some(name), Some(email), Some(text)) => Ok(Self { name, email, text }),
            _ => Err(crate::Error::Invalid(errors)),
        }
    }
}

fn name(typed: &str) -> Result<String, String> {
    let name = one_line(typed);
    match name.chars().count() {
        0 => Err("Please tell us your name.".to_owned()),
        length if length > NAME => {
            Err(format!("Please use at most {NAME} characters; these are {length}."))
        }
        _ => Ok(name),
    }
}

fn email(typed: &str) -> Result<String, String> {
    let email = typed.trim();
    if email.is_empty() {
        return Err("Please give an e-mail address, so that we can answer.".to_owned());
    }
    if email.len() > EMAIL {
        return Err(format!("Please use at most {EMAIL} characters."));
    }
    if !is_address(email) {
        return Err("This is not an e-mail address. It looks like name@example.org.".to_owned());
    }
    Ok(email.to_owned())
}

fn text(typed: &str) -> Result<String, String> {
    let text: String =
        typed.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let text = text.trim();
    match text.chars().count() {
        0 => Err("Please write what it is about.".to_owned()),
        length if length > MESSAGE => {
            Err(format!("Please use at most {MESSAGE} characters; these are {length}."))
        }
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    fn input(name: &str, email: &str, message: &str) -> MessageInput {
        MessageInput {
            name: name.to_owned(),
            email: email.to_owned(),
            message: message.to_owned(),
            website_url: String::new(),
        }
    }

    #[test]
    fn a_message_needs_all_three() {
        let long = "x".repeat(MESSAGE + 1);
        let name = "é".repeat(NAME + 1);
        let table = [
            ("", "a@b.org", "Hi", "name"),
            (" \u{202e} ", "a@b.org", "Hi", "name"),
            (&name, "a@b.org", "Hi", "name"),
            ("Ana", "", "Hi", "email"),
            ("Ana", "nobody", "Hi", "email"),
            ("Ana", "a@b.org\r\nBcc: c@d.org", "Hi", "email"),
            ("Ana", "a@b.org", " \n ", "message"),
            ("Ana", "a@b.org", &long, "message"),
        ];
        for (name, email, message, field) in table {
            match Message::parse(&input(name, email, message)) {
                Err(Error::Invalid(errors)) => {
                    assert!(errors.on(field).is_some(), "{name:?} {email:?}: {errors:?}");
                    assert_eq!(errors.iter().count(), 1, "{errors:?}");
                }
                other => panic!("{name:?} {email:?}: {other:?}"),
            }
        }
        let longest = "ü".repeat(MESSAGE);
        assert!(Message::parse(&input(&"é".repeat(NAME), " a@b.org ", &longest)).is_ok());
    }
}
