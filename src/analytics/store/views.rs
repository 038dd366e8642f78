//! Writing views.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    analytics::views::View,
    db::{Conn, Tx, Write, read, write},
};

/// Binds what a view is kept with; the same places in both statements.
fn bind(statement: Write, view: &View) -> Write {
    let [source, medium, campaign, term, content] = view.campaign.0.clone();
    statement
        .bind(view.at)
        .bind(view.post)
        .bind(view.user)
        .bind(view.address.clone())
        .bind(format!("{} on {}", view.agent.browser, view.agent.system))
        .bind(view.referer.clone())
        .bind(&view.session)
        .bind(view.agent.device)
        .bind(view.agent.browser)
        .bind(view.agent.system)
        .bind(source)
        .bind(medium)
        .bind(campaign)
        .bind(term)
        .bind(content)
        .bind(view.place.country.as_deref())
        .bind(view.place.city.as_deref())
}

/// Writes a view down, unless this reader saw the post today; says whether it is a bounce, if it
/// was. A view is one as long as its reader has seen no other page, which is not so when `alone` is
/// false. A post or person who is gone meanwhile is no mistake.
pub async fn insert_unique(tx: &mut Tx, view: &View, alone: bool) -> Result<Option<bool>> {
    let statement = write(
        "insert into post_view (created_at, updated_at, post_id, user_id, ip_address, user_agent,
                referer, session_id, is_unique_view, device_type, browser, operating_system,
                utm_source, utm_medium, utm_campaign, utm_term, utm_content, country_code, city,
                is_bounce)
         select $1, $1, p.id, (select u.id from \"user\" u where u.id = $3), $4, $5, $6,
                cast($7 as text), true,
                $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                cast($18 as boolean)
                and not exists (select 1 from post_view o where o.session_id = cast($7 as text))
           from post p where p.id = $2
             on conflict do nothing returning is_bounce",
    );
    let row: Option<(bool,)> = bind(statement, view).bind(alone).optional(tx).await?;
    Ok(row.map(|(bounce,)| bounce))
}

/// Writes a further view of the same reader and day down; says whether the post is still there.
pub async fn insert_repeated(tx: &mut Tx, view: &View) -> Result<bool> {
    let statement = write(
        "insert into post_view (created_at, updated_at, post_id, user_id, ip_address, user_agent,
                referer, session_id, is_unique_view, device_type, browser, operating_system,
                utm_source, utm_medium, utm_campaign, utm_term, utm_content, country_code, city,
                is_bounce)
         select $1, $1, p.id, (select u.id from \"user\" u where u.id = $3), $4, $5, $6, $7, false,
                $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, false
           from post p where p.id = $2",
    );
    Ok(bind(statement, view).run(tx).await? > 0)
}

/// The salt of a day.
pub async fn salt(conn: &mut Conn, date: &str) -> Result<Option<String>> {
    let row = read("select salt from view_salt where date = $1").bind(date).optional(conn).await?;
    Ok(row.map(|(salt,)| salt))
}

pub async fn insert_salt(tx: &mut Tx, date: &str, salt: &str, now: DateTime<Utc>) -> Result<()> {
    write(
        "insert into view_salt (date, created_at, salt) values ($1, $2, $3)
         on conflict (date) do nothing",
    )
    .bind(date)
    .bind(now)
    .bind(salt)
    .run(tx)
    .await
    .map(drop)
}

pub async fn delete_salts(tx: &mut Tx, before: &str) -> Result<u64> {
    write("delete from view_salt where date < $1").bind(before).run(tx).await
}
