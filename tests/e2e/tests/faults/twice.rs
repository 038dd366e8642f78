//! Every form is sent twice at once, as an impatient finger does: it counts once, and is no error.

use std::time::Duration;

use streamly_e2e::html;
use streamly_e2e::http::{Client, Response, form};
use streamly_e2e::member::Member;
use streamly_e2e::server::{PASSWORD, Server, Site};
use streamly_e2e::smtp::MailServer;

/// The hidden fields of the form on a page that is sent to `action`.
fn hidden(page: &str, action: &str) -> Vec<(String, String)> {
    let form = page
        .split("<form")
        .skip(1)
        .find(|form| form.contains(&format!("action=\"{action}\"")))
        .unwrap_or_else(|| panic!("no form for {action} in {page:.3000}"));
    let form = form.split("</form>").next().unwrap_or_default();
    let inputs = html::tags(form, "input").into_iter();
    inputs
        .filter(|tag| html::attribute(tag, "type").as_deref() == Some("hidden"))
        .filter_map(|tag| Some((html::attribute(tag, "name")?, html::attribute(tag, "value")?)))
        .collect()
}

/// Sends the form on `page` twice at the same time; both answers.
fn twice(client: &Client, page: &str, action: &str, fields: &[(&str, &str)]) -> [Response; 2] {
    let mut client = client.clone();
    let text = client.get(page).unwrap().expect(200).unwrap().text();
    let mut all = hidden(&text, action);
    all.extend(fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
    let all: Vec<_> = all.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let body = form(&all);
    let send = || {
        let kind = [("Content-Type", "application/x-www-form-urlencoded")];
        client.clone().send("POST", action, &kind, body.as_bytes()).unwrap()
    };
    let answers = std::thread::scope(|scope| {
        let second = scope.spawn(send);
        [send(), second.join().unwrap()]
    });
    for answer in &answers {
        assert!(answer.status < 500, "{action}: {} {:.600}", answer.status, answer.text());
    }
    answers
}

/// The same where both are thanked: the second finds done what it asks for.
fn both(client: &Client, page: &str, action: &str, fields: &[(&str, &str)]) -> [Response; 2] {
    let answers = twice(client, page, action, fields);
    for answer in &answers {
        assert_eq!(answer.status, 303, "{action}: {:.3000}", answer.text());
    }
    answers
}

/// The same where one is taken, and the other told in words that it came too late.
fn one(client: &Client, page: &str, action: &str, fields: &[(&str, &str)]) {
    let answers = twice(client, page, action, fields);
    let taken = answers.iter().filter(|answer| answer.status == 303).count();
    assert!(taken >= 1, "{action}: {} {:.3000}", answers[0].status, answers[0].text());
}

#[test]
fn every_form_may_be_sent_twice() {
    for mut site in Site::each().unwrap() {
        let mail = MailServer::start().unwrap();
        site.mail_to(&mail);
        set_up(&site);
        for name in ["writer", "leaver", "closer"] {
            site.user(name, "User").unwrap();
        }
        let server = site.start().unwrap();
        joining(&site, &server, &mail);
        writing(&Member::sign_in(&server, "writer").unwrap().client);
        settings(&server, &mail);
        assert!(!server.log().contains("internal error"), "{}", server.log());
    }
}

/// The link of the first start makes one account, however often it is used.
fn set_up(site: &Site) {
    let server = site.start().unwrap();
    let link = server.setup_link().unwrap();
    let account = |name: &'static str, email: &'static str| {
        [
            ("username", name),
            ("email", email),
            ("password", PASSWORD),
            ("confirm_password", PASSWORD),
        ]
    };
    one(&server.client(), &link, &link, &account("keeper", "keeper@example.com"));
    let list = site.run(&["user", "list"], "").unwrap();
    assert_eq!(list.matches("keeper@example.com").count(), 1, "{list}");
    server.stop().unwrap();
}

/// Who asks twice gets two mails; the link in the newer one is good.
fn good_link(client: &Client, mail: &MailServer, to: &str, start: &str) -> String {
    let links = mail.all_to(to, Duration::from_secs(20)).into_iter();
    let mut links = links.filter_map(|letter| letter.link(start).ok());
    links.find(|link| client.clone().get(link).unwrap().status == 200).unwrap()
}

fn joining(site: &Site, server: &Server, mail: &MailServer) {
    let visitor = &server.client();
    let account = [
        ("username", "newcomer"),
        ("email", "newcomer@example.org"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    one(visitor, "/auth/register", "/auth/register", &account);
    let list = site.run(&["user", "list"], "").unwrap();
    assert_eq!(list.matches("newcomer").count(), list.matches("newcomer@").count() * 2, "{list}");
    assert_eq!(list.matches("newcomer@example.org").count(), 1, "{list}");
    let letter = mail.wait_for("newcomer@example.org", "/auth/confirm/").unwrap();
    let link = letter.link("/auth/confirm/").unwrap();
    one(visitor, &link, &link, &[]);
    let fields = [("email", "newcomer@example.org")];
    both(visitor, "/auth/resend-confirmation", "/auth/resend-confirmation", &fields);
    both(visitor, "/auth/reset-password-request", "/auth/reset-password-request", &fields);
    let link = good_link(visitor, mail, "newcomer@example.org", "/auth/reset-password/");
    one(visitor, &link, &link, &[("password", PASSWORD), ("confirm_password", PASSWORD)]);
    let login = [("username", "newcomer"), ("password", PASSWORD)];
    both(visitor, "/auth/login", "/auth/login", &login);
    let message = [("name", "Ada"), ("email", "a@b.example"), ("message", "Hello there, keeper.")];
    both(visitor, "/contact", "/contact", &message);
    both(visitor, "/appearance", "/appearance", &[("theme", "dark")]);
}

fn writing(writer: &Client) {
    let post = [
        ("title", "Only once"),
        ("content", "Hello"),
        ("tags", "one, two"),
        ("status", "published"),
    ];
    let answers = both(writer, "/blog/create", "/blog/create", &post);
    assert_eq!(answers[0].location().unwrap(), answers[1].location().unwrap(), "one post");
    let mine = writer.clone().get("/blog/mine").unwrap().text();
    assert_eq!(
        html::links(&mine).iter().filter(|link| link.contains("only-once")).count(),
        1,
        "{mine}"
    );
    let edit = "/blog/post/1/edit";
    let changed = [("title", "Only once"), ("content", "Changed"), ("status", "published")];
    one(writer, edit, edit, &changed);
    let newest = writer.clone().get("/blog/post/1/revisions").unwrap().text();
    let mut revisions = html::links(&newest);
    revisions.retain(|link| link.contains("/revisions/"));
    let oldest = revisions.first().unwrap();
    one(writer, oldest, &format!("{oldest}/restore"), &[]);
    one(writer, "/blog/post/1/delete", "/blog/post/1/delete", &[]);
    one(writer, "/blog/mine?show=deleted", "/blog/post/1/restore", &[]);
    let page = writer.clone().get("/blog/post/only-once").unwrap().expect(200).unwrap().text();
    assert!(page.contains("Hello"));
}

fn settings(server: &Server, mail: &MailServer) {
    let sign_in = |name: &str| Member::sign_in(server, name).unwrap().client;
    let writer = &sign_in("writer");
    both(writer, "/auth/profile", "/auth/profile", &[("bio", "Twice")]);
    let address = [("email", "writer@example.org")];
    both(writer, "/auth/change-email", "/auth/change-email", &address);
    let link = good_link(writer, mail, "writer@example.org", "/auth/change-email/");
    one(writer, &link, &link, &[]);
    let writer = &sign_in("writer");
    sign_in("writer");
    both(writer, "/auth/sessions", "/auth/sessions/end-others", &[]);
    let password = [
        ("current_password", PASSWORD),
        ("new_password", "another-Harbour-71-slope"),
        ("confirm_password", "another-Harbour-71-slope"),
    ];
    one(writer, "/auth/change-password", "/auth/change-password", &password);
    let exports = twice(&sign_in("closer"), "/auth/export", "/auth/export", &[]);
    assert!(exports.iter().all(|export| export.status == 303));
    one(&sign_in("closer"), "/auth/deactivate", "/auth/deactivate", &[]);
    one(&sign_in("leaver"), "/auth/delete", "/auth/delete", &[("username", "leaver")]);
    one(&sign_in("newcomer"), "/auth/logout", "/auth/logout", &[]);
}
