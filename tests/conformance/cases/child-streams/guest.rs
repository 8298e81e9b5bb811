//! `streams`: a child through `wasi:io`.

use boll_conformance::child::{PATIENCE, piped, spawned};
use boll_conformance::children::{Channel, Error};
use boll_conformance::command::{exit, sh};
use boll_conformance::process::Keep;
use boll_conformance::streams::{exited, output, stdin};
use boll_conformance::wasi_io::streams::{InputStream, StreamError};
use boll_conformance::{Case, Checked, equal, failed, good, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "talk" => talk(),
            "once" => once(),
            "large" => large(),
            "other-ways" => other_ways(),
            other => unknown(other),
        }
    }
}

/// Reads a stream to its end.
fn all(stream: &InputStream) -> Checked<String> {
    let mut read = Vec::new();
    loop {
        match stream.blocking_read(65_536) {
            Ok(bytes) => read.extend(bytes),
            Err(StreamError::Closed) => return Ok(String::from_utf8_lossy(&read).into_owned()),
            Err(error) => return Err(failed("read", "no error", &error)),
        }
    }
}

fn talk() -> Checked {
    let mut command = piped("while read line; do echo $line; echo $line. >&2; done; exit 3");
    (command.stdout, command.stderr) = (Keep::Stream, Keep::Stream);
    let child = spawned(&command)?;
    let input = good("stdin", stdin(&child))?;
    let (out, err) = (
        output(&child, Channel::Stdout),
        output(&child, Channel::Stderr),
    );
    let (out, err) = (good("stdout", out)?, good("stderr", err)?);
    let ended = exited(&child);
    equal("it lives", ended.ready(), false)?;
    good("write", input.blocking_write_and_flush(b"one\ntwo\n"))?;
    drop(input);
    equal("stdout", all(&out)?.as_str(), "one\ntwo\n")?;
    equal("stderr", all(&err)?.as_str(), "one.\ntwo.\n")?;
    ended.block();
    equal("its exit", child.wait(Some(0)), Ok(Some(exit(3))))
}

/// More than any buffer holds, and nothing of it is lost.
fn large() -> Checked {
    let mut command = sh("seq -f %07g 250000");
    command.stdout = Keep::Stream;
    let child = spawned(&command)?;
    let out = good("stdout", output(&child, Channel::Stdout))?;
    // It waits for the reader.
    std::thread::sleep(std::time::Duration::from_millis(200));
    let text = all(&out)?;
    let numbers = text.lines().map(|line| line.parse().unwrap_or(0));
    equal("every line", numbers.eq(1..=250_000), true)
}

fn once() -> Checked {
    let mut command = piped("exec cat");
    command.stdout = Keep::Stream;
    let child = spawned(&command)?;
    let _input = good("stdin", stdin(&child))?;
    let again = stdin(&child).map(|_| ());
    equal("stdin again", again, Err(Error::WrongStream))?;
    let written = child.write(b"x", PATIENCE);
    equal("beside the stream", written, Err(Error::WrongStream))?;
    let _output = good("stdout", output(&child, Channel::Stdout))?;
    let again = output(&child, Channel::Stdout).map(|_| ());
    equal("stdout again", again, Err(Error::WrongStream))?;
    let other = output(&child, Channel::Stderr).map(|_| ());
    equal("one that is a ring", other, Err(Error::WrongStream))
}

fn other_ways() -> Checked {
    let child = spawned(&sh("exec sleep 60"))?;
    equal(
        "no pipe",
        stdin(&child).map(|_| ()),
        Err(Error::WrongStream),
    )?;
    let child = spawned(&piped("exec cat"))?;
    equal("close", child.close_stdin(), Ok(()))?;
    equal(
        "a closed one",
        stdin(&child).map(|_| ()),
        Err(Error::Closed),
    )
}
