//! Leaving mails by a link: signed, so that it needs no login, and good for ever, as mails are.

use base64::Engine as _;
use subtle::ConstantTimeEq as _;

use super::{Kind, Mailing};
use crate::{app::App, ids::UserId};

/// What is left: mails of one kind, or one of the letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    Kind(Kind),
    Letter(Mailing),
}

impl Leaving {
    fn word(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.as_str(),
            Self::Letter(digest) => digest.as_str(),
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        match Mailing::from_word(word) {
            Some(letter @ (Mailing::Daily | Mailing::Weekly)) => Some(Self::Letter(letter)),
            _ => Kind::from_word(word).map(Self::Kind),
        }
    }

    /// As in "no more mail about …".
    pub fn label(self) -> String {
        match self {
            Self::Kind(kind) => format!("“{}”", kind.label()),
            Self::Letter(Mailing::Weekly) => "the week (the weekly letter)".to_owned(),
            Self::Letter(_) => "the day (the daily letter)".to_owned(),
        }
    }
}

/// The address at which one person leaves one kind of mail.
pub fn url(app: &App, user: UserId, leaving: Leaving) -> String {
    let word = leaving.word();
    let code = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(code(app, user, word));
    app.url(&format!("/notifications/unsubscribe/{user}/{word}/{code}"))
}

/// Who leaves what by a link; `None` when this site did not make it.
pub fn check(app: &App, user: UserId, word: &str, given: &str) -> Option<Leaving> {
    let given = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(given).ok()?;
    let leaving = Leaving::from_word(word)?;
    bool::from(code(app, user, word).ct_eq(given.as_slice())).then_some(leaving)
}

fn code(app: &App, user: UserId, word: &str) -> [u8; 32] {
    app.keys.sign("unsubscribe", &[&user.to_string(), word])
}
