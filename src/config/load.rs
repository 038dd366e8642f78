//! Reading the configuration: file, environment, checks.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use super::{
    settings::{ALSO, Config},
    types::{Backend, Environment, Setting as _},
};
use crate::db;

/// Everything that is wrong with a configuration, each with the name of its setting.
#[derive(Debug, Default)]
pub struct Problems(pub Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "the configuration has {} problem(s):", self.0.len())?;
        self.0.iter().try_for_each(|problem| writeln!(formatter, "  - {problem}"))
    }
}

impl std::error::Error for Problems {}

/// Where settings are read from; tests give their own.
#[derive(Debug, Default, Clone)]
pub struct Sources {
    pub variables: BTreeMap<String, String>,
    /// A TOML file; `None` reads none.
    pub file: Option<PathBuf>,
}

/// Names beginning with `STREAMLY_` that are no settings.
const OTHER_NAMES: [&str; 2] = ["STREAMLY_ENV", "STREAMLY_CONFIG"];

impl Sources {
    /// The process's environment and the operator's file.
    pub fn process() -> Self {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| {
                Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
            })
            .collect();
        let file = match variables.get("STREAMLY_CONFIG").filter(|path| !path.is_empty()) {
            Some(path) => Some(PathBuf::from(path)),
            None => Some(PathBuf::from("streamly.toml")).filter(|path| path.exists()),
        };
        Self { variables, file }
    }
}

impl Config {
    /// Reads and checks the configuration.
    pub fn load(sources: &Sources) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let word = sources.variables.get("STREAMLY_ENV").map_or("", |word| word.trim());
        let environment = if word.is_empty() { "development" } else { word };
        let environment = Environment::parse(environment).unwrap_or_else(|problem| {
            problems.push(format!("STREAMLY_ENV {problem}"));
            Environment::Development
        });
        let mut config = Self::defaults(environment);
        config.read_file(sources, &mut problems);
        config.read_variables(sources, &mut problems);
        config.check(&mut problems);
        if problems.is_empty() { Ok(config) } else { Err(Problems(problems)) }
    }

    fn read_file(&mut self, sources: &Sources, problems: &mut Vec<String>) {
        let Some(path) = &sources.file else { return };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return problems.push(format!("{}: {error}", path.display())),
        };
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(error) => return problems.push(format!("{}: {error}", path.display())),
        };
        for (section, content) in &table {
            let toml::Value::Table(content) = content else {
                problems.push(format!("{}: `{section}` stands outside a section", path.display()));
                continue;
            };
            for (name, value) in content {
                let outcome = plain(value).map(|text| self.set(section, name, &text));
                match outcome {
                    Some(Some(Ok(()))) => {}
                    Some(Some(Err(problem))) => {
                        problems.push(format!("{section}.{name} {problem}"));
                    }
                    Some(None) => problems.push(format!(
                        "{}: there is no setting `{section}.{name}`",
                        path.display()
                    )),
                    None => problems.push(format!("{section}.{name} must be a plain value")),
                }
            }
        }
    }

    fn read_variables(&mut self, sources: &Sources, problems: &mut Vec<String>) {
        let mut seen = BTreeMap::<String, String>::new();
        for (variable, value) in &sources.variables {
            if value.is_empty() || OTHER_NAMES.contains(&variable.as_str()) {
                continue;
            }
            let (base, from_file) = match variable.strip_suffix("_FILE") {
                Some(base) => (base, true),
                None => (variable.as_str(), false),
            };
            let Some((section, name)) = setting_of(base) else {
                if variable.starts_with("STREAMLY_") {
                    problems.push(format!("there is no setting {variable}"));
                }
                continue;
            };
            let text = if from_file {
                match std::fs::read_to_string(value) {
                    Ok(text) => text.trim_end_matches(['\r', '\n']).to_owned(),
                    Err(error) => {
                        problems.push(format!("{variable}: {error}"));
                        continue;
                    }
                }
            } else {
                value.clone()
            };
            if let Some(other) = seen.insert(base.to_owned(), variable.clone()) {
                problems.push(format!("{other} and {variable} set the same thing"));
            }
            match self.set(&section, &name, &text) {
                Some(Ok(())) => {}
                Some(Err(problem)) => problems.push(format!("{variable} {problem}")),
                None => problems.push(format!("there is no setting {variable}")),
            }
        }
    }

    /// What must hold between settings.
    fn check(&mut self, problems: &mut Vec<String>) {
        let production = self.environment == Environment::Production;
        let key = self.secret.key.reveal();
        if production && key.len() < 32 {
            problems.push(format!(
                "SECRET_KEY must have at least 32 bytes in production, and has {} \
                 (make one with: openssl rand -hex 32)",
                key.len()
            ));
        } else if !key.is_empty() && key.len() < 16 {
            problems.push("SECRET_KEY is too short: at least 32 bytes are asked for".to_owned());
        }
        if production && key.len() >= 32 && key.bytes().all(|byte| byte == key.as_bytes()[0]) {
            problems.push("SECRET_KEY is one character repeated".to_owned());
        }
        if production && !self.limits.enabled {
            problems.push("limits.enabled cannot be false in production".to_owned());
        }
        if self.accounts.bcrypt_cost < 12 && self.environment != Environment::Testing {
            problems.push("accounts.bcrypt_cost must be 12 or more".to_owned());
        }
        if self.accounts.bcrypt_cost > 20 {
            problems.push("accounts.bcrypt_cost must be 20 or less".to_owned());
        }
        if self.accounts.argon2_memory < 8
            || (self.accounts.argon2_memory < 19_456 && self.environment != Environment::Testing)
        {
            problems.push("accounts.argon2_memory must be 19456 or more".to_owned());
        }
        if self.accounts.argon2_passes == 0 {
            problems.push("accounts.argon2_passes must be 1 or more".to_owned());
        }
        if self.accounts.password_min < 8 || self.accounts.password_min > 64 {
            problems.push("accounts.password_min must be between 8 and 64".to_owned());
        }
        for (name, size) in self.page_sizes() {
            if !(1..=100).contains(&size) {
                problems.push(format!("pages.{name} must be between 1 and 100"));
            }
        }
        for (name, header) in [
            ("analytics.country_header", &self.analytics.country_header),
            ("analytics.city_header", &self.analytics.city_header),
        ] {
            if header.contains(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
                problems.push(format!("{name} `{header}` is not the name of a header"));
            }
        }
        if self.analytics.keep_addresses > 7 {
            problems.push("analytics.keep_addresses must be 7 or less".to_owned());
        }
        if self.analytics.keep_views < 31 {
            problems.push("analytics.keep_views must be 31 or more".to_owned());
        }
        if self.database.connections == 0 {
            problems.push("database.connections must be 1 or more".to_owned());
        }
        self.check_base_url(problems);
        self.check_redis(problems);
        self.check_comments(problems);
        self.check_storage(problems);
        if let Err(problem) = self.database_target() {
            problems.push(problem);
        }
    }

    fn page_sizes(&self) -> [(&'static str, usize); 5] {
        let pages = &self.pages;
        [
            ("home", pages.home),
            ("posts", pages.posts),
            ("search", pages.search),
            ("users", pages.users),
            ("feed", pages.feed),
        ]
    }

    fn check_base_url(&mut self, problems: &mut Vec<String>) {
        if self.server.base_url.is_empty() {
            return;
        }
        let trimmed = self.server.base_url.trim_end_matches('/').to_owned();
        let good = url::Url::parse(&trimmed).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.host().is_some()
                && url.path() == "/"
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
        });
        if !good {
            problems.push(format!(
                "server.base_url is `{trimmed}`, and must look like https://example.org"
            ));
        }
        self.server.base_url = trimmed;
    }

    fn check_redis(&self, problems: &mut Vec<String>) {
        let url = self.redis.url.reveal();
        if !url.is_empty() && !["redis://", "rediss://"].iter().any(|start| url.starts_with(start))
        {
            problems.push("REDIS_URL must begin with redis:// or rediss://".to_owned());
        }
    }

    /// The database keeps no longer comment (`comment_content_length`).
    fn check_comments(&self, problems: &mut Vec<String>) {
        if self.comments.max_length > 1_000_000 {
            problems.push("comments.max_length must be 1000000 or less".to_owned());
        }
    }

    fn check_storage(&mut self, problems: &mut Vec<String>) {
        let storage = &mut self.storage;
        if storage.backend != Backend::Local && storage.bucket.is_empty() {
            problems.push("storage.bucket must be set for this storage.backend".to_owned());
        }
        storage.public_url = storage.public_url.trim_end_matches('/').to_owned();
        let public = &storage.public_url;
        let good = url::Url::parse(public).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.origin().ascii_serialization() == *public
        });
        if !public.is_empty() && !good {
            let problem = format!(
                "storage.public_url is `{public}`, and must look like https://cdn.example.org"
            );
            problems.push(problem);
        }
    }

    /// Where the database lies.
    pub fn database_target(&self) -> Result<db::Target, String> {
        let url = self.database.url.reveal().trim();
        if url.is_empty() {
            let path = PathBuf::from(&self.storage.dir).join("streamly.db");
            return Ok(db::Target::Sqlite(path));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(db::Target::Postgres(url.to_owned()));
        }
        if let Some(path) = url.strip_prefix("sqlite:") {
            // sqlite:///relative is how the original wrote it; sqlite:////absolute.
            let path = path.strip_prefix("///").or_else(|| path.strip_prefix("//")).unwrap_or(path);
            let path = path.split('?').next().unwrap_or(path);
            if !path.is_empty() && path != ":memory:" {
                return Ok(db::Target::Sqlite(PathBuf::from(path)));
            }
        }
        Err("DATABASE_URL must begin with postgres:// or be sqlite:PATH".to_owned())
    }

    /// How to reach the database.
    pub fn database_settings(&self) -> Result<db::Settings, Problems> {
        Ok(db::Settings {
            target: self.database_target().map_err(|problem| Problems(vec![problem]))?,
            connections: self.database.connections,
            acquire_timeout: self.database.acquire_timeout.duration(),
            statement_timeout: self.database.statement_timeout.duration(),
            max_lifetime: self.database.max_lifetime.duration(),
            test_before_acquire: self.database.test_before_acquire,
            synchronous: self.database.synchronous,
        })
    }
}

/// The setting that a variable names, if its form is that of one.
fn setting_of(variable: &str) -> Option<(String, String)> {
    if let Some((_, section, name)) = ALSO.iter().find(|(also, ..)| *also == variable) {
        return Some(((*section).to_owned(), (*name).to_owned()));
    }
    let (section, name) = variable.strip_prefix("STREAMLY_")?.split_once("__")?;
    Some((section.to_lowercase(), name.to_lowercase()))
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(value) => Some(value.to_string()),
        toml::Value::Array(items) => {
            items.iter().map(plain).collect::<Option<Vec<_>>>().map(|items| items.join(","))
        }
        _ => None,
    }
}
