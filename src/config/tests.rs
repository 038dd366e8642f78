//! What an operator can write, and what is said when it is wrong.

use std::collections::BTreeMap;

use super::{Config, Environment, Sources, document};

fn load(variables: &[(&str, &str)]) -> Result<Config, String> {
    let variables: BTreeMap<_, _> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::load(&Sources { variables, file: None }).map_err(|problems| problems.to_string())
}

const KEY: (&str, &str) = ("SECRET_KEY", "0123456789abcdef0123456789abcdef");

#[test]
fn nothing_is_needed_for_development() {
    let config = load(&[]).unwrap();
    assert_eq!(config.environment, Environment::Development);
    assert_eq!(config.server.port, 5000);
    assert!(config.limits.enabled);
}

#[test]
fn production_needs_a_secret() {
    for secret in ["", "changeme", "0123456789abcdef0123456789abcde"] {
        let problems = load(&[("STREAMLY_ENV", "production"), ("SECRET_KEY", secret)]).unwrap_err();
        assert!(problems.contains("SECRET_KEY"), "{problems}");
    }
    load(&[("STREAMLY_ENV", "production"), KEY]).unwrap();
}

#[test]
fn limits_stay_on_in_production() {
    let off = ("STREAMLY_LIMITS__ENABLED", "false");
    assert!(load(&[("STREAMLY_ENV", "production"), KEY, off]).unwrap_err().contains("limits"));
    assert!(!load(&[off]).unwrap().limits.enabled);
}

#[test]
fn all_problems_come_together() {
    let problems = load(&[
        ("STREAMLY_SERVER__PORT", "seven"),
        ("STREAMLY_SERVER__PROT", "5000"),
        ("DATABASE_URL", "mysql://x"),
        ("STREAMLY_SERVER__BASE_URL", "example.org/blog"),
        ("STREAMLY_NONSENSE", "1"),
        ("STREAMLY_PAGES__POSTS", "1000"),
    ])
    .unwrap_err();
    for word in
        ["SERVER__PORT", "SERVER__PROT", "DATABASE_URL", "base_url", "NONSENSE", "pages.posts"]
    {
        assert!(problems.contains(word), "{word} is missing: {problems}");
    }
}

#[test]
fn short_names_and_long_ones_mean_the_same() {
    assert_eq!(load(&[("PORT", "8000")]).unwrap().server.port, 8000);
    assert_eq!(load(&[("STREAMLY_SERVER__PORT", "8001")]).unwrap().server.port, 8001);
    let config = load(&[("DATABASE_URL", "sqlite:////srv/x.db")]).unwrap();
    let expected = crate::db::Target::Sqlite("/srv/x.db".into());
    assert_eq!(config.database_target().unwrap(), expected);
}

#[test]
fn a_secret_can_come_from_a_file() {
    let path = std::env::temp_dir().join(format!("streamly-secret-{}", std::process::id()));
    std::fs::write(&path, "0123456789abcdef0123456789abcdef\n").unwrap();
    let file = path.display().to_string();
    let config = load(&[("STREAMLY_ENV", "production"), ("SECRET_KEY_FILE", &file)]).unwrap();
    assert_eq!(config.secret.key.reveal(), "0123456789abcdef0123456789abcdef");
    let problems = load(&[("SECRET_KEY_FILE", &file), KEY]).unwrap_err();
    assert!(problems.contains("SECRET_KEY_FILE"), "{problems}");
    std::fs::remove_file(&path).unwrap();
    assert!(load(&[("SECRET_KEY_FILE", &file)]).unwrap_err().contains("SECRET_KEY_FILE"));
}

#[test]
fn a_file_is_read_and_checked() {
    let path = std::env::temp_dir().join(format!("streamly-{}.toml", std::process::id()));
    let with = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let sources = Sources { file: Some(path.clone()), ..Sources::default() };
        Config::load(&sources).map_err(|problems| problems.to_string())
    };
    let config = with("[site]\nname = \"Ada's\"\n[server]\nport = 7000\n").unwrap();
    assert_eq!((config.site.name.as_str(), config.server.port), ("Ada's", 7000));
    assert!(with("[site]\nnam = 1").unwrap_err().contains("site.nam"));
    assert!(with("site = 1").unwrap_err().contains("site"));
    assert!(with("[site").is_err());
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn secrets_do_not_show() {
    let config = load(&[KEY, ("DATABASE_URL", "postgres://u:hunter2@h/d")]).unwrap();
    let shown = format!("{:?} {config:?}", config.shown());
    assert!(!shown.contains("0123456789abcdef") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn the_document_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
    let written = std::fs::read_to_string(path).unwrap_or_default();
    let made = document();
    assert!(
        written.trim() == made.trim(),
        "docs/configuration.md is old: cargo run -- config --document > docs/configuration.md"
    );
}
