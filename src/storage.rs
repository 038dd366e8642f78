//! Files that the site keeps: pictures, named by the hash of their content, outside any web root.
//!
//! A file is written under a temporary name, synced, renamed, and its folder synced; only then may
//! a row speak of it (X48).

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use crate::{Result, config::Hidden, secrets::Random};

/// The folder of everything that is no database.
#[derive(Debug, Clone)]
pub struct Files {
    root: PathBuf,
}

impl Files {
    /// Makes the folders that are missing.
    pub fn open(root: &str) -> anyhow::Result<Self> {
        let root = PathBuf::from(root);
        for folder in ["media", "tmp"] {
            std::fs::create_dir_all(root.join(folder)).map_err(|error| {
                anyhow::anyhow!("storage.dir: {}: {error}", root.join(folder).display())
            })?;
        }
        Ok(Self { root })
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
    /// Storing the same content again is no harm.
    pub fn put(&self, bytes: &[u8], extension: &str) -> Result<String> {
        let hash = hex::encode(Sha256::digest(bytes));
        let name = format!("{}.{extension}", &hash[..40]);
        let Some(path) = self.path(&name) else {
            return Err(anyhow::anyhow!("{extension} is no ending").into());
        };
        if path.exists() {
            // It counts as new, so that no sweep takes it before its row is written.
            std::fs::File::open(&path)?.set_modified(std::time::SystemTime::now())?;
            return Ok(name);
        }
        let folder = path.parent().unwrap_or(&self.root);
        std::fs::create_dir_all(folder)?;
        let temporary = self.root.join("tmp").join(uuid::Uuid::new_v4().to_string());
        let written = write_synced(&temporary, bytes)
            .and_then(|()| std::fs::rename(&temporary, &path))
            .and_then(|()| std::fs::File::open(folder)?.sync_all());
        if let Err(error) = written {
            if let Err(error) = std::fs::remove_file(&temporary)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!(error = %error, "a temporary file stays behind");
            }
            return Err(error.into());
        }
        Ok(name)
    }

    /// The whole file, or `None` when there is no such file.
    pub fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(path) = self.path(name) else { return Ok(None) };
        match std::fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes a file; one that is not there is removed already.
    pub fn remove(&self, name: &str) -> Result<()> {
        let Some(path) = self.path(name) else { return Ok(()) };
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// The folders of the files: the first two digits of their names.
    pub fn shelves(&self) -> Result<Vec<String>> {
        let mut shelves = Vec::new();
        for entry in std::fs::read_dir(self.root.join("media"))? {
            if let Ok(name) = entry?.file_name().into_string()
                && name.len() == 2
            {
                shelves.push(name);
            }
        }
        Ok(shelves)
    }

    /// The names in one folder whose files nobody has stored since.
    pub fn untouched_since(&self, digits: &str, time: DateTime<Utc>) -> Result<Vec<String>> {
        let folder = self.root.join("media").join(digits);
        let names = old_names(&folder, time)?;
        Ok(names.into_iter().filter(|name| self.path(name).is_some()).collect())
    }

    /// Removes what interrupted writes have left behind.
    pub fn remove_leftovers(&self, older_than: DateTime<Utc>) -> Result<()> {
        let folder = self.root.join("tmp");
        for name in old_names(&folder, older_than)? {
            std::fs::remove_file(folder.join(name))?;
        }
        Ok(())
    }

    /// Whether a file can be written now.
    pub fn check(&self) -> Result<()> {
        let path = self.root.join("tmp").join(uuid::Uuid::new_v4().to_string());
        std::fs::write(&path, b"ok")?;
        Ok(std::fs::remove_file(path)?)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a name lies. Names are made by us: forty hexadecimal digits and a short ending;
    /// anything else, such as a path, is no name.
    fn path(&self, name: &str) -> Option<PathBuf> {
        let (hash, extension) = name.split_once('.')?;
        let good = hash.len() == 40
            && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            && (2..=5).contains(&extension.len())
            && extension.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        good.then(|| self.root.join("media").join(&hash[..2]).join(name))
    }
}

/// The files in a folder that were last written before a time.
fn old_names(folder: &Path, before: DateTime<Utc>) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        if meta.is_file()
            && DateTime::<Utc>::from(meta.modified()?) < before
            && let Ok(name) = entry.file_name().into_string()
        {
            names.push(name);
        }
    }
    Ok(names)
}

fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_that_start_at_once_have_one_secret() {
        for round in 0..20 {
            let name = format!("streamly-secret-{}-{round}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            let files = Files::open(&folder.display().to_string()).unwrap();
            let secrets: Vec<Hidden> = std::thread::scope(|scope| {
                let starts: Vec<_> = (0..8)
                    .map(|_| scope.spawn(|| files.development_secret(&Random).unwrap()))
                    .collect();
                starts.into_iter().map(|start| start.join().unwrap()).collect()
            });
            assert!(secrets.iter().all(|secret| *secret == secrets[0]));
            std::fs::remove_dir_all(&folder).unwrap();
        }
    }
}
