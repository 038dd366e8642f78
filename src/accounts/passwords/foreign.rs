//! Hashes that other programs made: bcrypt, and Werkzeug's pbkdf2 and scrypt (I.4-I.6).

use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;

/// Rounds of PBKDF2 at most: an import must not be able to stop the site.
const MOST_ROUNDS: u32 = 5_000_000;

/// Memory of scrypt at most, in bytes.
const MOST_MEMORY: u64 = 256 << 20;

/// The dearest bcrypt that is computed.
const MOST_COST: u32 = 16;

/// What Werkzeug means when it does not say how many rounds.
const WERKZEUG_ROUNDS: u32 = 600_000;

pub fn matches(password: &str, hash: &str) -> bool {
    if ["$2a$", "$2b$", "$2y$"].iter().any(|start| hash.starts_with(start)) {
        return bcrypt(password, hash);
    }
    werkzeug(password, hash).unwrap_or(false)
}

fn bcrypt(password: &str, hash: &str) -> bool {
    let cost = hash.get(4..6).and_then(|digits| digits.parse::<u32>().ok());
    cost.is_some_and(|cost| cost <= MOST_COST) && bcrypt::verify(password, hash).unwrap_or(false)
}

/// `method$salt$hex`, where the salt is used as the text it is.
fn werkzeug(password: &str, hash: &str) -> Option<bool> {
    let mut parts = hash.splitn(3, '$');
    let (method, salt, digest) = (parts.next()?, parts.next()?, parts.next()?);
    let expected = hex::decode(digest).ok().filter(|bytes| bytes.len() >= 16)?;
    let mut words = method.split(':');
    let computed = match words.next()? {
        "pbkdf2" => pbkdf2(password, salt, &mut words, expected.len())?,
        "scrypt" => scrypt(password, salt, &mut words, expected.len())?,
        _ => return None,
    };
    Some(computed.ct_eq(&expected).into())
}

/// `pbkdf2:sha256:600000`; the digest and the rounds may be left out.
fn pbkdf2<'a>(
    password: &str,
    salt: &str,
    words: &mut impl Iterator<Item = &'a str>,
    length: usize,
) -> Option<Vec<u8>> {
    let digest = words.next().unwrap_or("sha256");
    let rounds = words.next().map_or(Some(WERKZEUG_ROUNDS), |text| text.parse().ok())?;
    if rounds == 0 || rounds > MOST_ROUNDS || words.next().is_some() {
        return None;
    }
    let (password, salt) = (password.as_bytes(), salt.as_bytes());
    let mut output = vec![0; length.min(64)];
    match digest {
        "sha256" => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, rounds, &mut output),
        "sha512" => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, rounds, &mut output),
        _ => return None,
    }
    Some(output)
}

/// `scrypt:32768:8:1`: N, r, p.
fn scrypt<'a>(
    password: &str,
    salt: &str,
    words: &mut impl Iterator<Item = &'a str>,
    length: usize,
) -> Option<Vec<u8>> {
    let mut number = |default: u32| words.next().map_or(Some(default), |text| text.parse().ok());
    let (n, r, p) = (number(1 << 15)?, number(8)?, number(1)?);
    if !n.is_power_of_two() || u64::from(n) * u64::from(r) * 128 > MOST_MEMORY || p > 16 {
        return None;
    }
    let log_n = u8::try_from(n.ilog2()).ok()?;
    let params = scrypt::Params::new(log_n, r, p).ok()?;
    let mut output = vec![0; length.min(64)];
    scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &params, &mut output).ok()?;
    Some(output)
}
