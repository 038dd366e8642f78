//! A small mail server for tests that only want their mail; how mail fares with a real one is
//! tried with [`crate::smtp_process`].

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::decode_base64;

/// How the server treats its callers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Mood {
    #[default]
    Friendly,
    /// Refuses every recipient for good.
    Refuse,
    /// Says to come back later.
    Busy,
    /// Waits this long before each answer.
    Slow(Duration),
    /// Hangs up in the middle of the message.
    Cut,
}

#[derive(Clone, Debug)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    /// Header and body as they came.
    pub raw: String,
}

#[derive(Default)]
struct Shared {
    mails: Vec<Mail>,
    mood: Mood,
    calls: usize,
}

pub struct MailServer {
    port: u16,
    shared: Arc<Mutex<Shared>>,
}

impl MailServer {
    pub fn start() -> Result<Self> {
        Self::start_on(0)
    }

    /// The same on a port that somebody has been promised.
    pub fn start_on(port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let at_work = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&at_work);
                std::thread::spawn(move || drop(serve(stream, &shared)));
            }
        });
        Ok(Self { port, shared })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn set(&self, mood: Mood) {
        lock(&self.shared).mood = mood;
    }

    /// How many messages were begun, delivered or not.
    pub fn calls(&self) -> usize {
        lock(&self.shared).calls
    }

    pub fn mails(&self) -> Vec<Mail> {
        lock(&self.shared).mails.clone()
    }

    /// Waits for mail to somebody, and a little longer for mail that should not come.
    pub fn all_to(&self, to: &str, patience: Duration) -> Vec<Mail> {
        let started = Instant::now();
        let of = |mail: &Mail| mail.to.iter().any(|name| name == to);
        while started.elapsed() < patience && !self.mails().iter().any(of) {
            std::thread::sleep(Duration::from_millis(100));
        }
        std::thread::sleep(Duration::from_secs(3));
        self.mails().into_iter().filter(of).collect()
    }

    /// Waits for the newest mail to somebody whose text holds `part`.
    pub fn wait_for(&self, to: &str, part: &str) -> Result<Mail> {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(30) {
            let fits =
                |mail: &Mail| mail.to.iter().any(|name| name == to) && mail.text().contains(part);
            if let Some(mail) = self.mails().into_iter().rev().find(fits) {
                return Ok(mail);
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        bail!("no mail to {to} with {part:?} among {:#?}", self.mails())
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut stream: TcpStream, shared: &Mutex<Shared>) -> Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut answer = |text: &str| -> Result<()> {
        if let Mood::Slow(wait) = lock(shared).mood {
            std::thread::sleep(wait);
        }
        Ok(stream.write_all(format!("{text}\r\n").as_bytes())?)
    };
    answer("220 test mail server")?;
    let mut mail = Mail { from: String::new(), to: Vec::new(), raw: String::new() };
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        let mood = lock(shared).mood;
        let verb = line.split([' ', ':', '\r']).next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => answer("250-test\r\n250-8BITMIME\r\n250 SMTPUTF8")?,
            "MAIL" => {
                lock(shared).calls += 1;
                mail = Mail { from: address(&line), to: Vec::new(), raw: String::new() };
                answer(if mood == Mood::Busy { "451 later" } else { "250 ok" })?;
            }
            "RCPT" if mood == Mood::Refuse => answer("550 nobody here")?,
            "RCPT" => {
                mail.to.push(address(&line));
                answer("250 ok")?;
            }
            "DATA" => {
                answer("354 go on")?;
                if mood == Mood::Cut {
                    return Ok(());
                }
                mail.raw = read_message(&mut lines)?;
                lock(shared).mails.push(mail.clone());
                answer("250 kept")?;
            }
            "QUIT" => return answer("221 bye"),
            _ => answer("250 ok")?,
        }
        line.clear();
    }
    Ok(())
}

fn address(line: &str) -> String {
    let address = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    address.map(|(address, _)| address.to_owned()).unwrap_or_default()
}

fn read_message(lines: &mut impl BufRead) -> Result<String> {
    let mut raw = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            bail!("the message was cut");
        }
        if line == ".\r\n" {
            return Ok(raw);
        }
        raw.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

impl Mail {
    /// The message with its parts decoded, enough to find words and links.
    pub fn text(&self) -> String {
        let blocks = self.raw.split("\r\n\r\n").map(|block| {
            let line = block.lines().next().unwrap_or_default();
            let letter = |next: char| next.is_ascii_alphanumeric() || "+/=".contains(next);
            if line.len() >= 40 && line.chars().all(letter) {
                return String::from_utf8_lossy(&decode_base64(block)).into_owned();
            }
            decode_quoted(block)
        });
        blocks.collect::<Vec<_>>().join("\r\n\r\n")
    }

    /// The first link in the text whose path starts so.
    pub fn link(&self, start: &str) -> Result<String> {
        let text = self.text();
        let at = text.find(start).with_context(|| format!("no link {start} in\n{text}"))?;
        let end = |next: char| next.is_whitespace() || "\"'<>)".contains(next);
        Ok(text[at..].split(end).next().unwrap_or_default().to_owned())
    }
}

/// Joins and decodes quoted-printable lines.
fn decode_quoted(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::with_capacity(joined.len());
    let mut rest = joined.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let code = code.and_then(|two| u8::from_str_radix(two, 16).ok());
        if let (b'=', Some(code)) = (first, code) {
            bytes.push(code);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
