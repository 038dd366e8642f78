//! What somebody wants to be told, and how.

use std::collections::BTreeMap;

use super::{Choice, Kind, Mailing, store::readers as store, unsubscribe::Leaving};
use crate::{
    Error, Result,
    accounts::Viewer,
    app::App,
    db::{Conn, Tx},
    ids::UserId,
};

/// Every kind with what somebody chose, or what everybody gets.
pub async fn choices(conn: &mut Conn, user: UserId) -> Result<Vec<(Kind, Choice)>> {
    let chosen = store::choices(conn, user).await?;
    Ok(Kind::ALL
        .into_iter()
        .map(|kind| {
            let row = chosen.iter().find(|(of, _, _)| *of == kind);
            (kind, kind.choice(row.map(|row| row.1), row.map(|row| row.2)))
        })
        .collect())
}

/// Reads the form: `web_like=true`, `mail_like=daily`. A box that is not ticked is not sent.
pub fn parse(fields: &BTreeMap<String, String>) -> Result<Vec<(Kind, Choice)>> {
    let mut wanted = Vec::new();
    for kind in Kind::ALL {
        let web = fields.get(&format!("web_{}", kind.as_str())).map(String::as_str);
        let mail = fields.get(&format!("mail_{}", kind.as_str())).map(String::as_str);
        let mailing = match mail {
            None => kind.default_choice().mailing,
            Some(word) => Mailing::from_word(word)
                .ok_or_else(|| Error::invalid("form", "There is no such choice."))?,
        };
        let web = kind.is_always_shown() || web == Some("true");
        wanted.push((kind, Choice { web, mailing }));
    }
    let known = |name: &str| {
        let word = name.strip_prefix("web_").or_else(|| name.strip_prefix("mail_"));
        word.and_then(Kind::from_word).is_some()
    };
    if fields.keys().any(|name| !known(name)) {
        return Err(Error::Unsupported("a form with fields that this page does not have".into()));
    }
    Ok(wanted)
}

/// Keeps what somebody wants.
pub async fn save(app: &App, viewer: &Viewer, wanted: &[(Kind, Choice)]) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let before = choices(&mut tx, viewer.id).await?;
    // What the site says may be mailed to who chose nothing, so that choice is always kept.
    let news = |wish: &&(Kind, Choice)| !before.contains(wish) || wish.0 == Kind::System;
    for (kind, choice) in wanted.iter().filter(news) {
        choose(app, &mut tx, viewer.id, (*kind, *choice)).await?;
    }
    tx.commit().await
}

async fn choose(
    app: &App,
    tx: &mut Tx,
    user: UserId,
    (kind, choice): (Kind, Choice),
) -> Result<()> {
    let now = app.clock.now();
    store::choose(tx, user, kind, choice, now).await?;
    let letter = matches!(choice.mailing, Mailing::Daily | Mailing::Weekly);
    store::move_waiting(tx, user, kind, letter.then_some(choice.mailing), now).await
}

/// Ends a kind of mail for whoever holds its link. Ending it twice ends it.
pub async fn leave(app: &App, user: UserId, leaving: Leaving) -> Result<()> {
    let mut tx = app.db.begin().await?;
    for (kind, choice) in choices(&mut tx, user).await? {
        let ends = match leaving {
            Leaving::Kind(left) => left == kind,
            Leaving::Letter(letter) => letter == choice.mailing,
        };
        // Also when it is off already: a mail may come of what only nobody has chosen yet.
        if ends {
            let choice = Choice { mailing: Mailing::Off, ..choice };
            choose(app, &mut tx, user, (kind, choice)).await?;
        }
    }
    tx.commit().await
}
