//! What was perhaps meant: words of a question that are near a known one.

use std::collections::HashSet;

use super::{query::SearchQuery, spelling, store};
use crate::{Result, db::Conn};

/// The question with likelier words, if any word of it is unknown and near a known one. At most
/// `most` words are looked at, and none of those that are `right`.
pub(super) async fn mend(
    conn: &mut Conn,
    query: &SearchQuery,
    right: &HashSet<String>,
    most: usize,
) -> Result<Option<SearchQuery>> {
    let mut meant: Option<SearchQuery> = None;
    let words: Vec<&String> = query
        .terms
        .iter()
        .filter(|term| !term.pairs)
        .flat_map(|term| &term.words)
        .filter(|word| spelling::forgiven(word.chars().count()) > 0 && !right.contains(*word))
        .collect();
    for word in words.into_iter().take(most) {
        let known = store::similar(conn, word).await?;
        let known = known.iter().map(|(known,)| known.as_str());
        if let Some(better) = spelling::correct(word, known) {
            let before = meant.as_ref().unwrap_or(query);
            meant = Some(before.replaced(word, better));
        }
    }
    Ok(meant)
}
