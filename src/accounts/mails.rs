//! What accounts write to people (R-MAIL.1-5). Addresses come from the database, links from the
//! configured address of the site.

use chrono::{DateTime, Utc};

use super::{User, actions, device, sessions::Browser};
use crate::{
    app::App,
    config::Seconds,
    mail::{Content, Outgoing},
};

/// Who gets a mail, and why.
struct To<'a> {
    user: &'a User,
    email: &'a str,
}

fn letter(app: &App, to: &To<'_>, kind: &'static str, subject: &str, content: Content) -> Outgoing {
    let site = &app.config.site.name;
    let reason = if content.reason.is_empty() {
        format!("You get this mail because this address belongs to an account at {site}.")
    } else {
        content.reason
    };
    Outgoing {
        kind,
        user: Some(to.user.id),
        to: to.email.to_owned(),
        reply_to: None,
        subject: subject.to_owned(),
        content: Content {
            headline: subject.to_owned(),
            greeting: format!("Hello {},", to.user.display_name()),
            reason,
            ..content
        },
        unsubscribe: None,
    }
}

fn owner(user: &User) -> To<'_> {
    To { user, email: &user.email }
}

fn button(app: &App, words: &str, path: &str) -> (String, String) {
    (words.to_owned(), app.url(path))
}

fn text(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// `24 hours`, `1 hour`, `30 minutes`, `14 days`.
pub fn time_in_words(time: Seconds) -> String {
    let (number, unit) = match time.0 {
        seconds if seconds >= 48 * 3600 && seconds.is_multiple_of(24 * 3600) => {
            (seconds / (24 * 3600), "day")
        }
        seconds if seconds >= 3600 => (seconds.div_ceil(3600), "hour"),
        seconds => (seconds.div_ceil(60), "minute"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

pub fn confirm_email(app: &App, user: &User, token: &str) -> Outgoing {
    let site = &app.config.site.name;
    let life = time_in_words(app.config.accounts.confirm_link);
    let content = Content {
        paragraphs: vec![
            format!(
                "welcome to {site}! Somebody, most likely you, has joined with this address under the name {}.",
                user.username
            ),
            "Confirm the address, and you can log in, write, and follow others.".to_owned(),
        ],
        action: Some(button(app, "Confirm the address", &format!("/auth/confirm/{token}"))),
        notes: vec![
            format!("The link is good for {life}."),
            "If it was not you, do nothing: without this step nobody can use the account."
                .to_owned(),
        ],
        reason: format!("You get this mail because this address was typed in at {site}."),
        ..Content::default()
    };
    letter(app, &owner(user), "confirm_email", "Confirm your e-mail address", content)
}

/// To somebody who has an account already, and whose address was typed in again.
pub fn already_registered(app: &App, user: &User) -> Outgoing {
    let site = &app.config.site.name;
    let content = Content {
        paragraphs: vec![
            format!(
                "somebody has just tried to join {site} with this address, or asked for a new confirmation link."
            ),
            format!(
                "You already have an account, and its user name is {}. Nothing was changed.",
                user.username
            ),
        ],
        action: Some(button(app, "Log in", "/auth/login")),
        notes: vec![
            format!(
                "If you do not know the password any more, choose a new one: {}",
                app.url("/auth/reset-password-request")
            ),
            "If it was not you, you need not do anything.".to_owned(),
        ],
        ..Content::default()
    };
    letter(app, &owner(user), "already_registered", "You already have an account", content)
}

pub fn welcome(app: &App, user: &User) -> Outgoing {
    let site = &app.config.site.name;
    let content = Content {
        paragraphs: text(&[
            "your address is confirmed, and the account is yours.",
            "A good beginning: say who you are in your profile, read what others write, and start \
             your first post. A draft is seen by nobody but you.",
            "Texts are written in Markdown, are saved while you type, and can be had back in every \
             earlier version.",
        ]),
        action: Some(button(app, "Write something", "/blog/create")),
        notes: vec![format!("Your profile: {}", app.url("/auth/profile"))],
        ..Content::default()
    };
    letter(app, &owner(user), "welcome", &format!("Welcome to {site}"), content)
}

pub fn reset_password(app: &App, user: &User, token: &str) -> Outgoing {
    let life = time_in_words(app.config.accounts.reset_link);
    let content = Content {
        paragraphs: text(&[
            "somebody, most likely you, has asked for a new password for your account.",
            "With the button below you choose one. A few words that do not belong together are \
             easy to remember and hard to guess; use them nowhere else.",
        ]),
        action: Some(button(
            app,
            "Choose a new password",
            &format!("/auth/reset-password/{token}"),
        )),
        notes: vec![
            format!("The link is good for {life}, once. A newer one makes it void."),
            "If it was not you, do nothing: your password stays as it is.".to_owned(),
        ],
        ..Content::default()
    };
    letter(app, &owner(user), "reset_password", "Choose a new password", content)
}

pub fn password_changed(app: &App, user: &User, at: DateTime<Utc>) -> Outgoing {
    let content = Content {
        paragraphs: vec![
            format!(
                "the password of your account was changed on {}.",
                at.format("%-d %B %Y at %H:%M UTC")
            ),
            "Everybody else who was logged in with the old one has been logged out.".to_owned(),
        ],
        action: Some(button(app, "It was not me", "/auth/reset-password-request")),
        notes: text(&[
            "If it was you, all is well.",
            "If not, choose a new password at once, and look whether somebody can read your mail.",
        ]),
        ..Content::default()
    };
    letter(app, &owner(user), "password_changed", "Your password was changed", content)
}

/// To the new address: it has to be shown that its mail is read.
pub fn change_email(app: &App, user: &User, email: &str, token: &str) -> Outgoing {
    let site = &app.config.site.name;
    let life = time_in_words(app.config.accounts.confirm_link);
    let content = Content {
        paragraphs: vec![format!(
            "the account {} at {site} is to have this address. Confirm that it is yours.",
            user.username
        )],
        action: Some(button(app, "Use this address", &format!("/auth/change-email/{token}"))),
        notes: vec![
            format!("The link is good for {life}."),
            "If it was not you, do nothing: the account keeps its old address.".to_owned(),
        ],
        reason: format!("You get this mail because this address was typed in at {site}."),
        ..Content::default()
    };
    letter(app, &To { user, email }, "change_email", "Confirm your new e-mail address", content)
}

/// To the old address, when another one is asked for.
pub fn email_change_asked(app: &App, user: &User) -> Outgoing {
    let content = Content {
        paragraphs: text(&[
            "somebody who knows your password has asked to give your account another e-mail \
             address. It is changed as soon as the new address is confirmed.",
        ]),
        action: Some(button(app, "It was not me", "/auth/reset-password-request")),
        notes: text(&[
            "If it was you, all is well.",
            "If not, choose a new password at once: that makes the change void.",
        ]),
        ..Content::default()
    };
    letter(app, &owner(user), "email_change_asked", "Your address is about to change", content)
}

/// To the old address, when it is one no more.
pub fn email_changed(app: &App, user: &User) -> Outgoing {
    let content = Content {
        paragraphs: text(&[
            "your account has another e-mail address now. This is the last mail to the old one.",
        ]),
        notes: text(&["If it was not you, write to the people who run the site."]),
        action: Some(button(app, "Write to us", "/contact")),
        ..Content::default()
    };
    letter(app, &owner(user), "email_changed", "Your address was changed", content)
}

pub fn deletion_requested(app: &App, user: &User, on: DateTime<Utc>) -> Outgoing {
    let content = Content {
        paragraphs: vec![
            "your account is closed, and nobody sees it any more.".to_owned(),
            format!(
                "On {} it is deleted for good, with everything you wrote. Until then you can have \
                 it back: log in as always, and say that you want to keep it.",
                on.format("%-d %B %Y")
            ),
        ],
        action: Some(button(app, "Keep my account", "/auth/login")),
        notes: text(&["If it was not you who closed it, log in and choose a new password."]),
        ..Content::default()
    };
    letter(app, &owner(user), "deletion_requested", "Your account will be deleted", content)
}

/// To the owner, when somebody logged in from a browser that the account was not used with before.
pub fn new_device(app: &App, user: &User, browser: &Browser, at: DateTime<Utc>) -> Outgoing {
    let from = match browser.address.as_str() {
        "" => String::new(),
        address => format!(", from the network {address}"),
    };
    let content = Content {
        paragraphs: vec![
            "somebody, most likely you, has just logged in to your account with a browser that \
             it was not used with before."
                .to_owned(),
            format!(
                "{}{from}, on {}.",
                device::words(&browser.user_agent),
                at.format("%-d %B %Y at %H:%M UTC")
            ),
        ],
        action: Some(button(app, "See where you are logged in", "/auth/sessions")),
        notes: vec![
            "If it was you, all is well: this browser is known from now on.".to_owned(),
            format!(
                "If not, somebody knows your password. Choose a new one at once, which logs \
                 everybody else out: {}",
                app.url("/auth/reset-password-request")
            ),
        ],
        ..Content::default()
    };
    letter(app, &owner(user), "new_device", "A new browser is logged in", content)
}

/// That the file with somebody's data can be fetched, and until when.
pub fn export_ready(app: &App, user: &User, bytes: u64, until: DateTime<Utc>) -> Outgoing {
    let content = Content {
        paragraphs: vec![
            format!(
                "the file with your data that you asked for is ready ({}).",
                size_in_words(bytes)
            ),
            format!(
                "You can fetch it until {}. Then it is deleted, and you can have a new one made.",
                until.format("%-d %B %Y, %H:%M UTC")
            ),
        ],
        action: Some(button(app, "Get the file", "/auth/export")),
        notes: text(&[
            "The link alone opens nothing: the file is given only to you, logged in.",
            "If you did not ask for it, somebody else uses your account: choose a new password.",
        ]),
        ..Content::default()
    };
    letter(app, &owner(user), "export_ready", "Your data is ready", content)
}

/// `3 kB`, `12.4 MB`: what a download weighs.
pub fn size_in_words(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    let mut tenths = bytes.div_ceil(100);
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1_000;
        unit += 1;
    }
    match (unit, tenths % 10) {
        (0, _) => format!("{} kB", tenths.div_ceil(10).max(1)),
        (_, 0) => format!("{} {}", tenths / 10, UNITS[unit]),
        (_, rest) => format!("{}.{rest} {}", tenths / 10, UNITS[unit]),
    }
}

/// One of each, to somebody made up.
pub fn samples(app: &App) -> Vec<Outgoing> {
    let now = app.clock.now();
    let user = User::sample(now);
    vec![
        confirm_email(app, &user, "sample"),
        already_registered(app, &user),
        welcome(app, &user),
        reset_password(app, &user, "sample"),
        password_changed(app, &user, now),
        change_email(app, &user, "new@example.org", "sample"),
        email_change_asked(app, &user),
        email_changed(app, &user),
        deletion_requested(app, &user, now),
        new_device(app, &user, &Browser::sample(), now),
        export_ready(app, &user, 12_400_000, now + actions::EXPORT_LIFE),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let table = [
            (0, "1 kB"),
            (2_001, "3 kB"),
            (999_900, "1000 kB"),
            (1_000_000, "1 MB"),
            (12_440_000, "12.4 MB"),
            (3_000_000_000, "3 GB"),
        ];
        for (bytes, words) in table {
            assert_eq!(size_in_words(bytes), words, "{bytes}");
        }
    }
}
