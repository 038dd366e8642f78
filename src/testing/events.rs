//! A stream of events as a browser reads it.

use std::time::Duration;

use axum::{
    body::BodyDataStream,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use futures_util::StreamExt as _;
use serde_json::Value;

/// How long something may take that must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open stream.
pub struct Events {
    pub status: StatusCode,
    pub headers: HeaderMap,
    body: BodyDataStream,
    read: String,
}

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub id: Option<i64>,
    pub name: String,
    pub data: Value,
}

impl Events {
    pub fn new(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, body: response.into_body().into_data_stream(), read: String::new() }
    }

    /// The next block of lines, also of those that a browser keeps for itself; `None` at the end.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.read.split_once("\n\n") {
                let block = block.to_owned();
                self.read = rest.to_owned();
                return Some(block);
            }
            let chunk = tokio::time::timeout(PATIENCE, self.body.next()).await;
            let chunk = chunk.expect("nothing came")?.unwrap();
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event; `None` at the end.
    pub async fn next(&mut self) -> Option<Sent> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| {
                block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            };
            if let Some(name) = field("event") {
                return Some(Sent {
                    id: field("id").map(|id| id.parse().unwrap()),
                    name: name.to_owned(),
                    data: serde_json::from_str(field("data").unwrap()).unwrap(),
                });
            }
        }
    }

    /// The next event of this name; those between are passed over.
    pub async fn until(&mut self, name: &str) -> Sent {
        loop {
            let sent = self.next().await.unwrap_or_else(|| panic!("ended before {name}"));
            if sent.name == name {
                return sent;
            }
        }
    }

    /// Reads to the end.
    pub async fn end(&mut self) {
        while self.block().await.is_some() {}
    }
}
