//! What the tests from outside stand on: the real program on a data folder and database of its own
//! ([`server`]), a plain HTTP client ([`http`]), a small mail server ([`smtp`]), a real one that
//! can misbehave ([`smtp_process`]) and a browser ([`browser`]).
//!
//! `cargo xtask test --e2e` runs the tests with everything they need. By hand they want these in the
//! environment: `STREAMLY_BIN`, for the browser `CHROMEDRIVER` and `CHROME`, and `SMTP_PYTHON`; with
//! `TEST_DATABASE_URL` (a server that trusts its caller) they use PostgreSQL too.

pub mod browser;
pub mod database;
pub mod html;
pub mod http;
pub mod member;
pub mod picture;
pub mod redis;
pub mod server;
pub mod smtp;
pub mod smtp_process;
pub mod stream;

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that goes when it goes out of scope, unless it was made to be kept.
pub struct TempFolder {
    path: PathBuf,
    kept: bool,
}

impl TempFolder {
    pub fn new(what: &str) -> std::io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("streamly-{what}-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self { path, kept: false })
    }

    /// A folder that stays, for what takes minutes to make.
    pub fn kept(path: PathBuf) -> std::io::Result<Self> {
        std::fs::create_dir_all(&path)?;
        Ok(Self { path, kept: true })
    }

    pub fn path(&self) -> &std::path::Path {
        &self.path
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// A port that nobody listens on at the moment.
pub fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Decodes base64; what does not belong to its alphabet, such as line ends, is passed over.
pub fn decode_base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for value in text.bytes().filter_map(value) {
        bits = (bits << 6 | u32::from(value)) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.extend(u8::try_from(bits >> count & 0xff));
        }
    }
    bytes
}

/// Encodes as base64.
pub fn encode_base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let at = |index: usize| u32::from(three.get(index).copied().unwrap_or_default());
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let value = bits >> (18 - 6 * place) & 0x3f;
            let letter = ALPHABET.get(value as usize).copied().map_or('=', char::from);
            text.push(if place > three.len() { '=' } else { letter });
        }
    }
    text
}

/// Says what a test leaves out and why, past the capture of what passing tests print; xtask repeats
/// it at the end.
pub fn leave_out(what: &str) {
    let _ = std::io::stdout().write_all(format!("\nLEFT OUT: {what}\n").as_bytes());
}

/// A folder of `shared/fixtures` beside the checkout; none, and said so, where it is not.
pub fn fixtures(folder: &str) -> Option<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let found = here.ancestors().nth(3).map(|beside| beside.join("shared/fixtures").join(folder));
    let found = found.filter(|folder| folder.is_dir());
    if found.is_none() {
        leave_out(&format!("what needs shared/fixtures/{folder}, for that is not here"));
    }
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_is_decoded_across_lines() {
        assert_eq!(super::decode_base64("aGVs\r\nbG8="), b"hello");
        assert_eq!(super::decode_base64("/+8="), [0xff, 0xef]);
    }

    #[test]
    fn base64_comes_back() {
        assert_eq!(super::encode_base64(b"hello"), "aGVsbG8=");
        for length in 0..5_u8 {
            let bytes: Vec<u8> = (250 - length..250).collect();
            assert_eq!(super::decode_base64(&super::encode_base64(&bytes)), bytes);
        }
    }
}
