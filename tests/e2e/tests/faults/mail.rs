//! The mail server is away, busy or hangs up: nobody waits for it, and every mail comes once.

use std::time::{Duration, Instant};

use streamly_e2e::database::Database;
use streamly_e2e::server::{Server, Site};
use streamly_e2e::smtp::{MailServer, Mood};

/// The first wait before a mail is tried again is a minute, and a little chance.
const AGAIN: Duration = Duration::from_secs(90);
const RESET: &str = "/auth/reset-password-request";

/// A site whose mail goes to this port, and a mail to `ada` that is asked for.
fn ask_for_mail(mut site: Site, port: u16) -> (Site, Server) {
    site.set("STREAMLY_MAIL__HOST", "127.0.0.1");
    site.set("STREAMLY_MAIL__PORT", &port.to_string());
    site.set("STREAMLY_MAIL__TLS", "none");
    site.user("ada", "User").unwrap();
    let server = site.start().unwrap();
    let asked = Instant::now();
    let fields = [("email", "ada@example.com")];
    server.client().submit(RESET, RESET, &fields).unwrap().expect(303).unwrap();
    assert!(asked.elapsed() < Duration::from_secs(5), "the visitor waited for the mail server");
    (site, server)
}

/// On PostgreSQL if there is one, and otherwise on SQLite.
fn on_any_database() -> Site {
    let site = Site::sqlite().unwrap();
    match streamly_e2e::database::server() {
        Some(server) => site.on(Database::new(&server).unwrap()),
        None => site,
    }
}

#[test]
fn mail_arrives_once_when_the_server_is_back() {
    let moody = |mood: Mood| {
        let mail = MailServer::start().unwrap();
        mail.set(mood);
        mail
    };
    let (busy, cut) = (moody(Mood::Busy), moody(Mood::Cut));
    let port = streamly_e2e::free_port().unwrap();
    // All three wait for their second try at the same time.
    let sites = [
        ask_for_mail(Site::sqlite().unwrap(), busy.port()),
        ask_for_mail(on_any_database(), cut.port()),
        ask_for_mail(Site::sqlite().unwrap(), port),
    ];
    for mail in [&busy, &cut] {
        let started = Instant::now();
        while mail.calls() == 0 {
            assert!(started.elapsed() < Duration::from_secs(20), "nobody called");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    std::thread::sleep(Duration::from_secs(1));
    busy.set(Mood::Friendly);
    cut.set(Mood::Friendly);
    let back = MailServer::start_on(port).unwrap();
    // One of the sites is started again in between: what waits is in the database.
    let [first, second, (third, server)] = sites;
    assert_eq!(server.stop().unwrap().code(), Some(0));
    let third = (third.start().unwrap(), third);
    for (what, mail) in [("busy", &busy), ("hung up", &cut), ("away", &back)] {
        let mails = mail.all_to("ada@example.com", AGAIN);
        assert_eq!(mails.len(), 1, "the server that was {what} got {mails:#?}");
        assert!(mails[0].text().contains("/auth/reset-password/"));
    }
    drop((first, second, third));
}

#[test]
fn a_slow_mail_server_keeps_nobody_waiting() {
    let mail = MailServer::start().unwrap();
    mail.set(Mood::Slow(Duration::from_millis(500)));
    let (_site, server) = ask_for_mail(Site::sqlite().unwrap(), mail.port());
    for _ in 0..10 {
        let asked = Instant::now();
        server.client().get("/").unwrap().expect(200).unwrap();
        assert!(asked.elapsed() < Duration::from_secs(2));
    }
    assert_eq!(mail.all_to("ada@example.com", AGAIN).len(), 1);
}

#[test]
fn an_address_that_is_refused_is_not_tried_for_ever() {
    let mail = MailServer::start().unwrap();
    mail.set(Mood::Refuse);
    let (site, server) = ask_for_mail(Site::sqlite().unwrap(), mail.port());
    let started = Instant::now();
    while !site.run(&["mail", "queue"], "").unwrap().contains("failed") {
        assert!(started.elapsed() < Duration::from_secs(20), "{}", server.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(mail.calls(), 1);
    // And whoever runs the site can send it again when the mistake is mended.
    mail.set(Mood::Friendly);
    site.run(&["mail", "retry"], "").unwrap();
    assert_eq!(mail.all_to("ada@example.com", AGAIN).len(), 1);
}
