//! Where pictures are decoded: few at a time, within a measure of memory and of time, and in a
//! process of their own, so that neither can be exceeded (X42).

use std::{
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use pictures::{Limits, Picture, Refused};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::decoder::{self, Work};
use crate::{Error, Result, app::App};

/// How long an upload waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

const MEGABYTE: u64 = 1 << 20;

/// The places at the bench, the memory on it, and who stands in line.
#[derive(Default)]
struct Workshop {
    bench: OnceLock<Bench>,
    /// What is started for each picture; without one (in tests of rooms) a thread does the work.
    program: OnceLock<PathBuf>,
}

/// From now on every picture is decoded in a process of its own, by this program.
pub fn use_processes(app: &App) -> Result<()> {
    let program = decoder::this_program()?;
    app.state::<Workshop>().program.get_or_init(|| program);
    Ok(())
}

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

/// What is to be done, with which file, within which limits.
pub struct Piece {
    pub work: Work,
    pub bytes: Bytes,
    pub limits: Limits,
}

type Done = std::result::Result<Vec<Picture>, Refused>;

/// Does work that costs so much memory when it is its turn. Who finds a long line, or stands in it
/// too long, is told to come back; nobody waits longer than the work may take.
pub async fn now(app: &App, cost: u64, piece: Piece) -> Result<Done> {
    let workshop = app.state::<Workshop>();
    let bench = workshop.bench.get_or_init(|| Bench::of(app));
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
    run(app, &workshop, turn, piece).await
}

/// The same for work that nobody waits for: it stands in no line and is never sent away.
pub async fn later(app: &App, cost: u64, piece: Piece) -> Result<Done> {
    let workshop = app.state::<Workshop>();
    let bench = workshop.bench.get_or_init(|| Bench::of(app));
    let turn = bench.turn(cost).await?;
    run(app, &workshop, turn, piece).await
}

async fn run(app: &App, workshop: &Workshop, turn: Turn, piece: Piece) -> Result<Done> {
    let Piece { work, bytes, limits } = piece;
    let time = app.config.media.decode_time.duration();
    if let Some(program) = workshop.program.get() {
        let done = decoder::in_process(program, (work, limits), &bytes, time).await;
        drop(turn);
        return done;
    }
    let until = Instant::now() + time;
    let work = tokio::task::spawn_blocking(move || {
        let _turn = turn; // kept until the work is done, also when nobody waits for it
        work.run(&bytes, &Limits { until: Some(until), ..limits })
    });
    Ok(work.await?)
}
