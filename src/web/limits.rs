//! How often one may do something: GCRA by kind of request and by who asks (X22).

use std::{collections::HashMap, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{DefaultKeyedRateLimiter, Quota, clock::Clock as _};
use parking_lot::RwLock;

use crate::{Error, Result, app::App};

/// What is limited; the figures stand in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    Login,
    Register,
    Mail,
    Contact,
    Post,
    Save,
    Comment,
    Like,
    Report,
    Preview,
    Upload,
    Search,
    Suggest,
    Typing,
    Other,
    View,
    Beacon,
    ReportOfMail,
}

/// The counters of one application.
#[derive(Default)]
struct Counters(RwLock<HashMap<Limit, Arc<DefaultKeyedRateLimiter<String>>>>);

/// How many keys a limit may hold before those at rest are forgotten.
const MANY: usize = 50_000;

impl Limit {
    /// Requests and the window they are counted in.
    fn figures(self, app: &App) -> (u32, Duration) {
        const MINUTE: Duration = Duration::from_mins(1);
        const HOUR: Duration = Duration::from_hours(1);
        let limits = &app.config.limits;
        match self {
            Self::Login => (limits.login, MINUTE * 5),
            Self::Register => (limits.register, HOUR),
            Self::Mail => (limits.mail, HOUR),
            Self::Contact => (limits.contact, HOUR),
            Self::Post => (limits.post, HOUR),
            Self::Save => (limits.save, MINUTE),
            Self::Comment => (limits.comment, MINUTE * 5),
            Self::Like => (limits.like, MINUTE),
            Self::Report => (limits.report, HOUR),
            Self::Preview => (limits.preview, MINUTE),
            Self::Upload => (limits.upload, HOUR),
            Self::Search => (limits.search, MINUTE),
            Self::Suggest => (limits.suggest, MINUTE),
            Self::Typing => (limits.typing, MINUTE),
            Self::Other => (limits.other, MINUTE),
            Self::View => (limits.view, MINUTE),
            Self::Beacon => (limits.beacon, MINUTE),
            Self::ReportOfMail => (limits.report_of_mail, MINUTE),
        }
    }

    /// Takes one from what `key` may do, or says how long to wait.
    pub fn spend(self, app: &App, key: &str) -> Result<()> {
        let (number, window) = self.figures(app);
        let Some(number) = NonZeroU32::new(number).filter(|_| app.config.limits.enabled) else {
            return Ok(());
        };
        let limiter = self.limiter(app, number, window);
        limiter.check_key(&key.to_owned()).map_err(|refused| {
            let now = governor::clock::DefaultClock::default().now();
            Error::TooMany(refused.wait_time_from(now))
        })?;
        if limiter.len() > MANY {
            limiter.retain_recent();
        }
        Ok(())
    }

    fn limiter(
        self,
        app: &App,
        number: NonZeroU32,
        window: Duration,
    ) -> Arc<DefaultKeyedRateLimiter<String>> {
        let counters = app.state::<Counters>();
        if let Some(limiter) = counters.0.read().get(&self) {
            return Arc::clone(limiter);
        }
        let mut counters = counters.0.write();
        let limiter = counters.entry(self).or_insert_with(|| {
            let quota = Quota::with_period(window / number.get())
                .unwrap_or(Quota::per_minute(number))
                .allow_burst(number);
            Arc::new(DefaultKeyedRateLimiter::keyed(quota))
        });
        Arc::clone(limiter)
    }
}
