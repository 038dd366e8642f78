//! The pages that members have with each other, and those of whoever looks after the site.

use super::kinds::Kind;
use super::stage::Stage;

impl Stage {
    pub fn members(&self, kinds: &mut Vec<Kind>) {
        self.talk();
        let post = self.shown_path.as_str();
        let likers = format!("/blog/post/{}/likes", self.shown_post);
        let stats = format!("/blog/stats/{}", self.shown_post);
        let visitor = [
            "/blog/trending",
            "/blog/trending?days=30",
            "/user/writer?tab=comments",
            "/user/writer?tab=about",
            "/user/writer/followers",
            "/user/reader/following",
            "/user/reader/likes",
            &likers,
            &format!("{post}?sort=best"),
            "/comments/1/likes",
        ];
        self.get(kinds, "visitor", 200, &visitor);
        let reader = [
            "/?tab=following",
            "/?tab=latest",
            post,
            "/bookmarks",
            "/notifications",
            "/notifications/settings",
            "/auth/settings/blocked",
            "/blog/stats/reading",
            "/blog/category/technology",
            "/users/online",
            "/user/writer",
            "/user/writer/followers",
            "/user/writer/mutual",
            "/comments/1/edit",
            "/comments/1/delete",
            "/comments/2/report",
        ];
        self.get(kinds, "reader", 200, &reader);
        self.get(kinds, "writer", 200, &[post, "/notifications", "/blog/stats", &stats]);
        let admin = [
            "/moderation/comments",
            "/blog/stats/site",
            "/notifications/send",
            "/admin/mail",
            "/admin/mail?state=failed",
            "/admin/mail/1",
            "/admin/mail/suppressed",
        ];
        self.get(kinds, "admin", 200, &admin);
        self.get(kinds, "writer", 403, &["/admin/mail"]);
    }

    /// Something is said under the post, answered, liked, kept, and people are followed.
    fn talk(&self) {
        let post = self.shown_path.as_str();
        let mut reader = self.client("reader");
        reader.submit(post, post, &[("content", "Well said.")]).unwrap().expect(303).unwrap();
        let mut writer = self.client("writer");
        let answer = [("content", "Thank you, @reader."), ("parent_id", "1")];
        writer.submit(post, post, &answer).unwrap().expect(303).unwrap();
        writer.submit(post, "/comments/1/like", &[]).unwrap().expect(303).unwrap();
        let of_post = format!("/blog/post/{}", self.shown_post);
        for act in [
            format!("{of_post}/like"),
            format!("{of_post}/bookmark"),
            "/blog/user/writer/follow".to_owned(),
        ] {
            reader.submit(post, &act, &[]).unwrap().expect(303).unwrap();
        }
    }
}
