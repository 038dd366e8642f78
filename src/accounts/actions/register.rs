//! Joining: by the form, by the set-up link of a new site, from the shell.

use super::about;
use crate::{
    Error, Result,
    accounts::{
        input::{Identity, NewAccount},
        jobs::SendConfirmation,
        passwords, roles,
        sessions::{self, Browser, Opened},
        store::{self, users::NewUser},
        tokens::Purpose,
    },
    app::{App, token_hash},
    db::Tx,
    error::FieldErrors,
    events::{self, Event},
    ids::UserId,
    jobs,
};

const TAKEN: &str = "This name is taken. Choose another.";

/// Somebody joins. The answer is the same whether the address has an account or not: whoever
/// reads its mail learns which (X07). Only a taken name is said.
pub async fn register(app: &App, input: &NewAccount) -> Result<()> {
    if !app.config.accounts.registration {
        return Err(Error::Forbidden);
    }
    let identity = checked(app, input).await?;
    let hash = passwords::hash(app, &input.password).await?;
    let mut tx = app.db.begin().await?;
    let role = store::roles::default(&mut tx).await?;
    let new = NewUser {
        username: &identity.username,
        email: &identity.email,
        password_hash: &hash,
        role,
        confirmed: false,
    };
    match store::users::insert(&mut tx, &new, app.clock.now()).await? {
        Some(user) => events::record(app, &mut tx, Event::UserRegistered { user }).await?,
        None if store::users::by_username(&mut tx, &identity.username).await?.is_some() => {
            return Err(Error::invalid("username", TAKEN));
        }
        None => {}
    }
    let job = SendConfirmation { email: identity.email };
    jobs::enqueue(app, &mut tx, &job, app.clock.now()).await?;
    tx.commit().await
}

/// Name, address and password, each judged; all mistakes together.
async fn checked(app: &App, input: &NewAccount) -> Result<Identity> {
    let mut errors = FieldErrors::default();
    let parsed = input.parse();
    let (username, email) = match &parsed {
        Ok(identity) => (identity.username.as_str(), identity.email.as_str()),
        Err(_) => (input.username.trim(), input.email.trim()),
    };
    if !input.password.is_empty() {
        let judged = passwords::judge(app, &input.password, about(app, username, email)).await?;
        errors.check("password", judged);
    }
    let mut conn = app.db.conn().await?;
    if store::users::by_username(&mut conn, username).await?.is_some() {
        errors.add("username", TAKEN);
    }
    match parsed {
        Ok(identity) => errors.into_result().map(|()| identity),
        Err(Error::Invalid(found)) => {
            for (field, message) in found.iter() {
                errors.add(field, message.to_owned());
            }
            Err(Error::Invalid(errors))
        }
        Err(error) => Err(error),
    }
}

/// Somebody who is made by the operator, and needs no confirmation.
#[derive(Debug, Default, Clone)]
pub struct NewMember {
    pub username: String,
    pub email: String,
    pub password: String,
    pub role: String,
}

/// Makes a confirmed account, as the shell does.
pub async fn create(app: &App, new: &NewMember) -> Result<UserId> {
    let input = NewAccount {
        username: new.username.clone(),
        email: new.email.clone(),
        password: new.password.clone(),
        confirm_password: new.password.clone(),
    };
    let identity = checked(app, &input).await?;
    let hash = passwords::hash(app, &new.password).await?;
    let mut tx = app.db.begin().await?;
    let user = insert_confirmed(app, &mut tx, &identity, &hash, &new.role).await?;
    tx.commit().await?;
    Ok(user)
}

async fn insert_confirmed(
    app: &App,
    tx: &mut Tx,
    identity: &Identity,
    hash: &str,
    role: &str,
) -> Result<UserId> {
    let name = roles::canonical_name(role);
    let Some(role) = store::roles::by_name(tx, &name).await? else {
        let names = store::roles::names(tx).await?.join(", ");
        return Err(Error::invalid(
            "role",
            format!("There is no role {name}. There are: {names}."),
        ));
    };
    let new = NewUser {
        username: &identity.username,
        email: &identity.email,
        password_hash: hash,
        role: Some(role),
        confirmed: true,
    };
    let Some(user) = store::users::insert(tx, &new, app.clock.now()).await? else {
        return Err(if store::users::by_username(tx, &identity.username).await?.is_some() {
            Error::invalid("username", TAKEN)
        } else {
            Error::invalid("email", "There is an account with this address.")
        });
    };
    events::record(app, tx, Event::UserRegistered { user }).await?;
    let event = Event::RoleChanged { user, role: name, by: None };
    events::record(app, tx, event).await?;
    Ok(user)
}

/// The first account of a new site, by the link that its start has printed. Of several at once
/// one wins, and from then on no link is good.
pub async fn set_up(
    app: &App,
    token: &str,
    input: &NewAccount,
    browser: &Browser,
) -> Result<Opened> {
    let identity = checked(app, input).await?;
    let hash = passwords::hash(app, &input.password).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::roles::lock(&mut tx, now).await?;
    if store::users::any(&mut tx).await? {
        return Err(Error::Gone);
    }
    let link = store::tokens::consume(&mut tx, Purpose::Setup, &token_hash(token), now).await?;
    link.ok_or(Error::Gone)?;
    let user = insert_confirmed(app, &mut tx, &identity, &hash, roles::ADMINISTRATOR).await?;
    store::tokens::delete_setup(&mut tx, now).await?;
    let user = store::users::by_id(&mut tx, user).await?.ok_or(Error::NotFound)?;
    let opened = sessions::open(app, &mut tx, &user, browser, false).await?;
    tx.commit().await?;
    opened.ok_or(Error::Conflict)
}
