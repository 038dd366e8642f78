//! What accounts write to people (R-MAIL.1-5). Addresses come from the database, links from the
//! configured address of the site.

use chrono::{DateTime, Utc};

use super::{User, actions, device, sessions::Browser};
use crate::{
    app::App,
    mail::{Content, Outgoing},
    texts::Text,
};

/// Who gets a mail.
struct To<'a> {
    user: &'a User,
    email: &'a str,
}

fn letter(app: &App, to: &To<'_>, kind: &'static str, text: &Text<'_>, mail: Content) -> Outgoing {
    let frame = Text::new(app, "mail-frame").with("name", &to.user.display_name());
    let subject = text.whole();
    let reason = if mail.reason.is_empty() { frame.part("reason") } else { mail.reason };
    Outgoing {
        kind,
        user: Some(to.user.id),
        to: to.email.to_owned(),
        reply_to: None,
        content: Content {
            headline: subject.clone(),
            greeting: frame.part("hello"),
            reason,
            ..mail
        },
        subject,
        unsubscribe: None,
    }
}

fn owner(user: &User) -> To<'_> {
    To { user, email: &user.email }
}

fn button(app: &App, text: &Text<'_>, path: &str) -> (String, String) {
    (text.part("button"), app.url(path))
}

/// Why somebody gets a mail whose address belongs to nobody yet.
fn typed_in(app: &App) -> String {
    Text::new(app, "mail-frame").part("reason-typed")
}

pub fn confirm_email(app: &App, user: &User, token: &str) -> Outgoing {
    let text = Text::new(app, "confirm-email")
        .with("username", &user.username)
        .lasting(app.config.accounts.confirm_link);
    let content = Content {
        paragraphs: text.parts(&["welcome", "confirm"]),
        action: Some(button(app, &text, &format!("/auth/confirm/{token}"))),
        notes: text.parts(&["life", "not-you"]),
        reason: typed_in(app),
        ..Content::default()
    };
    letter(app, &owner(user), "confirm_email", &text, content)
}

/// To somebody who has an account already, and whose address was typed in again.
pub fn already_registered(app: &App, user: &User) -> Outgoing {
    let text = Text::new(app, "already-registered")
        .with("username", &user.username)
        .with("url", &app.url("/auth/reset-password-request"));
    let content = Content {
        paragraphs: text.parts(&["tried", "nothing-changed"]),
        action: Some(button(app, &text, "/auth/login")),
        notes: text.parts(&["forgotten", "not-you"]),
        ..Content::default()
    };
    letter(app, &owner(user), "already_registered", &text, content)
}

pub fn welcome(app: &App, user: &User) -> Outgoing {
    let text = Text::new(app, "welcome").with("url", &app.url("/auth/profile"));
    let content = Content {
        paragraphs: text.parts(&["confirmed", "beginning", "markdown"]),
        action: Some(button(app, &text, "/blog/create")),
        notes: text.parts(&["profile"]),
        ..Content::default()
    };
    letter(app, &owner(user), "welcome", &text, content)
}

pub fn reset_password(app: &App, user: &User, token: &str) -> Outgoing {
    let text = Text::new(app, "reset-password").lasting(app.config.accounts.reset_link);
    let content = Content {
        paragraphs: text.parts(&["asked", "choose"]),
        action: Some(button(app, &text, &format!("/auth/reset-password/{token}"))),
        notes: text.parts(&["life", "not-you"]),
        ..Content::default()
    };
    letter(app, &owner(user), "reset_password", &text, content)
}

pub fn password_changed(app: &App, user: &User, at: DateTime<Utc>) -> Outgoing {
    let text = Text::new(app, "password-changed").at(at);
    let content = Content {
        paragraphs: text.parts(&["changed", "logged-out"]),
        action: Some(button(app, &text, "/auth/reset-password-request")),
        notes: text.parts(&["you", "not-you"]),
        ..Content::default()
    };
    letter(app, &owner(user), "password_changed", &text, content)
}

/// To the new address: it has to be shown that its mail is read.
pub fn change_email(app: &App, user: &User, email: &str, token: &str) -> Outgoing {
    let text = Text::new(app, "change-email")
        .with("username", &user.username)
        .lasting(app.config.accounts.confirm_link);
    let content = Content {
        paragraphs: text.parts(&["confirm"]),
        action: Some(button(app, &text, &format!("/auth/change-email/{token}"))),
        notes: text.parts(&["life", "not-you"]),
        reason: typed_in(app),
        ..Content::default()
    };
    letter(app, &To { user, email }, "change_email", &text, content)
}

/// To the old address, when another one is asked for.
pub fn email_change_asked(app: &App, user: &User) -> Outgoing {
    let text = Text::new(app, "email-change-asked");
    let content = Content {
        paragraphs: text.parts(&["asked"]),
        action: Some(button(app, &text, "/auth/reset-password-request")),
        notes: text.parts(&["you", "not-you"]),
        ..Content::default()
    };
    letter(app, &owner(user), "email_change_asked", &text, content)
}

/// To the old address, when it is one no more.
pub fn email_changed(app: &App, user: &User) -> Outgoing {
    let text = Text::new(app, "email-changed");
    let content = Content {
        paragraphs: text.parts(&["changed"]),
        notes: text.parts(&["not-you"]),
        action: Some(button(app, &text, "/contact")),
        ..Content::default()
    };
    letter(app, &owner(user), "email_changed", &text, content)
}

pub fn deletion_requested(app: &App, user: &User, on: DateTime<Utc>) -> Outgoing {
    let text = Text::new(app, "deletion-requested").at(on);
    let content = Content {
        paragraphs: text.parts(&["closed", "until"]),
        action: Some(button(app, &text, "/auth/login")),
        notes: text.parts(&["not-you"]),
        ..Content::default()
    };
    letter(app, &owner(user), "deletion_requested", &text, content)
}

/// To the owner, when somebody logged in from a browser that the account was not used with before.
pub fn new_device(app: &App, user: &User, browser: &Browser, at: DateTime<Utc>) -> Outgoing {
    let (name, system) = device::parts(&browser.user_agent);
    let text = Text::new(app, "new-device")
        .at(at)
        .with("known", device::known(name, system))
        .with("browser", name.unwrap_or_default())
        .with("system", system.unwrap_or_default())
        .with("address", &browser.address)
        .with("url", &app.url("/auth/reset-password-request"));
    let place = if browser.address.is_empty() { "where" } else { "where-from" };
    let content = Content {
        paragraphs: text.parts(&["logged-in", place]),
        action: Some(button(app, &text, "/auth/sessions")),
        notes: text.parts(&["you", "not-you"]),
        ..Content::default()
    };
    letter(app, &owner(user), "new_device", &text, content)
}

/// That the file with somebody's data can be fetched, and until when.
pub fn export_ready(app: &App, user: &User, bytes: u64, until: DateTime<Utc>) -> Outgoing {
    let text = Text::new(app, "export-ready").at(until).with("size", &size_in_words(bytes));
    let content = Content {
        paragraphs: text.parts(&["ready", "until"]),
        action: Some(button(app, &text, "/auth/export")),
        notes: text.parts(&["only-you", "not-you"]),
        ..Content::default()
    };
    letter(app, &owner(user), "export_ready", &text, content)
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
