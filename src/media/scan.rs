//! Looking for viruses: what is uploaded is given to clamd before anything else reads it (X47).
//!
//! clamd's `INSTREAM`: the word, then pieces each with its length, then a length of nothing; the
//! answer is `stream: OK` or `stream: NAME FOUND`.

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UnixStream},
};

use crate::{Error, Result, app::App};

/// What clamd said.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Clean,
    Found(String),
}

/// Refuses what clamd knows. When it does not answer, the settings decide.
pub async fn check(app: &App, field: &'static str, bytes: &[u8]) -> Result<()> {
    let scan = &app.config.scan;
    if scan.clamd.is_empty() {
        return Ok(());
    }
    let answer = tokio::time::timeout(scan.timeout.duration(), ask(&scan.clamd, bytes)).await;
    let problem = match answer {
        Ok(Ok(Verdict::Clean)) => return Ok(()),
        Ok(Ok(Verdict::Found(name))) => {
            tracing::warn!(event = "virus_found", name, "an upload was refused");
            let message = "A virus was found in this file, so it was not taken.";
            return Err(Error::invalid(field, message));
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it took too long".to_owned(),
    };
    if scan.required {
        tracing::error!(problem, "clamd does not answer; the upload is refused");
        return Err(Error::Unavailable);
    }
    tracing::warn!(problem, "clamd does not answer; the upload is taken unscanned");
    Ok(())
}

async fn ask(address: &str, bytes: &[u8]) -> std::io::Result<Verdict> {
    if address.contains('/') {
        stream(UnixStream::connect(address).await?, bytes).await
    } else {
        stream(TcpStream::connect(address).await?, bytes).await
    }
}

async fn stream(
    mut clamd: impl AsyncRead + AsyncWrite + Unpin,
    bytes: &[u8],
) -> std::io::Result<Verdict> {
    clamd.write_all(b"zINSTREAM\0").await?;
    for piece in bytes.chunks(64 * 1024) {
        let length = u32::try_from(piece.len()).unwrap_or(0);
        clamd.write_all(&length.to_be_bytes()).await?;
        clamd.write_all(piece).await?;
    }
    clamd.write_all(&[0; 4]).await?;
    clamd.flush().await?;
    let mut answer = Vec::new();
    clamd.take(4_096).read_to_end(&mut answer).await?;
    verdict(&String::from_utf8_lossy(&answer))
}

fn verdict(answer: &str) -> std::io::Result<Verdict> {
    let answer = answer.trim_end_matches(['\0', '\n']);
    match answer.strip_prefix("stream: ") {
        Some("OK") => Ok(Verdict::Clean),
        Some(found) if found.ends_with(" FOUND") => {
            Ok(Verdict::Found(found.trim_end_matches(" FOUND").to_owned()))
        }
        _ => Err(std::io::Error::other(format!("it said {answer:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ok_is_clean() {
        assert_eq!(verdict("stream: OK\0").unwrap(), Verdict::Clean);
        let found = Verdict::Found("Eicar-Test".to_owned());
        assert_eq!(verdict("stream: Eicar-Test FOUND\0").unwrap(), found);
        for bad in ["", "stream: ", "INSTREAM size limit exceeded. ERROR", "OK", "stream: OK FOUN"]
        {
            assert!(verdict(bad).is_err(), "{bad}");
        }
    }
}
