//! What a file is, by its first bytes.

use crate::Kind;

/// What the bytes seem to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    Picture(Kind),
    /// A kind of file which is not taken, with its name.
    Other(&'static str),
    Unknown,
}

const MAGIC: &[(&[u8], &str)] = &[
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"8BPS", "Photoshop"),
    (b"\0\0\x01\0", "ICO"),
    (b"\0\0\x02\0", "CUR"),
    (b"%PDF-", "PDF"),
    (b"%!PS", "PostScript"),
    (b"\xFF\x0A", "JPEG XL"),
    (b"\0\0\0\x0CJXL \r\n\x87\n", "JPEG XL"),
    (b"\0\0\0\x0CjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xFF\x4F\xFF\x51", "JPEG 2000"),
    (b"v/1\x01", "OpenEXR"),
    (b"gimp xcf", "GIMP"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1F\x8B", "Compressed"),
    (b"BM", "BMP"),
];

/// Tells what a file is.
pub fn recognise(bytes: &[u8]) -> Found {
    if bytes.starts_with(b"\xFF\xD8\xFF") {
        return Found::Picture(Kind::Jpeg);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
        return Found::Picture(Kind::Png);
    }
    if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        return Found::Picture(Kind::Gif);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Found::Picture(Kind::WebP);
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        if brands(bytes).any(|brand| brand == b"avif") {
            return Found::Picture(Kind::Avif);
        }
        return Found::Other(match bytes.get(8..12) {
            Some(b"avis") => "Animated AVIF",
            Some(b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1") => "HEIC",
            _ => "Video",
        });
    }
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Found::Other(name);
    }
    text(bytes).map_or(Found::Unknown, Found::Other)
}

/// What a file in boxes says it is: the first brand, and those it can be read as too.
fn brands(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let length = bytes.first_chunk().map_or(0, |four| u32::from_be_bytes(*four));
    let end = usize::try_from(length).unwrap_or(0).min(bytes.len()).min(256);
    let major = bytes.get(8..12).into_iter();
    major.chain(bytes.get(16..end).unwrap_or_default().chunks_exact(4))
}

/// Text formats have no magic bytes, only a beginning.
fn text(bytes: &[u8]) -> Option<&'static str> {
    let start = &bytes[..bytes.len().min(1024)];
    let start = String::from_utf8_lossy(start).replace('\0', "").to_ascii_lowercase();
    let start =
        start.trim_start_matches(|c: char| c.is_whitespace() || "\u{FEFF}\u{FFFD}".contains(c));
    if !start.starts_with('<') {
        return None;
    }
    if start.contains("<svg") {
        Some("SVG")
    } else if ["<!doctype html", "<html", "<head", "<body", "<script"]
        .iter()
        .any(|tag| start.contains(tag))
    {
        Some("HTML")
    } else if start.starts_with("<?xml") || start.starts_with("<!doctype") {
        Some("XML")
    } else {
        None
    }
}
