//! A small HTTP/1.1 client: one connection a request, cookies kept by hand (so that `Secure` ones
//! work on plain HTTP), and nothing between the test and the bytes it wants to send.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::html;

const TIMEOUT: Duration = Duration::from_secs(30);

/// Somebody who makes requests: an address, cookies, and headers of every request.
#[derive(Clone)]
pub struct Client {
    port: u16,
    pub cookies: BTreeMap<String, String>,
    pub headers: Vec<(String, String)>,
    /// How long it waits for each piece of an answer.
    pub patience: Duration,
}

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Client {
    pub fn new(port: u16) -> Self {
        Self { port, cookies: BTreeMap::new(), headers: Vec::new(), patience: TIMEOUT }
    }

    /// The same person, with cookies and headers, at another server's port.
    #[must_use]
    pub fn at(&self, port: u16) -> Self {
        Self { port, ..self.clone() }
    }

    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The `Cookie` header a browser would send.
    pub fn cookie_header(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    pub fn get(&mut self, path: &str) -> Result<Response> {
        self.send("GET", path, &[], b"")
    }

    /// Posts fields as a form of our own pages would.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Response> {
        let body = form(fields);
        self.send("POST", path, &[("Content-Type", FORM)], body.as_bytes())
    }

    /// Fetches the page with the form, takes its CSRF token, and posts the fields to `action`.
    pub fn submit(
        &mut self,
        page: &str,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Result<Response> {
        let token = self.csrf_token(page)?;
        let mut fields = fields.to_vec();
        fields.push(("csrf_token", &token));
        self.post(action, &fields)
    }

    /// The CSRF token in the forms of a page.
    pub fn csrf_token(&mut self, page: &str) -> Result<String> {
        let answer = self.get(page)?;
        let text = answer.text();
        html::input(&text, "csrf_token")
            .with_context(|| format!("{page} ({}) has no csrf_token: {text:.300}", answer.status))
    }

    /// Sends a request with the client's cookies and headers; unsafe methods carry the origin, as
    /// a browser's do.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Response> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n", self.port);
        let mut line = |name: &str, value: &str| {
            head.extend([name, ": ", value, "\r\n"]);
        };
        if !matches!(method, "GET" | "HEAD") {
            line("Origin", &self.origin());
            line("Sec-Fetch-Site", "same-origin");
            line("Content-Length", &body.len().to_string());
        }
        if !self.cookies.is_empty() {
            line("Cookie", &self.cookie_header());
        }
        for (name, value) in &self.headers {
            line(name, value);
        }
        for (name, value) in headers {
            line(name, value);
        }
        line("Connection", "close");
        head.push_str("\r\n");
        let request = [head.as_bytes(), body].concat();
        let answer = exchange(self.port, &request, method == "HEAD", self.patience)?;
        self.keep_cookies(&answer);
        Ok(answer)
    }

    fn keep_cookies(&mut self, answer: &Response) {
        for (name, value) in &answer.headers {
            if name != "set-cookie" {
                continue;
            }
            let mut parts = value.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let gone = value.is_empty() || parts.any(|part| part.eq_ignore_ascii_case("max-age=0"));
            if gone {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Fields in the way a form sends them.
pub fn form(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Percent-encoding of everything but letters, digits and `-._~`.
pub fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Sends bytes as they are and reads one answer.
pub fn raw(port: u16, request: &[u8], head_only: bool) -> Result<Response> {
    exchange(port, request, head_only, TIMEOUT)
}

fn exchange(port: u16, request: &[u8], head_only: bool, patience: Duration) -> Result<Response> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT).context("connecting")?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    // A server that refuses a body answers and closes before it has read everything.
    let sent = stream.write_all(request);
    read_answer(&mut BufReader::new(stream), head_only).or_else(|error| {
        sent.context("sending the request")?;
        Err(error)
    })
}

fn read_answer(stream: &mut impl BufRead, head_only: bool) -> Result<Response> {
    let mut answer = read_head(stream)?;
    while answer.status == 100 {
        answer = read_head(stream)?;
    }
    if head_only || matches!(answer.status, 204 | 304) {
        return Ok(answer);
    }
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = read_chunks(stream)?;
    } else if let Some(length) = answer.header("content-length") {
        answer.body = vec![0; length.parse().context("Content-Length")?];
        stream.read_exact(&mut answer.body).context("the body ended early")?;
    } else {
        stream.read_to_end(&mut answer.body)?;
    }
    Ok(answer)
}

fn read_head(stream: &mut impl BufRead) -> Result<Response> {
    let first = read_line(stream)?;
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.with_context(|| format!("no status in {first:?}"))?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(stream)?;
        if line.is_empty() {
            return Ok(Response { status, headers, body: Vec::new() });
        }
        let (name, value) = line.split_once(':').with_context(|| format!("header {line:?}"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

fn read_chunks(stream: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(stream)?;
        let size = line.split(';').next().unwrap_or_default();
        let size =
            usize::from_str_radix(size.trim(), 16).with_context(|| format!("chunk {line:?}"))?;
        let start = body.len();
        body.resize(start + size, 0);
        stream.read_exact(&mut body[start..]).context("a chunk ended early")?;
        ensure!(read_line(stream)?.is_empty(), "a chunk is longer than it says");
        if size == 0 {
            return Ok(body);
        }
    }
}

fn read_line(stream: &mut impl BufRead) -> Result<String> {
    let mut line = Vec::new();
    if stream.take(64 * 1024).read_until(b'\n', &mut line)? == 0 {
        bail!("the connection was closed without an answer");
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

impl Response {
    /// A header's value; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Where a redirect leads.
    pub fn location(&self) -> Result<&str> {
        let said = || format!("status {} without Location: {:.600}", self.status, self.text());
        self.header("location").with_context(said)
    }

    /// Passes on an answer with this status, or shows what came instead.
    pub fn expect(self, status: u16) -> Result<Self> {
        ensure!(self.status == status, "{} instead of {status}: {:.600}", self.status, self.text());
        Ok(self)
    }
}
