//! A process for each picture: what a stranger sent is decoded in one that is ended when its time
//! is up, may take only so much memory, and whose crash is a refusal (X42).
//!
//! The program starts itself as `streamly decode`. In go the order, as a line of JSON, and the
//! file; out comes what was made, as a line of JSON and the files one after the other.

use std::{
    io::{BufRead as _, Read, Write},
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::Context as _;
use bytes::Bytes;
use pictures::{Kind, Limits, Picture, Refused, Variant};
use rustix::process::{Resource, Rlimit};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{Error, Result};

/// What is to be done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Work {
    /// Check it and write it anew.
    Sanitise,
    /// Make its other sizes.
    Variants,
}

#[derive(Serialize, Deserialize)]
struct Order {
    work: Work,
    limits: Limits,
    /// Seconds of a processor.
    seconds: u64,
    /// Bytes of memory.
    memory: u64,
}

/// What was made, without its bytes.
#[derive(Serialize, Deserialize)]
struct Made {
    kind: Kind,
    width: u32,
    height: u32,
    length: usize,
}

type Answer = std::result::Result<Vec<Picture>, Refused>;

/// What a decoder needs beside the pixels that its header announces: the file, what is written,
/// tables and scratch.
const BESIDE: u64 = 96 << 20;

/// How far decoding stands back from everything else: beside a page that needs the same processor
/// it gets a tenth.
const NICENESS: i32 = 10;

/// The most that a process may answer: more than the largest picture takes as PNG.
const LARGEST: u64 = 64 << 20;

impl Work {
    /// How many times longer than its time on a processor it may take by the clock: pages go first,
    /// so a decoder may have to wait. With a sanitised picture somebody's request waits, which has
    /// `server.request_timeout` for the line and for this.
    fn stretch(self) -> u32 {
        match self {
            Self::Sanitise => 2,
            Self::Variants => 10,
        }
    }

    /// Does it here, in this thread.
    pub fn run(self, bytes: &[u8], limits: &Limits) -> Answer {
        let picture =
            |Variant { kind, width, height, bytes }| Picture { kind, width, height, bytes };
        match self {
            Self::Sanitise => pictures::sanitise(bytes, limits).map(|picture| vec![picture]),
            Self::Variants => pictures::variants(bytes, limits)
                .map(|variants| variants.into_iter().map(picture).collect()),
        }
    }
}

/// The program itself, also when its file was replaced by a newer one.
pub fn this_program() -> std::io::Result<PathBuf> {
    let own = Path::new("/proc/self/exe");
    if own.exists() { Ok(own.to_owned()) } else { std::env::current_exe() }
}

/// Has the work done by a process, which is ended when its time on a processor is up, or when nobody
/// waits.
pub async fn in_process(
    program: &Path,
    (work, limits): (Work, Limits),
    bytes: &Bytes,
    time: Duration,
) -> Result<Answer> {
    let order = Order {
        work,
        seconds: time.as_secs().max(1),
        memory: limits.max_alloc.saturating_add(BESIDE),
        limits,
    };
    let mut head = serde_json::to_vec(&order)?;
    head.push(b'\n');
    let mut child = tokio::process::Command::new(program)
        .arg("decode")
        .env_clear()
        // The allocator's store of addresses would count as memory, or hide what is taken from it.
        .env("MIMALLOC_ARENA_RESERVE", "0")
        // A build that counts which lines ran would write a file at its end, and be killed for it.
        .env("LLVM_PROFILE_FILE", "/dev/null")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("a process to decode a picture")?;
    let (Some(mut input), Some(output), Some(errors)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(anyhow::anyhow!("the decoder has no pipes").into());
    };
    let talk = async {
        // One that ends early has said why by how it ended.
        let sent = async {
            input.write_all(&head).await?;
            input.write_all(bytes).await?;
            input.shutdown().await
        };
        if let Err(error) = sent.await {
            tracing::debug!(error = %error, "the decoder did not read to the end");
        }
        drop(input);
        let (mut answer, mut said) = (Vec::new(), Vec::new());
        let (mut output, mut errors) = (output.take(LARGEST), errors.take(4_096));
        tokio::try_join!(output.read_to_end(&mut answer), errors.read_to_end(&mut said))?;
        Ok::<_, std::io::Error>((answer, said, child.wait().await?))
    };
    match tokio::time::timeout(time * work.stretch(), talk).await {
        Ok(done) => {
            let (answer, said, status) = done?;
            if status.success() {
                parse(&answer)
            } else {
                ended(status, &String::from_utf8_lossy(&said))
            }
        }
        Err(_) => {
            child.kill().await?;
            tracing::warn!("a picture took too long to decode; its process was ended");
            Ok(Err(Refused::TooSlow))
        }
    }
}

/// What it means that the process did not end by itself.
fn ended(status: ExitStatus, said: &str) -> Result<Answer> {
    const XCPU: i32 = 24;
    match status.signal() {
        // Rust's words when memory that it asks for is refused; then it aborts.
        Some(_) if said.contains("memory allocation of") => Ok(Err(Refused::TooMuchMemory)),
        Some(XCPU) => Ok(Err(Refused::TooSlow)),
        Some(signal) => {
            tracing::error!(signal, said, "a picture made its decoder crash; it is refused");
            Ok(Err(Refused::Broken))
        }
        None => Err(Error::Internal(anyhow::anyhow!("the decoder ended with {status}: {said}"))),
    }
}

fn parse(answer: &[u8]) -> Result<Answer> {
    let end = answer.iter().position(|byte| *byte == b'\n').context("the decoder said nothing")?;
    let (head, mut rest) = answer.split_at(end);
    rest = &rest[1..];
    let made: std::result::Result<Vec<Made>, Refused> = serde_json::from_slice(head)?;
    let mut take = |Made { kind, width, height, length }| {
        let (bytes, after) = rest.split_at_checked(length).context("the decoder was cut off")?;
        rest = after;
        Ok(Picture { kind, width, height, bytes: bytes.to_vec() })
    };
    match made {
        Ok(made) => Ok(Ok(made.into_iter().map(&mut take).collect::<Result<_>>()?)),
        Err(refused) => Ok(Err(refused)),
    }
}

/// The process itself: reads an order, does it within its limits, and writes what was made.
pub fn serve() -> anyhow::Result<()> {
    let mut input = std::io::stdin().lock();
    let mut head = String::new();
    input.by_ref().take(4_096).read_line(&mut head)?;
    let order: Order = serde_json::from_str(&head).context("this is for the site to call")?;
    restrict(&order)?;
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    answer(&order.work.run(&bytes, &order.limits), &mut std::io::stdout().lock())
}

fn answer(made: &Answer, output: &mut impl Write) -> anyhow::Result<()> {
    let head = made.as_ref().map(|made| {
        let outline = |picture: &Picture| Made {
            kind: picture.kind,
            width: picture.width,
            height: picture.height,
            length: picture.bytes.len(),
        };
        made.iter().map(outline).collect::<Vec<_>>()
    });
    serde_json::to_writer(&mut *output, &head)?;
    output.write_all(b"\n")?;
    for picture in made.as_deref().unwrap_or_default() {
        output.write_all(&picture.bytes)?;
    }
    Ok(output.flush()?)
}

/// Takes from the process what it does not need: memory, time, files; and lets pages go first.
fn restrict(order: &Order) -> anyhow::Result<()> {
    // Time has a signal of its own a second before the end.
    let limit = |resource, most| {
        let limits = Rlimit { current: Some(most), maximum: Some(most.saturating_add(1)) };
        rustix::process::setrlimit(resource, limits)
    };
    rustix::process::nice(NICENESS)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Cpu, order.seconds)?;
    if cfg!(target_os = "linux") {
        // What is mapped already, the program itself above all, is no memory of the picture.
        let status = std::fs::read_to_string("/proc/self/status")?;
        let size = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
        let kilobytes = size.and_then(|size| size.trim().strip_suffix(" kB"));
        let mapped: u64 = kilobytes.context("the process has a size")?.parse()?;
        limit(Resource::As, (mapped << 10).saturating_add(order.memory))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_comes_over_whole_and_a_refusal_with_its_reason() {
        let picture =
            |bytes: &[u8]| Picture { kind: Kind::Png, width: 3, height: 4, bytes: bytes.to_vec() };
        for made in [
            Ok(vec![picture(b"one\n"), picture(b""), picture(b"three")]),
            Ok(Vec::new()),
            Err(Refused::Unsupported("SVG".into())),
            Err(Refused::TooMuchAnimation { frames: 1, width: 2, height: 3 }),
        ] {
            let mut sent = Vec::new();
            answer(&made, &mut sent).unwrap();
            assert_eq!(parse(&sent).unwrap(), made);
        }
        let mut sent = Vec::new();
        answer(&Ok(vec![picture(b"whole")]), &mut sent).unwrap();
        assert!(parse(&sent[..sent.len() - 1]).is_err(), "cut off");
        assert!(parse(b"").is_err());
    }

    #[test]
    fn how_a_decoder_ends_is_the_reason() {
        for (signal, said, refused) in [
            (6, "memory allocation of 9 bytes failed", Refused::TooMuchMemory),
            (6, "panic in a function that cannot unwind", Refused::Broken),
            (24, "", Refused::TooSlow),
            (11, "", Refused::Broken),
        ] {
            assert_eq!(ended(ExitStatus::from_raw(signal), said).unwrap(), Err(refused));
        }
        assert!(ended(ExitStatus::from_raw(1 << 8), "").is_err());
    }
}
