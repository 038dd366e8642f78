//! Passwords: hashed, checked and judged, never kept and never logged (X01, X02, Q.4).
//!
//! New hashes are Argon2id, or bcrypt over a pre-hash when the operator wants it; those that
//! another program made are read as they are and replaced at the next login.

mod foreign;
mod policy;

use std::{
    borrow::Cow,
    sync::atomic::{AtomicUsize, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc::PasswordHash,
};
use base64::Engine as _;
use sha2::{Digest as _, Sha384};
use tokio::sync::{OnceCell, Semaphore};
use unicode_normalization::UnicodeNormalization as _;

pub use self::policy::{About, check};
use crate::{
    Error, Result,
    app::App,
    config::{Config, HashAlgorithm},
};

/// The longest password, in characters.
pub const MAX: usize = 256;

/// Marks our own bcrypt: over `base64(SHA-384(password))`, which is 64 characters of no NUL, so
/// that bcrypt's end at 72 bytes or at a NUL cuts nothing off.
const BCRYPT_SHA384: &str = "$bcrypt-sha384";

/// How many may wait for a turn before others are told to come back.
const QUEUE: usize = 256;

/// The most memory that a stored Argon2 hash may ask for, in KiB.
const MOST_MEMORY: u32 = 256 * 1024;

/// Each hash takes a core and 19 MiB: only as many at once as there are cores.
struct Pool {
    permits: Semaphore,
    waiting: AtomicUsize,
    dummy: OnceCell<String>,
}

impl Default for Pool {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            permits: Semaphore::new(cores),
            waiting: AtomicUsize::new(0),
            dummy: OnceCell::new(),
        }
    }
}

/// A place in the queue, given back when dropped.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs work on the blocking pool when its turn comes, or says that too many wait already.
async fn in_turn<T: Send + 'static>(
    app: &App,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let pool = app.state::<Pool>();
    let ahead = pool.waiting.fetch_add(1, Ordering::Relaxed);
    let place = Place(&pool.waiting);
    if ahead >= QUEUE {
        return Err(Error::Unavailable);
    }
    let permit = pool.permits.acquire().await.map_err(|_| Error::Unavailable)?;
    let output = tokio::task::spawn_blocking(work).await?;
    drop(permit);
    drop(place);
    Ok(output)
}

/// Makes the hash to be stored.
pub async fn hash(app: &App, password: &str) -> Result<String> {
    let salt = app.random.bytes::<16>()?;
    let scheme = Scheme::of(&app.config);
    let password = password.to_owned();
    in_turn(app, move || scheme.hash(&password, &salt)).await?
}

/// Whether this is the password of the hash.
pub async fn verify(app: &App, password: &str, hash: &str) -> Result<bool> {
    let (password, hash) = (password.to_owned(), hash.to_owned());
    in_turn(app, move || matches(&password, &hash)).await
}

/// A hash of nothing anybody knows, to be checked for somebody who is not there, so that the time
/// does not tell. Asked for at every login, so that none is the first.
pub async fn dummy(app: &App) -> Result<String> {
    let pool = app.state::<Pool>();
    let made =
        pool.dummy.get_or_try_init(|| async { hash(app, &app.random.token()?).await }).await?;
    Ok(made.clone())
}

/// Judges a new password; the reason is for the person who chose it.
pub async fn judge(app: &App, password: &str, about: About) -> Result<Result<(), String>> {
    let least = app.config.accounts.password_min;
    let password = password.to_owned();
    in_turn(app, move || check(&password, least, &about)).await
}

/// Whether a stored hash is weaker than or different from what is configured now.
pub fn is_outdated(config: &Config, hash: &str) -> bool {
    !Scheme::of(config).made(hash)
}

/// How new hashes are made.
#[derive(Debug, Clone, Copy)]
enum Scheme {
    Argon2id { memory: u32, passes: u32 },
    Bcrypt { cost: u32 },
}

impl Scheme {
    fn of(config: &Config) -> Self {
        let accounts = &config.accounts;
        match accounts.password_hash {
            HashAlgorithm::Argon2id => {
                Self::Argon2id { memory: accounts.argon2_memory, passes: accounts.argon2_passes }
            }
            HashAlgorithm::Bcrypt => Self::Bcrypt { cost: accounts.bcrypt_cost },
        }
    }

    fn hash(self, password: &str, salt: &[u8; 16]) -> Result<String> {
        match self {
            Self::Argon2id { memory, passes } => {
                let params = Params::new(memory, passes, 1, Some(32))
                    .map_err(|error| anyhow::anyhow!("the settings of Argon2: {error}"))?;
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                    .hash_password_with_salt(composed(password).as_bytes(), salt)
                    .map(|hash| hash.to_string())
                    .map_err(|error| anyhow::anyhow!("Argon2: {error}").into())
            }
            Self::Bcrypt { cost } => bcrypt::hash_with_salt(pre_hash(password), cost, *salt)
                .map(|parts| {
                    format!("{BCRYPT_SHA384}{}", parts.format_for_version(bcrypt::Version::TwoB))
                })
                .map_err(|error| anyhow::anyhow!("bcrypt: {error}").into()),
        }
    }

    /// Whether a hash was made with just these parameters.
    fn made(self, hash: &str) -> bool {
        match self {
            Self::Argon2id { memory, passes } => {
                hash.starts_with(&format!("$argon2id$v=19$m={memory},t={passes},p=1$"))
            }
            Self::Bcrypt { cost } => hash.starts_with(&format!("{BCRYPT_SHA384}$2b${cost:02}$")),
        }
    }
}

/// Checks a password against any hash we know the form of.
fn matches(password: &str, hash: &str) -> bool {
    if let Some(bcrypt_hash) = hash.strip_prefix(BCRYPT_SHA384) {
        return bcrypt::verify(pre_hash(password), bcrypt_hash).unwrap_or(false);
    }
    if hash.starts_with("$argon2") {
        return argon2(password, hash);
    }
    foreign::matches(password, hash)
}

fn argon2(password: &str, hash: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(hash) else { return false };
    if !Params::try_from(&parsed).is_ok_and(|params| params.m_cost() <= MOST_MEMORY) {
        return false;
    }
    let is = |text: &str| Argon2::default().verify_password(text.as_bytes(), &parsed).is_ok();
    let composed = composed(password);
    // Another program may have hashed the letters as they were typed.
    is(&composed) || (composed != password && is(password))
}

/// One form for letters that can be written in two: a phone and a laptop may differ in `é`.
fn composed(password: &str) -> Cow<'_, str> {
    if password.is_ascii() { password.into() } else { password.nfc().collect::<String>().into() }
}

fn pre_hash(password: &str) -> String {
    let digest = Sha384::digest(composed(password).as_bytes());
    base64::engine::general_purpose::STANDARD.encode(digest)
}

#[cfg(test)]
mod tests;
