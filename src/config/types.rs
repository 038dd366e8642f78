//! The kinds of values that settings have, each read from and shown as text.

use std::{fmt, time::Duration};

use crate::db::Synchronous;

/// A kind of setting: read from text, shown as text.
pub trait Setting: Sized {
    /// Reads what the operator wrote, or says what is expected instead.
    fn parse(text: &str) -> Result<Self, String>;

    /// The value as an operator would write it; secrets are hidden.
    fn show(&self) -> String;
}

/// A value as an operator would write it.
pub fn shown(value: &impl Setting) -> String {
    value.show()
}

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal $(| $other:literal)*),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($variant),* }

        impl Setting for $name {
            fn parse(text: &str) -> Result<Self, String> {
                match text {
                    $($word $(| $other)* => Ok(Self::$variant),)*
                    _ => Err(format!("is `{text}`, and must be one of {}", [$($word),*].join(", "))),
                }
            }

            fn show(&self) -> String {
                match self { $(Self::$variant => $word.to_owned(),)* }
            }
        }
    };
}

words! {
    /// Which defaults hold, and how strict the start is.
    Environment {
        Development = "development" | "dev" | "default",
        Testing = "testing" | "test",
        Production = "production" | "prod",
    }
}

words! {
    /// How log lines look.
    LogFormat { Json = "json", Pretty = "pretty" }
}

words! {
    /// Where pictures lie.
    Backend { Local = "local", S3 = "s3", Gcs = "gcs" }
}

words! {
    /// How the connection to the mail server is protected.
    MailTls { StartTls = "starttls", Tls = "tls", None = "none" }
}

words! {
    /// What is kept of a reader's address.
    AddressKeeping { Truncate = "truncate", None = "none", Hash = "hash", Full = "full" }
}

words! {
    /// How passwords are kept.
    HashAlgorithm { Argon2id = "argon2id", Bcrypt = "bcrypt" }
}

impl Setting for Synchronous {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "full" => Ok(Self::Full),
            "normal" => Ok(Self::Normal),
            "off" => Ok(Self::Off),
            _ => Err(format!("is `{text}`, and must be one of full, normal, off")),
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Full => "full",
            Self::Normal => "normal",
            Self::Off => "off",
        }
        .to_owned()
    }
}

/// A value that must not be seen: its `Debug` and `show` say only whether it is there.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// The value itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.show())
    }
}

impl Setting for Hidden {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }

    fn show(&self) -> String {
        if self.0.is_empty() { String::new() } else { "(hidden)".to_owned() }
    }
}

impl Setting for String {
    fn parse(text: &str) -> Result<Self, String> {
        if text.chars().any(char::is_control) {
            return Err("holds a control character".to_owned());
        }
        Ok(text.trim().to_owned())
    }

    fn show(&self) -> String {
        self.clone()
    }
}

impl Setting for bool {
    fn parse(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err(format!("is `{text}`, and must be true or false")),
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

macro_rules! whole_number {
    ($type:ty) => {
        impl Setting for $type {
            fn parse(text: &str) -> Result<Self, String> {
                text.trim().parse().map_err(|_| {
                    format!("is `{text}`, and must be a whole number up to {}", Self::MAX)
                })
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    };
}

whole_number!(u16);
whole_number!(u32);
whole_number!(usize);

/// A length of time, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(pub u64);

impl Seconds {
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }

    /// The same for adding to a time of day.
    pub fn delta(self) -> chrono::TimeDelta {
        chrono::TimeDelta::seconds(i64::try_from(self.0).unwrap_or(i64::MAX / 1_000))
    }
}

impl Setting for Seconds {
    fn parse(text: &str) -> Result<Self, String> {
        const CENTURY: u64 = 3_155_760_000;
        match text.trim().parse() {
            Ok(seconds) if seconds <= CENTURY => Ok(Self(seconds)),
            _ => Err(format!("is `{text}`, and must be a number of seconds")),
        }
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

/// A size: `16777216`, `512 KiB`, `16 MiB`, `1 GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub usize);

impl Setting for Bytes {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("is `{text}`, and must be a size such as 16 MiB");
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let number: usize = text[..digits].parse().map_err(|_| wrong())?;
        let unit: usize = match text[digits..].trim() {
            "" | "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return Err(wrong()),
        };
        number.checked_mul(unit).map(Self).ok_or_else(wrong)
    }

    fn show(&self) -> String {
        match self.0 {
            size if size >= 1 << 20 && size % (1 << 20) == 0 => format!("{} MiB", size >> 20),
            size if size >= 1 << 10 && size % (1 << 10) == 0 => format!("{} KiB", size >> 10),
            size => size.to_string(),
        }
    }
}

/// Networks, separated by commas: `10.0.0.0/8, 127.0.0.1`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cidrs(pub Vec<ipnet::IpNet>);

impl Cidrs {
    pub fn contains(&self, address: std::net::IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl Setting for Cidrs {
    fn parse(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                part.parse::<ipnet::IpNet>()
                    .or_else(|_| part.parse::<std::net::IpAddr>().map(ipnet::IpNet::from))
                    .map_err(|_| format!("holds `{part}`, which is no address or network"))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn show(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}

impl Setting for Vec<String> {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect())
    }

    fn show(&self) -> String {
        self.join(", ")
    }
}
