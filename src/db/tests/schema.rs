//! What the catalogue of each database says of the schema (P8-P14, P39).

use crate::{
    db::{Target, migrations, read, write},
    testing::{TestApp, posts::TestPost},
};

/// Names of a kind of thing in the catalogue, each with its definition.
async fn catalogue(app: &TestApp, sqlite: &str, postgres: &str) -> Vec<(String, String)> {
    match app.app.config.database_target().unwrap() {
        Target::Sqlite(path) => {
            let conn = rusqlite::Connection::open(path).unwrap();
            let mut statement = conn.prepare(sqlite).unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.map(Result::unwrap).collect()
        }
        Target::Postgres(url) => {
            let (client, connection) =
                tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            #[expect(clippy::disallowed_methods, reason = "it ends with its client")]
            tokio::spawn(connection);
            let rows = client.query(postgres, &[]).await.unwrap();
            rows.iter().map(|row| (row.get(0), row.get(1))).collect()
        }
    }
}

async fn indexes(app: &TestApp) -> Vec<(String, String)> {
    catalogue(
        app,
        "select name, sql from sqlite_master where type = 'index' and sql is not null",
        "select indexname::text, indexdef from pg_indexes where schemaname = 'public'
            and indexname not in (select conname from pg_constraint)",
    )
    .await
}

/// Named constraints, with the text that defines them.
async fn constraints(app: &TestApp) -> Vec<(String, String)> {
    if app.app.db.is_sqlite() {
        let tables =
            catalogue(app, "select name, sql from sqlite_master where type = 'table'", "").await;
        let mut found = Vec::new();
        for (_, sql) in tables {
            for part in sql.split("constraint ").skip(1) {
                let (name, rest) = part.split_once(char::is_whitespace).unwrap();
                found.push((name.to_owned(), rest.to_owned()));
            }
        }
        return found;
    }
    catalogue(
        app,
        "",
        "select conname::text, pg_get_constraintdef(oid) from pg_constraint
          where contype in ('c', 'u', 'p', 'f') and connamespace = 'public'::regnamespace",
    )
    .await
}

#[tokio::test]
async fn all_tables_are_there() {
    let app = TestApp::start().await;
    let tables = catalogue(
        &app,
        "select name, '' from sqlite_master where type = 'table'",
        "select table_name::text, '' from information_schema.tables where table_schema = 'public'",
    )
    .await;
    for wanted in [
        "user",
        "role",
        "permission",
        "role_permissions",
        "category",
        "post",
        "comment",
        "follow",
        "post_like",
        "post_view",
        "notification",
        "analytics_summary",
        "session",
        "outgoing_mail",
    ] {
        assert!(tables.iter().any(|(name, _)| name == wanted), "no table {wanted}");
    }
}

#[tokio::test]
async fn indexes_have_their_names_and_are_fifty_at_least() {
    let app = TestApp::start().await;
    let indexes = indexes(&app).await;
    assert!(indexes.len() >= 50, "{} indexes", indexes.len());
    for wanted in [
        "ix_user_username",
        "ix_user_email",
        "ix_user_is_active",
        "idx_post_user_created",
        "idx_post_category_created",
        "idx_user_active_last_seen",
        "idx_role_permissions_role",
        "idx_role_permissions_permission",
        "idx_postview_session_post",
        "ix_post_slug",
        // R-ANALYTICS.10
        "idx_postview_post_created",
        "idx_postview_user_created",
        "idx_postview_unique_created",
        "idx_postview_country_created",
        "idx_postview_device_created",
        "idx_postview_unique_views",
        "idx_postview_registered_users",
        "idx_postview_time_analytics",
        "idx_postview_engagement",
        "idx_postview_geo_analytics",
        "idx_postview_bounce",
        "idx_postview_conversion",
        "idx_postview_utm_source",
        "idx_postview_utm_campaign",
        "idx_postview_marketing",
        // R-NOTIF.9
        "idx_notification_user_read",
        "idx_notification_user_created",
        "idx_notification_type_created",
        "idx_notification_priority_created",
        "idx_notification_category_created",
        "idx_notification_expires",
        "idx_notification_high_priority",
        "idx_notification_cleanup",
        "idx_notification_feed",
        "idx_notification_type_analytics",
        "idx_notification_clicked",
        "idx_notification_source",
        "idx_notification_batch",
    ] {
        assert!(indexes.iter().any(|(name, _)| name == wanted), "no index {wanted}");
    }
    for (name, condition) in [
        ("idx_user_active_users", "is_active"),
        ("idx_notification_unread", "is_read"),
        ("idx_role_default_unique", "is_default"),
    ] {
        let (_, text) = indexes.iter().find(|(index, _)| index == name).unwrap();
        let text = text.to_lowercase();
        let (_, after) =
            text.split_once(" where ").unwrap_or_else(|| panic!("{name} is not partial"));
        assert!(after.contains(condition), "{text}");
    }
}

#[tokio::test]
async fn constraints_have_their_names_and_are_twenty_at_least() {
    let app = TestApp::start().await;
    let constraints = constraints(&app).await;
    assert!(constraints.len() >= 20, "{} constraints", constraints.len());
    for wanted in [
        "unique_follow_relationship",
        "unique_user_post_like",
        "no_self_follow",
        "permission_name_not_empty",
        "role_name_not_empty",
        "valid_priority",
        "valid_delivery_method",
        "valid_scroll_depth",
        "valid_time_spent",
        "valid_page_load_time",
        "valid_click_count",
        "unique_daily_metric",
        "valid_post_status",
    ] {
        assert!(constraints.iter().any(|(name, _)| name == wanted), "no constraint {wanted}");
    }
}

#[tokio::test]
async fn one_role_is_the_default() {
    let app = TestApp::start().await;
    let mut conn = app.app.db.conn().await.unwrap();
    let count: i64 =
        read("select count(*) from role where is_default").value(&mut conn).await.unwrap();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn texts_longer_than_the_program_makes_are_kept_out() {
    let app = TestApp::start().await;
    let ana = app.insert_user(crate::testing::posts::TestUser::default()).await;
    let post = app.insert_post(TestPost::new(ana, "river", "A week")).await;
    let comment = "insert into comment (created_at, updated_at, post_id, user_id, content)
                   values ($1, $1, $2, $3, $4)";
    let changed = "update comment set content = $4, updated_at = $1
                    where post_id = $2 and user_id = $3";
    let reason = "update comment set moderation_reason = $4, updated_at = $1
                   where post_id = $2 and user_id = $3";
    let report = "insert into report (created_at, updated_at, post_id, user_id, reason, note)
                  values ($1, $1, $2, $3, 'spam', $4)";
    let title = "insert into notification (created_at, updated_at, related_post_id, user_id, title,
                        message, notification_type, category)
                 values ($1, $1, $2, $3, $4, '', 'like', 'like')";
    let message =
        "insert into notification (created_at, updated_at, related_post_id, user_id, title,
                        message, notification_type, category)
                   values ($1, $1, $2, $3, '', $4, 'like', 'like')";
    for (statement, most) in [
        (comment, 1_000_000),
        (changed, 1_000_000),
        (reason, 500),
        (report, 500),
        (title, 200),
        (message, 2_000),
    ] {
        for (length, good) in [(most + 1, false), (most, true)] {
            let mut tx = app.app.db.begin().await.unwrap();
            let done = write(statement)
                .bind(app.app.clock.now())
                .bind(post)
                .bind(ana)
                .bind("ü".repeat(length))
                .run(&mut tx)
                .await;
            assert_eq!(done.is_ok(), good, "{length}: {statement}\n{done:?}");
            if good {
                tx.commit().await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn every_stage_can_be_left_and_reached_again() {
    let app = TestApp::start().await;
    let db = &app.app.db;
    let now = app.app.clock.now();
    let all = migrations().len();
    for steps in 1..=all {
        assert_eq!(db.migrate_down(steps).await.unwrap().len(), steps);
        for step in &migrations()[all - steps..] {
            assert_eq!(db.migrate_up(Some(step.version), now).await.unwrap().len(), 1);
        }
    }
    assert!(db.migrate_up(None, now).await.unwrap().is_empty());
    assert!(db.migration_status().await.unwrap().iter().all(|step| step.applied_at.is_some()));
}

#[tokio::test]
async fn many_instances_migrate_at_once() {
    let app = TestApp::start().await;
    let db = &app.app.db;
    db.migrate_down(99).await.unwrap();
    let settings = app.app.config.database_settings().unwrap();
    let now = app.app.clock.now();
    let mut instances = tokio::task::JoinSet::new();
    for _ in 0..5 {
        let settings = settings.clone();
        instances.spawn(async move {
            let db = crate::db::Db::connect(&settings).await.unwrap();
            db.migrate_up(None, now).await.unwrap().len()
        });
    }
    let mut taken = instances.join_all().await;
    taken.sort_unstable();
    assert_eq!(taken, [0, 0, 0, 0, migrations().len()], "one migrates, the others find it done");
}
