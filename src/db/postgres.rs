//! PostgreSQL through a pool of connections with prepared statements.

use std::time::Duration;

use bytes::BytesMut;
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio_postgres::{
    Statement,
    error::SqlState,
    types::{IsNull, ToSql, Type},
};

use super::{Columns, Record, Row, Settings, Value};
use crate::error::{Error, Result};

pub struct Postgres {
    pool: Pool,
}

/// A connection of the pool. One with an unfinished transaction is closed, not lent again.
pub struct Client {
    object: Option<Object>,
    in_transaction: bool,
}

impl Postgres {
    pub async fn connect(url: &str, settings: &Settings) -> Result<Self> {
        let mut config: tokio_postgres::Config =
            url.parse().map_err(|_| anyhow::anyhow!("DATABASE_URL is no PostgreSQL address"))?;
        config.connect_timeout(Duration::from_secs(5));
        config.application_name("streamly");
        config.keepalives_idle(Duration::from_secs(30));
        let method = if settings.test_before_acquire {
            RecyclingMethod::Verified
        } else {
            RecyclingMethod::Fast
        };
        let manager = Manager::from_config(
            config,
            tokio_postgres_rustls::MakeRustlsConnect::new(tls()),
            ManagerConfig { recycling_method: method },
        );
        let pool = Pool::builder(manager)
            .max_size(settings.connections)
            .wait_timeout(Some(settings.acquire_timeout))
            .create_timeout(Some(Duration::from_secs(5)))
            .recycle_timeout(Some(Duration::from_secs(2)))
            .runtime(deadpool_postgres::Runtime::Tokio1)
            .post_create(session_settings(settings.statement_timeout))
            .pre_recycle(lifetime(settings.max_lifetime))
            .build()
            .map_err(anyhow::Error::from)?;
        let this = Self { pool };
        this.client().await?;
        Ok(this)
    }

    pub async fn client(&self) -> Result<Client> {
        Ok(Client { object: Some(self.pool.get().await?), in_transaction: false })
    }

    pub fn pool_status(&self) -> (usize, usize) {
        let status = self.pool.status();
        (status.size, status.size.saturating_sub(status.available))
    }
}

/// The limits of X58, set once on every new connection.
fn session_settings(statement_timeout: Duration) -> Hook {
    let text = format!(
        "set statement_timeout = {}; set lock_timeout = 2000; \
         set idle_in_transaction_session_timeout = 10000; set time zone 'UTC'",
        statement_timeout.as_millis()
    );
    Hook::async_fn(move |client, _| {
        let text = text.clone();
        Box::pin(async move { client.batch_execute(&text).await.map_err(HookError::Backend) })
    })
}

fn lifetime(max: Duration) -> Hook {
    Hook::sync_fn(move |_, metrics| {
        if metrics.age() > max { Err(HookError::message("past its lifetime")) } else { Ok(()) }
    })
}

fn tls() -> rustls::ClientConfig {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

impl Client {
    fn object(&mut self) -> Result<&mut Object> {
        self.object.as_mut().ok_or(Error::Unavailable)
    }

    pub async fn begin(&mut self) -> Result<()> {
        self.in_transaction = true;
        Ok(self.object()?.batch_execute("begin").await?)
    }

    /// Begins a transaction to read in, whose statements may take no longer than this. It is
    /// rolled back when the connection is given back, and the limit with it.
    pub async fn begin_within(&mut self, limit: Duration) -> Result<()> {
        self.in_transaction = true;
        let text = format!(
            "begin read only; set local statement_timeout = {}; set local plan_cache_mode = \
             'force_custom_plan'",
            limit.as_millis()
        );
        Ok(self.object()?.batch_execute(&text).await?)
    }

    pub async fn commit(&mut self) -> Result<()> {
        self.object()?.batch_execute("commit").await?;
        self.in_transaction = false;
        Ok(())
    }

    pub async fn batch(&mut self, text: &str) -> Result<()> {
        Ok(self.object()?.batch_execute(text).await?)
    }

    pub async fn rows<T: Record>(&mut self, text: &str, values: &[Value]) -> Result<Vec<T>> {
        let values = parameters(values);
        let (statement, rows) = match answer(self.object()?, text, &values).await {
            Err(error) if is_outdated(&error) => {
                self.forget_statements(&error)?;
                answer(self.object()?, text, &values).await?
            }
            answer => answer?,
        };
        let names: Vec<&str> =
            statement.columns().iter().map(tokio_postgres::Column::name).collect();
        let columns = Columns::find::<T>(&names)?;
        rows.iter().map(|row| T::from_row(&Row::Postgres(row), &columns)).collect()
    }

    pub async fn run(&mut self, text: &str, values: &[Value]) -> Result<u64> {
        let values = parameters(values);
        match execute(self.object()?, text, &values).await {
            Err(error) if is_outdated(&error) => {
                self.forget_statements(&error)?;
                Ok(execute(self.object()?, text, &values).await?)
            }
            number => Ok(number?),
        }
    }

    /// Lets all connections prepare their statements again. An error inside a transaction, which
    /// cannot go on after one: whoever asked may ask again.
    fn forget_statements(&mut self, error: &tokio_postgres::Error) -> Result<()> {
        tracing::info!(%error, "the schema has changed; statements are prepared again");
        let in_transaction = self.in_transaction;
        let object = self.object()?;
        object.statement_cache.clear();
        if let Some(pool) = Object::pool(object) {
            pool.manager().statement_caches.clear();
        }
        if in_transaction { Err(Error::Unavailable) } else { Ok(()) }
    }

    /// Settings with which an acknowledged write can be lost, in words.
    pub async fn durability_warnings(mut self) -> Result<Vec<String>> {
        let mut warnings = Vec::new();
        for setting in ["synchronous_commit", "fsync", "full_page_writes"] {
            let row = self.object()?.query_one("select current_setting($1)", &[&setting]).await?;
            let value: String = row.try_get(0)?;
            if value == "off" {
                warnings.push(format!("PostgreSQL's {setting} is off: a crash can lose writes"));
            }
        }
        Ok(warnings)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if self.in_transaction
            && let Some(object) = self.object.take()
        {
            roll_back(object);
        }
    }
}

/// Ends the transaction of somebody who left, and gives the connection back after that.
fn roll_back(object: Object) {
    let Ok(handle) = tokio::runtime::Handle::try_current() else {
        return drop(Object::take(object));
    };
    handle.spawn(async move {
        if object.batch_execute("rollback").await.is_err() {
            drop(Object::take(object));
        }
    });
}

async fn answer(
    object: &Object,
    text: &str,
    values: &[&(dyn ToSql + Sync)],
) -> std::result::Result<(Statement, Vec<tokio_postgres::Row>), tokio_postgres::Error> {
    let statement = object.prepare_cached(text).await?;
    let rows = object.query(&statement, values).await?;
    Ok((statement, rows))
}

async fn execute(
    object: &Object,
    text: &str,
    values: &[&(dyn ToSql + Sync)],
) -> std::result::Result<u64, tokio_postgres::Error> {
    let statement = object.prepare_cached(text).await?;
    object.execute(&statement, values).await
}

/// Whether a statement was refused because a migration has changed its columns since it was
/// prepared. PostgreSQL names no code of its own for it, so the place in its source says it.
fn is_outdated(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED)
        && error.as_db_error().and_then(|error| error.routine()) == Some("RevalidateCachedQuery")
}

fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Int(Some(value)) if *kind == Type::INT4 => {
                i32::try_from(*value)?.to_sql(kind, out)
            }
            Self::Int(Some(value)) => value.to_sql(&Type::INT8, out),
            Self::Float(Some(value)) => value.to_sql(&Type::FLOAT8, out),
            Self::Bool(Some(value)) => value.to_sql(&Type::BOOL, out),
            // PostgreSQL's text cannot hold NUL; forms refuse it long before.
            Self::Text(Some(value)) if value.contains('\0') => {
                value.replace('\0', "").to_sql(kind, out)
            }
            Self::Text(Some(value)) => value.to_sql(kind, out),
            Self::Time(Some(value)) => value.to_sql(kind, out),
            _ => Ok(IsNull::Yes),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}
