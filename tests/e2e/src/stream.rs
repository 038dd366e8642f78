//! A stream of events as a browser holds one: what is told, piece by piece, and where it was cut.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::http::Client;

/// How long a piece may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Stream {
    reader: BufReader<TcpStream>,
    /// What has come and is not a whole piece yet.
    rest: String,
    /// The number of the last event, from which the stream can be resumed.
    pub last_id: Option<String>,
}

/// A piece of a stream.
#[derive(Clone, Debug)]
pub struct Told {
    pub name: String,
    pub data: Value,
}

/// The request that a page's script makes for a stream.
pub fn request(client: &Client, path: &str, headers: &[(&str, &str)]) -> String {
    let mut lines = vec![
        format!("GET {path} HTTP/1.1"),
        format!("Host: {}", client.origin().trim_start_matches("http://")),
        "Accept: text/event-stream".to_owned(),
        "Sec-Fetch-Site: same-origin".to_owned(),
    ];
    if !client.cookies.is_empty() {
        lines.push(format!("Cookie: {}", client.cookie_header()));
    }
    lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    format!("{}\r\n\r\n", lines.join("\r\n"))
}

impl Stream {
    pub fn open(client: &Client, path: &str, last_id: Option<&str>) -> Result<Self> {
        let address = client.origin();
        let mut socket = TcpStream::connect(address.trim_start_matches("http://"))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let resumed: Vec<_> = last_id.map(|id| ("Last-Event-ID", id)).into_iter().collect();
        socket.write_all(request(client, path, &resumed).as_bytes())?;
        let last_id = last_id.map(str::to_owned);
        let mut stream = Self { reader: BufReader::new(socket), rest: String::new(), last_id };
        let status = stream.line()?;
        ensure!(status.contains(" 200 "), "{path} answers {status}");
        while !stream.line()?.is_empty() {}
        Ok(stream)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.reader.read_line(&mut line)? > 0, "the stream has ended");
        Ok(line.trim_end().to_owned())
    }

    /// The next piece that has a name; heartbeats have none.
    pub fn read_on(&mut self) -> Result<Told> {
        loop {
            let Some((piece, rest)) = self.rest.split_once("\n\n") else {
                let length = usize::from_str_radix(&self.line()?, 16).context("a chunk")?;
                ensure!(length > 0, "the stream has ended");
                let mut chunk = vec![0; length + 2];
                self.reader.read_exact(&mut chunk)?;
                self.rest.push_str(std::str::from_utf8(&chunk[..length])?);
                continue;
            };
            let (piece, rest) = (piece.to_owned(), rest.to_owned());
            self.rest = rest;
            let field = |name: &str| {
                piece.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            };
            if let Some(id) = field("id") {
                self.last_id = Some(id.to_owned());
            }
            if let (Some(name), Some(data)) = (field("event"), field("data")) {
                return Ok(Told { name: name.to_owned(), data: serde_json::from_str(data)? });
            }
        }
    }

    /// Reads on to the next piece of this name.
    pub fn until(&mut self, name: &str) -> Result<Told> {
        for _ in 0..10_000 {
            let told = self.read_on()?;
            if told.name == name {
                return Ok(told);
            }
        }
        bail!("{name} never comes")
    }

    /// The numbers of the next comments.
    pub fn comments(&mut self, count: usize) -> Result<Vec<i64>> {
        let number = |told: Told| told.data["comment"]["id"].as_i64().context("no number");
        (0..count).map(|_| self.until("comment_added").and_then(number)).collect()
    }
}
