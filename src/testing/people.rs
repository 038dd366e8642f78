//! Members, administrators and their mail in tests.

use super::{Client, TestApp};
use crate::{
    accounts::{
        actions::{self, NewMember},
        roles,
    },
    db::{read, record},
    ids::UserId,
};

/// The password of everybody in tests.
pub const PASSWORD: &str = "moss lantern seven rivers";

record! {
    /// A mail in the outbox.
    #[derive(Debug, Clone)]
    pub struct TestMail {
        pub kind: String,
        pub recipient: String,
        pub subject: String,
        pub text_body: String,
        pub html_body: String,
    }
}

impl TestMail {
    /// The path of the first link in the mail that begins with this.
    #[track_caller]
    pub fn link(&self, start: &str) -> String {
        let body = format!("{}\n{}", self.text_body, self.html_body);
        let whole = format!("http://streamly.test{start}");
        let at = body.find(&whole).unwrap_or_else(|| panic!("no {start} in {self:?}"));
        let rest = &body[at + "http://streamly.test".len()..];
        let end = rest.find(|c: char| c.is_whitespace() || "\"'<>)".contains(c));
        rest[..end.unwrap_or(rest.len())].to_owned()
    }
}

impl TestApp {
    /// Makes a confirmed account with [`PASSWORD`] and the address `name@example.org`.
    pub async fn person(&self, name: &str, role: &str) -> UserId {
        let new = NewMember {
            username: name.to_owned(),
            email: format!("{name}@example.org"),
            password: PASSWORD.to_owned(),
            role: role.to_owned(),
        };
        actions::create(&self.app, &new).await.unwrap()
    }

    /// A member with a browser, logged in.
    pub async fn member(&self, name: &str) -> Client {
        self.person(name, roles::USER).await;
        self.log_in(name).await
    }

    /// The administrator `admin` with a browser, logged in.
    pub async fn admin(&self) -> Client {
        self.person("admin", roles::ADMINISTRATOR).await;
        self.log_in("admin").await
    }

    /// Somebody with this role and a browser, logged in.
    pub async fn somebody(&self, name: &str, role: &str) -> Client {
        self.person(name, role).await;
        self.log_in(name).await
    }

    /// A further browser of somebody who has [`PASSWORD`], logged in by the form.
    pub async fn log_in(&self, name: &str) -> Client {
        let client = self.visitor();
        let fields = [("username", name), ("password", PASSWORD)];
        let answer = client.post("/auth/login", &fields).await;
        assert_eq!(answer.status, axum::http::StatusCode::SEE_OTHER, "{}", answer.body);
        client
    }

    /// Somebody's own data as a zip: asked for, made, fetched.
    pub async fn export(&self, client: &Client) -> Vec<u8> {
        use axum::http::StatusCode;
        client.post("/auth/export", &[]).await.expect(StatusCode::SEE_OTHER);
        self.run_jobs().await;
        client.get("/auth/export/file").await.expect(StatusCode::OK).bytes
    }

    /// All mail so far, the oldest first, after the work that is due.
    pub async fn mails(&self) -> Vec<TestMail> {
        self.run_jobs().await;
        let mut conn = self.app.db.conn().await.unwrap();
        let mails: Vec<TestMail> = read(
            "select kind, recipient, subject, text_body, html_body
               from outgoing_mail order by id",
        )
        .all(&mut conn)
        .await
        .unwrap();
        let samples = crate::rooms::mail_samples(&self.app);
        for mail in &mails {
            let has_preview = samples.iter().any(|sample| sample.kind == mail.kind);
            assert!(has_preview, "no `streamly mail preview {}`", mail.kind);
        }
        mails
    }

    /// The newest mail to an address.
    pub async fn mail_to(&self, address: &str) -> TestMail {
        let mails = self.mails().await;
        let mail = mails.iter().rev().find(|mail| mail.recipient == address);
        mail.cloned().unwrap_or_else(|| panic!("no mail to {address} in {mails:?}"))
    }
}
