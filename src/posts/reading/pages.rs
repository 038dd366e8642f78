//! What pages about posts share: a post in a list, and what a post's page says to machines.

pub mod card;
pub mod head;
