//! Open streams while Redis dies and comes back, and beside readers who do not read.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use streamly_e2e::html;
use streamly_e2e::http::{Client, form};
use streamly_e2e::member::Member;
use streamly_e2e::redis::Redis;
use streamly_e2e::server::{Server, Site};
use streamly_e2e::stream::{Stream, request};

/// The path of the stream that the page of a post opens.
fn stream_of(page: &str) -> String {
    let number = |name: &str| {
        let rest = page.split_once(&format!("{name}=\"")).unwrap().1;
        rest.split('"').next().unwrap().to_owned()
    };
    format!("/live?post={}&after={}", number("data-live-post"), number("data-live-after"))
}

/// Says something under a post, and gives its number.
fn say(client: &Client, path: &str, words: &str) -> i64 {
    let mut client = client.clone();
    let page = client.get(path).unwrap().expect(200).unwrap().text();
    let field = |name| html::input(&page, name).unwrap();
    let (token, nonce) = (field("csrf_token"), field("nonce"));
    let body = form(&[("csrf_token", &token), ("nonce", &nonce), ("content", words)]);
    let headers =
        [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")];
    let answer = client.send("POST", path, &headers, body.as_bytes()).unwrap();
    let answer: serde_json::Value =
        serde_json::from_slice(&answer.expect(201).unwrap().body).unwrap();
    answer["id"].as_i64().unwrap()
}

/// Waits until a server's messenger is in this state.
fn messenger(server: &Server, state: &str) {
    let started = Instant::now();
    let word = format!("\"redis\":\"{state}\"");
    while !server.client().get("/health/ready").unwrap().expect(200).unwrap().text().contains(&word)
    {
        assert!(started.elapsed() < Duration::from_mins(1), "Redis is never {state}");
        std::thread::yield_now();
    }
}

/// Two instances that hear of each other by Redis alone: nobody looks at the table of events, and
/// no heartbeat makes anybody ask.
#[test]
fn what_happens_while_redis_is_dead_is_told_once_when_it_is_back() {
    let (Some(mut site), Some(mut redis)) = (Site::postgres().unwrap(), Redis::start().unwrap())
    else {
        return;
    };
    site.set("REDIS_URL", &redis.url());
    site.set("STREAMLY_LIVE__POLL", "3600");
    site.set("STREAMLY_LIVE__HEARTBEAT", "3600");
    for name in ["ana", "ben"] {
        site.user(name, "User").unwrap();
    }
    let (one, other) = (site.start().unwrap(), site.start().unwrap());
    let mut ana = Member::sign_in(&one, "ana").unwrap();
    let path = ana.publish("While Redis is dead", "Nothing is lost.").unwrap();
    let ben = Member::sign_in(&other, "ben").unwrap().client;
    for server in [&one, &other] {
        messenger(server, "healthy");
    }
    let page = one.client().get(&path).unwrap().expect(200).unwrap().text();
    let stream = stream_of(&page);
    let mut here = Stream::open(&one.client(), &stream, None).unwrap();
    let mut there = Stream::open(&other.client(), &stream, None).unwrap();
    let mut cut = Stream::open(&ana.client, &stream, None).unwrap();

    let first = say(&ben, &path, "Before.");
    for stream in [&mut here, &mut there, &mut cut] {
        assert_eq!(stream.comments(1).unwrap(), [first]);
    }
    let known = cut.last_id.clone();
    drop(cut);

    redis.kill().unwrap();
    for server in [&one, &other] {
        messenger(server, "degraded");
    }
    // Nobody waits for it: posting and what happens at the same instance go on.
    let second = say(&ben, &path, "While it is dead.");
    assert_eq!(there.comments(1).unwrap(), [second]);
    let third = say(&ben.at(one.port), &path, "And at the other instance.");
    assert_eq!(here.comments(2).unwrap(), [second, third]);

    redis.start_again().unwrap();
    for server in [&one, &other] {
        messenger(server, "healthy");
    }
    assert_eq!(there.comments(1).unwrap(), [third], "found in the table when Redis is back");
    let mut again = Stream::open(&ana.client, &stream, known.as_deref()).unwrap();
    let fourth = say(&ben, &path, "After.");
    assert_eq!(again.comments(3).unwrap(), [second, third, fourth]);
    for stream in [&mut here, &mut there] {
        assert_eq!(stream.comments(1).unwrap(), [fourth]);
    }
    let fifth = say(&ana.client, &path, "From the first instance.");
    for stream in [&mut here, &mut there, &mut again] {
        assert_eq!(stream.comments(1).unwrap(), [fifth], "nothing comes twice");
        assert_eq!(stream.until("counts").unwrap().data["comment_count"], 5);
    }
    let page = other.client().get(&path).unwrap().expect(200).unwrap().text();
    for number in [first, second, third, fourth, fifth] {
        assert!(page.contains(&format!("id=\"comment-{number}\"")), "{number} is not there");
    }
}

/// So many words are said before their answers are read.
const AT_ONCE: usize = 32;

/// One member writes on and off, so that the others are told twice each time.
struct Typist {
    connection: BufReader<TcpStream>,
    request: String,
}

impl Typist {
    fn new(client: &mut Client, page: &str, post: &str) -> Self {
        let token = client.csrf_token(page).unwrap();
        let address = client.origin();
        let host = address.trim_start_matches("http://");
        let connection = BufReader::new(TcpStream::connect(host).unwrap());
        connection.get_ref().set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut request = String::new();
        for round in 0..AT_ONCE {
            let body = format!("{{\"is_typing\":{}}}", round % 2 == 0);
            let _ = write!(
                request,
                "POST /live/post/{post}/typing HTTP/1.1\r\nHost: {host}\r\nOrigin: {address}\r\n\
                 Sec-Fetch-Site: same-origin\r\nCookie: {}\r\nX-CSRFToken: {token}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                client.cookie_header(),
                body.len(),
            );
        }
        Self { connection, request }
    }

    fn types(&mut self) {
        self.connection.get_mut().write_all(self.request.as_bytes()).unwrap();
        let mut line = String::new();
        let mut answers = 0;
        while answers < AT_ONCE {
            line.clear();
            assert!(self.connection.read_line(&mut line).unwrap() > 0, "the connection is closed");
            if line.starts_with("HTTP/1.1 ") {
                assert!(line.starts_with("HTTP/1.1 204"), "{line}");
                answers += 1;
            }
        }
    }
}

#[test]
fn who_reads_nothing_is_cut_off_and_nobody_waits_for_them() {
    let mut site = Site::sqlite().unwrap();
    site.set("STREAMLY_LOG__LEVEL", "info,streamly::web::server=debug");
    for name in ["ana", "ben", "cleo", "dora"] {
        site.user(name, "User").unwrap();
    }
    let server = site.start().unwrap();
    let mut ana = Member::sign_in(&server, "ana").unwrap();
    let path = ana.publish("Some do not read", "They ask, and then do nothing.").unwrap();
    let page = server.client().get(&path).unwrap().expect(200).unwrap().text();
    let stream = stream_of(&page);
    let post = stream.split(['=', '&']).nth(1).unwrap().to_owned();
    let member = |name| Member::sign_in(&server, name).unwrap().client;
    let (ben, cleo) = (member("ben"), member("cleo"));

    let mut slow = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    slow.write_all(request(&ben, &stream, &[]).as_bytes()).unwrap();
    let mut quick = Stream::open(&cleo, &stream, None).unwrap();
    quick.until("readers").unwrap();
    let mut typist = Typist::new(&mut member("dora"), &path, &post);
    let mut told = 0;
    while !server.log().contains("a reader was too slow") {
        assert!(told < 200_000, "who reads nothing is never cut off");
        typist.types();
        for round in 0..AT_ONCE {
            let typing = quick.until("user_typing").unwrap();
            assert_eq!(typing.data["is_typing"], round % 2 == 0);
            told += 1;
        }
    }
    // What was not sent is not kept: less than all of it comes, and then the end.
    slow.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut got = Vec::new();
    let ended = slow.read_to_end(&mut got).context("reading to the end");
    let words = String::from_utf8_lossy(&got).matches("event: user_typing").count();
    assert!((1..told).contains(&words), "{words} of {told}: {ended:?}");
    let number = say(&cleo, &path, "Still here.");
    assert_eq!(quick.comments(1).unwrap(), [number]);
    assert_eq!(server.stop().unwrap().code(), Some(0));
}
