//! The one error type of the application. It knows nothing of HTTP: `web::error` turns it into a
//! page, and the doors for programs into problem JSON.

use std::{borrow::Cow, collections::BTreeMap, time::Duration};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such thing, or not visible to the one who asks.
    #[error("not found")]
    NotFound,
    /// It was here, and has been removed for good.
    #[error("gone")]
    Gone,
    /// Nobody is signed in, and somebody has to be.
    #[error("sign in first")]
    Unauthenticated,
    /// Signed in, and the password has to be typed again before this.
    #[error("prove that it is you")]
    ProofNeeded,
    /// Visible, and still not allowed.
    #[error("not allowed")]
    Forbidden,
    /// What was sent is not acceptable; the messages are for the sender.
    #[error("invalid input: {0:?}")]
    Invalid(FieldErrors),
    /// It can be read and is still not done, whatever else is sent; the sentence says why.
    #[error("refused: {0}")]
    Refused(Cow<'static, str>),
    /// Somebody else was faster; the newer state has to be seen first.
    #[error("conflict")]
    Conflict,
    /// Too often; try again after this time.
    #[error("too many requests")]
    TooMany(Duration),
    /// Larger than allowed; the limit in bytes.
    #[error("too large")]
    TooLarge(usize),
    /// A kind of content that is not taken here.
    #[error("unsupported: {0}")]
    Unsupported(Cow<'static, str>),
    /// The database or a worker is busy or away; try again soon.
    #[error("unavailable")]
    Unavailable,
    /// The disk is full.
    #[error("storage full")]
    StorageFull,
    /// Our fault. Logged once where it is answered, never shown.
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

impl Error {
    /// One field and what is wrong with it.
    pub fn invalid(field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        let mut errors = FieldErrors::default();
        errors.add(field, message);
        Self::Invalid(errors)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        if matches!(error.kind(), StorageFull | QuotaExceeded) {
            return Self::StorageFull;
        }
        Self::Internal(error.into())
    }
}

impl From<tokio::task::JoinError> for Error {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Internal(error.into())
    }
}

/// Messages by field, as a form or an API client wants them.
#[derive(Debug, Default, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldErrors(BTreeMap<&'static str, Cow<'static, str>>);

impl FieldErrors {
    /// Keeps the first message of a field.
    pub fn add(&mut self, field: &'static str, message: impl Into<Cow<'static, str>>) {
        self.0.entry(field).or_insert_with(|| message.into());
    }

    /// The message of a field, for its place in the form.
    pub fn on(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(AsRef::as_ref)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(field, message)| (*field, message.as_ref()))
    }

    /// Keeps the value, or its message under `field`.
    pub fn check<T, M: Into<Cow<'static, str>>>(
        &mut self,
        field: &'static str,
        parsed: std::result::Result<T, M>,
    ) -> Option<T> {
        parsed.map_err(|message| self.add(field, message)).ok()
    }

    /// `Ok` when nothing was wrong.
    pub fn into_result(self) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(Error::Invalid(self)) }
    }
}
