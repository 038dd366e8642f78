//! The open streams of this process: who reads what, and a short queue for each.
//!
//! Nobody waits for a reader: whose queue is full is cut off, and resumes by the last event's number.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::{Arc, OnceLock, atomic::AtomicU8},
    time::Duration,
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore, mpsc};

use super::{
    frame::Frame,
    hint::{Again, Hint},
    presence::{Presence, Typing},
    redis::Word,
    store::{Follows, Me, Standing},
};
use crate::{
    Error, Result,
    config::Config,
    ids::{PostId, UserId},
};

/// How many signals wait for a reader at most. All news of one reading are one signal.
pub const QUEUE: usize = 64;

/// How long somebody waits who has too many streams.
const TOO_MANY: Duration = Duration::from_secs(30);

/// What streams are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    Post(PostId),
    /// What a member alone is told.
    Person(UserId),
    /// What everybody sees of somebody.
    Profile(UserId),
}

/// What a stream is told.
#[derive(Debug, Clone)]
pub enum Signal {
    /// The same bytes for all.
    Frames(Arc<[Frame]>),
    /// What somebody does just now: for members, and not for those who are blocked.
    Person(Arc<(UserId, Bytes)>),
    Beat,
    /// Ask again whether you may go on.
    Check,
    /// The same, and read again who is hidden.
    CheckBlocks,
    /// The last words.
    End(Bytes),
}

/// Who wants to read what.
#[derive(Debug, Clone)]
pub struct Asking {
    pub person: Option<(UserId, String)>,
    pub address: IpAddr,
    /// The post or the profile that the page shows.
    pub page: Option<Topic>,
    /// Ends the connection, however slowly it is read.
    pub cut: Option<Arc<Notify>>,
}

/// A place among the streams; dropping it gives it up.
pub struct Seat {
    hub: Arc<Hub>,
    pub number: u64,
}

#[derive(Default)]
pub struct Hub {
    streams: Mutex<Streams>,
    news: Mutex<HashSet<Topic>>,
    pub wake: Notify,
    /// Events that were heard of already, for whoever looks at the table.
    known: Mutex<HashSet<i64>>,
    pub typing: Mutex<HashMap<(PostId, UserId), Typing>>,
    pub outbox: OnceLock<mpsc::Sender<Word>>,
    pub messenger: AtomicU8,
    checks: OnceLock<Semaphore>,
}

#[derive(Default)]
pub struct Streams {
    next: u64,
    closed: bool,
    readers: HashMap<u64, Reader>,
    pub topics: HashMap<Topic, Readership>,
    principals: HashMap<Principal, usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Principal {
    Person(UserId),
    Address(IpAddr),
}

struct Reader {
    /// `None` once it was cut off; its seat is given up when its connection ends.
    signals: Option<mpsc::Sender<Signal>>,
    principal: Principal,
    /// What the page shows, and whoever looks at it.
    topics: [Option<Topic>; 2],
    cut: Option<Arc<Notify>>,
}

/// The streams of one topic, and what they were told last.
#[derive(Default)]
pub struct Readership {
    seats: HashSet<u64>,
    /// The last event that was passed on.
    cursor: Option<i64>,
    standing: Option<Standing>,
    me: Option<Me>,
    follows: Option<Follows>,
    pub presence: Presence,
}

impl Hub {
    /// Takes a seat for a stream. What it is told from now on waits in its queue.
    pub fn join(
        self: &Arc<Self>,
        config: &Config,
        asking: &Asking,
    ) -> Result<(Seat, mpsc::Receiver<Signal>)> {
        let person = asking.person.as_ref().map(|(id, _)| *id);
        let (principal, most) = match person {
            Some(id) => (Principal::Person(id), config.live.streams_per_person),
            None => (Principal::Address(network(asking.address)), config.live.streams_per_address),
        };
        let mut streams = self.streams.lock();
        if streams.closed {
            return Err(Error::Unavailable);
        }
        let count = streams.principals.entry(principal).or_default();
        if *count >= most {
            return Err(Error::TooMany(TOO_MANY));
        }
        *count += 1;
        streams.next += 1;
        let number = streams.next;
        let topics = [asking.page, person.map(Topic::Person)];
        let (signals, queue) = mpsc::channel(QUEUE);
        for topic in topics.into_iter().flatten() {
            let readership = streams.topics.entry(topic).or_default();
            readership.seats.insert(number);
        }
        let cut = asking.cut.clone();
        let reader = Reader { signals: Some(signals), principal, topics, cut };
        streams.readers.insert(number, reader);
        Ok((Seat { hub: Arc::clone(self), number }, queue))
    }

    /// From which event on a topic is told, unless it is told already.
    pub fn begin(&self, topic: Topic, last: i64) {
        if let Some(readership) = self.streams.lock().topics.get_mut(&topic) {
            readership.cursor.get_or_insert(last);
        }
    }

    /// The last event that a topic was told; `None` when nobody reads it.
    pub fn cursor(&self, topic: Topic) -> Option<i64> {
        self.streams.lock().topics.get(&topic)?.cursor
    }

    /// Hands news to everybody who reads the post.
    pub fn tell_post(
        &self,
        post: PostId,
        last: i64,
        mut frames: Vec<Frame>,
        standing: Standing,
        counts: impl FnOnce(&Standing) -> Frame,
    ) {
        let mut streams = self.streams.lock();
        let topic = Topic::Post(post);
        let Some(readership) = streams.topics.get_mut(&topic) else { return };
        readership.cursor = readership.cursor.max(Some(last));
        if readership.standing.as_ref() != Some(&standing) {
            frames.push(counts(&standing));
            readership.standing = Some(standing);
        }
        if !frames.is_empty() {
            streams.send(topic, &Signal::Frames(frames.into()));
        }
    }

    /// Tells a member how they stand, if it is not what was told last.
    pub fn tell_person(&self, user: UserId, me: Me, frame: Frame) {
        let mut streams = self.streams.lock();
        let topic = Topic::Person(user);
        let Some(readership) = streams.topics.get_mut(&topic) else { return };
        if readership.me.as_ref() != Some(&me) {
            readership.me = Some(me);
            streams.send(topic, &Signal::Frames(Arc::new([frame])));
        }
    }

    /// Tells whoever looks at a profile, if it is not what was told last.
    pub fn tell_profile(&self, user: UserId, follows: Follows, frame: Frame) {
        let mut streams = self.streams.lock();
        let topic = Topic::Profile(user);
        let Some(readership) = streams.topics.get_mut(&topic) else { return };
        if readership.follows.as_ref() != Some(&follows) {
            readership.follows = Some(follows);
            streams.send(topic, &Signal::Frames(Arc::new([frame])));
        }
    }

    pub fn send(&self, topic: Topic, signal: &Signal) {
        self.streams.lock().send(topic, signal);
    }

    /// Ends all streams of a topic.
    pub fn end(&self, topic: Topic, farewell: Bytes) {
        self.send(topic, &Signal::End(farewell));
    }

    /// Ends all streams for good.
    pub fn close(&self) {
        let mut streams = self.streams.lock();
        streams.closed = true;
        let all: Vec<u64> = streams.readers.keys().copied().collect();
        for number in all {
            let farewell = super::frame::retry(1_000 + number * 7_919 % 4_000);
            streams.send_to(number, Signal::End(farewell.into()));
        }
    }

    /// Takes a hint: marks what has news, and lets streams ask again whether they may go on.
    pub fn heed(&self, hint: &Hint) {
        if let Some(post) = hint.post() {
            self.has_news([Topic::Post(post)]);
        }
        self.has_news(hint.people().flat_map(|user| [Topic::Person(user), Topic::Profile(user)]));
        let signal = match hint.again {
            Again::Nobody => return,
            Again::Them => Signal::Check,
            Again::TheirBlocks => Signal::CheckBlocks,
            Again::Everybody => return self.doubt_everything(),
        };
        for user in hint.people() {
            self.send(Topic::Person(user), &signal);
        }
    }

    /// Everything may have changed: every topic is read again, every stream asks again.
    pub fn doubt_everything(&self) {
        self.all_have_news();
        let mut streams = self.streams.lock();
        let all: Vec<u64> = streams.readers.keys().copied().collect();
        for number in all {
            streams.send_to(number, Signal::Check);
        }
    }

    pub fn all_have_news(&self) {
        let topics: Vec<Topic> = self.streams.lock().topics.keys().copied().collect();
        self.has_news(topics);
    }

    /// Puts topics on the list of those to be read; topics that nobody reads are left out.
    pub fn has_news(&self, topics: impl IntoIterator<Item = Topic>) {
        let mut any = false;
        for topic in topics {
            if self.streams.lock().topics.contains_key(&topic) {
                any |= self.news.lock().insert(topic);
            }
        }
        if any {
            self.wake.notify_one();
        }
    }

    /// The topics that have news; they are then off the list.
    pub fn take_news(&self) -> HashSet<Topic> {
        std::mem::take(&mut *self.news.lock())
    }

    /// Lets one in so many streams have its heartbeat, so that each has one in so many turns.
    pub fn beat(&self, turn: u64, turns: u64) {
        let mut streams = self.streams.lock();
        let due = |number: &&u64| **number % turns == turn % turns;
        let due: Vec<u64> = streams.readers.keys().filter(due).copied().collect();
        for number in due {
            streams.send_to(number, Signal::Beat);
        }
    }

    /// Remembers an event that was heard of; false when it was known.
    pub fn mark(&self, event: i64) -> bool {
        self.known.lock().insert(event)
    }

    /// Forgets which of the events up to this one were known.
    pub fn forget_known(&self, up_to: i64) {
        self.known.lock().retain(|event| *event > up_to);
    }

    pub fn with_streams<T>(&self, look: impl FnOnce(&mut Streams) -> T) -> T {
        look(&mut self.streams.lock())
    }

    /// How many streams may ask the database at once: requests come first.
    pub fn checks(&self) -> &Semaphore {
        self.checks.get_or_init(|| Semaphore::new(8))
    }

    #[cfg(test)]
    pub fn open(&self) -> usize {
        self.streams.lock().readers.len()
    }
}

impl Streams {
    /// The post or profile that a stream is about.
    pub fn page_of(&self, number: u64) -> Option<Topic> {
        self.readers.get(&number)?.topics[0]
    }

    pub fn send(&mut self, topic: Topic, signal: &Signal) {
        let Some(readership) = self.topics.get(&topic) else { return };
        let seats: Vec<u64> = readership.seats.iter().copied().collect();
        for number in seats {
            self.send_to(number, signal.clone());
        }
    }

    /// Puts a signal into a queue; who has let it fill up is cut off.
    fn send_to(&mut self, number: u64, signal: Signal) {
        let Some(reader) = self.readers.get_mut(&number) else { return };
        let Some(signals) = &reader.signals else { return };
        if signals.try_send(signal).is_err() {
            reader.signals = None;
            if let Some(cut) = &reader.cut {
                cut.notify_one();
            }
        }
    }

    fn remove(&mut self, number: u64) {
        let Some(reader) = self.readers.remove(&number) else { return };
        if let Some(count) = self.principals.get_mut(&reader.principal) {
            *count -= 1;
            if *count == 0 {
                self.principals.remove(&reader.principal);
            }
        }
        for topic in reader.topics.into_iter().flatten() {
            if let Some(readership) = self.topics.get_mut(&topic) {
                readership.seats.remove(&number);
                if readership.seats.is_empty() {
                    self.topics.remove(&topic);
                }
            }
        }
    }
}

impl Seat {
    pub fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.leave(self.number);
    }
}

impl Hub {
    fn leave(&self, number: u64) {
        super::presence::left(self, number);
        self.streams.lock().remove(number);
    }
}

/// An address as one household has it: of IPv6 the network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}
