//! The messenger between instances: Redis publish/subscribe.
//!
//! It only makes things quick. What it says is a hint, and whatever it loses is found in the table
//! within a second ([`super::desk::follow`]); only presence and typing are carried by it alone.
//! Nobody waits for it: words go into a short queue, and are dropped when it is full.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt as _;
use redis::{AsyncConnectionConfig, Client, RedisError, aio::MultiplexedConnection};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

use super::{
    desk,
    hint::Hint,
    hub::Hub,
    presence::{self, Doing},
};
use crate::app::App;

/// How many words wait at most.
const QUEUE: usize = 1_024;

/// How long connecting may take, and one answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long nothing may be heard; each instance speaks every five seconds.
const SILENCE: Duration = Duration::from_secs(15);

/// Pauses between attempts to connect.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What instances tell each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Word {
    Hint(Hint),
    Doing(Doing),
    /// Readers of each post at this instance.
    Census(Vec<(i64, usize)>),
    /// Words before this one were not sent.
    Missed,
}

#[derive(Serialize, Deserialize)]
struct Letter {
    from: u64,
    word: Word,
}

const HEALTHY: u8 = 1;
const AWAY: u8 = 2;

impl Hub {
    /// Tells the other instances, if there is a messenger and it keeps up.
    pub fn tell(&self, word: Word) {
        if let Some(outbox) = self.outbox.get()
            && outbox.try_send(word).is_err()
        {
            tracing::debug!("the messenger does not keep up; a word is dropped");
        }
    }

    pub fn messenger(&self) -> &'static str {
        if self.messenger.load(Ordering::Relaxed) == HEALTHY { "healthy" } else { "degraded" }
    }
}

/// Speaks and listens, if there is a Redis.
pub async fn work(app: &App, hub: &Arc<Hub>) {
    let url = app.config.redis.url.reveal();
    if url.is_empty() {
        return;
    }
    let (Ok(client), Ok(from)) = (Client::open(url), app.random.bytes::<8>()) else {
        tracing::error!("REDIS_URL is no address of a Redis; instances do not hear each other");
        return;
    };
    let (sender, outbox) = mpsc::channel(QUEUE);
    if hub.outbox.set(sender).is_err() {
        return;
    }
    let messenger = Messenger {
        app: app.clone(),
        hub: Arc::clone(hub),
        client,
        channel: format!("{}:live", app.config.redis.prefix),
        from: u64::from_le_bytes(from),
        complained: AtomicBool::new(false),
    };
    tokio::join!(messenger.speak(outbox), messenger.listen());
}

struct Messenger {
    app: App,
    hub: Arc<Hub>,
    client: Client,
    channel: String,
    from: u64,
    complained: AtomicBool,
}

impl Messenger {
    /// Publishes what is in the queue. While Redis is away, words are dropped, not kept; the others
    /// are then told to look at the table.
    async fn speak(&self, mut outbox: mpsc::Receiver<Word>) {
        let mut connection: Option<MultiplexedConnection> = None;
        let mut not_before = Instant::now();
        let mut missed = false;
        while let Some(word) = outbox.recv().await {
            if connection.is_none() && Instant::now() >= not_before {
                connection = self.connect().await;
                not_before = Instant::now() + FIRST_PAUSE;
            }
            let Some(open) = &mut connection else {
                missed = true;
                continue;
            };
            let sent = async {
                if missed {
                    self.publish(open, Word::Missed).await?;
                }
                self.publish(open, word).await
            };
            let sent = sent.await;
            missed = sent.is_err();
            if let Err(error) = sent {
                self.complain(&error);
                connection = None;
            }
        }
    }

    async fn publish(
        &self,
        connection: &mut MultiplexedConnection,
        word: Word,
    ) -> Result<(), RedisError> {
        let Ok(text) = serde_json::to_string(&Letter { from: self.from, word }) else {
            return Ok(());
        };
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(&self.channel).arg(text).query_async(connection).await
    }

    async fn connect(&self) -> Option<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        connecting.await.inspect_err(|error| self.complain(error)).ok()
    }

    /// Listens, and comes back again and again when the connection ends.
    async fn listen(&self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let began = Instant::now();
            if let Err(error) = self.hear().await {
                self.complain(&error);
            }
            self.hub.messenger.store(AWAY, Ordering::Relaxed);
            if began.elapsed() > SILENCE {
                pause = FIRST_PAUSE;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn hear(&self) -> Result<(), RedisError> {
        let late = |_| RedisError::from((redis::ErrorKind::Io, "it does not answer"));
        let mut pubsub =
            timeout(PATIENCE, self.client.get_async_pubsub()).await.map_err(late)??;
        timeout(PATIENCE, pubsub.subscribe(&self.channel)).await.map_err(late)??;
        self.hub.messenger.store(HEALTHY, Ordering::Relaxed);
        if self.complained.swap(false, Ordering::Relaxed) {
            tracing::info!("Redis is back");
        }
        // What was said meanwhile was not heard.
        self.hub.doubt_everything();
        let mut messages = pubsub.on_message();
        while let Some(message) = timeout(SILENCE, messages.next()).await.map_err(late)? {
            let letter = message.get_payload::<String>();
            if let Ok(Ok(letter)) = letter.map(|text| serde_json::from_str::<Letter>(&text))
                && letter.from != self.from
            {
                self.take(letter);
            }
        }
        Ok(())
    }

    fn take(&self, letter: Letter) {
        match letter.word {
            Word::Hint(hint) => {
                if self.hub.mark(hint.event) {
                    desk::take(&self.app, &self.hub, &hint);
                }
            }
            Word::Doing(doing) => presence::hear(&self.hub, &doing),
            Word::Missed => self.hub.doubt_everything(),
            Word::Census(counts) => presence::take_census(&self.hub, letter.from, &counts),
        }
    }

    /// Says once that something is wrong, not with every word. The address may hold a password.
    fn complain(&self, error: &RedisError) {
        if !self.complained.swap(true, Ordering::Relaxed) {
            tracing::warn!(kind = ?error.kind(), "Redis is away; instances hear each other a second later");
        }
    }
}
