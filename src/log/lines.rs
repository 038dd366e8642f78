//! Lines of the log on their way to a file or the terminal.
//!
//! A request adds its line to a buffer; one thread writes what has come together. It is woken once
//! for many lines, not for each: waking a thread costs a request more than writing the line would.
//! What tells of trouble is written at once.

use std::{io::Write, sync::Arc, thread::JoinHandle, time::Duration};

use parking_lot::{Condvar, Mutex};
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long a line waits for others at most.
const PAUSE: Duration = Duration::from_millis(50);

/// How many bytes wait at most. More comes together only when the disk or the terminal stands
/// still, and then lines are left out, because readers would have to wait for them.
const MOST: usize = 8 * 1024 * 1024;

/// The buffers keep so many bytes for the next lines.
const KEPT: usize = 256 * 1024;

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Lines left out since the last time something was written.
    lost: u64,
    is_urgent: bool,
    is_idle: bool,
    is_over: bool,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

/// Where a layer writes to; clones share the buffer.
#[derive(Clone)]
pub struct Lines(Arc<Shared>);

/// Writes what is left when it is dropped.
pub struct Guard {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// Starts the thread that writes to `out`.
pub fn start(out: impl Write + Send + 'static) -> std::io::Result<(Lines, Guard)> {
    let shared = Arc::new(Shared::default());
    let theirs = Arc::clone(&shared);
    let thread = std::thread::Builder::new().name("log".into()).spawn(move || theirs.run(out))?;
    Ok((Lines(Arc::clone(&shared)), Guard { shared, thread: Some(thread) }))
}

impl Shared {
    fn add(&self, line: &[u8], is_urgent: bool) {
        let mut waiting = self.waiting.lock();
        if waiting.bytes.len() + line.len() > MOST {
            waiting.lost += 1;
            return;
        }
        waiting.bytes.extend_from_slice(line);
        let wakes = waiting.is_idle || (is_urgent && !waiting.is_urgent);
        waiting.is_idle = false;
        waiting.is_urgent |= is_urgent;
        drop(waiting);
        if wakes {
            self.changed.notify_one();
        }
    }

    fn run(&self, mut out: impl Write) {
        let mut bytes = Vec::new();
        let mut lost = 0;
        loop {
            let (left_out, is_over) = self.take(&mut bytes);
            lost += left_out;
            // That the log cannot be written is told when it can be written again.
            if out.write_all(&bytes).and_then(|()| out.flush()).is_err() {
                lost += bytes.split(|byte| *byte == b'\n').skip(1).count() as u64;
                bytes.clear();
                if is_over {
                    return;
                }
                continue;
            }
            bytes.clear();
            bytes.shrink_to(KEPT);
            if lost > 0 {
                tracing::warn!(lines = lost, "lines of the log were left out");
                lost = 0;
            }
            if is_over {
                return;
            }
        }
    }

    /// Waits for lines and for more to join them, and takes them.
    fn take(&self, bytes: &mut Vec<u8>) -> (u64, bool) {
        let mut waiting = self.waiting.lock();
        while waiting.bytes.is_empty() && !waiting.is_over {
            waiting.is_idle = true;
            self.changed.wait(&mut waiting);
        }
        waiting.is_idle = false;
        if !waiting.is_urgent && !waiting.is_over {
            self.changed.wait_for(&mut waiting, PAUSE);
        }
        waiting.is_urgent = false;
        std::mem::swap(&mut waiting.bytes, bytes);
        (std::mem::take(&mut waiting.lost), waiting.is_over)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.shared.waiting.lock().is_over = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            eprintln!("the log's thread broke down");
        }
    }
}

/// Takes one line.
pub struct Line<'a> {
    shared: &'a Shared,
    is_urgent: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.shared.add(line, self.is_urgent);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { shared: &self.0, is_urgent: false }
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Line<'a> {
        Line { shared: &self.0, is_urgent: *meta.level() <= Level::WARN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was written, one entry for each write.
    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<Vec<u8>>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_come_in_order_and_many_in_one_write() {
        let paper = Paper::default();
        let (lines, guard) = start(paper.clone()).unwrap();
        for number in 0..1000 {
            writeln!(lines.make_writer(), "line {number}").unwrap();
        }
        drop(guard);
        let written = paper.0.lock();
        let text = String::from_utf8(written.concat()).unwrap();
        let expected: Vec<String> = (0..1000).map(|number| format!("line {number}")).collect();
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
        assert!(written.len() < 100, "{} writes", written.len());
    }

    #[test]
    fn what_waits_is_bounded_and_trouble_is_not_kept_waiting() {
        let shared = Shared::default();
        shared.add(&vec![b'x'; MOST], false);
        shared.add(b"one more", false);
        assert_eq!(shared.waiting.lock().lost, 1);
        shared.waiting.lock().bytes.clear();
        shared.add(b"trouble", true);
        let mut bytes = Vec::new();
        let begun = std::time::Instant::now();
        assert_eq!(shared.take(&mut bytes), (1, false));
        assert_eq!(bytes, b"trouble");
        assert!(begun.elapsed() < PAUSE);
    }
}
