//! Everything an operator can set, read once at start: defaults of the environment, then a TOML
//! file, then environment variables (`…_FILE` reads the value from a file).
//!
//! All problems are reported together; unknown names are refused; secrets never show.

mod document;
mod list;
mod load;
mod settings;
#[cfg(test)]
mod tests;
mod types;

pub use self::{
    document::document,
    load::{Problems, Sources},
    settings::{
        Accounts, Analytics, Config, Database, Limits, Log, Mail, Media, Pages, Scan, Secret,
        Server, Site, Storage,
    },
    types::{
        AddressKeeping, Backend, Bytes, Cidrs, Environment, HashAlgorithm, Hidden, LogFormat,
        MailTls, Seconds, Setting, shown,
    },
};
