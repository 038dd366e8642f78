//! Notifications seen from outside. What other rooms do is recorded as its event, with rows
//! written by hand.

mod counts;
mod kinds;
mod letters;
mod page;
mod people;

use crate::{
    db::{read, record, write},
    events::{self, Event},
    ids::{CommentId, PostId, UserId},
    testing::{
        TestApp,
        posts::{TestPost, TestUser},
    },
};

record! {
    /// A notification as it is kept.
    #[derive(Debug, Clone)]
    pub struct Kept {
        pub id: i64,
        pub kind: String,
        pub category: String,
        pub priority: String,
        pub title: String,
        pub message: String,
        pub is_read: bool,
        pub action_url: Option<String>,
        pub delivery_method: String,
    }
}

impl TestApp {
    /// A person by name.
    pub async fn someone(&self, username: &str) -> UserId {
        self.insert_user(TestUser { username, ..TestUser::default() }).await
    }

    /// A published post.
    pub async fn a_post(&self, author: UserId, slug: &str) -> PostId {
        self.insert_post(TestPost::new(author, slug, "Rivers")).await
    }

    pub async fn a_comment(
        &self,
        (post, author): (PostId, UserId),
        parent: Option<CommentId>,
        status: &str,
        content: &str,
    ) -> CommentId {
        let mut tx = self.app.db.begin().await.unwrap();
        let id = write(
            "insert into comment (created_at, updated_at, post_id, user_id, parent_id, status,
                 content) values ($1, $1, $2, $3, $4, $5, $6) returning id",
        )
        .bind(self.app.clock.now())
        .bind(post)
        .bind(author)
        .bind(parent)
        .bind(status)
        .bind(content)
        .value(&mut tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Records an event, as the room does in which it happens.
    pub async fn happens(&self, event: Event) {
        let mut tx = self.app.db.begin().await.unwrap();
        events::record(&self.app, &mut tx, event).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn run_sql(&self, statement: &'static str, one: UserId, other: UserId) {
        let mut tx = self.app.db.begin().await.unwrap();
        write(statement)
            .bind(self.app.clock.now())
            .bind(one)
            .bind(other)
            .run(&mut tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// What somebody was told, the newest first.
    pub async fn told(&self, user: UserId) -> Vec<Kept> {
        let mut conn = self.app.db.conn().await.unwrap();
        read(
            "select id, notification_type as kind, category, priority, title, message,
                    is_read, action_url, delivery_method
               from notification where user_id = $1 order by id desc",
        )
        .bind(user)
        .all(&mut conn)
        .await
        .unwrap()
    }

    pub async fn unread_of(&self, user: UserId) -> i64 {
        let mut conn = self.app.db.conn().await.unwrap();
        read("select unread_count from \"user\" where id = $1")
            .bind(user)
            .value(&mut conn)
            .await
            .unwrap()
    }

    /// How many people have a count that differs from their rows.
    pub async fn wrong_unread(&self) -> i64 {
        let mut conn = self.app.db.conn().await.unwrap();
        read(
            "select count(*) from \"user\" u where unread_count <> (select count(*)
               from notification n where n.user_id = u.id and not n.is_read
                and n.delivery_method = 'web')",
        )
        .value(&mut conn)
        .await
        .unwrap()
    }

    pub async fn choose(&self, user: UserId, kind: &str, web: bool, email: &str) {
        let mut tx = self.app.db.begin().await.unwrap();
        write(
            "insert into notification_setting (created_at, updated_at, user_id, kind, web, email)
             values ($1, $1, $2, $3, $4, $5)",
        )
        .bind(self.app.clock.now())
        .bind(user)
        .bind(kind)
        .bind(web)
        .bind(email)
        .run(&mut tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }
}
