//! The settings themselves: one list from which the structs, the reading, `streamly config` and
//! `docs/configuration.md` are made.

use super::list::settings;
use super::types::{
    AddressKeeping, Backend, Bytes, Cidrs, Environment, HashAlgorithm, Hidden, LogFormat, MailTls,
    Seconds, Setting,
};
use crate::db::Synchronous;

fn production(environment: Environment) -> bool {
    environment == Environment::Production
}

fn testing(environment: Environment) -> bool {
    environment == Environment::Testing
}

settings! {
    /// How Streamly is reached.
    server: Server {
        /// The address to listen on.
        host: String = |env| if production(env) { "0.0.0.0" } else { "127.0.0.1" }.to_owned();
        /// The port to listen on; 0 takes a free one.
        port: u16 = |env| if testing(env) { 0 } else { 5000 }, also "PORT";
        /// The public address of the site, without a slash at the end. All links in mails and feeds begin with it. Empty: made from host and port.
        base_url: String = |_env| String::new();
        /// Further host names under which requests are answered.
        allowed_hosts: Vec<String> = |_env| Vec::new();
        /// Proxies whose X-Forwarded-For is believed: addresses or networks, separated by commas.
        trusted_proxies: Cidrs = |_env| Cidrs::default();
        /// Send cookies without Secure, for a site reached by plain http under another name than localhost.
        insecure_http: bool = |_env| false;
        /// Connections at once.
        max_connections: usize = |_env| 10_000;
        /// Connections at once from one address; trusted proxies are not counted.
        max_connections_per_address: usize = |env| if production(env) { 100 } else { 2_000 };
        /// How long a client may take to send its headers, and an idle connection is kept.
        header_timeout: Seconds = |_env| Seconds(10);
        /// How long one request may take.
        request_timeout: Seconds = |_env| Seconds(30);
        /// After SIGTERM: how long new connections are still taken while `/health/ready` says no.
        drain: Seconds = |env| Seconds(if production(env) { 5 } else { 0 });
        /// After SIGTERM: how long running requests may go on.
        shutdown_timeout: Seconds = |_env| Seconds(25);
    }

    /// Where the data lies.
    database: Database {
        /// `sqlite:path` or `postgres://…`. Empty: SQLite in the data folder.
        url: Hidden = |_env| Hidden::default(), also "DATABASE_URL";
        /// Connections at most (PostgreSQL's pool, SQLite's readers).
        connections: usize = |_env| 20;
        /// How long a request waits for a connection.
        acquire_timeout: Seconds = |_env| Seconds(3);
        /// How long one statement may run.
        statement_timeout: Seconds = |_env| Seconds(5);
        /// How long a PostgreSQL connection is kept.
        max_lifetime: Seconds = |_env| Seconds(1800);
        /// Try a PostgreSQL connection before it is used.
        test_before_acquire: bool = |_env| false;
        /// SQLite only: `full` loses nothing that was acknowledged, even in a power cut; `normal` may.
        synchronous: Synchronous = |env| if testing(env) { Synchronous::Off } else { Synchronous::Full };
    }

    /// What nobody else may know.
    secret: Secret {
        /// At least 32 bytes; signs form tokens and links. Development makes and keeps one by itself.
        key: Hidden = |_env| Hidden::default(), also "SECRET_KEY";
    }

    /// Files.
    storage: Storage {
        /// The folder of everything Streamly keeps: database, pictures, logs.
        dir: String = |_env| "./data".to_owned();
        /// Where pictures lie: `local` (the folder), `s3` (any server that speaks S3) or `gcs` (Google Cloud Storage).
        backend: Backend = |_env| Backend::Local;
        /// The bucket's name.
        bucket: String = |_env| String::new();
        /// The bucket's region (S3).
        region: String = |_env| "us-east-1".to_owned();
        /// The server's address, for another one than the provider's own.
        endpoint: String = |_env| String::new();
        /// The access key's name (S3).
        key_id: String = |_env| String::new();
        /// The access key's secret (S3), or the service account's JSON (Google; empty: the machine's own account).
        secret: Hidden = |_env| Hidden::default();
        /// The public address pictures, styles, scripts and fonts are loaded from, without a slash at the end, for a CDN that fetches `/media/…` and `/assets/…` from this site. Empty: the site itself.
        public_url: String = |_env| String::new();
    }

    /// What the site is.
    site: Site {
        /// The name, shown everywhere.
        name: String = |_env| "Streamly".to_owned();
        /// One sentence about the site, for search engines and feeds.
        description: String = |_env| "Stories, notes and ideas from people who write.".to_owned();
        /// The language of the pages.
        language: String = |_env| "en".to_owned();
        /// A file with what mails and notifications say, in the language of the site; `streamly mail texts` prints the English one. Empty: English.
        texts: String = |_env| String::new();
        /// Where messages of the contact page are sent. Empty: to the administrators.
        email: String = |_env| String::new();
    }

    /// Outgoing mail.
    mail: Mail {
        /// The mail server. Empty: mail is kept and shown at /dev/mail (development), or waits (production).
        host: String = |_env| String::new();
        /// The mail server's port.
        port: u16 = |_env| 587;
        /// `starttls`, `tls` or `none`.
        tls: MailTls = |_env| MailTls::StartTls;
        /// The name to log in with; empty for none.
        username: String = |_env| String::new();
        /// The password to log in with.
        password: Hidden = |_env| Hidden::default();
        /// The sender: `Name <address>` or an address. Empty: noreply at the site's host.
        from: String = |_env| String::new();
        /// How long the mail server may take for one step.
        timeout: Seconds = |_env| Seconds(30);
        /// Further mail servers, tried in this order when the one before cannot take a mail just now: `smtp://name:password@host:587` (STARTTLS) or `smtps://name:password@host:465` (TLS), separated by spaces.
        relays: Hidden = |_env| Hidden::default();
        /// A file of certificates (PEM) that mail servers may show besides those that everybody trusts: for a server of one's own.
        trust: String = |_env| String::new();
        /// Mails in a minute to one domain by one instance; 0 for no limit.
        domain_per_minute: u32 = |_env| 0;
        /// The mailbox that bounces are sent to, such as `bounces@example.org`; `+` and a mark that names the mail are put before its `@`. Pipe what arrives there into `streamly mail bounce`. Empty: none.
        bounce_address: String = |_env| String::new();
        /// SendGrid's verification key (base64) for events at `/mail/events/sendgrid`. Empty: not taken.
        sendgrid_key: Hidden = |_env| Hidden::default();
        /// Mailgun's signing key for events at `/mail/events/mailgun`. Empty: not taken.
        mailgun_key: Hidden = |_env| Hidden::default();
    }

    /// How often one may do something (requests per window). `0` switches one limit off.
    limits: Limits {
        /// Rate limits as a whole; off only for load tests, and never in production.
        enabled: bool = |env| !testing(env);
        /// Logins in five minutes from one address.
        login: u32 = |_env| 5;
        /// Registrations in an hour from one address.
        register: u32 = |_env| 5;
        /// Mails asked for (confirmation, reset) in an hour, from one address and for one recipient.
        mail: u32 = |_env| 3;
        /// Messages of the contact page in an hour from one address.
        contact: u32 = |_env| 5;
        /// New posts in an hour by one person.
        post: u32 = |_env| 10;
        /// Saves (autosave included) in a minute by one person.
        save: u32 = |_env| 60;
        /// Comments in five minutes by one person under one post.
        comment: u32 = |_env| 5;
        /// Likes given or taken back in a minute by one person.
        like: u32 = |_env| 60;
        /// Reports in an hour by one person.
        report: u32 = |_env| 20;
        /// Previews in a minute by one person.
        preview: u32 = |_env| 120;
        /// Uploads in an hour by one person.
        upload: u32 = |_env| 20;
        /// Searches in a minute.
        search: u32 = |_env| 30;
        /// Suggestions in a minute while somebody types into the search field.
        suggest: u32 = |_env| 120;
        /// Words that somebody is typing, in a minute by one person.
        typing: u32 = |_env| 60;
        /// Any other change in a minute.
        other: u32 = |_env| 120;
        /// Views in a minute that are written down of one reader.
        view: u32 = |_env| 60;
        /// Reports of how far one has read, in a minute from one address.
        beacon: u32 = |_env| 600;
        /// Requests with reports of what became of our mail, in a minute from one address of a provider.
        report_of_mail: u32 = |_env| 6_000;
        /// The largest form or JSON body. A post may take six times its length in it, because forms and JSON write some characters as codes.
        body: Bytes = |_env| Bytes(16 << 20);
        /// The largest request with files.
        upload_body: Bytes = |_env| Bytes(16 << 20);
        /// The longest post, in bytes of Markdown.
        post_content: Bytes = |_env| Bytes(2 << 20);
    }

    /// What happens on open pages at once.
    live: Live {
        /// How often a quiet stream is looked at: it says so to the browser, and asks again whether it may go on.
        heartbeat: Seconds = |_env| Seconds(20);
        /// How often the table of events is looked at, for what other instances and commands did while Redis was silent.
        poll: Seconds = |_env| Seconds(1);
        /// Streams at once of one person, at one instance. A page holds one, and only while it is seen.
        streams_per_person: usize = |_env| 5;
        /// Streams at once of visitors from one address, at one instance.
        streams_per_address: usize = |_env| 100;
    }

    /// The messenger between several instances. Everything is right without it, and a second later.
    redis: Redis {
        /// `redis://…` or `rediss://…`. Empty: none.
        url: Hidden = |_env| Hidden::default(), also "REDIS_URL";
        /// What the names of channels begin with: sites that share a Redis need one each.
        prefix: String = |_env| "streamly".to_owned();
    }

    /// Logging.
    log: Log {
        /// What is written: `error`, `warn`, `info`, `debug`, or a filter such as `info,streamly::mail=debug`.
        level: String = |env| if testing(env) { "warn" } else { "info" }.to_owned();
        /// `json` or `pretty`, on the terminal.
        format: LogFormat = |env| if production(env) { LogFormat::Json } else { LogFormat::Pretty };
        /// A folder for log files (JSON lines, one file a day). Empty: none.
        dir: String = |_env| String::new();
        /// How many days of log files are kept.
        keep_days: u32 = |_env| 30;
    }

    /// People's accounts.
    accounts: Accounts {
        /// Whether strangers may register.
        registration: bool = |_env| true;
        /// `argon2id` or `bcrypt`. Passwords are re-hashed at the next login.
        password_hash: HashAlgorithm = |_env| HashAlgorithm::Argon2id;
        /// Cost of bcrypt, 12 or more.
        bcrypt_cost: u32 = |_env| 12;
        /// Memory of Argon2id, in KiB.
        argon2_memory: u32 = |_env| 19_456;
        /// Passes of Argon2id.
        argon2_passes: u32 = |_env| 2;
        /// Shortest password, in characters.
        password_min: usize = |_env| 8;
        /// How long an unused session lives.
        session_idle: Seconds = |_env| Seconds(24 * 3600);
        /// The same for moderators and above.
        session_idle_staff: Seconds = |_env| Seconds(8 * 3600);
        /// How long a remembered session lives.
        session_remember: Seconds = |_env| Seconds(30 * 24 * 3600);
        /// How long a confirmation link is good.
        confirm_link: Seconds = |_env| Seconds(24 * 3600);
        /// How long a reset link is good.
        reset_link: Seconds = |_env| Seconds(3600);
        /// How long after the password was typed sensitive changes are open.
        proof: Seconds = |_env| Seconds(600);
        /// Failed logins of one account in 15 minutes after which strangers are slowed down.
        failures: u32 = |_env| 10;
        /// How long a deleted account can be had back.
        delete_grace: Seconds = |_env| Seconds(14 * 24 * 3600);
    }

    /// What readers say under posts.
    comments: Comments {
        /// Whether anybody may comment; what is there stays readable.
        enabled: bool = |_env| true;
        /// Whether a moderator looks at somebody's first comment before others see it. Until one is approved, all of theirs wait.
        approve_first: bool = |_env| false;
        /// The longest comment, in characters.
        max_length: usize = |_env| 10_000;
        /// How long its writer may change a comment; 0 is always.
        edit_window: Seconds = |_env| Seconds(0);
        /// How long a deleted comment can be had back.
        undo: Seconds = |_env| Seconds(24 * 3600);
        /// Comments at the top on one page, 50 at most; their answers come with them.
        page: usize = |_env| 20;
    }

    /// Pictures.
    media: Media {
        /// The largest picture.
        max: Bytes = |_env| Bytes(10 << 20);
        /// The largest avatar.
        max_avatar: Bytes = |_env| Bytes(5 << 20);
        /// All pictures of one person.
        quota: Bytes = |_env| Bytes(500 << 20);
        /// Number of pictures of one person.
        quota_files: usize = |_env| 1_000;
        /// The most pixels of one picture, in millions.
        megapixels: u32 = |_env| 50;
        /// Memory for all pictures that are being decoded, together; one alone may need as much.
        decode_memory: Bytes = |_env| Bytes(224 << 20);
        /// How long decoding one picture may keep a processor busy. It may have to wait for one: an upload as long again.
        decode_time: Seconds = |_env| Seconds(10);
        /// Uploads that may wait for their turn; further ones are told to come back.
        queue: usize = |_env| 16;
        /// Memory for requests with files that are being read, together; further ones are told to come back.
        upload_memory: Bytes = |_env| Bytes(48 << 20);
    }

    /// Looking for viruses in what is uploaded, by clamd.
    scan: Scan {
        /// Where clamd listens: `host:port`, or the path of its socket. Empty: nothing is scanned.
        clamd: String = |_env| String::new();
        /// Refuse uploads while clamd does not answer; `false` takes them unscanned.
        required: bool = |_env| true;
        /// How long clamd may take for one file.
        timeout: Seconds = |_env| Seconds(10);
    }

    /// What is kept of readers.
    analytics: Analytics {
        /// Whether views are counted.
        enabled: bool = |_env| true;
        /// What is kept of a reader's address: `truncate` (IPv4 /24, IPv6 /48), `none`, `hash` (with a key that is thrown away after a day) or `full`.
        address: AddressKeeping = |_env| AddressKeeping::Truncate;
        /// The header in which a trusted proxy names the reader's country by two letters, such as `CF-IPCountry`. Empty: countries are not known.
        country_header: String = |_env| String::new();
        /// The header in which a trusted proxy names the reader's city, such as `CF-IPCity`. Empty: cities are not known.
        city_header: String = |_env| String::new();
        /// How many days addresses are kept, 7 at most.
        keep_addresses: u32 = |_env| 7;
        /// How many days views are kept one by one, 31 at least; the sums of each day stay.
        keep_views: u32 = |_env| 395;
    }

    /// How many things stand on one page.
    pages: Pages {
        /// Posts on the home page.
        home: usize = |_env| 10;
        /// Posts in a list, a category, a tag.
        posts: usize = |_env| 5;
        /// Results of a search.
        search: usize = |_env| 10;
        /// Writers in their list.
        users: usize = |_env| 20;
        /// Entries of a feed.
        feed: usize = |_env| 20;
        /// How long a deleted post can be had back.
        undo: Seconds = |_env| Seconds(30 * 24 * 3600);
    }
}
