//! Pictures in a bucket: `media/ab/ab12….jpg`, over S3's protocol or Google's, by one library.

use std::{ops::Range, sync::Arc, time::Duration};

use anyhow::Context as _;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt as _;
use object_store::{
    Attribute, Attributes, ClientOptions, ObjectStore, ObjectStoreExt as _, PutOptions,
    RetryConfig, aws::AmazonS3Builder, gcp::GoogleCloudStorageBuilder, path::Path,
};

use super::mime;
use crate::{Error, Result, config::Storage};

/// What keeps pictures, and answers over the network.
#[derive(Debug, Clone)]
pub struct Bucket(Arc<dyn ObjectStore>);

/// How long one question may take, tries included. A page must not wait longer.
const PATIENCE: Duration = Duration::from_secs(10);

impl Bucket {
    pub fn s3(settings: &Storage) -> anyhow::Result<Self> {
        choose_cryptography();
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(&settings.key_id)
            .with_secret_access_key(settings.secret.reveal())
            .with_client_options(options(settings))
            .with_retry(retry());
        if !settings.endpoint.is_empty() {
            builder = builder.with_endpoint(&settings.endpoint);
        }
        Ok(Self(Arc::new(builder.build().context("storage: S3")?)))
    }

    /// `storage.secret` is the service account's JSON; without one, the machine's own account.
    pub fn gcs(settings: &Storage) -> anyhow::Result<Self> {
        choose_cryptography();
        let mut builder = GoogleCloudStorageBuilder::new()
            .with_bucket_name(&settings.bucket)
            .with_client_options(options(settings))
            .with_retry(retry());
        if !settings.secret.is_empty() {
            builder = builder.with_service_account_key(settings.secret.reveal());
        }
        if !settings.endpoint.is_empty() {
            builder = builder.with_base_url(&settings.endpoint);
        }
        Ok(Self(Arc::new(builder.build().context("storage: Google Cloud Storage")?)))
    }

    pub async fn put(&self, name: &str, bytes: Bytes) -> Result<()> {
        let mut attributes = Attributes::new();
        if let Some(mime) = mime(name) {
            attributes.insert(Attribute::ContentType, mime.into());
            let forever = "public, max-age=31536000, immutable";
            attributes.insert(Attribute::CacheControl, forever.into());
        } else {
            attributes.insert(Attribute::CacheControl, "private, no-store".into());
        }
        let options = PutOptions { attributes, ..PutOptions::default() };
        self.0.put_opts(&key(name), bytes.into(), options).await.map_err(|error| failed(&error))?;
        Ok(())
    }

    pub async fn get(&self, name: &str) -> Result<Option<Bytes>> {
        match self.0.get(&key(name)).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(|error| failed(&error))?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    pub async fn size(&self, name: &str) -> Result<Option<u64>> {
        match self.0.head(&key(name)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    pub async fn part(&self, name: &str, range: Range<u64>) -> Result<Option<Bytes>> {
        match self.0.get_range(&key(name), range.clone()).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            // Some servers know no parts, or do not say that it is one.
            Err(error) => {
                tracing::debug!(error = %error, "no part of a file was to be had; all is read");
                let Some(whole) = self.get(name).await? else { return Ok(None) };
                let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(whole.len());
                Ok(Some(whole.slice(place(range.start)..place(range.end))))
            }
        }
    }

    pub async fn remove(&self, name: &str) -> Result<()> {
        match self.0.delete(&key(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }

    pub async fn shelves(&self) -> Result<Vec<String>> {
        let found = self
            .0
            .list_with_delimiter(Some(&Path::from("media")))
            .await
            .map_err(|error| failed(&error))?;
        let names = found.common_prefixes.iter().filter_map(Path::filename);
        Ok(names.filter(|name| name.len() == 2).map(str::to_owned).collect())
    }

    pub async fn untouched_since(&self, digits: &str, time: DateTime<Utc>) -> Result<Vec<String>> {
        let place = Path::from("media").join(digits);
        let all: Vec<_> =
            self.0.list(Some(&place)).try_collect().await.map_err(|error| failed(&error))?;
        let old = all.iter().filter(|file| file.last_modified < time);
        Ok(old.filter_map(|file| file.location.filename().map(str::to_owned)).collect())
    }

    /// Whether the bucket answers: it may well say that there is no such thing.
    pub async fn check(&self) -> Result<()> {
        match self.0.head(&Path::from("media/check")).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }
}

fn key(name: &str) -> Path {
    Path::from("media").join(name.get(..2).unwrap_or_default()).join(name)
}

/// Who asks is told to come back; the cause is for the log.
fn failed(error: &object_store::Error) -> Error {
    tracing::warn!(error = %error, "the bucket does not answer as it should");
    Error::Unavailable
}

fn options(settings: &Storage) -> ClientOptions {
    ClientOptions::new()
        .with_timeout(PATIENCE)
        .with_connect_timeout(Duration::from_secs(3))
        .with_allow_http(settings.endpoint.starts_with("http://"))
}

fn retry() -> RetryConfig {
    RetryConfig { max_retries: 2, retry_timeout: PATIENCE, ..RetryConfig::default() }
}

/// The library asks the process which cryptography to use; ours is ring everywhere.
fn choose_cryptography() {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("cryptography was chosen before");
    }
}
