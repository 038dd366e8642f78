//! People as others see them: the writers, and everybody's public page.
//!
//! Owns no table. Reads accounts and `public_post`; never a mail address (Q.34). It stands after
//! posts because a profile lists them.

pub mod pages;
mod store;

#[cfg(test)]
mod tests;
