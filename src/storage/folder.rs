//! Pictures in a folder: `media/ab/ab12….jpg`.
//!
//! A file is written under a temporary name, synced, renamed, and its folder synced; only then may
//! a row speak of it (X48).

use std::{
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    ops::Range,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::Result;

/// The folder that holds `media` and `tmp`.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(root: &Path) -> Self {
        Self(root.to_owned())
    }

    fn shelf(&self, digits: &str) -> PathBuf {
        self.0.join("media").join(digits)
    }

    /// Where a name lies.
    fn path(&self, name: &str) -> PathBuf {
        self.shelf(name.get(..2).unwrap_or_default()).join(name)
    }

    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path(name);
        if path.metadata().is_ok_and(|there| there.len() == bytes.len() as u64) {
            // It counts as new, so that no sweep takes it before its row is written.
            std::fs::File::open(&path)?.set_modified(std::time::SystemTime::now())?;
            return Ok(());
        }
        let folder = path.parent().unwrap_or(&self.0);
        std::fs::create_dir_all(folder)?;
        let temporary = self.0.join("tmp").join(uuid::Uuid::new_v4().to_string());
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
        Ok(())
    }

    pub fn get(&self, name: &str) -> Result<Option<Bytes>> {
        match std::fs::read(self.path(name)) {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub fn size(&self, name: &str) -> Result<Option<u64>> {
        match std::fs::metadata(self.path(name)) {
            Ok(file) => Ok(Some(file.len())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub fn part(&self, name: &str, range: &Range<u64>) -> Result<Option<Bytes>> {
        let mut file = match std::fs::File::open(self.path(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        file.seek(SeekFrom::Start(range.start))?;
        let mut bytes = Vec::new();
        file.take(range.end.saturating_sub(range.start)).read_to_end(&mut bytes)?;
        Ok(Some(bytes.into()))
    }

    pub fn remove(&self, name: &str) -> Result<()> {
        match std::fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    pub fn shelves(&self) -> Result<Vec<String>> {
        let mut shelves = Vec::new();
        for entry in std::fs::read_dir(self.0.join("media"))? {
            if let Ok(name) = entry?.file_name().into_string()
                && name.len() == 2
            {
                shelves.push(name);
            }
        }
        Ok(shelves)
    }

    pub fn untouched_since(&self, digits: &str, time: DateTime<Utc>) -> Result<Vec<String>> {
        match old_names(&self.shelf(digits), time) {
            Ok(names) => Ok(names),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The files in a folder that were last written before a time.
pub fn old_names(folder: &Path, before: DateTime<Utc>) -> std::io::Result<Vec<String>> {
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
