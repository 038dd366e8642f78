//! The real program is hurt, and must not lose or half-do anything: killed, started five times at
//! once, stopped under load, cut from its database, kept waiting by clients, left by Redis, told nonsense.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod kills;
mod live;
mod mail;
mod pictures;
mod twice;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;
use streamly_e2e::database;
use streamly_e2e::http::Client;
use streamly_e2e::member::{Draft, Member, path_of};
use streamly_e2e::server::{Server, Site};

/// How often the program is killed, on each database; `STREAMLY_KILLS` asks for more.
fn kills() -> u32 {
    std::env::var("STREAMLY_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(3)
}

const WRITERS: usize = 200;
/// Long enough to span pages of the database; a post without its end was written by halves.
const END: &str = "This is the end of the text.";

#[test]
fn what_was_acknowledged_survives_kill_9() {
    for site in Site::each().unwrap() {
        site.user("writer", "User").unwrap();
        let mut server = site.start().unwrap();
        let mut writer = Member::sign_in(&server, "writer").unwrap();
        let mut acknowledged = Vec::new();
        for round in 0..kills() {
            let token = writer.client.csrf_token("/blog/create").unwrap();
            acknowledged.extend(write_and_kill(server, &writer.client, &token, round));
            server = site.start().unwrap();
            writer.client = writer.client.at(server.port);
            for path in &acknowledged {
                let page = writer.client.get(path).unwrap().expect(200).unwrap().text();
                assert!(page.contains(END), "{path} lost its end");
            }
            for number in 0..WRITERS {
                let page =
                    writer.client.get(&format!("/blog/post/{}", slug(round, number))).unwrap();
                let whole = page.status == 404 || page.text().contains(END);
                assert!(whole, "{} ({}) is half a post", slug(round, number), page.status);
            }
        }
        assert!(acknowledged.len() >= kills() as usize, "too little was written to tell");
    }
}

fn slug(round: u32, number: usize) -> String {
    format!("round-{round}-number-{number}-of-many")
}

/// Two hundred writers publish at once; after some answers, more each round, the server is killed.
/// Returns the paths of the posts that were acknowledged.
fn write_and_kill(server: Server, client: &Client, token: &str, round: u32) -> Vec<String> {
    let text = format!("{}\n\n{END}", "A paragraph that takes some room. ".repeat(300));
    let answered = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let (text, answered) = (&text, &answered);
                scope.spawn(move || {
                    let mut member = Member { client: client.clone() };
                    let title = slug(round, number).replace('-', " ");
                    let answer = member.write_with(&Draft::published(&title, text), token);
                    let path = answer.ok().filter(|answer| answer.status == 303)?;
                    answered.fetch_add(1, Ordering::Relaxed);
                    Some(path_of(path.location().ok()?))
                })
            })
            .collect();
        let enough = 1 + (round as usize * 37) % (WRITERS / 2);
        while answered.load(Ordering::Relaxed) < enough
            && !writers.iter().all(std::thread::ScopedJoinHandle::is_finished)
        {
            std::thread::sleep(Duration::from_micros(200));
        }
        server.kill().unwrap();
        writers.into_iter().filter_map(|writer| writer.join().unwrap()).collect()
    })
}

#[test]
fn five_instances_start_at_once_on_an_empty_database() {
    for site in Site::each().unwrap() {
        let mut servers: Vec<_> = (0..5).map(|_| site.launch().unwrap()).collect();
        for server in &mut servers {
            server.wait_until_ready().unwrap();
        }
        site.user("ada", "User").unwrap();
        let mut ada = Member::sign_in(&servers[0], "ada").unwrap();
        let token = ada.client.csrf_token("/blog/create").unwrap();
        for (number, server) in servers.iter().enumerate() {
            // Session and token of the first instance are good everywhere: they share one secret.
            ada.client = ada.client.at(server.port);
            let title = format!("Written on instance {number}");
            let draft = Draft::published(&title, "Hello");
            let path = path_of(ada.write_with(&draft, &token).unwrap().location().unwrap());
            for reader in &servers {
                let page = reader.client().get(&path).unwrap().expect(200).unwrap();
                assert!(page.text().contains(&title), "{path} on port {}", reader.port);
            }
        }
        for server in servers {
            assert!(server.stop().unwrap().success());
        }
    }
}

#[test]
fn a_stop_under_load_fails_no_request() {
    for mut site in Site::each().unwrap() {
        site.set("STREAMLY_SERVER__DRAIN", "2");
        site.user("writer", "User").unwrap();
        let mut server = site.start().unwrap();
        let mut writer = Member::sign_in(&server, "writer").unwrap();
        let path = writer.publish("Read under load", "Some text").unwrap();

        let (leave, after_stop) = (AtomicBool::new(false), AtomicUsize::new(0));
        let asked_to_stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let visitors: Vec<_> = (0..16)
                .map(|number| {
                    let mut client = server.client();
                    let path = if number % 2 == 0 { "/" } else { path.as_str() };
                    let (leave, after_stop, asked) = (&leave, &after_stop, &asked_to_stop);
                    scope.spawn(move || -> Result<()> {
                        while !leave.load(Ordering::SeqCst) {
                            let stopping = asked.load(Ordering::SeqCst);
                            client.get(path)?.expect(200)?;
                            after_stop.fetch_add(usize::from(stopping), Ordering::Relaxed);
                        }
                        Ok(())
                    })
                })
                .collect();
            std::thread::sleep(Duration::from_millis(500));
            server.terminate().unwrap();
            asked_to_stop.store(true, Ordering::SeqCst);
            // What a load balancer does: sends nobody here any more once the server is not ready.
            let mut balancer = server.client();
            while balancer.get("/health/ready").unwrap().status == 200 {
                std::thread::sleep(Duration::from_millis(10));
            }
            std::thread::sleep(Duration::from_millis(300));
            leave.store(true, Ordering::SeqCst);
            for visitor in visitors {
                visitor.join().unwrap().unwrap();
            }
        });
        assert!(after_stop.load(Ordering::Relaxed) > 0, "nobody asked after the signal");
        assert_eq!(server.wait().unwrap().code(), Some(0), "{}", server.log());
    }
}

#[test]
fn lost_database_connections_are_made_again() {
    let Some(site) = Site::postgres().unwrap() else { return };
    let server = site.start().unwrap();
    server.client().get("/").unwrap().expect(200).unwrap();
    let all =
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
               and pid <> pg_backend_pid()";
    database::execute(&site.database_url().unwrap(), all).unwrap();
    let mut answers = (0..50).map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        server.client().get("/").unwrap().status
    });
    assert!(answers.by_ref().any(|status| status == 200), "never again");
    assert!(answers.take(10).all(|status| status == 200), "and then for good");
}

#[test]
fn slow_clients_keep_nobody_waiting() {
    let mut site = Site::sqlite().unwrap();
    site.set("STREAMLY_SERVER__HEADER_TIMEOUT", "2");
    let server = site.start().unwrap();
    // Some never end their headers, some never their body, some never read what they asked for.
    let starts = [
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow:",
        "POST /contact HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nname=",
        &"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(500),
    ];
    let mut slow: Vec<_> = starts
        .iter()
        .cycle()
        .take(200)
        .map(|start| {
            let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
            stream.write_all(start.as_bytes()).unwrap();
            stream
        })
        .collect();
    for _ in 0..20 {
        server.client().get("/").unwrap().expect(200).unwrap();
    }
    // Nobody may hold a connection for ever by not ending the headers.
    slow[0].set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut rest = Vec::new();
    slow[0].read_to_end(&mut rest).unwrap();
    drop(slow);
    server.client().get("/").unwrap().expect(200).unwrap();
    assert_eq!(server.stop().unwrap().code(), Some(0));
}

#[test]
fn a_broken_configuration_is_refused_with_all_its_faults() {
    let refused = |settings: &[(&str, &str)]| {
        let mut site = Site::sqlite().unwrap();
        for (name, value) in settings {
            site.set(name, value);
        }
        site.run(&["serve"], "").expect_err("it must not start").to_string()
    };
    let said = refused(&[("STREAMLY_SERVER__PORT", "many"), ("STREAMLY_SERVER__PROT", "1")]);
    assert!(said.contains("STREAMLY_SERVER__PORT") || said.contains("server.port"), "{said}");
    assert!(said.contains("STREAMLY_SERVER__PROT"), "{said}");

    let production = [("STREAMLY_ENV", "production"), ("STREAMLY_LIMITS__ENABLED", "true")];
    let said = refused(&production);
    assert!(said.contains("SECRET_KEY"), "{said}");
    let said = refused(&[&production[..], &[("SECRET_KEY", "changeme")]].concat());
    assert!(said.contains("SECRET_KEY") && !said.contains("changeme"), "{said}");

    let secret = "0123456789abcdef0123456789abcdef0123";
    let off = [production[0], ("STREAMLY_LIMITS__ENABLED", "false"), ("SECRET_KEY", secret)];
    let said = refused(&off);
    assert!(said.to_lowercase().contains("limits") && !said.contains(secret), "{said}");
    let said = refused(&[("DATABASE_URL", "mysql://root@localhost/x")]);
    assert!(said.contains("DATABASE_URL") || said.contains("database.url"), "{said}");
}
