//! What the engines' errors mean to the rest of the program.

use crate::error::Error;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match &error {
            rusqlite::Error::QueryReturnedNoRows => Self::NotFound,
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull => Self::StorageFull,
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OperationInterrupted => {
                    tracing::warn!(error = %error, "the database is busy");
                    Self::Unavailable
                }
                ErrorCode::ConstraintViolation if is_unique(failure.extended_code) => {
                    tracing::debug!(error = %error, "a unique row is there already");
                    Self::Conflict
                }
                ErrorCode::ConstraintViolation
                    if failure.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY =>
                {
                    tracing::debug!(error = %error, "what a row names is gone");
                    Self::NotFound
                }
                _ => Self::Internal(error.into()),
            },
            _ => Self::Internal(error.into()),
        }
    }
}

/// Two rows that may not both be: somebody was faster.
fn is_unique(extended_code: i32) -> bool {
    use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
    matches!(extended_code, SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY)
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        let Some(state) = error.code() else {
            if error.is_closed() || std::error::Error::source(&error).is_some_and(is_io) {
                tracing::warn!(error = %error, "the database connection was lost");
                return Self::Unavailable;
            }
            return Self::Internal(error.into());
        };
        if *state == SqlState::FOREIGN_KEY_VIOLATION {
            tracing::debug!(error = %error, "what a row names is gone");
            return Self::NotFound;
        }
        if *state == SqlState::UNIQUE_VIOLATION {
            tracing::debug!(error = %error, "a unique row is there already");
            return Self::Conflict;
        }
        if *state == SqlState::DISK_FULL {
            return Self::StorageFull;
        }
        let passing = [
            SqlState::QUERY_CANCELED,
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::TOO_MANY_CONNECTIONS,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
        ];
        if passing.contains(state) {
            tracing::warn!(error = %error, state = state.code(), "the database cannot answer now");
            return Self::Unavailable;
        }
        Self::Internal(anyhow::anyhow!(
            "{error}: {}",
            error.as_db_error().map_or("", |e| e.message())
        ))
    }
}

fn is_io(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<std::io::Error>()
}

impl From<deadpool_postgres::PoolError> for Error {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(error) => {
                tracing::warn!(error = %error, "no connection to the database");
                Self::Unavailable
            }
            error => {
                tracing::warn!(error = %error, "no free database connection");
                Self::Unavailable
            }
        }
    }
}
