//! `streamly doctor`: looks at everything that can go wrong, says so, and mends what it can.

use super::{bare_app, say};
use crate::{app::App, comments, config::Config, jobs, notifications, posts, search};

pub async fn run(config: Config, repair: bool) -> anyhow::Result<()> {
    let app = bare_app(config).await?;
    let mut ill = 0;
    let mut report = |good: bool, what: &str| {
        say(&format!("{}  {what}", if good { "ok   " } else { "LOOK " }));
        ill += usize::from(!good);
    };
    let missing =
        app.db.migration_status().await?.iter().filter(|step| step.applied_at.is_none()).count();
    report(missing == 0, &format!("migrations: {missing} missing (streamly migrate up)"));
    if missing > 0 {
        anyhow::bail!("the schema is not up to date; nothing else was looked at");
    }
    report(app.db.check().await.is_ok(), "the database answers");
    for warning in app.db.warnings().await? {
        report(false, &warning);
    }
    report(app.files.check().await.is_ok(), "files can be written");
    report(app.mailer.is_ready(), "mail can leave (mail.host)");
    let failed = jobs::failed(&app).await?;
    report(failed == 0, &format!("jobs that failed for good: {failed}"));
    counts(&app, repair, &mut report).await?;
    index(&app, repair, &mut report).await?;
    anyhow::ensure!(ill == 0, "{ill} thing(s) to look at");
    Ok(())
}

async fn counts(
    app: &App,
    repair: bool,
    report: &mut impl FnMut(bool, &str),
) -> anyhow::Result<()> {
    if repair {
        let mended = posts::repair::recount(app).await?
            + comments::repair::recount(app).await?
            + notifications::repair::recount(app).await?;
        report(true, &format!("counts that were wrong and are mended: {mended}"));
        return Ok(());
    }
    let wrong = posts::repair::wrong_counts(app).await?
        + comments::repair::wrong_counts(app).await?
        + notifications::repair::wrong_counts(app).await?;
    report(wrong == 0, &format!("counts that differ from their rows: {wrong} (--repair)"));
    Ok(())
}

async fn index(app: &App, repair: bool, report: &mut impl FnMut(bool, &str)) -> anyhow::Result<()> {
    if repair {
        search::index::rebuild(app).await?;
        report(true, "the search index was made anew");
        return Ok(());
    }
    let missing = search::index::missing(&mut app.db.conn().await?).await?;
    report(
        missing == 0,
        &format!("posts and people not in the search index: {missing} (--repair)"),
    );
    Ok(())
}
