//! Feeds for readers' programs, and maps for search engines.
//!
//! Owns no table. Atom, RSS 2.0 and JSON Feed 1.1 of the site, a writer, a category, a tag; the
//! sitemap, `robots.txt` and the description of the search (`OpenSearch`).

mod absolute;
mod feed;
pub mod pages;
mod store;

#[cfg(test)]
mod tests;
