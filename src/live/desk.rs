//! Where news are read and passed on: once for all who read a topic, in the order of the table.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;

use super::{
    frame,
    hint::{Again, Hint},
    hub::{Hub, Topic},
    presence,
    redis::Word,
    store,
};
use crate::{
    Result, accounts,
    app::App,
    ids::{EventId, PostId, UserId},
};

/// How many events are read at once.
const BATCH: i64 = 200;

/// How many topics are read at once; requests need the connections, too.
const TOPICS: usize = 4;

/// How long an event may be committed after one with a higher number, and is still found.
const LATE: Duration = Duration::from_secs(10);

/// Reads what has news and passes it on, for ever.
pub async fn pass_on(app: &App, hub: &Arc<Hub>) {
    loop {
        hub.wake.notified().await;
        let topics = hub.take_news();
        stream::iter(topics)
            .for_each_concurrent(TOPICS, async |topic| {
                if let Err(error) = tell(app, hub, topic).await {
                    tracing::warn!(error = ?error, "news could not be read; they are tried again");
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    hub.has_news([topic]);
                }
            })
            .await;
    }
}

async fn tell(app: &App, hub: &Arc<Hub>, topic: Topic) -> Result<()> {
    // Whoever just joined says from where on, and then that there are news.
    let Some(cursor) = hub.cursor(topic) else { return Ok(()) };
    match topic {
        Topic::Post(post) => tell_post(app, hub, post, cursor).await,
        Topic::Person(user) => tell_person(app, hub, user).await,
        Topic::Profile(user) => tell_profile(app, hub, user).await,
    }
}

async fn tell_post(app: &App, hub: &Arc<Hub>, post: PostId, cursor: i64) -> Result<()> {
    let topic = Topic::Post(post);
    let mut conn = app.db.conn().await?;
    let rows = store::of_post(&mut conn, post, cursor, BATCH).await?;
    // Read after the events, so that a number is never older than what is told beside it.
    let Some(standing) = store::standing(&mut conn, post).await? else {
        hub.end(topic, frame::gone(post).bytes);
        return Ok(());
    };
    drop(conn);
    let last = rows.last().map_or(cursor, |news| news.id.0);
    let frames = frame::of_all(post, &rows);
    hub.tell_post(post, last, frames, standing, |standing| frame::counts(0, post, standing));
    if i64::try_from(rows.len()).is_ok_and(|read| read == BATCH) {
        hub.has_news([topic]);
    }
    Ok(())
}

async fn tell_person(app: &App, hub: &Arc<Hub>, user: UserId) -> Result<()> {
    let me = store::me(&mut app.db.conn().await?, user).await?;
    if let Some(me) = me {
        let frame = frame::me(&me);
        hub.tell_person(user, me, frame);
    }
    Ok(())
}

async fn tell_profile(app: &App, hub: &Arc<Hub>, user: UserId) -> Result<()> {
    match store::follows(&mut app.db.conn().await?, user).await? {
        Some(follows) => {
            let frame = frame::follows(user, &follows);
            hub.tell_profile(user, follows, frame);
        }
        None => hub.end(Topic::Profile(user), frame::profile_gone(user).bytes),
    }
    Ok(())
}

/// Every second: who is due for a heartbeat, who stopped typing, how many read.
pub async fn beat(app: &App, hub: &Arc<Hub>) {
    let turns = app.config.live.heartbeat.0.max(1);
    let mut second = tokio::time::interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut turn = 0;
    loop {
        second.tick().await;
        turn += 1;
        hub.beat(turn, turns);
        let now = Instant::now();
        presence::expire(hub, now);
        presence::count(hub, now);
        // Posts may be hidden in ways that no event of theirs tells.
        if turn % turns == 0 {
            hub.all_have_news();
        }
        if turn % 5 == 0 {
            hub.tell(Word::Census(presence::census(hub)));
        }
    }
}

/// Looks at the table for what nobody told: events of other instances and of commands, while there
/// is no messenger between them or it is away.
pub async fn follow(app: &App, hub: &Arc<Hub>) {
    let mut table = Table { floor: None, seen: HashMap::new() };
    let mut pause =
        tokio::time::interval(app.config.live.poll.duration().max(Duration::from_millis(100)));
    pause.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pause.tick().await;
        if let Err(error) = table.look(app, hub).await {
            tracing::debug!(error = ?error, "the table of events could not be read");
        }
    }
}

/// How far the table was read. Numbers are given before the commit, so one may appear below others
/// that were seen: everything is read again until it is old enough.
struct Table {
    /// Everything up to here is past.
    floor: Option<i64>,
    /// What was read above it, and when.
    seen: HashMap<i64, Instant>,
}

impl Table {
    async fn look(&mut self, app: &App, hub: &Arc<Hub>) -> Result<()> {
        let mut conn = app.db.conn().await?;
        let Some(floor) = self.floor else {
            self.floor = Some(store::last(&mut conn).await?.0);
            return Ok(());
        };
        let rows = store::all(&mut conn, floor, BATCH * 5).await?;
        drop(conn);
        let now = Instant::now();
        for news in &rows {
            let new = self.seen.insert(news.id.0, now).is_none();
            if new
                && hub.mark(news.id.0)
                && let Some(event) = news.event()
            {
                take(app, hub, &Hint::of(EventId(news.id.0), &event));
            }
        }
        self.rise(hub, now, i64::try_from(rows.len()).is_ok_and(|read| read == BATCH * 5));
        Ok(())
    }

    /// Leaves behind what is old; when very much happens, all that was read.
    fn rise(&mut self, hub: &Arc<Hub>, now: Instant, full: bool) {
        let past = |(_, at): &(&i64, &Instant)| full || now - **at > LATE;
        let highest = self.seen.iter().filter(past).map(|(id, _)| *id).max();
        if let Some(highest) = highest {
            self.floor = self.floor.max(Some(highest));
            self.seen.retain(|id, _| *id > highest);
            hub.forget_known(highest);
        }
    }
}

/// Takes a hint that comes from outside this process.
pub fn take(app: &App, hub: &Arc<Hub>, hint: &Hint) {
    if hint.again != Again::Nobody {
        accounts::sessions::forget(app);
    }
    hub.heed(hint);
}
