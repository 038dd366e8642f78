use super::*;
use crate::config::Environment;

fn quick(algorithm: HashAlgorithm) -> Config {
    let mut config = Config::defaults(Environment::Testing);
    config.accounts.password_hash = algorithm;
    config.accounts.argon2_memory = 64;
    config.accounts.argon2_passes = 1;
    config.accounts.bcrypt_cost = 4;
    config
}

#[test]
fn the_defaults_are_not_below_the_floor() {
    let hash = Scheme::of(&Config::defaults(Environment::Production)).hash("x", &[7; 16]).unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert!(hash.len() <= 255);
}

#[test]
fn both_ways_take_any_password_whole() {
    let long: String = "correct horse battery staple ".repeat(8);
    let passwords = [
        "plain ascii",
        " with spaces around ",
        "Grüße, 世界",
        "🦀🦀🦀🦀🦀🦀🦀🦀",
        "nul\0inside",
        &long[..64],
        &long[..128],
        &long,
    ];
    for algorithm in [HashAlgorithm::Argon2id, HashAlgorithm::Bcrypt] {
        let scheme = Scheme::of(&quick(algorithm));
        for password in passwords {
            let hash = scheme.hash(password, &[9; 16]).unwrap();
            assert!(hash.len() <= 255);
            assert!(matches(password, &hash), "{password:?} {hash}");
            let mut other: Vec<char> = password.chars().collect();
            *other.last_mut().unwrap() = '#';
            let other: String = other.into_iter().collect();
            assert!(!matches(&other, &hash), "the last character of {password:?} counts");
            assert!(!matches(&format!("{password} "), &hash));
            assert!(password.trim() == password || !matches(password.trim(), &hash));
        }
        let before_nul = scheme.hash("nul", &[9; 16]).unwrap();
        assert!(!matches("nul\0inside", &before_nul));
    }
}

#[test]
fn letters_written_in_two_ways_are_the_same_password() {
    for algorithm in [HashAlgorithm::Argon2id, HashAlgorithm::Bcrypt] {
        let hash = Scheme::of(&quick(algorithm)).hash("caf\u{e9} au lait", &[1; 16]).unwrap();
        assert!(matches("cafe\u{301} au lait", &hash));
    }
}

/// Made with Werkzeug 3.1.8, libcrypt, and Python's hashlib.
#[test]
fn hashes_of_other_programs_are_read() {
    let table = [
        (
            "password123",
            "pbkdf2:sha256:600000$JQxOENZ66xXMxVUJ$a8a5b11363a901ddda1ec7daedd30cc1b1d3188ed15d78a5cd7ff4fa422f2002",
        ),
        (
            "password123",
            "pbkdf2:sha256:600000$Vt4VfLLLwQLBpRWz$7bee28d81f2bb88bba87172f7350f9a7819fde601e4aeb06f61f42fc1ec94a76",
        ),
        (
            "Grüße, 世界",
            "pbkdf2:sha256$aB3dE5fG7hJ9kL1m$afb48b6df966873db02f861202f7b26153f8de674183bc8dd46e16624dea71a0",
        ),
        (
            "Grüße, 世界",
            "pbkdf2:sha512:1000$jFYbuaNvQRpGqK3w$5243bac391901092d117eca6d12c11ea1e70b6e46e1809641c06e7295581227dcd0dec8b48ffe8e489cf104664a3f5ce78b0338c02148cdeecb2e350b6ad8dbc",
        ),
        (
            "secret words",
            "scrypt:32768:8:1$YQpwJCLqA4qqDmAi$b6dc778c928f0c380ce10ae75e422314b05ad9fd76dfb8401cee3f36808d54850da3cc7b977efeca07cde60d6d59bf40caced1839c7ef2bfaf301cbb25731a3c",
        ),
        (
            "🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀",
            "scrypt:1024:8:1$tVGRwqCNK1oV0buP$71ce78c50b9e64f79c5f646e66395f21ba3b5935ba8ecc0c14de4ec51902e17233bd9da4a9085803f3912f323f3b19fc9898401ffc75c9c4e72f7305198613cc",
        ),
        ("Grüße, 世界", "$2a$05$abcdefghijklmnopqrstuuw621nqt0M3heyb5.FuH7McQmBa.kSAO"),
        ("Grüße, 世界", "$2b$05$abcdefghijklmnopqrstuuw621nqt0M3heyb5.FuH7McQmBa.kSAO"),
        ("Grüße, 世界", "$2y$05$abcdefghijklmnopqrstuuw621nqt0M3heyb5.FuH7McQmBa.kSAO"),
    ];
    let config = quick(HashAlgorithm::Argon2id);
    for (password, hash) in table {
        assert!(matches(password, hash), "{hash}");
        assert!(is_outdated(&config, hash));
    }
    for (_, hash) in
        table.iter().filter(|(_, hash)| !hash.contains("600000") && !hash.contains("256$"))
    {
        assert!(!matches("something else", hash), "{hash}");
    }
}

#[test]
fn what_is_no_hash_fits_nothing() {
    let table = [
        "",
        "$",
        "plain",
        "!",
        "pbkdf2:sha256:0$salt$00112233445566778899aabbccddeeff",
        "pbkdf2:sha256:4000000000$salt$00112233445566778899aabbccddeeff",
        "pbkdf2:md5:1000$salt$00112233445566778899aabbccddeeff",
        "pbkdf2:sha256:1000$salt$",
        "pbkdf2:sha256:1000$salt$zz",
        "scrypt:1073741824:8:1$salt$00112233445566778899aabbccddeeff",
        "scrypt:1000:8:1$salt$00112233445566778899aabbccddeeff",
        "scrypt:1024:0:1$salt$00112233445566778899aabbccddeeff",
        "sha256$salt$00112233445566778899aabbccddeeff",
        "$2b$31$abcdefghijklmnopqrstuuw621nqt0M3heyb5.FuH7McQmBa.kSAO",
        "$2b$05$short",
        "$bcrypt-sha384$nonsense",
        "$argon2id$v=19$m=4000000,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
        "$argon2id$",
    ];
    for hash in table {
        assert!(!matches("", hash) && !matches("password", hash), "{hash}");
    }
}

#[test]
fn a_hash_is_outdated_when_anything_about_it_differs() {
    let argon2 = quick(HashAlgorithm::Argon2id);
    let bcrypt = quick(HashAlgorithm::Bcrypt);
    let mut stronger = argon2.clone();
    stronger.accounts.argon2_passes = 2;
    let hash = Scheme::of(&argon2).hash("x", &[1; 16]).unwrap();
    assert!(!is_outdated(&argon2, &hash));
    assert!(is_outdated(&stronger, &hash) && is_outdated(&bcrypt, &hash));
    let hash = Scheme::of(&bcrypt).hash("x", &[1; 16]).unwrap();
    assert!(!is_outdated(&bcrypt, &hash) && is_outdated(&argon2, &hash));
}

#[test]
fn a_new_password_is_long_and_not_what_everybody_guesses() {
    let about = About {
        username: "ana_kovac".to_owned(),
        email: "snowdrop@example.org".to_owned(),
        site: "Streamly".to_owned(),
    };
    let good = [
        "moss lantern seven rivers",
        " leading and trailing ",
        "Grüße aus 世界 🦀",
        "ana_kovac walks over the long bridge",
        "xk7Qw92m",
    ];
    for password in good {
        assert_eq!(check(password, 8, &about), Ok(()), "{password}");
    }
    let bad = [
        ("short1!", "at least 8"),
        ("🦀🦀🦀🦀🦀🦀🦀", "at least 8"),
        ("password123", "first passwords"),
        ("12345678", "first passwords"),
        ("qwertyuiop", "first passwords"),
        ("aaaaaaaaaaaa", "first passwords"),
        ("ana_kovac", "your user name"),
        ("ANA_KOVAC1", "your user name"),
        ("1snowdrop1", "your e-mail address"),
        ("snowdrop@example.org", "your e-mail address"),
        ("streamly99", "the name of this site"),
        ("streamlystreamly", "the name of this site"),
    ];
    for (password, reason) in bad {
        let said = check(password, 8, &about).unwrap_err();
        assert!(said.contains(reason), "{password}: {said}");
    }
    assert!(check(&"é".repeat(257), 8, &about).is_err());
    assert_eq!(check(&"moss lantern seven rivers ".repeat(10)[..256], 8, &about), Ok(()));
}
