//! A real mail server is away, slow, busy, distrustful, hangs up, refuses, encrypts, wants a login:
//! nobody waits for it, and every mail comes once.

use std::time::{Duration, Instant};

use streamly_e2e::database::Database;
use streamly_e2e::server::{Server, Site, settings};
use streamly_e2e::smtp::Mail;
use streamly_e2e::smtp_process::SmtpProcess;

/// The first wait before a mail is tried again is a minute, and a little chance.
const AGAIN: Duration = Duration::from_secs(90);
const SOON: Duration = Duration::from_secs(30);
const ADA: &str = "ada@example.com";
/// What the queue says of a mail that was tried once and is tried again.
const TRIED: [&str; 2] = [" queued to ", "1 tries"];
const RESET: &str = "/auth/reset-password-request";

/// Starts the site and asks for a mail to `ada`. Whoever asks does not wait for the mail server.
fn ask_for_mail(site: &Site) -> Server {
    site.user("ada", "User").unwrap();
    let server = site.start().unwrap();
    let asked = Instant::now();
    server.client().submit(RESET, RESET, &[("email", ADA)]).unwrap().expect(303).unwrap();
    assert!(asked.elapsed() < Duration::from_secs(5), "the visitor waited for the mail server");
    server
}

/// On PostgreSQL if there is one, and otherwise on SQLite.
fn on_any_database() -> Site {
    let site = Site::sqlite().unwrap();
    match streamly_e2e::database::server() {
        Some(server) => site.on(Database::new(&server).unwrap()),
        None => site,
    }
}

/// Waits until the queue says all of these.
fn wait_for_queue(site: &Site, words: &[&str]) -> String {
    let started = Instant::now();
    loop {
        let queue = site.run(&["mail", "queue"], "").unwrap();
        if words.iter().all(|word| queue.contains(word)) {
            return queue;
        }
        assert!(started.elapsed() < SOON, "no {words:?} in {queue}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// All mail that came to `ada`, once the site has none left to send: what is counted then stays.
fn all_mail(site: &Site, mail: &SmtpProcess, patience: Duration) -> Vec<Mail> {
    mail.wait_for(ADA, patience).unwrap();
    let started = Instant::now();
    loop {
        let queue = site.run(&["mail", "queue"], "").unwrap();
        if !queue.contains("queued") && !queue.contains("sending") {
            return mail.wait_for(ADA, patience).unwrap();
        }
        assert!(started.elapsed() < patience, "{queue}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn mail_arrives_once_when_the_server_is_back() {
    let moods = ["busy", "cut", "grey", "friendly"];
    let mut cases = Vec::new();
    for mood in moods {
        let Some(mut mail) = SmtpProcess::stopped(mood, &[]).unwrap() else { return };
        let mut site = if ["cut", "friendly"].contains(&mood) {
            on_any_database()
        } else {
            Site::sqlite().unwrap()
        };
        mail.serve(&mut site);
        // The friendly one is away at first.
        if mood != "friendly" {
            mail.run().unwrap();
        }
        // All wait for their second try at the same time.
        let server = ask_for_mail(&site);
        cases.push((mood, site, server, mail));
    }
    for (_, _, _, mail) in &cases[..3] {
        mail.wait_for_a_call().unwrap();
    }
    for (mood, site, _, _) in &cases {
        let queue = wait_for_queue(site, &TRIED);
        assert!(queue.contains(ADA), "{mood}: {queue}");
    }
    // The one that was away comes back, and its site is started again: what waits is in the database.
    let (_, site, server, mut back) = cases.pop().unwrap();
    back.run().unwrap();
    assert_eq!(server.stop().unwrap().code(), Some(0));
    let server = site.start().unwrap();
    cases.push(("away", site, server, back));
    for (mood, _, _, mail) in &cases {
        if ["busy", "cut"].contains(mood) {
            mail.set("friendly").unwrap();
        }
    }
    for (mood, site, _, mail) in &cases {
        let mails = all_mail(site, mail, AGAIN);
        assert_eq!(mails.len(), 1, "the server that was {mood} got {mails:#?}");
        assert!(mails[0].text().contains("/auth/reset-password/"));
        assert!(site.run(&["mail", "queue"], "").unwrap().contains("sent"));
    }
}

#[test]
fn a_slow_mail_server_keeps_nobody_waiting() {
    let Some(mail) = SmtpProcess::start("slow 2", &[]).unwrap() else { return };
    let mut site = Site::sqlite().unwrap();
    mail.serve(&mut site);
    let server = ask_for_mail(&site);
    mail.wait_for_a_call().unwrap();
    for _ in 0..10 {
        let asked = Instant::now();
        server.client().get("/").unwrap().expect(200).unwrap();
        assert!(asked.elapsed() < Duration::from_secs(2));
    }
    assert_eq!(all_mail(&site, &mail, AGAIN).len(), 1);
}

#[test]
fn an_address_that_is_refused_is_not_tried_for_ever() {
    let Some(mail) = SmtpProcess::start("refuse", &[]).unwrap() else { return };
    let mut site = Site::sqlite().unwrap();
    mail.serve(&mut site);
    let _server = ask_for_mail(&site);
    let queue = wait_for_queue(&site, &["failed"]);
    assert!(queue.contains("nobody here"), "{queue}");
    assert_eq!(mail.calls().unwrap(), 1);
    // And whoever runs the site can send it again when the mistake is mended.
    mail.set("friendly").unwrap();
    site.run(&["mail", "retry"], "").unwrap();
    assert_eq!(all_mail(&site, &mail, SOON).len(), 1);
}

#[test]
fn the_next_relay_takes_what_the_first_cannot() {
    let Some(away) = SmtpProcess::stopped("friendly", &[]).unwrap() else { return };
    let Some(second) = SmtpProcess::start("friendly", &[]).unwrap() else { return };
    let mut site = on_any_database();
    away.serve(&mut site);
    let next = format!("smtp://127.0.0.1:{}?tls=none", second.port());
    site.set("STREAMLY_MAIL__RELAYS", &next);
    let _server = ask_for_mail(&site);
    assert_eq!(all_mail(&site, &second, SOON).len(), 1);
}

/// A site whose mail goes to a server on `localhost` that encrypts and wants a login.
fn encrypted(mail: &SmtpProcess, password: &str) -> Site {
    let mut site = Site::sqlite().unwrap();
    site.set(settings::MAIL_HOST, "localhost");
    site.set(settings::MAIL_PORT, &mail.port().to_string());
    site.set(settings::MAIL_TLS, "starttls");
    site.set("STREAMLY_MAIL__USERNAME", "streamly");
    site.set("STREAMLY_MAIL__PASSWORD", password);
    site
}

#[test]
fn mail_is_encrypted_and_logged_in_or_not_sent() {
    let args = ["--tls", "--auth", "streamly", "a password of the relay"];
    let Some(mail) = SmtpProcess::start("friendly", &args).unwrap() else { return };
    let trust = mail.certificate().display().to_string();

    // A certificate that nobody vouches for: nothing is sent, and nothing is lost.
    let stranger = encrypted(&mail, "a password of the relay");
    let _server = ask_for_mail(&stranger);
    let queue = wait_for_queue(&stranger, &TRIED);
    assert!(queue.to_lowercase().contains("certificate"), "{queue}");

    // A wrong password is the operator's mistake, and no fault of the mail.
    let mut wrong = encrypted(&mail, "not this one");
    wrong.set("STREAMLY_MAIL__TRUST", &trust);
    let _server = ask_for_mail(&wrong);
    let queue = wait_for_queue(&wrong, &TRIED);
    assert!(queue.contains("535"), "{queue}");
    assert!(!queue.contains("not this one"));
    assert!(mail.mails().unwrap().is_empty());

    let mut right = encrypted(&mail, "a password of the relay");
    right.set("STREAMLY_MAIL__TRUST", &trust);
    let _server = ask_for_mail(&right);
    assert_eq!(all_mail(&right, &mail, SOON).len(), 1);
    let taken = mail.taken().unwrap();
    assert_eq!((&taken[0].1["tls"], &taken[0].1["login"]), (&true.into(), &true.into()));
}
