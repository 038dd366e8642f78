//! Who is there just now. None of it is stored: it is gone with the process, and no harm.
//!
//! Names of readers and writers of comments are told to members only, and not to those who are
//! blocked (docs/decisions/0023).

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{
    frame,
    hub::{Hub, Signal, Topic},
    redis::Word,
};
use crate::ids::{PostId, UserId};

/// How long somebody is typing who has not said so again.
const TYPING: Duration = Duration::from_secs(6);

/// How long another instance's count of readers is believed.
pub const BELIEVED: Duration = Duration::from_secs(15);

/// With more readers than this, coming and going is only counted.
const INTIMATE: usize = 50;

/// The readers of one post.
#[derive(Default)]
pub struct Presence {
    /// Streams of each member.
    members: HashMap<UserId, (usize, String)>,
    guests: usize,
    /// Which seat is whose.
    seats: HashMap<u64, Option<UserId>>,
    elsewhere: HashMap<u64, (usize, Instant)>,
    told: usize,
    told_at: Option<Instant>,
}

/// Somebody who writes a comment.
pub struct Typing {
    pub until: Instant,
    pub username: String,
}

/// What the other instances are told of somebody.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Doing {
    pub post: i64,
    pub user: i64,
    pub username: String,
    pub what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    Joined,
    Left,
    Types,
    Rests,
}

impl Presence {
    pub fn here(&self) -> usize {
        self.members.len() + self.guests
    }

    fn everywhere(&self, now: Instant) -> usize {
        let elsewhere = self.elsewhere.values().filter(|(_, until)| *until > now);
        self.here() + elsewhere.map(|(count, _)| count).sum::<usize>()
    }

    pub fn believe(&mut self, instance: u64, count: usize, now: Instant) {
        self.elsewhere.retain(|_, (_, until)| *until > now);
        self.elsewhere.insert(instance, (count, now + BELIEVED));
    }

    /// The number of readers, when it is time to tell another: large numbers change all the time.
    fn due(&mut self, now: Instant) -> Option<usize> {
        let count = self.everywhere(now);
        let pause = Duration::from_secs(1 + count as u64 / 100);
        if count == self.told || self.told_at.is_some_and(|at| now - at < pause) {
            return None;
        }
        self.told = count;
        self.told_at = Some(now);
        Some(count)
    }
}

/// Somebody opened a post.
pub fn joined(hub: &Hub, post: PostId, number: u64, person: Option<&(UserId, String)>) -> usize {
    let (count, new) = hub.with_streams(|streams| {
        let Some(readership) = streams.topics.get_mut(&Topic::Post(post)) else {
            return (1, false);
        };
        let presence = &mut readership.presence;
        presence.seats.insert(number, person.map(|(id, _)| *id));
        let new = match person {
            Some((id, name)) => {
                let entry = presence.members.entry(*id).or_insert_with(|| (0, name.clone()));
                entry.0 += 1;
                entry.0 == 1
            }
            None => {
                presence.guests += 1;
                false
            }
        };
        let count = presence.everywhere(Instant::now());
        (count, new && count <= INTIMATE)
    });
    if let Some((id, name)) = person.filter(|_| new) {
        announce(
            hub,
            &Doing { post: post.0, user: id.0, username: name.clone(), what: What::Joined },
        );
    }
    count
}

/// A stream has ended.
pub fn left(hub: &Hub, number: u64) {
    let gone = hub.with_streams(|streams| {
        let mut gone = None;
        let Some(topic) = streams.page_of(number) else { return gone };
        if let (Topic::Post(post), Some(readership)) = (topic, streams.topics.get_mut(&topic)) {
            let presence = &mut readership.presence;
            match presence.seats.remove(&number) {
                Some(Some(user)) => {
                    if let Some(entry) = presence.members.get_mut(&user) {
                        entry.0 -= 1;
                        if entry.0 == 0 {
                            let name = std::mem::take(&mut entry.1);
                            presence.members.remove(&user);
                            gone = (presence.here() <= INTIMATE).then_some((post, user, name));
                        }
                    }
                }
                Some(None) => presence.guests -= 1,
                None => {}
            }
        }
        gone
    });
    if let Some((post, user, username)) = gone {
        announce(hub, &Doing { post: post.0, user: user.0, username, what: What::Left });
    }
}

/// Somebody writes a comment, or has stopped.
pub fn types(hub: &Hub, post: PostId, user: UserId, username: &str, is_typing: bool) {
    let what = if is_typing { What::Types } else { What::Rests };
    announce(hub, &Doing { post: post.0, user: user.0, username: username.to_owned(), what });
}

/// Tells it here and elsewhere.
fn announce(hub: &Hub, doing: &Doing) {
    hear(hub, doing);
    hub.tell(Word::Doing(doing.clone()));
}

/// Passes on what somebody does, here or at another instance.
pub fn hear(hub: &Hub, doing: &Doing) {
    let (post, user) = (PostId(doing.post), UserId(doing.user));
    let name = &doing.username;
    let frame = match doing.what {
        What::Joined | What::Left => frame::status(post, name, doing.what == What::Joined),
        What::Types => {
            // What nobody here reads is not kept.
            if !hub.with_streams(|streams| streams.topics.contains_key(&Topic::Post(post))) {
                return;
            }
            let typing = Typing { until: Instant::now() + TYPING, username: name.clone() };
            if hub.typing.lock().insert((post, user), typing).is_some() {
                return;
            }
            frame::typing(post, user.0, name, true)
        }
        What::Rests => {
            if hub.typing.lock().remove(&(post, user)).is_none() {
                return;
            }
            frame::typing(post, user.0, name, false)
        }
    };
    tell(hub, post, user, frame.bytes);
}

fn tell(hub: &Hub, post: PostId, user: UserId, bytes: Bytes) {
    hub.send(Topic::Post(post), &Signal::Person(std::sync::Arc::new((user, bytes))));
}

/// Who was typing and has not been heard of since has stopped.
pub fn expire(hub: &Hub, now: Instant) {
    let mut over = Vec::new();
    hub.typing.lock().retain(|(post, user), typing| {
        let going = typing.until > now;
        if !going {
            over.push((*post, *user, std::mem::take(&mut typing.username)));
        }
        going
    });
    for (post, user, name) in over {
        tell(hub, post, user, frame::typing(post, user.0, &name, false).bytes);
    }
}

/// Tells the readers of each post how many they are, where that has changed.
pub fn count(hub: &Hub, now: Instant) {
    hub.with_streams(|streams| {
        let mut due = Vec::new();
        for (topic, readership) in &mut streams.topics {
            if let Topic::Post(post) = topic
                && let Some(count) = readership.presence.due(now)
            {
                due.push((*post, count));
            }
        }
        for (post, count) in due {
            let frames = std::sync::Arc::new([frame::readers(post, count)]);
            streams.send(Topic::Post(post), &Signal::Frames(frames));
        }
    });
}

/// How many read each post here, for the other instances.
pub fn census(hub: &Hub) -> Vec<(i64, usize)> {
    hub.with_streams(|streams| {
        let posts = streams.topics.iter().filter_map(|(topic, readership)| match topic {
            Topic::Post(post) => Some((post.0, readership.presence.here())),
            Topic::Person(_) | Topic::Profile(_) => None,
        });
        posts.collect()
    })
}

/// Takes another instance's numbers.
pub fn take_census(hub: &Hub, instance: u64, counts: &[(i64, usize)]) {
    let now = Instant::now();
    hub.with_streams(|streams| {
        for (post, count) in counts {
            if let Some(readership) = streams.topics.get_mut(&Topic::Post(PostId(*post))) {
                readership.presence.believe(instance, *count, now);
            }
        }
    });
}
