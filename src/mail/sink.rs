//! A mail server for tests: keeps what it is sent, and can be told to misbehave.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// How the server treats its callers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mood {
    Friendly,
    /// Refuses every recipient for good.
    Refuse,
    /// Says to come back later.
    Busy,
    /// Hangs up in the middle of the message.
    Drop,
    /// Never answers the message.
    Silent,
    /// Answers the message when the mood has changed.
    Held,
    /// Knows no such mailbox, and says so by its code.
    Unknown,
    /// Takes no mail from us.
    Denied,
}

/// What came over the wire.
#[derive(Clone, Debug)]
pub struct Caught {
    /// The arguments of `MAIL`.
    pub sender: String,
    /// The arguments of `RCPT TO`.
    pub recipients: Vec<String>,
    /// Headers and body, as they came.
    pub raw: String,
}

#[derive(Clone)]
pub struct Sink {
    pub port: u16,
    state: Arc<Mutex<(Mood, Vec<Caught>)>>,
    /// A word for each message that is held.
    held: Held,
}

type Held = (
    tokio::sync::mpsc::UnboundedSender<()>,
    Arc<tokio::sync::Mutex<tokio::sync::mpsc::UnboundedReceiver<()>>>,
);

impl Sink {
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    pub async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (tell, told) = tokio::sync::mpsc::unbounded_channel();
        let sink = Self {
            held: (tell, Arc::new(tokio::sync::Mutex::new(told))),
            port: listener.local_addr().unwrap().port(),
            state: Arc::new(Mutex::new((mood, Vec::new()))),
        };
        let server = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move { drop(server.serve(stream).await) });
            }
        });
        sink
    }

    pub fn set(&self, mood: Mood) {
        self.state.lock().0 = mood;
    }

    pub fn caught(&self) -> Vec<Caught> {
        self.state.lock().1.clone()
    }

    /// Waits until a message is held that was not waited for before.
    pub async fn until_held(&self) {
        self.held.1.lock().await.recv().await.unwrap();
    }

    async fn hold(&self) {
        self.held.0.send(()).unwrap();
        while self.state.lock().0 == Mood::Held {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        let (mut sender, mut recipients) = (String::new(), Vec::new());
        stream.write_all(b"220 sink\r\n").await?;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let mood = self.state.lock().0;
            let word = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            let answer = match word.as_str() {
                "EHLO" | "HELO" => "250-sink\r\n250 8BITMIME",
                "MAIL" => {
                    line.trim()[5..].clone_into(&mut sender);
                    "250 ok"
                }
                "RCPT" if mood == Mood::Refuse => "550 no such mailbox",
                "RCPT" if mood == Mood::Unknown => "550 5.1.1 no such mailbox",
                "RCPT" if mood == Mood::Denied => "554 5.7.1 relaying denied",
                "RCPT" if mood == Mood::Busy => "451 come back later",
                "RCPT" => {
                    recipients.push(line.trim()[8..].to_owned());
                    "250 ok"
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await?;
                    if mood == Mood::Drop {
                        return Ok(());
                    }
                    let raw = read_message(&mut stream).await?;
                    if mood == Mood::Silent {
                        tokio::time::sleep(Duration::from_mins(10)).await;
                    }
                    if mood == Mood::Held {
                        self.hold().await;
                    }
                    let (sender, recipients) =
                        (std::mem::take(&mut sender), std::mem::take(&mut recipients));
                    self.state.lock().1.push(Caught { sender, recipients, raw });
                    "250 taken"
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
    }
}

async fn read_message(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut raw = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(raw);
        }
        raw.push_str(&line);
    }
}
