//! A real SMTP server, aiosmtpd, in a process of its own: `tests/e2e/smtp/server.py` says what it
//! can be told. `SMTP_PYTHON` names a Python that has it.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::TempFolder;
use crate::server::{Site, settings};
use crate::smtp::Mail;

/// The server, running or not; what it has been sent outlives it.
pub struct SmtpProcess {
    python: PathBuf,
    port: u16,
    folder: TempFolder,
    args: Vec<String>,
    child: Option<Child>,
}

impl SmtpProcess {
    /// Starts one in this mood; none, and said so, where it is not to be had.
    pub fn start(mood: &str, args: &[&str]) -> Result<Option<Self>> {
        let Some(mut server) = Self::stopped(mood, args)? else { return Ok(None) };
        server.run()?;
        Ok(Some(server))
    }

    /// The same, to be run later.
    pub fn stopped(mood: &str, args: &[&str]) -> Result<Option<Self>> {
        let Some(python) = std::env::var_os("SMTP_PYTHON") else {
            crate::leave_out("a real SMTP server, for SMTP_PYTHON names no Python with aiosmtpd");
            return Ok(None);
        };
        let server = Self {
            python: python.into(),
            port: crate::free_port()?,
            folder: TempFolder::new("smtp")?,
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            child: None,
        };
        server.set(mood)?;
        Ok(Some(server))
    }

    pub fn run(&mut self) -> Result<()> {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("smtp/server.py");
        let log = std::fs::File::create(self.folder.path().join("log"))?;
        let mut command = Command::new(&self.python);
        command.arg(script).arg(self.port.to_string()).arg(self.folder.path()).args(&self.args);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().context("starting the SMTP server")?);
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(30) {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("the SMTP server did not start: {}", self.read("log")?)
    }

    /// Ends the process; its port is free then, and refuses connections.
    pub fn stop(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// How callers are treated from now on. The file is replaced whole: the server reads it at any
    /// time.
    pub fn set(&self, mood: &str) -> Result<()> {
        let new = self.folder.path().join("mood.new");
        std::fs::write(&new, mood)?;
        Ok(std::fs::rename(new, self.folder.path().join("mood"))?)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate that the server shows when it was started with `--tls`.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// Sends a site's mail here, in the clear.
    pub fn serve(&self, site: &mut Site) {
        site.set(settings::MAIL_HOST, "127.0.0.1");
        site.set(settings::MAIL_PORT, &self.port.to_string());
        site.set(settings::MAIL_TLS, "none");
    }

    fn read(&self, name: &str) -> Result<String> {
        match std::fs::read_to_string(self.folder.path().join(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            read => Ok(read?),
        }
    }

    /// How many mails were begun, taken or not.
    pub fn calls(&self) -> Result<usize> {
        Ok(self.read("calls")?.lines().count())
    }

    /// All that was taken: with the mail, what is known of its connection (`tls`, `login`).
    pub fn taken(&self) -> Result<Vec<(Mail, Value)>> {
        // The last line may be half written yet.
        let text = self.read("mails")?;
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| Ok(of_line(serde_json::from_str(line)?))).collect()
    }

    pub fn mails(&self) -> Result<Vec<Mail>> {
        Ok(self.taken()?.into_iter().map(|(mail, _)| mail).collect())
    }

    /// Waits until somebody has called.
    pub fn wait_for_a_call(&self) -> Result<()> {
        let started = Instant::now();
        while self.calls()? == 0 {
            if started.elapsed() > Duration::from_secs(30) {
                bail!("nobody called");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Waits until somebody has mail; all that they have.
    pub fn wait_for(&self, to: &str, patience: Duration) -> Result<Vec<Mail>> {
        let started = Instant::now();
        loop {
            let mut mails = self.mails()?;
            mails.retain(|mail| mail.to.iter().any(|name| name == to));
            if !mails.is_empty() {
                return Ok(mails);
            }
            if started.elapsed() > patience {
                bail!("no mail came to {to}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn of_line(line: Value) -> (Mail, Value) {
    let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let to = line["to"].as_array().cloned().unwrap_or_default();
    let to = to.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
    (Mail { from: text("from"), to, raw: text("raw") }, line)
}

impl Drop for SmtpProcess {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
