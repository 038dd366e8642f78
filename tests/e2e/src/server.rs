//! The real program, started on a data folder, a database and a port of its own.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::TempFolder;
use crate::database::{self, Database};
use crate::http::{self, Client};
use crate::smtp::MailServer;

/// The names of the settings that tests use, in one place.
pub mod settings {
    pub const ENV: &str = "STREAMLY_ENV";
    pub const DATA: &str = "STREAMLY_STORAGE__DIR";
    pub const HOST: &str = "STREAMLY_SERVER__HOST";
    pub const PORT: &str = "STREAMLY_SERVER__PORT";
    pub const BASE_URL: &str = "STREAMLY_SERVER__BASE_URL";
    pub const LIMITS: &str = "STREAMLY_LIMITS__ENABLED";
    pub const MAIL_HOST: &str = "STREAMLY_MAIL__HOST";
    pub const MAIL_PORT: &str = "STREAMLY_MAIL__PORT";
    pub const MAIL_TLS: &str = "STREAMLY_MAIL__TLS";
}

/// How long a start or a stop may take before it counts as hanging.
const PATIENCE: Duration = Duration::from_mins(1);

/// Everything a server starts from; it outlives the process, so that one can start again on it.
pub struct Site {
    program: PathBuf,
    pub folder: TempFolder,
    database: Option<Database>,
    env: Vec<(String, String)>,
}

impl Site {
    /// A new site with nothing in it, on SQLite.
    pub fn sqlite() -> Result<Self> {
        let program = std::env::var_os("STREAMLY_BIN").context(
            "STREAMLY_BIN does not say where the program is; run `cargo xtask test --e2e`",
        )?;
        Self::of(program.into())
    }

    /// The same for a given program.
    pub fn of(program: PathBuf) -> Result<Self> {
        Self::in_folder(program, TempFolder::new("e2e")?)
    }

    /// The same in a given folder, where a site may be already.
    pub fn in_folder(program: PathBuf, folder: TempFolder) -> Result<Self> {
        let env = [(settings::ENV, "development"), (settings::LIMITS, "false")];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Ok(Self { program, folder, database: None, env })
    }

    /// The same on PostgreSQL; none, and said so, where no server is to be had.
    pub fn postgres() -> Result<Option<Self>> {
        let Some(server) = database::server() else {
            crate::leave_out("PostgreSQL, for TEST_DATABASE_URL names no server");
            return Ok(None);
        };
        Ok(Some(Self::sqlite()?.on(Database::new(&server)?)))
    }

    /// This site on a database of PostgreSQL's.
    #[must_use]
    pub fn on(mut self, database: Database) -> Self {
        self.set("DATABASE_URL", &database.url());
        self.database = Some(database);
        self
    }

    /// One site for each database that is to be had.
    pub fn each() -> Result<Vec<Self>> {
        Ok(std::iter::once(Self::sqlite()?).chain(Self::postgres()?).collect())
    }

    /// The address of the site's database, when it is PostgreSQL's.
    pub fn database_url(&self) -> Option<String> {
        self.database.as_ref().map(Database::url)
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// Sends the site's mail to this server.
    pub fn mail_to(&mut self, mail: &MailServer) {
        self.set(settings::MAIL_HOST, "127.0.0.1");
        self.set(settings::MAIL_PORT, &mail.port().to_string());
        self.set(settings::MAIL_TLS, "none");
    }

    /// The program, with the environment of this site and nothing else of ours.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        let foreign = |name: &str| {
            name.starts_with("STREAMLY_")
                || ["DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PORT"].contains(&name)
        };
        for (name, _) in std::env::vars().filter(|(name, _)| foreign(name)) {
            command.env_remove(name);
        }
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        command
            .env(settings::DATA, self.folder.path().join("data"))
            .env(settings::HOST, "127.0.0.1");
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command such as `user list` to its end and returns what it printed.
    pub fn run(&self, args: &[&str], input: &str) -> Result<String> {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().context("starting streamly")?;
        child.stdin.take().context("its input was piped")?.write_all(input.as_bytes())?;
        let output = child.wait_with_output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "streamly {} failed: {said}{errors}", args.join(" "));
        Ok(said)
    }

    /// Makes a confirmed account from the shell; its password is [`PASSWORD`].
    pub fn user(&self, name: &str, role: &str) -> Result<()> {
        let address = format!("{name}@example.com");
        let args = ["user", "create", "--username", name, "--email", &address, "--role", role];
        self.run(&[&args[..], &["--password-stdin"]].concat(), &format!("{PASSWORD}\n"))?;
        Ok(())
    }

    /// Starts a server and waits until it is ready.
    pub fn start(&self) -> Result<Server> {
        let mut server = self.launch()?;
        server.wait_until_ready()?;
        Ok(server)
    }

    /// Starts a server without waiting for anything.
    pub fn launch(&self) -> Result<Server> {
        let port = crate::free_port()?;
        let log = self.folder.path().join(format!("server-{port}.log"));
        let file = File::create(&log)?;
        let mut command = self.command(&["serve"]);
        command.env(settings::PORT, port.to_string());
        command.env(settings::BASE_URL, format!("http://127.0.0.1:{port}"));
        command.stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().context("starting streamly")?;
        Ok(Server { child, port, log })
    }
}

/// The password of every account that tests make.
pub const PASSWORD: &str = "lantern-Quarry-58-drift";

pub struct Server {
    child: Child,
    pub port: u16,
    log: PathBuf,
}

impl Server {
    pub fn client(&self) -> Client {
        Client::new(self.port)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All that the server has printed so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn log_file(&self) -> &Path {
        &self.log
    }

    pub fn wait_until_ready(&mut self) -> Result<()> {
        self.wait_for("/health/ready")
    }

    /// Asks for a path until the answer is 200.
    pub fn wait_for(&mut self, path: &str) -> Result<()> {
        let started = Instant::now();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        while started.elapsed() < PATIENCE {
            if http::raw(self.port, request.as_bytes(), false).is_ok_and(|got| got.status == 200) {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}:\n{}", self.log());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        bail!("{path} did not answer 200 within {PATIENCE:?}:\n{}", self.log());
    }

    /// The path of the one-time link that makes the first account.
    pub fn setup_link(&self) -> Result<String> {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(10) {
            let log = self.log();
            if let Some((_, rest)) = log.split_once("/setup/") {
                let token = |next: &char| next.is_ascii_alphanumeric() || "-_".contains(*next);
                let token: String = rest.chars().take_while(token).collect();
                if rest.len() > token.len() {
                    return Ok(format!("/setup/{token}"));
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("no set-up link in the log:\n{}", self.log())
    }

    /// Asks the server to end, as a service manager does, and waits for it.
    pub fn stop(mut self) -> Result<ExitStatus> {
        self.terminate()?;
        self.wait()
    }

    /// Sends SIGTERM and returns at once.
    pub fn terminate(&self) -> Result<()> {
        let status = Command::new("kill").arg(self.pid().to_string()).status()?;
        ensure!(status.success(), "kill failed");
        Ok(())
    }

    pub fn wait(&mut self) -> Result<ExitStatus> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("the server did not end within {PATIENCE:?}:\n{}", self.log());
    }

    /// Ends the server as a power cut of the process would: SIGKILL, no warning.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- log of the server on port {}\n{}", self.port, self.log());
        }
    }
}
