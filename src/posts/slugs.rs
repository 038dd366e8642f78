//! The address of a post: readable, unique, kept when the title changes, never forgotten.

use crate::{Error, Result, app::App, db::Tx, ids::PostId};

use super::{NewPost, Post, store::slugs as store};

/// The longest slug, in bytes (spec.md, Slugs).
const MAX: usize = 200;

/// A slug like `wanted` that no other post has or had. The unique index has the last word.
pub async fn free(app: &App, tx: &mut Tx, wanted: &str, own: Option<PostId>) -> Result<String> {
    if !store::is_taken(tx, wanted, own).await? {
        return Ok(wanted.to_owned());
    }
    for number in 2..=20 {
        let candidate = numbered(wanted, &number.to_string());
        if !store::is_taken(tx, &candidate, own).await? {
            return Ok(candidate);
        }
    }
    // A popular title: a short random ending instead of counting on.
    let ending = hex::encode(app.random.bytes::<4>()?);
    let candidate = numbered(wanted, &ending);
    if store::is_taken(tx, &candidate, own).await? {
        return Err(Error::Conflict);
    }
    Ok(candidate)
}

/// The address: the writer's choice; else it follows the title until readers know it (R-SLUG.3).
pub async fn choose(app: &App, tx: &mut Tx, post: &Post, new: &NewPost) -> Result<String> {
    let current = post.slug.clone().unwrap_or_default();
    let was_public = post.published_at.is_some();
    let chosen = new.slug.as_deref().filter(|slug| *slug != current);
    let wanted = match chosen {
        Some(slug) => slug.to_owned(),
        None if was_public || current.is_empty() || !is_derived(&current, &post.title) => {
            return Ok(if current.is_empty() {
                free(app, tx, &markup::slugify(&new.title), Some(post.id)).await?
            } else {
                current
            });
        }
        None => markup::slugify(&new.title),
    };
    if is_derived(&current, &new.title) && chosen.is_none() {
        return Ok(current);
    }
    let slug = free(app, tx, &wanted, Some(post.id)).await?;
    let now = app.clock.now();
    store::reclaim(tx, post.id, &slug).await?;
    if was_public && slug != current {
        store::remember(tx, post.id, &current, now).await?;
    }
    Ok(slug)
}

/// Whether a post's address was made from its title, and not chosen.
pub fn follows_title(post: &Post) -> bool {
    post.slug.as_deref().is_none_or(|slug| is_derived(slug, &post.title))
}

/// Whether a slug was made from a title, perhaps with a number at its end.
fn is_derived(slug: &str, title: &str) -> bool {
    let made = markup::slugify(title);
    slug.strip_prefix(made.as_str()).is_some_and(|rest| {
        rest.is_empty()
            || rest.strip_prefix('-').is_some_and(|end| end.bytes().all(|b| b.is_ascii_hexdigit()))
    })
}

/// `title-2`, cut so that it stays within the limit.
fn numbered(slug: &str, ending: &str) -> String {
    let room = MAX - ending.len() - 1;
    let mut cut = slug.len().min(room);
    while !slug.is_char_boundary(cut) {
        cut -= 1;
    }
    format!("{}-{ending}", slug[..cut].trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numbered_slug_keeps_the_limit() {
        assert_eq!(numbered("bread", "2"), "bread-2");
        assert!(numbered(&"ש".repeat(100), "12").len() <= MAX);
        assert_eq!(
            numbered(&format!("{}-b", "a".repeat(196)), "22"),
            format!("{}-22", "a".repeat(196))
        );
    }
}
