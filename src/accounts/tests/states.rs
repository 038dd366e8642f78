//! What is possible in which state of an account: sequences of steps against a small model (V14).

use proptest::prelude::*;

use super::*;
use crate::accounts::actions;

#[derive(Debug, Clone, Copy)]
enum Step {
    Confirm,
    Deactivate,
    ShutOut,
    Reopen,
    Delete,
    ComeBack,
    DaysPass,
}

/// What an account should be like.
#[derive(Debug, Clone, Copy, Default)]
struct Model {
    confirmed: bool,
    active: bool,
    shut_out: bool,
    deleted_in: Option<i64>,
}

impl Model {
    fn is_gone(self) -> bool {
        self.deleted_in.is_some_and(|days| days <= 0)
    }

    fn may_log_in(self) -> bool {
        self.confirmed && self.active && !self.is_gone()
    }

    fn may_return(self) -> bool {
        self.confirmed && !self.active && !self.shut_out && !self.is_gone()
    }

    fn take(&mut self, step: Step) {
        if self.is_gone() {
            return;
        }
        match step {
            Step::Confirm if self.active => self.confirmed = true,
            Step::Deactivate if self.may_log_in() => self.active = false,
            Step::Delete if self.may_log_in() => {
                self.active = false;
                self.deleted_in = Some(14);
            }
            Step::ShutOut => {
                self.active = false;
                self.shut_out = true;
            }
            Step::Reopen => {
                self.active = true;
                self.shut_out = false;
                self.deleted_in = None;
            }
            Step::ComeBack if self.may_return() => {
                self.active = true;
                self.deleted_in = None;
            }
            Step::DaysPass => self.deleted_in = self.deleted_in.map(|days| days - 8),
            _ => {}
        }
    }
}

async fn take(app: &TestApp, step: Step) {
    let client = app.visitor();
    let id = {
        let mut conn = app.app.db.conn().await.unwrap();
        crate::accounts::store::users::by_username(&mut conn, "ana").await.unwrap()
    };
    let Some(id) = id.map(|user| user.id) else { return };
    match step {
        Step::Confirm => {
            client.post("/auth/resend-confirmation", &[("email", "ana@example.org")]).await;
            let mail = app.mail_to("ana@example.org").await;
            if mail.kind == "confirm_email" {
                client.post(&mail.link("/auth/confirm/"), &[]).await;
            }
        }
        Step::Deactivate => {
            try_login(&client, "ana", PASSWORD).await;
            client.post("/auth/deactivate", &[]).await;
        }
        Step::Delete => {
            try_login(&client, "ana", PASSWORD).await;
            client.post("/auth/delete", &[("username", "ana")]).await;
        }
        Step::ShutOut => actions::deactivate(&app.app, None, id).await.unwrap(),
        Step::Reopen => actions::reactivate(&app.app, None, id).await.unwrap(),
        Step::ComeBack => {
            let offer = try_login(&client, "ana", PASSWORD).await;
            if let Some(ticket) = offer.hidden("ticket") {
                client.post("/auth/come-back", &[("ticket", &ticket)]).await;
            }
        }
        Step::DaysPass => {
            app.advance(chrono::TimeDelta::days(8));
            crate::rooms::tick(&app.app).await.unwrap();
        }
    }
}

async fn check(app: &TestApp, model: Model, steps: &[Step]) {
    let client = app.visitor();
    let answer = try_login(&client, "ana", PASSWORD).await;
    assert_eq!(is_in(&client).await, model.may_log_in(), "{steps:?} {model:?}");
    let offered = answer.hidden("ticket").is_some();
    assert_eq!(offered, model.may_return(), "{steps:?} {model:?}");
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Confirm),
        2 => Just(Step::Deactivate),
        1 => Just(Step::ShutOut),
        1 => Just(Step::Reopen),
        2 => Just(Step::Delete),
        2 => Just(Step::ComeBack),
        1 => Just(Step::DaysPass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_steps_opens_what_is_closed(steps in prop::collection::vec(step(), 1..10)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let app = TestApp::start().await;
            join(&app.visitor(), "ana", "ana@example.org").await.expect(StatusCode::SEE_OTHER);
            let mut model = Model { active: true, ..Model::default() };
            for (index, step) in steps.iter().enumerate() {
                take(&app, *step).await;
                model.take(*step);
                check(&app, model, &steps[..=index]).await;
            }
        });
    }
}
