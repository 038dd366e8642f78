//! Streamly: a publishing platform that is also a social network.
//!
//! Read `ARCHITECTURE.md` first; the modules below are in reading order.

pub mod app;
pub mod command;
pub mod config;
pub mod db;
pub mod error;
pub mod events;
pub mod ids;
pub mod jobs;
pub mod links;
pub mod log;
pub mod mailer;
pub mod paging;
pub mod rooms;
pub mod secrets;
pub mod storage;
pub mod texts;
pub mod web;

pub mod mail;

pub mod accounts;
pub mod analytics;
pub mod comments;
pub mod demo;
pub mod feeds;
pub mod live;
pub mod media;
pub mod notifications;
pub mod people;
pub mod posts;
pub mod reading;
pub mod search;
pub mod site;
pub mod social;

#[cfg(test)]
mod arch_tests;
#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod testing;

pub use crate::error::{Error, Result};
