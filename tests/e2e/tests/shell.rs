//! What an operator does from the shell beside a running site: mail is tried, held back, sent again
//! and reported as bounced, its words are changed, and pictures move to a bucket.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::time::{Duration, Instant};

use streamly_e2e::member::Member;
use streamly_e2e::picture::{multipart, png};
use streamly_e2e::server::{Server, Site};
use streamly_e2e::smtp::Mail;
use streamly_e2e::smtp_process::SmtpProcess;

const SOON: Duration = Duration::from_secs(30);
const ADA: &str = "ada@example.com";
const BEN: &str = "ben@example.com";
const RESET: &str = "/auth/reset-password-request";

fn ask_for_mail(server: &Server, address: &str) {
    server.client().submit(RESET, RESET, &[("email", address)]).unwrap().expect(303).unwrap();
}

/// Waits until the queue says something.
fn wait_for_queue(site: &Site, words: &str) -> String {
    let started = Instant::now();
    loop {
        let queue = site.run(&["mail", "queue"], "").unwrap();
        if queue.contains(words) {
            return queue;
        }
        assert!(started.elapsed() < SOON, "no {words:?} in {queue}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The number of the mail that the queue shows for an address.
fn number(queue: &str, address: &str) -> String {
    let line = queue.lines().find(|line| line.ends_with(&format!("to {address}"))).unwrap();
    line.split(' ').next().unwrap().to_owned()
}

fn refused(site: &Site, args: &[&str], input: &str) -> String {
    site.run(args, input).expect_err("it must be refused").to_string()
}

#[test]
fn mail_is_tried_held_back_and_sent_again() {
    let Some(mail) = SmtpProcess::start("busy", &[]).unwrap() else { return };
    for mut site in Site::each().unwrap() {
        let nowhere = refused(&site, &["mail", "test", "--to", ADA], "");
        assert!(nowhere.contains("mail.host is not set"), "{nowhere}");
        mail.set("busy").unwrap();
        mail.serve(&mut site);
        let later = refused(&site, &["mail", "test", "--to", ADA], "");
        assert!(later.contains("not taken just now") && later.contains("451"), "{later}");
        let never = refused(&site, &["mail", "test", "--to", "nobody at all"], "");
        assert!(never.contains("is not an e-mail address"), "{never}");

        site.user("ada", "User").unwrap();
        site.user("ben", "User").unwrap();
        let server = site.start().unwrap();
        for address in [ADA, BEN] {
            ask_for_mail(&server, address);
        }
        let started = Instant::now();
        let queue = loop {
            let queue = wait_for_queue(&site, BEN);
            if queue.contains(ADA) && queue.matches("1 tries").count() == 2 {
                break queue;
            }
            assert!(started.elapsed() < SOON, "{queue}");
            std::thread::sleep(Duration::from_millis(50));
        };
        let (to_ada, to_ben) = (number(&queue, ADA), number(&queue, BEN));
        let said = site.run(&["mail", "cancel", &to_ada], "").unwrap();
        assert_eq!(said, format!("mail {to_ada} is not sent\n"));
        let twice = refused(&site, &["mail", "cancel", &to_ada], "");
        assert!(twice.contains("There is no such mail waiting."), "{twice}");
        let none = refused(&site, &["mail", "retry", "4711"], "");
        assert!(none.contains("There is no such mail"), "{none}");

        // What was held back is sent after all; the running site is told by the database alone.
        mail.set("friendly").unwrap();
        let before = mail.mails().unwrap().len();
        let said = site.run(&["mail", "retry", &to_ada], "").unwrap();
        assert!(said.contains("is sent again by the running site"), "{said}");
        let taken = wait_for_mails(&mail, before + 1);
        assert_eq!(taken[before].to, [ADA]);
        site.run(&["mail", "cancel", &to_ben], "").unwrap();
        let said = site.run(&["mail", "test", "--to", BEN], "").unwrap();
        assert!(said.contains("took the mail to"), "{said}");
        let text = wait_for_mails(&mail, before + 2)[before + 1].text();
        assert!(text.contains("mail of this site arrives"), "{text}");
        assert_eq!(site.run(&["mail", "retry"], "").unwrap(), "no mail was given up\n");
    }
}

fn wait_for_mails(mail: &SmtpProcess, count: usize) -> Vec<Mail> {
    let started = Instant::now();
    loop {
        let mails = mail.mails().unwrap();
        if mails.len() >= count {
            return mails;
        }
        assert!(started.elapsed() < SOON, "{} of {count} mails", mails.len());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_bounce_that_is_piped_in_stops_optional_mail_until_it_is_allowed_again() {
    let Some(mail) = SmtpProcess::start("friendly", &[]).unwrap() else { return };
    let mut site = Site::sqlite().unwrap();
    mail.serve(&mut site);
    site.set("STREAMLY_MAIL__BOUNCE_ADDRESS", "bounces@example.org");
    site.user("ada", "User").unwrap();
    let server = site.start().unwrap();
    ask_for_mail(&server, ADA);
    let sent = mail.wait_for(ADA, SOON).unwrap();
    let to = &sent[0].from;
    assert!(to.starts_with("bounces+") && to.ends_with("@example.org"), "{to}");
    wait_for_queue(&site, "sent");

    let report = "From: MAILER-DAEMON@mx.example.net\r\nTo: someone\r\nSubject: failure\r\n\
        MIME-Version: 1.0\r\n\
        Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n\
        --b\r\nContent-Type: message/delivery-status\r\n\r\n\
        Reporting-MTA: dns; mx.example.net\r\n\r\n\
        Final-Recipient: rfc822; ada@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n";
    let stranger = refused(&site, &["mail", "bounce", "--to", "bounces+1-00@example.org"], report);
    assert!(stranger.contains("not sent to a bounce address"), "{stranger}");
    assert_eq!(site.run(&["mail", "suppressed"], "").unwrap(), "");
    let said = site.run(&["mail", "bounce", "--to", to], report).unwrap();
    assert_eq!(said, "bounced\n");
    let again = site.run(&["mail", "bounce", "--to", to], report).unwrap();
    assert!(again.contains("which was known"), "{again}");
    let list = site.run(&["mail", "suppressed"], "").unwrap();
    assert!(list.starts_with("ada@example.com bounced ") && list.contains("5.1.1"), "{list}");
    let said = site.run(&["mail", "suppressed", "--allow", ADA], "").unwrap();
    assert_eq!(said, "optional mail goes there again\n");
    let said = site.run(&["mail", "suppressed", "--allow", ADA], "").unwrap();
    assert_eq!(said, "it was not stopped\n");
}

#[test]
fn a_site_changes_the_words_of_its_mails() {
    let mut site = Site::sqlite().unwrap();
    let file = site.folder.path().join("texts.ftl");
    let name = file.to_str().unwrap().to_owned();
    let english = site.run(&["mail", "texts"], "").unwrap();
    std::fs::write(&file, english.replace("Choose a new password", "Pick a new password")).unwrap();
    site.set("STREAMLY_SITE__TEXTS", &name);
    let shown = site.run(&["mail", "preview", "reset_password"], "").unwrap();
    assert!(shown.starts_with("Subject: [Streamly] Pick a new password\n"), "{shown}");

    std::fs::write(&file, "reset-password = Pick it, { $nobody }\n").unwrap();
    let said = refused(&site, &["serve"], "");
    assert!(said.contains("texts.ftl: reset-password: there is no $nobody to put in"), "{said}");
}

#[test]
fn pictures_move_to_a_bucket_and_back() {
    let Some(bucket) = std::env::var("TEST_S3_URL").ok() else {
        streamly_e2e::leave_out("pictures that move to a bucket, for TEST_S3_URL names no server");
        return;
    };
    let (_, rest) = bucket.split_once("://").unwrap();
    let (keys, place) = rest.split_once('@').unwrap();
    let (key, secret) = keys.split_once(':').unwrap();
    let (host, bucket) = place.split_once('/').unwrap();
    // Each site has a picture of its own, for they share the bucket.
    for (width, mut site) in (640..).zip(Site::each().unwrap()) {
        let none = refused(&site, &["media", "migrate", "--to", "s3"], "");
        assert!(none.contains("storage.bucket is not set"), "{none}");
        site.set("STREAMLY_STORAGE__ENDPOINT", &format!("http://{host}"));
        site.set("STREAMLY_STORAGE__BUCKET", bucket);
        site.set("STREAMLY_STORAGE__KEY_ID", key);
        site.set("STREAMLY_STORAGE__SECRET", secret);
        site.user("ada", "User").unwrap();
        let server = site.start().unwrap();
        let mut ada = Member::sign_in(&server, "ada").unwrap();
        let token = ada.client.csrf_token("/media").unwrap();
        let address = upload(&mut ada, &token, &png(width, 480, 7));
        let picture = ada.client.get(&address).unwrap().expect(200).unwrap().body;
        server.stop().unwrap();

        let said = site.run(&["media", "migrate", "--to", "s3"], "").unwrap();
        assert!(said.contains(" copied, 0 were there already"), "{said}");
        let again = site.run(&["media", "migrate", "--to", "s3"], "").unwrap();
        assert!(again.starts_with("0 copied, "), "{again}");
        let here = refused(&site, &["media", "migrate", "--to", "local"], "");
        assert!(here.contains("are there already (storage.backend)"), "{here}");

        // From the bucket alone: what the folder held is gone.
        std::fs::remove_dir_all(site.folder.path().join("data/media")).unwrap();
        site.set("STREAMLY_STORAGE__BACKEND", "s3");
        let server = site.start().unwrap();
        let same = server.client().get(&address).unwrap().expect(200).unwrap();
        assert_eq!(same.body, picture);
        server.stop().unwrap();

        let said = site.run(&["media", "migrate", "--to", "local"], "").unwrap();
        assert!(said.contains("Now set storage.backend"), "{said}");
        site.set("STREAMLY_STORAGE__BACKEND", "local");
        let server = site.start().unwrap();
        let same = server.client().get(&address).unwrap().expect(200).unwrap();
        assert_eq!(same.body, picture);
    }
}

fn upload(member: &mut Member, token: &str, file: &[u8]) -> String {
    let (kind, body) = multipart(&[], &[("file", "a.png", file)]);
    let headers = [("Content-Type", &*kind), ("X-CSRFToken", token)];
    let answer = member.client.send("POST", "/media/upload", &headers, &body).unwrap();
    let json: serde_json::Value =
        serde_json::from_slice(&answer.expect(201).unwrap().body).unwrap();
    json["url"].as_str().unwrap().to_owned()
}
