//! Many open streams of events, watched by one thread: what a page would hear, and when.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

/// How many are opened before the first of them has to answer.
const BATCH: usize = 100;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(1);

pub struct Streams {
    poll: Poll,
    events: Events,
    all: Vec<Stream>,
    /// How many have not heard yet what is waited for.
    waiting: usize,
}

struct Stream {
    socket: TcpStream,
    /// The end of what was read, in which a word may have begun.
    tail: Vec<u8>,
    heard: Option<Instant>,
}

impl Streams {
    pub fn new() -> Result<Self> {
        let poll = Poll::new()?;
        Ok(Self { poll, events: Events::with_capacity(1_024), all: Vec::new(), waiting: 0 })
    }

    /// Opens one stream for each of the requests, and waits until each was told its beginning.
    pub fn open(&mut self, port: u16, requests: &[String], beginning: &str) -> Result<()> {
        for batch in requests.chunks(BATCH) {
            for request in batch {
                self.connect(port, request)?;
            }
            self.waiting = batch.len();
            self.wait(beginning)?;
        }
        Ok(())
    }

    fn connect(&mut self, port: u16, request: &str) -> Result<()> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut socket = std::net::TcpStream::connect(address).context("connecting")?;
        socket.write_all(request.as_bytes())?;
        socket.set_nonblocking(true)?;
        let mut socket = TcpStream::from_std(socket);
        let token = Token(self.all.len());
        self.poll.registry().register(&mut socket, token, Interest::READABLE)?;
        self.all.push(Stream { socket, tail: Vec::new(), heard: None });
        Ok(())
    }

    /// From now on everybody has to hear something anew.
    pub fn forget(&mut self) {
        self.waiting = self.all.len();
        for stream in &mut self.all {
            stream.heard = None;
        }
    }

    /// Waits until everybody has heard the word; returns when each did, the first one first.
    pub fn wait(&mut self, word: &str) -> Result<Vec<Instant>> {
        let started = Instant::now();
        while self.waiting > 0 {
            let waiting = self.waiting;
            ensure!(started.elapsed() < PATIENCE, "{waiting} streams never heard {word:?}");
            self.look(word, Duration::from_millis(100))?;
        }
        let mut times: Vec<Instant> = self.all.iter().filter_map(|stream| stream.heard).collect();
        times.sort_unstable();
        Ok(times)
    }

    /// Reads for so long whatever comes.
    pub fn rest(&mut self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            self.look("\0", left)?;
        }
        Ok(())
    }

    fn look(&mut self, word: &str, patience: Duration) -> Result<()> {
        match self.poll.poll(&mut self.events, Some(patience)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        let now = Instant::now();
        for event in &self.events {
            let Some(stream) = self.all.get_mut(event.token().0) else { continue };
            if stream.read(word)? && stream.heard.is_none() {
                stream.heard = Some(now);
                self.waiting -= 1;
            }
        }
        Ok(())
    }
}

impl Stream {
    /// Reads what is there; whether the word was in it.
    fn read(&mut self, word: &str) -> Result<bool> {
        let mut buffer = [0; 4_096];
        let mut found = false;
        loop {
            match self.socket.read(&mut buffer) {
                Ok(0) => bail!("a stream ended: {}", String::from_utf8_lossy(&self.tail)),
                Ok(count) => self.tail.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error).context("reading a stream"),
            }
        }
        let text = String::from_utf8_lossy(&self.tail);
        if text.starts_with("HTTP/") && !text.starts_with("HTTP/1.1 200 ") {
            bail!("a stream was refused: {text:.300}");
        }
        found |= text.contains(word);
        // Short enough not to hold the word a second time.
        let keep = if found { 0 } else { word.len() - 1 };
        let past = self.tail.len().saturating_sub(keep);
        self.tail.drain(..past);
        self.tail.shrink_to(64);
        Ok(found)
    }
}
