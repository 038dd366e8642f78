//! A zip that is made on disk, piece by piece, and kept in parts: however much somebody has
//! written and uploaded, memory holds one piece of it.

use std::{
    fs::File,
    io::{Read as _, Seek as _, Write as _},
    path::PathBuf,
};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    Error, Result,
    app::App,
    storage::{Files, PART},
};

/// How large a part is, the last one apart.
const PART_BYTES: u64 = 8 << 20;

/// The most parts: their number stands in their names.
const MOST_PARTS: i64 = 9_999;

/// A zip being written; the writer is large, and handed from thread to thread.
pub struct Archive {
    zip: Box<ZipWriter<File>>,
    path: PathBuf,
}

/// Where a whole one lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub name: String,
    pub parts: i64,
    pub size: i64,
}

impl Archive {
    pub fn begin(app: &App) -> Result<Self> {
        let path = app.files.temporary();
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        Ok(Self { zip: Box::new(ZipWriter::new(file)), path })
    }

    /// Adds a file. What is compressed already, as pictures are, is stored as it is.
    pub async fn add(mut self, name: String, bytes: bytes::Bytes, compress: bool) -> Result<Self> {
        tokio::task::spawn_blocking(move || {
            let method =
                if compress { CompressionMethod::Deflated } else { CompressionMethod::Stored };
            let options = SimpleFileOptions::default().compression_method(method);
            self.zip.start_file(name, options).map_err(anyhow::Error::from)?;
            self.zip.write_all(&bytes)?;
            Ok(self)
        })
        .await?
    }

    pub async fn add_json(self, name: &str, value: &impl serde::Serialize) -> Result<Self> {
        self.add(name.to_owned(), serde_json::to_vec_pretty(value)?.into(), true).await
    }

    /// Finishes it and puts it where the site keeps its files, under a name that nobody can guess.
    pub async fn keep(self, app: &App) -> Result<Kept> {
        let path = self.path.clone();
        let kept = store(app, self).await;
        tokio::task::spawn_blocking(move || std::fs::remove_file(path)).await??;
        kept
    }
}

async fn store(app: &App, archive: Archive) -> Result<Kept> {
    let mut file = tokio::task::spawn_blocking(move || {
        let mut file = archive.zip.finish().map_err(anyhow::Error::from)?;
        file.rewind()?;
        Ok::<_, Error>(file)
    })
    .await??;
    let mut kept = Kept { name: hex::encode(app.random.bytes::<20>()?), parts: 0, size: 0 };
    loop {
        let (back, part) = tokio::task::spawn_blocking(move || {
            let mut part = Vec::new();
            (&mut file).take(PART_BYTES).read_to_end(&mut part)?;
            Ok::<_, Error>((file, part))
        })
        .await??;
        file = back;
        if part.is_empty() {
            return Ok(kept);
        }
        if kept.parts == MOST_PARTS {
            remove(&app.files, &kept.name, kept.parts).await?;
            return Err(Error::invalid("export", "This is too much for one file."));
        }
        kept.size += i64::try_from(part.len()).unwrap_or(i64::MAX);
        app.files.put_named(&part_name(&kept.name, kept.parts), part.into()).await?;
        kept.parts += 1;
    }
}

fn part_name(name: &str, number: i64) -> String {
    format!("{name}-{number}.{PART}")
}

/// One part; one that is missing is an error, so that nobody takes half a file for a whole one.
pub async fn part(files: &Files, name: &str, number: i64) -> Result<bytes::Bytes> {
    files.get(&part_name(name, number)).await?.ok_or(Error::Gone)
}

/// Removes all parts.
pub async fn remove(files: &Files, name: &str, parts: i64) -> Result<()> {
    for number in 0..parts {
        files.remove(&part_name(name, number)).await?;
    }
    Ok(())
}
