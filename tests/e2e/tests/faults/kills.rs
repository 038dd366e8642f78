//! The program is killed again and again while it sends a thousand mails: each arrives, and none
//! twice but those that were being sent at a kill; `streamly mail queue` names these.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use streamly_e2e::server::{Server, Site};
use streamly_e2e::smtp_process::SmtpProcess;

const MAILS: usize = 1_000;
const KILLS: usize = 5;
const WRITERS: usize = 8;

/// What is being sent at a kill is tried again when its lease has ended: about a minute.
const PATIENCE: Duration = Duration::from_mins(4);

/// The numbers of the mails that a text speaks of.
fn numbers(text: &str) -> impl Iterator<Item = usize> {
    text.split("Message from Reader ").skip(1).filter_map(|rest| {
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
    })
}

/// How often each mail has arrived.
fn arrived(mail: &SmtpProcess) -> BTreeMap<usize, usize> {
    let mut counts = BTreeMap::new();
    for mail in mail.mails().unwrap() {
        for number in numbers(&mail.raw).take(1) {
            *counts.entry(number).or_default() += 1;
        }
    }
    counts
}

/// A thousand people write to the site.
fn write(server: &Server) {
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                let mut client = server.client();
                let token = client.csrf_token("/contact").unwrap();
                for number in (writer..MAILS).step_by(WRITERS) {
                    let name = format!("Reader {number}");
                    let fields = [
                        ("name", name.as_str()),
                        ("email", "reader@example.com"),
                        ("message", &format!("This is message {number}.")),
                        ("website_url", ""),
                        ("csrf_token", &token),
                    ];
                    client.post("/contact", &fields).unwrap().expect(303).unwrap();
                }
            });
        }
    });
}

/// Which mails the queue shows in this state, or under these words.
fn listed(site: &Site, which: impl Fn(&str) -> bool) -> BTreeSet<usize> {
    let queue = site.run(&["mail", "queue", "--most", "2000"], "").unwrap();
    let blocks = queue.split("\n\n").filter(|block| which(block));
    blocks.flat_map(|block| numbers(block).collect::<Vec<_>>()).collect()
}

fn is_being_sent(block: &str) -> bool {
    block.lines().next().is_some_and(|line| line.contains(" sending to "))
}

#[expect(clippy::print_stdout, reason = "the figures are what one runs it for")]
fn send_and_kill(mut site: Site) {
    // Each mail takes a while, so that there is something to kill.
    let Some(mail) = SmtpProcess::start("slow 0.05", &[]).unwrap() else { return };
    mail.serve(&mut site);
    site.set("STREAMLY_SITE__EMAIL", "desk@example.com");
    site.set("STREAMLY_MAIL__TIMEOUT", "5");
    let mut server = site.start().unwrap();
    write(&server);
    let before = arrived(&mail).len();
    assert!(before < MAILS / 2, "{before} were sent before the first kill");
    let mut in_flight = BTreeSet::new();
    for kill in 1..=KILLS {
        let enough = before + (MAILS - before) * kill / (KILLS + 2);
        let started = Instant::now();
        while arrived(&mail).len() < enough {
            assert!(started.elapsed() < PATIENCE, "{}", server.log());
            std::thread::sleep(Duration::from_millis(10));
        }
        server.kill().unwrap();
        in_flight.extend(listed(&site, is_being_sent));
        server = site.start().unwrap();
    }
    let started = Instant::now();
    while arrived(&mail).len() < MAILS || !listed(&site, is_being_sent).is_empty() {
        assert!(started.elapsed() < PATIENCE, "{} arrived", arrived(&mail).len());
        std::thread::sleep(Duration::from_millis(500));
    }
    let twice: BTreeMap<_, _> =
        arrived(&mail).into_iter().filter(|(_, times)| *times > 1).collect();
    let again = listed(&site, |block| block.contains("may have come twice"));
    println!(
        "{MAILS} mails, {KILLS} kills: {} in flight, {} arrived twice",
        in_flight.len(),
        twice.len()
    );
    assert!(!in_flight.is_empty(), "nothing was being sent at any kill: this tells nothing");
    assert!(twice.keys().all(|number| in_flight.contains(number)), "{twice:?} {in_flight:?}");
    assert!(in_flight.is_subset(&again), "{in_flight:?} are not all named: {again:?}");
}

#[test]
fn a_thousand_mails_arrive_though_the_server_is_killed_five_times() {
    let sites = Site::each().unwrap();
    std::thread::scope(|scope| {
        for site in sites {
            scope.spawn(move || send_and_kill(site));
        }
    });
}
