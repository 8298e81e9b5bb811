//! Moves bytes between the host's ends of a command's streams and where they
//! come from and are kept.

use std::io;

use tokio::io::AsyncWriteExt;
use tokio::net::unix::pipe;

use super::capture::Capture;

/// The host's ends of the command's streams.
#[derive(Default)]
pub(super) struct Streams {
    /// What the command reads, and where it is written.
    pub(super) stdin: Option<(Vec<u8>, pipe::Sender)>,
    pub(super) stdout: Option<Capture>,
    pub(super) stderr: Option<Capture>,
}

/// Moves what the command reads and writes, until every stream has ended.
pub(super) async fn move_bytes(streams: &mut Streams) -> io::Result<()> {
    let Streams {
        stdin,
        stdout,
        stderr,
    } = streams;
    let (fed, out, err) = tokio::join!(feed(stdin.take()), drain(stdout), drain(stderr));
    fed.and(out).and(err)
}

async fn feed(input: Option<(Vec<u8>, pipe::Sender)>) -> io::Result<()> {
    let Some((bytes, mut pipe)) = input else {
        return Ok(());
    };
    match pipe.write_all(&bytes).await {
        // It need not read everything.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

async fn drain(capture: &mut Option<Capture>) -> io::Result<()> {
    match capture {
        Some(capture) => capture.drain().await,
        None => Ok(()),
    }
}
