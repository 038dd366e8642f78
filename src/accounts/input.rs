//! What people type about themselves, and what is accepted.

use std::borrow::Cow;

use super::Profile;
use crate::{Error, Result, error::FieldErrors};

type Parsed<T> = std::result::Result<T, Cow<'static, str>>;

/// The longest address that the database keeps.
const LONGEST_EMAIL: usize = 120;

/// Somebody who wants to join.
#[derive(Debug, Default, Clone)]
pub struct NewAccount {
    pub username: String,
    pub email: String,
    pub password: String,
    pub confirm_password: String,
}

/// The name and the address of somebody who wants to join, once they are good.
#[derive(Debug, Clone)]
pub struct Identity {
    pub username: String,
    pub email: String,
}

impl NewAccount {
    pub fn parse(&self) -> Result<Identity> {
        let mut errors = FieldErrors::default();
        let username = errors.check("username", username(&self.username));
        let email = errors.check("email", email(&self.email));
        if self.password.is_empty() {
            errors.add("password", "Choose a password.");
        }
        errors.check("confirm_password", same(&self.password, &self.confirm_password));
        match (username, email) {
            (Some(username), Some(email)) if errors.is_empty() => Ok(Identity { username, email }),
            _ => Err(Error::Invalid(errors)),
        }
    }
}

/// 3 to 20 letters, digits, `_` and `-`.
pub fn username(text: &str) -> Parsed<String> {
    let name = text.trim();
    if name.is_empty() {
        return Err("Choose a user name.".into());
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-') {
        return Err("Use only the letters a to z, digits, _ and -.".into());
    }
    if !(3..=20).contains(&name.len()) {
        return Err("Use 3 to 20 characters.".into());
    }
    Ok(name.to_owned())
}

/// An address that a mail server will take; the domain may be in any script.
pub fn email(text: &str) -> Parsed<String> {
    let address = text.trim();
    if address.is_empty() {
        return Err("Type your e-mail address.".into());
    }
    let wrong = || Cow::from("This does not look like an e-mail address. Is a part missing?");
    let (local, domain) = address.rsplit_once('@').ok_or_else(wrong)?;
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
    let local_is_good = (1..=64).contains(&local.len())
        && local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom));
    let Ok(url::Host::Domain(domain)) = url::Host::parse(domain) else { return Err(wrong()) };
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let domain_is_good = domain.contains('.') && domain.split('.').all(label);
    if !local_is_good || !domain_is_good {
        return Err(wrong());
    }
    let address = format!("{local}@{domain}");
    if address.len() > LONGEST_EMAIL {
        return Err(format!("Use an address of at most {LONGEST_EMAIL} characters.").into());
    }
    Ok(address)
}

/// Whether a new password was typed twice alike.
pub fn same(password: &str, again: &str) -> Parsed<()> {
    if password == again {
        return Ok(());
    }
    Err("This is not the same password as above.".into())
}

/// The form of the profile.
#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProfileInput {
    pub first_name: String,
    pub last_name: String,
    pub bio: String,
    pub location: String,
    pub website: String,
    /// `true` when the box is ticked; browsers send nothing for one that is not.
    pub show_online: String,
}

impl ProfileInput {
    /// The form filled with what is known.
    pub fn of(user: &super::User) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self {
            first_name: text(&user.first_name),
            last_name: text(&user.last_name),
            bio: text(&user.bio),
            location: text(&user.location),
            website: text(&user.website),
            show_online: if user.show_online { "true".to_owned() } else { String::new() },
        }
    }

    pub fn shows_online(&self) -> bool {
        self.show_online == "true"
    }

    pub fn parse(&self) -> Result<Profile> {
        let mut errors = FieldErrors::default();
        let first_name = errors.check("first_name", line(&self.first_name, 64));
        let last_name = errors.check("last_name", line(&self.last_name, 64));
        let bio = errors.check("bio", text(&self.bio, 2_000));
        let location = errors.check("location", line(&self.location, 128));
        let website = errors.check("website", website(&self.website));
        errors.into_result()?;
        Ok(Profile {
            first_name: first_name.flatten(),
            last_name: last_name.flatten(),
            bio: bio.flatten(),
            location: location.flatten(),
            website: website.flatten(),
            show_online: self.shows_online(),
        })
    }
}

fn text(text: &str, most: usize) -> Parsed<Option<String>> {
    let text = text.trim();
    if text.chars().count() > most {
        return Err(format!("Use at most {most} characters.").into());
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn line(value: &str, most: usize) -> Parsed<Option<String>> {
    if value.trim().chars().any(char::is_control) {
        return Err("Write this on one line.".into());
    }
    text(value, most)
}

/// An address on the web; one without a scheme is taken for https.
fn website(value: &str) -> Parsed<Option<String>> {
    let Some(value) = line(value, 256)? else { return Ok(None) };
    let wrong = || Cow::from("Type an address that begins with https:// or http://.");
    let full = if value.contains("://") { value } else { format!("https://{value}") };
    let url = url::Url::parse(&full).map_err(|_| wrong())?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let has_host = url.host_str().is_some_and(|host| host.contains('.') || host.contains(':'));
    if !is_web || !has_host || !url.username().is_empty() || url.password().is_some() {
        return Err(wrong());
    }
    text(url.as_str(), 256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        for good in ["ana", "Ana_Kovac-99", "abcdefghijklmnopqrst", " ana "] {
            assert_eq!(username(good).unwrap(), good.trim());
        }
        for bad in ["", "ab", "abcdefghijklmnopqrstu", "ana kovac", "aná", "ana@x", "a/b", "ana\n1"]
        {
            assert!(username(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_are_checked_and_kept() {
        let good = [
            ("ana@example.org", "ana@example.org"),
            (" Ana.Kovac+news@Mail.Example.ORG ", "Ana.Kovac+news@mail.example.org"),
            ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ];
        for (typed, kept) in good {
            assert_eq!(email(typed).unwrap(), kept);
        }
        let long = format!("{}@example.org", "a".repeat(65));
        let longer = format!("ana@{}.org", "a.".repeat(70));
        let bad = [
            "",
            "bad",
            "@example.org",
            "ana@",
            "ana@localhost",
            "ana@127.0.0.1",
            "ana@[::1]",
            "a b@example.org",
            "ana@example.org\r\nBcc: x@example.org",
            "ana@exam ple.org",
            "ana..k@example.org",
            ".ana@example.org",
            "\"a\"@example.org",
            "a,b@example.org",
            "ana@-x.org",
            "ana@x..org",
            "<ana@example.org>",
            &long,
            &longer,
        ];
        for bad in bad {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_website_is_on_the_web() {
        let good = [
            ("", None),
            ("https://example.org", Some("https://example.org/")),
            ("example.org/me", Some("https://example.org/me")),
            ("http://example.org/?a=b", Some("http://example.org/?a=b")),
        ];
        for (typed, kept) in good {
            assert_eq!(website(typed).unwrap().as_deref(), kept);
        }
        for bad in [
            "javascript:alert(1)",
            "javascript://example.org/%0aalert(1)",
            "ftp://example.org",
            "data:text/html,x",
            "https://",
            "https://user:pass@example.org",
            "not a site",
        ] {
            assert!(website(bad).is_err(), "{bad}");
        }
    }
}
