//! Puts `assets/` into the binary: every file, also compressed, under one hash of them all.

use std::{
    env,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=assets");
    println!("cargo::rerun-if-changed=migrations");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("assets");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut files = Vec::new();
    if root.is_dir() {
        walk(&root, &root, &mut files)?;
    }
    files.sort();
    let mut tree = Sha256::new();
    let mut entries = String::new();
    for (index, name) in files.iter().enumerate() {
        let mut bytes = fs::read(root.join(name))?;
        // Every page needs both: one answer instead of two.
        if name == "style.css" {
            bytes = [fs::read(root.join("tokens.css"))?, bytes].concat();
        }
        tree.update(name.as_bytes());
        tree.update(Sha256::digest(&bytes));
        let plain = out.join(format!("asset-{index}"));
        fs::write(&plain, &bytes)?;
        let (brotli, gzip) = if is_text(name) {
            (
                compressed(&out, index, "br", &brotli(&bytes)?)?,
                compressed(&out, index, "gz", &gzip(&bytes)?)?,
            )
        } else {
            ("None".to_owned(), "None".to_owned())
        };
        writeln!(
            entries,
            "Asset {{ path: {name:?}, kind: {:?}, plain: {}, brotli: {brotli}, gzip: {gzip} }},",
            kind(name),
            included(&plain),
        )?;
    }
    let mut hash = String::new();
    for byte in tree.finalize().iter().take(6) {
        write!(hash, "{byte:02x}")?;
    }
    let code = format!("const TREE: &str = {hash:?};\nstatic ASSETS: &[Asset] = &[\n{entries}];\n");
    fs::write(out.join("assets.rs"), code)?;
    Ok(())
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<String>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, files)?;
        } else if let Ok(relative) = path.strip_prefix(root) {
            files.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}

fn compressed(out: &Path, index: usize, ending: &str, bytes: &[u8]) -> std::io::Result<String> {
    let path = out.join(format!("asset-{index}.{ending}"));
    fs::write(&path, bytes)?;
    Ok(format!("Some({})", included(&path)))
}

/// The Rust expression for a file's content.
fn included(path: &Path) -> String {
    format!("include_bytes!(r##\"{}\"##)", path.display())
}

fn brotli(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 4096, 11, 22);
    writer.write_all(bytes)?;
    writer.flush()?;
    drop(writer);
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes)?;
    writer.finish()
}

fn is_text(name: &str) -> bool {
    matches!(ending(name), "css" | "js" | "svg" | "webmanifest" | "txt")
}

fn ending(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn kind(name: &str) -> &'static str {
    match ending(name) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        _ => "text/plain; charset=utf-8",
    }
}
