//! Where pictures are decoded: few at a time and within a measure of memory, off the threads that
//! answer requests (X42).

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use pictures::Limits;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Error, Result, app::App};

/// How long an upload waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

const MEGABYTE: u64 = 1 << 20;

/// The places at the bench, the memory on it, and who stands in line.
#[derive(Default)]
struct Workshop(OnceLock<Bench>);

struct Bench {
    hands: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    megabytes: u32,
    waiting: AtomicUsize,
}

/// A turn at the bench; given back when dropped.
struct Turn(#[expect(dead_code, reason = "held")] [OwnedSemaphorePermit; 2]);

impl Bench {
    fn of(app: &App) -> Self {
        let media = &app.config.media;
        let megabytes = u32::try_from(media.decode_memory.0 as u64 / MEGABYTE).unwrap_or(1).max(1);
        // Half the cores, so that the other half answers.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            hands: Arc::new(Semaphore::new((cores / 2).clamp(1, 2))),
            memory: Arc::new(Semaphore::new(usize::try_from(megabytes).unwrap_or(1))),
            megabytes,
            waiting: AtomicUsize::new(0),
        }
    }

    async fn turn(&self, cost: u64) -> Result<Turn> {
        let need =
            u32::try_from(cost.div_ceil(MEGABYTE)).unwrap_or(u32::MAX).clamp(1, self.megabytes);
        let closed = |_| Error::Unavailable;
        let memory = Arc::clone(&self.memory).acquire_many_owned(need).await.map_err(closed)?;
        let hand = Arc::clone(&self.hands).acquire_owned().await.map_err(closed)?;
        Ok(Turn([memory, hand]))
    }
}

/// One in line; steps out when dropped, also when its request is given up.
struct InLine<'a>(&'a AtomicUsize);

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Does work that costs so much memory when it is its turn. Who finds a long line, or stands in it
/// too long, is told to come back; nobody waits longer than the work may take.
pub async fn now<T: Send + 'static>(
    app: &App,
    cost: u64,
    limits: Limits,
    work: impl FnOnce(&Limits) -> T + Send + 'static,
) -> Result<T> {
    let workshop = app.state::<Workshop>();
    let bench = workshop.0.get_or_init(|| Bench::of(app));
    let turn = {
        let before = bench.waiting.fetch_add(1, Ordering::AcqRel);
        let _line = InLine(&bench.waiting);
        if before >= app.config.media.queue {
            return Err(Error::Unavailable);
        }
        match tokio::time::timeout(PATIENCE, bench.turn(cost)).await {
            Ok(turn) => turn?,
            Err(_) => return Err(Error::Unavailable),
        }
    };
    run(app, turn, limits, work).await
}

/// The same for work that nobody waits for: it stands in no line and is never sent away.
pub async fn later<T: Send + 'static>(
    app: &App,
    cost: u64,
    limits: Limits,
    work: impl FnOnce(&Limits) -> T + Send + 'static,
) -> Result<T> {
    let workshop = app.state::<Workshop>();
    let bench = workshop.0.get_or_init(|| Bench::of(app));
    let turn = bench.turn(cost).await?;
    run(app, turn, limits, work).await
}

async fn run<T: Send + 'static>(
    app: &App,
    turn: Turn,
    limits: Limits,
    work: impl FnOnce(&Limits) -> T + Send + 'static,
) -> Result<T> {
    let until = Instant::now() + app.config.media.decode_time.duration();
    let work = tokio::task::spawn_blocking(move || {
        let _turn = turn; // kept until the work is done, also when nobody waits for it
        work(&Limits { until: Some(until), ..limits })
    });
    Ok(work.await?)
}
