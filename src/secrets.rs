//! Chance, tokens, and the keys derived from the site's one secret.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::Result;

/// Where chance comes from: the operating system.
#[derive(Clone, Copy)]
pub struct Random;

impl Random {
    pub fn bytes<const N: usize>(self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes)
            .map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
        Ok(bytes)
    }

    /// 256 random bits for a link or a cookie, in 43 characters.
    pub fn token(self) -> Result<String> {
        use base64::Engine as _;
        Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.bytes::<32>()?))
    }
}

/// What the database keeps of a token: only its SHA-256, in hexadecimal.
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Keys for each purpose, derived from the one secret (HKDF with HMAC-SHA-256, RFC 5869).
pub struct Keys {
    pseudo_random: [u8; 32],
}

impl Keys {
    pub fn derive(secret: &str) -> Self {
        Self { pseudo_random: hmac(b"streamly", &[secret.as_bytes()]) }
    }

    /// A code over some parts that only this site can make, for one purpose.
    pub fn sign(&self, purpose: &str, parts: &[&str]) -> [u8; 32] {
        let key = hmac(&self.pseudo_random, &[purpose.as_bytes(), &[1]]);
        let lengths: Vec<[u8; 8]> =
            parts.iter().map(|part| (part.len() as u64).to_be_bytes()).collect();
        let mut message: Vec<&[u8]> = Vec::with_capacity(parts.len() * 2);
        for (part, length) in parts.iter().zip(&lengths) {
            message.push(length);
            message.push(part.as_bytes());
        }
        hmac(&key, &message)
    }
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes keys of any length")
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
