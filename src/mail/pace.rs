//! How quickly mail goes to one domain: large providers turn away who sends too much at once.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

use super::store::Mail;
use crate::{app::App, ids::MailId};

/// When the next place in the row of a domain is free, and which mails have waited for theirs.
#[derive(Default)]
struct Rows {
    free: HashMap<String, DateTime<Utc>>,
    placed: HashSet<MailId>,
}

/// The rows of one application.
#[derive(Default)]
struct Pace(Mutex<Rows>);

/// How many domains are remembered before those that may be sent to again are forgotten.
const MANY: usize = 10_000;

/// Takes a place in the row of the recipient's domain: `None` when the mail may leave now, else
/// when its turn comes. Places are evenly spaced, and each instance has rows of its own. Mail that
/// somebody waits for takes a place too, but does not wait for it.
pub fn turn(app: &App, mail: &Mail) -> Option<DateTime<Utc>> {
    let pace = i64::from(app.config.mail.domain_per_minute);
    let domain = mail.recipient.rsplit_once('@')?.1.to_lowercase();
    if pace == 0 {
        return None;
    }
    let now = app.clock.now();
    let state = app.state::<Pace>();
    let mut rows = state.0.lock();
    if rows.placed.remove(&mail.id) {
        return None;
    }
    if rows.free.len() > MANY {
        rows.free.retain(|_, time| *time > now);
    }
    let turn = rows.free.get(&domain).copied().filter(|free| *free > now).unwrap_or(now);
    rows.free.insert(domain, turn + TimeDelta::milliseconds(60_000 / pace));
    if turn > now && mail.list_unsubscribe.is_some() {
        rows.placed.insert(mail.id);
        return Some(turn);
    }
    None
}
