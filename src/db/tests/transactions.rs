//! Transactions: all or nothing, grouped commits, constraints.

use crate::{
    Error,
    db::{Db, read, record, write},
    testing::TestApp,
};

async fn add(db: &Db, name: &str, commit: bool) -> crate::Result<()> {
    let mut tx = db.begin().await?;
    write(
        "insert into category (created_at, updated_at, name, slug)
         values ('2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', $1, $1)",
    )
    .bind(name)
    .run(&mut tx)
    .await?;
    if commit { tx.commit().await } else { Ok(()) }
}

async fn count(db: &Db) -> i64 {
    let mut conn = db.conn().await.unwrap();
    read("select count(*) from category where name like 'x%'").value(&mut conn).await.unwrap()
}

#[tokio::test]
async fn what_is_not_committed_is_not_there() {
    let app = TestApp::start().await;
    add(&app.app.db, "x1", false).await.unwrap();
    assert_eq!(count(&app.app.db).await, 0);
    add(&app.app.db, "x2", true).await.unwrap();
    assert_eq!(count(&app.app.db).await, 1);
}

#[tokio::test]
async fn a_failed_writer_takes_nobody_with_it() {
    let app = TestApp::start().await;
    let db = &app.app.db;
    add(db, "x0", true).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..60 {
        let db = db.clone();
        writers.spawn(async move {
            match number % 3 {
                0 => add(&db, "x0", true).await.is_err(), // breaks the unique name
                1 => add(&db, &format!("x-rolled-back-{number}"), false).await.is_ok(),
                _ => add(&db, &format!("x-{number}"), true).await.is_ok(),
            }
        });
    }
    assert!(writers.join_all().await.into_iter().all(|good| good));
    assert_eq!(count(db).await, 21, "one and the twenty that were committed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_leaves_is_rolled_back() {
    let app = TestApp::start().await;
    let db = app.app.db.clone();
    for round in 0..20 {
        let leaving = db.clone();
        let work = async move {
            let mut tx = leaving.begin().await.unwrap();
            write(
                "insert into category (created_at, updated_at, name, slug)
                 values ('2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', 'x', 'x')",
            )
            .run(&mut tx)
            .await
            .unwrap();
            std::future::pending::<()>().await;
        };
        let cut = tokio::time::timeout(std::time::Duration::from_millis(5), work).await;
        assert!(cut.is_err());
        add(&db, &format!("x{round}"), true).await.unwrap();
    }
    assert_eq!(count(&db).await, 20);
}

#[tokio::test]
async fn the_database_holds_its_own_rules() {
    let app = TestApp::start().await;
    let statements = [
        "insert into permission (created_at, updated_at, name) values ('2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', '')",
        "insert into post (created_at, updated_at, user_id, title, content) values ('2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', 99, 'no such user', '')",
        "update category set post_count = -1, updated_at = '2026-01-01T00:00:00.000000Z'",
        "update role set is_default = true, updated_at = '2026-01-01T00:00:00.000000Z'",
    ];
    for statement in statements {
        let mut tx = app.app.db.begin().await.unwrap();
        assert!(write(statement).run(&mut tx).await.is_err(), "{statement}");
    }
}

#[tokio::test]
async fn two_unique_rows_are_a_conflict_and_no_fault_of_ours() {
    let app = TestApp::start().await;
    add(&app.app.db, "x1", true).await.unwrap();
    let error = add(&app.app.db, "x1", true).await.unwrap_err();
    assert!(matches!(error, Error::Conflict), "{error:?}");
}

record! {
    #[derive(Debug, PartialEq, Eq)]
    struct Pair {
        one: String,
        other: String,
    }
}

#[tokio::test]
async fn a_view_made_anew_under_a_running_site_is_read_by_its_names() {
    let app = TestApp::start().await;
    let db = &app.app.db;
    for fresh in [
        "create view pair as select 'a' as one, 'b' as other",
        "create view pair as select 'b' as other, 'a' as one",
        "create view pair as select 1 as number, 'a' as one, 'b' as other",
    ] {
        let mut tx = db.begin().await.unwrap();
        write("drop view if exists pair").run(&mut tx).await.unwrap();
        write(fresh).run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        for text in ["select * from pair", "select p.* from pair p"] {
            let mut conn = db.conn().await.unwrap();
            let pair: Pair = read(text).one(&mut conn).await.unwrap();
            let expected = Pair { one: "a".to_owned(), other: "b".to_owned() };
            assert_eq!(pair, expected, "{text} after {fresh}");
        }
    }
}
