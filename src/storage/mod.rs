//! Files that the site keeps: pictures, named by the hash of their content, outside any web root.
//!
//! One face, and behind it a folder, a bucket that speaks S3, or one of Google Cloud Storage. What
//! is no picture (the development's secret, what is being written) always lies in the folder.

mod bucket;
mod folder;

#[cfg(test)]
mod tests;

use std::{
    io::Write as _,
    ops::Range,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use self::{bucket::Bucket, folder::Folder};
use crate::{
    Result,
    config::{Backend, Hidden, Storage},
    secrets::Random,
};

/// The files of everything that is no database.
#[derive(Debug, Clone)]
pub struct Files {
    root: PathBuf,
    place: Place,
}

/// Where pictures lie.
#[derive(Debug, Clone)]
enum Place {
    Folder(Folder),
    Bucket(Bucket),
}

impl Files {
    /// Makes the folders that are missing, and whatever speaks to the bucket.
    pub fn open(settings: &Storage) -> anyhow::Result<Self> {
        Self::at(settings, settings.backend)
    }

    /// The same with another back end than the settings name: where files are moved to.
    pub fn at(settings: &Storage, backend: Backend) -> anyhow::Result<Self> {
        let root = PathBuf::from(&settings.dir);
        for folder in ["media", "tmp"] {
            std::fs::create_dir_all(root.join(folder)).map_err(|error| {
                anyhow::anyhow!("storage.dir: {}: {error}", root.join(folder).display())
            })?;
        }
        let place = match backend {
            Backend::Local => Place::Folder(Folder::new(&root)),
            Backend::S3 => Place::Bucket(Bucket::s3(settings)?),
            Backend::Gcs => Place::Bucket(Bucket::gcs(settings)?),
        };
        Ok(Self { root, place })
    }

    /// The secret that development makes for itself and keeps. Of several instances that start at
    /// once in one folder the first one's is everybody's: it is linked to its name when it is
    /// whole, and a name can be taken only once.
    pub fn development_secret(&self, random: &Random) -> anyhow::Result<Hidden> {
        let path = self.root.join("secret");
        if !path.exists() {
            let own = self.root.join("tmp").join(uuid::Uuid::new_v4().to_string());
            write_private(&own, random.token()?.as_bytes())?;
            let linked = std::fs::hard_link(&own, &path);
            std::fs::remove_file(&own)?;
            if let Err(error) = linked
                && error.kind() != std::io::ErrorKind::AlreadyExists
            {
                return Err(error.into());
            }
        }
        let secret = std::fs::read_to_string(&path)?.trim().to_owned();
        anyhow::ensure!(secret.len() >= 32, "{} is no secret; remove it", path.display());
        Ok(Hidden::new(secret))
    }

    /// Stores a file and says its name: the hash of the content and the ending, `ab12….jpg`.
    /// Storing the same content again is no harm, and makes it new for the sweep.
    pub async fn put(&self, bytes: Bytes, extension: &str) -> Result<String> {
        let name = format!("{}.{extension}", &hash(&bytes)[..HASH]);
        self.put_named(&name, bytes).await?;
        Ok(name)
    }

    /// Stores a file under a name of ours. It is whole or not there (X48).
    pub async fn put_named(&self, name: &str, bytes: Bytes) -> Result<()> {
        if !is_name(name) {
            return Err(anyhow::anyhow!("{name} is no name of a file").into());
        }
        match &self.place {
            Place::Folder(folder) => {
                let (folder, name) = (folder.clone(), name.to_owned());
                tokio::task::spawn_blocking(move || folder.put(&name, &bytes)).await?
            }
            Place::Bucket(bucket) => bucket.put(name, bytes).await,
        }
    }

    /// The whole file, or `None` when there is no such file.
    pub async fn get(&self, name: &str) -> Result<Option<Bytes>> {
        if !is_name(name) {
            return Ok(None);
        }
        match &self.place {
            Place::Folder(folder) => {
                let (folder, name) = (folder.clone(), name.to_owned());
                tokio::task::spawn_blocking(move || folder.get(&name)).await?
            }
            Place::Bucket(bucket) => bucket.get(name).await,
        }
    }

    /// How long a file is, without reading it; `None` when there is no such file.
    pub async fn size(&self, name: &str) -> Result<Option<u64>> {
        if !is_name(name) {
            return Ok(None);
        }
        match &self.place {
            Place::Folder(folder) => {
                let (folder, name) = (folder.clone(), name.to_owned());
                tokio::task::spawn_blocking(move || folder.size(&name)).await?
            }
            Place::Bucket(bucket) => bucket.size(name).await,
        }
    }

    /// Some bytes of a file, which must lie within it. No more than these are read.
    pub async fn part(&self, name: &str, range: Range<u64>) -> Result<Option<Bytes>> {
        if !is_name(name) {
            return Ok(None);
        }
        match &self.place {
            Place::Folder(folder) => {
                let (folder, name) = (folder.clone(), name.to_owned());
                tokio::task::spawn_blocking(move || folder.part(&name, &range)).await?
            }
            Place::Bucket(bucket) => bucket.part(name, range).await,
        }
    }

    /// Removes a file; one that is not there is removed already.
    pub async fn remove(&self, name: &str) -> Result<()> {
        if !is_name(name) {
            return Ok(());
        }
        match &self.place {
            Place::Folder(folder) => {
                let (folder, name) = (folder.clone(), name.to_owned());
                tokio::task::spawn_blocking(move || folder.remove(&name)).await?
            }
            Place::Bucket(bucket) => bucket.remove(name).await,
        }
    }

    /// The shelves of the files: the first two digits of their names.
    pub async fn shelves(&self) -> Result<Vec<String>> {
        match &self.place {
            Place::Folder(folder) => {
                let folder = folder.clone();
                tokio::task::spawn_blocking(move || folder.shelves()).await?
            }
            Place::Bucket(bucket) => bucket.shelves().await,
        }
    }

    /// The names on one shelf whose files nobody has stored since.
    pub async fn untouched_since(&self, digits: &str, time: DateTime<Utc>) -> Result<Vec<String>> {
        let mut names = match &self.place {
            Place::Folder(folder) => {
                let (folder, digits) = (folder.clone(), digits.to_owned());
                tokio::task::spawn_blocking(move || folder.untouched_since(&digits, time)).await??
            }
            Place::Bucket(bucket) => bucket.untouched_since(digits, time).await?,
        };
        names.retain(|name| is_name(name));
        Ok(names)
    }

    /// Removes what interrupted writes have left behind.
    pub fn remove_leftovers(&self, older_than: DateTime<Utc>) -> Result<()> {
        let folder = self.root.join("tmp");
        for name in folder::old_names(&folder, older_than)? {
            std::fs::remove_file(folder.join(name))?;
        }
        Ok(())
    }

    /// A file of nobody's for work on a disk; whatever is left of it goes with the leftovers.
    pub fn temporary(&self) -> PathBuf {
        self.root.join("tmp").join(uuid::Uuid::new_v4().to_string())
    }

    /// Whether a file can be written now.
    pub async fn check(&self) -> Result<()> {
        let path = self.root.join("tmp").join(uuid::Uuid::new_v4().to_string());
        std::fs::write(&path, b"ok")?;
        std::fs::remove_file(path)?;
        match &self.place {
            Place::Folder(_) => Ok(()),
            Place::Bucket(bucket) => bucket.check().await,
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }
}

/// How many digits of a file's hash are its name.
const HASH: usize = 40;

/// The hash of a file's content.
pub fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The ending of the parts of what only its owner may have; no page serves them by name.
pub const PART: &str = "part";

/// Whether a file is what its name says: pictures are named by their hash.
pub fn is_named_by(name: &str, bytes: &[u8]) -> bool {
    name.split_once('.').is_some_and(|(stem, _)| stem == &hash(bytes)[..HASH])
}

/// Names are made by us: forty hexadecimal digits, perhaps a width, and a short ending; anything
/// else, such as a path, is no name.
fn is_name(name: &str) -> bool {
    let Some((stem, extension)) = name.split_once('.') else { return false };
    let (hash, width) =
        stem.split_once('-').map_or((stem, None), |(hash, width)| (hash, Some(width)));
    hash.len() == HASH
        && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && width.is_none_or(|width| {
            (1..=4).contains(&width.len()) && width.bytes().all(|byte| byte.is_ascii_digit())
        })
        && (2..=5).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// What a file is served as, by the ending that we gave it.
pub fn mime(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "jpg" => Some("image/jpeg"),
        "png" => Some("image/png"),
        "gif" => Some("image/gif"),
        "webp" => Some("image/webp"),
        _ => None,
    }
}

#[cfg(unix)]
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(not(unix))]
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::write(path, bytes)
}
