//! The SQL of likes, bookmarks, follows, blocks and of the lists made from them.

pub mod bookmarks;
pub mod feed;
pub mod follows;
pub mod likes;
pub mod people;
pub mod relations;
