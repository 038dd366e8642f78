//! From one back end to another: every picture and variant, checked by its hash on both sides.

use super::store;
use crate::{
    Result,
    app::App,
    storage::{self, Files},
};

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Moved {
    pub copied: usize,
    pub there: usize,
    /// Names whose files are missing or are not what their names say.
    pub wrong: Vec<String>,
}

/// Copies what is not there yet. Broken off, it goes on where it was when it is called again. The
/// files stay where they were: removing them is the operator's decision.
pub async fn copy_all(app: &App, from: &Files, to: &Files) -> Result<Moved> {
    let mut moved = Moved::default();
    let mut after = String::new();
    loop {
        let mut conn = app.db.conn().await?;
        let names = store::names(&mut conn, &after).await?;
        drop(conn);
        let Some((last,)) = names.last() else { return Ok(moved) };
        after.clone_from(last);
        for (name,) in names {
            copy(app, from, to, (&name, &mut moved)).await?;
        }
    }
}

async fn copy(
    app: &App,
    from: &Files,
    to: &Files,
    (name, moved): (&str, &mut Moved),
) -> Result<()> {
    let expected = {
        let mut conn = app.db.conn().await?;
        store::variant_hash(&mut conn, name).await?
    };
    let good = |bytes: &[u8]| match &expected {
        Some((hash,)) => storage::hash(bytes) == *hash,
        None => storage::is_named_by(name, bytes),
    };
    if to.get(name).await?.is_some_and(|bytes| good(&bytes)) {
        moved.there += 1;
        return Ok(());
    }
    let Some(bytes) = from.get(name).await?.filter(|bytes| good(bytes)) else {
        moved.wrong.push(name.to_owned());
        return Ok(());
    };
    to.put_named(name, bytes).await?;
    if to.get(name).await?.is_some_and(|bytes| good(&bytes)) {
        moved.copied += 1;
    } else {
        moved.wrong.push(name.to_owned());
    }
    Ok(())
}
