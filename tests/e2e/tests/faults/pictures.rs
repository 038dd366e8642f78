//! Pictures meant to harm, a kill in the middle of uploads, and a full disk.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use streamly_e2e::http::Response;
use streamly_e2e::member::Member;
use streamly_e2e::picture::{multipart, png};
use streamly_e2e::server::{Server, Site};

const LIBRARY: &str = "/media";

fn upload(member: &mut Member, token: &str, file: &[u8]) -> anyhow::Result<Response> {
    let (kind, body) = multipart(&[], &[("file", "a.png", file)]);
    let headers = [("Content-Type", &*kind), ("X-CSRFToken", token)];
    member.client.send("POST", "/media/upload", &headers, &body)
}

fn address(answer: &Response) -> String {
    let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    json["url"].as_str().unwrap().to_owned()
}

fn stage(site: &Site) -> (Server, Member, String) {
    let server = site.start().unwrap();
    let mut member = Member::sign_in(&server, "ada").unwrap();
    let token = member.client.csrf_token(LIBRARY).unwrap();
    (server, member, token)
}

/// The processes that the server has started.
fn children(server: &Server) -> usize {
    let id = server.pid().to_string();
    let of_server = |folder: &Path| {
        let status = std::fs::read_to_string(folder.join("status")).unwrap_or_default();
        status.lines().any(|line| line.strip_prefix("PPid:").map(str::trim) == Some(&*id))
    };
    std::fs::read_dir("/proc").unwrap().flatten().filter(|entry| of_server(&entry.path())).count()
}

#[test]
fn a_picture_that_takes_too_long_is_refused_and_its_process_is_ended() {
    let mut site = Site::sqlite().unwrap();
    site.set("STREAMLY_MEDIA__DECODE_TIME", "60");
    site.user("ada", "User").unwrap();
    let (server, mut member, token) = stage(&site);
    // Forty-nine megapixels in some hundred kilobytes are within the limits.
    let bomb = png(7000, 7000, 7);
    assert!(bomb.len() < 1 << 20);
    let kept = upload(&mut member, &token, &bomb).unwrap().expect(201).unwrap();
    let small = member.client.get(&address(&kept)).unwrap().expect(200).unwrap();
    assert!(small.body.len() < 100_000);
    server.stop().unwrap();

    site.set("STREAMLY_MEDIA__DECODE_TIME", "0");
    let (server, mut member, token) = stage(&site);
    let started = Instant::now();
    let refused = upload(&mut member, &token, &png(6999, 7000, 7)).unwrap().expect(422).unwrap();
    assert!(refused.text().contains("takes too long"), "{}", refused.text());
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    let waiting = Instant::now();
    while children(&server) > 0 {
        assert!(waiting.elapsed() < Duration::from_secs(5), "a decoder is left");
        std::thread::sleep(Duration::from_millis(20));
    }
    member.client.get("/").unwrap().expect(200).unwrap();
}

/// The decoder's own limits, should the site that started it be gone.
#[test]
fn a_decoder_takes_no_more_memory_and_time_than_it_was_given() {
    let site = Site::sqlite().unwrap();
    let file = png(7000, 7000, 7);
    let decode = |memory: u64, seconds: u64| {
        let limits = serde_json::json!({
            "max_bytes": 10 << 20, "max_pixels": 50_000_000, "max_side": 12_000, "max_frames": 300,
            "max_alloc": 1_u64 << 33, "fit_within": [1920, 1920], "square": null,
        });
        let order = serde_json::json!({
            "work": "Sanitise", "limits": limits, "seconds": seconds, "memory": memory,
        });
        let mut command = site.command(&["decode"]);
        // As the site starts it.
        command.env("MIMALLOC_ARENA_RESERVE", "0").env("LLVM_PROFILE_FILE", "/dev/null");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let bytes = [format!("{order}\n").as_bytes(), &file].concat();
        // One that is ended does not read to the end.
        let writer = std::thread::spawn(move || {
            let _ = std::io::Write::write_all(&mut input, &bytes);
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        output
    };
    let enough = decode(400 << 20, 60);
    assert!(enough.status.success(), "{:?}", enough.status);
    assert!(enough.stdout.starts_with(b"{\"Ok\""), "{:?}", &enough.stdout[..60]);
    let little = decode(24 << 20, 60);
    let refused = !little.status.success() || little.stdout.starts_with(b"{\"Err\"");
    assert!(refused, "{:?}", &little.stdout[..60]);
}

#[test]
fn a_file_that_makes_its_decoder_crash_is_refused_and_the_site_stays() {
    let avif = include_bytes!("../../../../crates/pictures/src/tests/avif/plain.avif");
    let site = Site::sqlite().unwrap();
    site.user("ada", "User").unwrap();
    let (server, mut member, token) = stage(&site);
    upload(&mut member, &token, avif).unwrap().expect(201).unwrap();
    for at in (40..avif.len()).step_by(3) {
        let mut spoiled = avif.to_vec();
        spoiled[at] ^= 0xFF;
        let answer = upload(&mut member, &token, &spoiled).unwrap();
        let known = [201, 415, 422].contains(&answer.status);
        assert!(known, "{at}: {} {}", answer.status, answer.text());
    }
    assert_eq!(children(&server), 0);
    member.client.get("/").unwrap().expect(200).unwrap();
}

/// Every file is whole: it begins and ends as a PNG does, or is a WebP of the length it says.
fn assert_whole(folder: &Path) -> usize {
    let mut files = 0;
    for shelf in std::fs::read_dir(folder.join("media")).unwrap() {
        for file in std::fs::read_dir(shelf.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let whole = match path.extension().and_then(|ending| ending.to_str()) {
                Some("png") => bytes.starts_with(b"\x89PNG") && bytes.ends_with(b"IEND\xAEB`\x82"),
                _ => {
                    let length = bytes.get(4..8).map(|four| four.try_into().unwrap());
                    length.map(u32::from_le_bytes) == u32::try_from(bytes.len() - 8).ok()
                }
            };
            assert!(whole, "{} is written by halves", path.display());
            files += 1;
        }
    }
    files
}

#[test]
fn what_was_uploaded_survives_kill_9_and_nothing_is_there_by_halves() {
    for site in Site::each().unwrap() {
        site.user("ada", "User").unwrap();
        let mut kept = Vec::new();
        for round in 0..super::kills() {
            let (server, member, token) = stage(&site);
            let (stop, answered) = (AtomicBool::new(false), AtomicU32::new(0));
            let sent = std::thread::scope(|scope| {
                let senders: Vec<_> = (0..4_u32)
                    .map(|nth| {
                        let mut member = Member { client: member.client.clone() };
                        let (token, stop, answered) = (&token, &stop, &answered);
                        scope.spawn(move || {
                            let mut sent = Vec::new();
                            for number in 0.. {
                                let side = 300 + round * 200 + nth * 40 + number % 40;
                                let level = u8::try_from(number % 256).unwrap();
                                match upload(&mut member, token, &png(side, side, level)) {
                                    Ok(answer) if answer.status == 201 => {
                                        sent.push(address(&answer));
                                        answered.fetch_add(1, Ordering::Relaxed);
                                    }
                                    Ok(answer) => assert_eq!(answer.status, 503, "busy at most"),
                                    Err(_) => break,
                                }
                                if stop.load(Ordering::Relaxed) {
                                    break;
                                }
                            }
                            sent
                        })
                    })
                    .collect();
                // Another number each time, so that the kills meet other moments.
                let started = Instant::now();
                while answered.load(Ordering::Relaxed) < 3 + 2 * round {
                    assert!(started.elapsed() < Duration::from_mins(1), "{}", server.log());
                    std::thread::sleep(Duration::from_millis(5));
                }
                server.kill().unwrap();
                stop.store(true, Ordering::Relaxed);
                senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect::<Vec<_>>()
            });
            kept.extend(sent);
        }
        let (server, mut member, _) = stage(&site);
        for url in &kept {
            let answer = member.client.get(url).unwrap().expect(200).unwrap();
            assert!(answer.body.ends_with(b"IEND\xAEB`\x82"), "{url} was acknowledged");
        }
        server.stop().unwrap();
        assert!(assert_whole(&site.folder.path().join("data")) > 0);
    }
}

/// A folder on a disk of this size; `None`, and said so, where none may be mounted.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(at: &Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(at);
        if mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
            return Some(Self(at.to_owned()));
        }
        streamly_e2e::leave_out("a full disk, for no small one may be mounted here");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_said_and_leaves_nothing_behind() {
    let mut site = Site::sqlite().unwrap();
    let data = site.folder.path().join("data");
    let Some(_disk) = SmallDisk::mount(&data, "1m") else { return };
    let database = site.folder.path().join("streamly.db");
    site.set("DATABASE_URL", &format!("sqlite:{}", database.display()));
    site.user("ada", "User").unwrap();
    let (server, mut member, token) = stage(&site);
    // The disk is filled by somebody else, to the last kilobytes.
    let filler = data.join("filler");
    let mut filling = 1 << 20;
    while std::fs::write(&filler, vec![1; filling]).is_err() {
        filling -= 4_096;
    }
    let picture = png(1800, 1800, 99);
    let refused = upload(&mut member, &token, &picture).unwrap();
    assert!(
        refused.status == 507 || refused.status == 503,
        "{} {}",
        refused.status,
        refused.text()
    );
    assert!(refused.text().contains("full"), "{}", refused.text());
    let library = member.client.get(LIBRARY).unwrap().expect(200).unwrap().text();
    assert!(library.contains("0 pictures,"), "no row without its file");
    assert_eq!(std::fs::read_dir(data.join("tmp")).unwrap().count(), 0, "nothing half written");
    // There is room again, and the same picture is taken.
    std::fs::remove_file(&filler).unwrap();
    let kept = upload(&mut member, &token, &picture).unwrap().expect(201).unwrap();
    member.client.get(&address(&kept)).unwrap().expect(200).unwrap();
    server.stop().unwrap();
    assert_whole(&data);
}
