//! `children`: every error of an operation.

use boll_conformance::child::{PATIENCE, piped, spawned};
use boll_conformance::children::{Channel, Error, attach};
use boll_conformance::command::sh;
use boll_conformance::process::Keep;
use boll_conformance::{Case, Checked, equal, good, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "wrong-stream" => wrong_stream(),
            "closed" => closed(),
            "too-large" => too_large(),
            "unknown-child" => unknown_child(),
            other => unknown(other),
        }
    }
}

fn wrong_stream() -> Checked {
    let mut command = sh("exec sleep 60");
    for keep in [Keep::Null, Keep::Log, Keep::Stream] {
        command.stdout = keep;
        let child = spawned(&command)?;
        let read = child.read(Channel::Stdout, 0, 10, PATIENCE).map(|_| ());
        equal("read", read, Err(Error::WrongStream))?;
        let written = child.write(b"x", PATIENCE);
        equal("no pipe to write to", written, Err(Error::WrongStream))?;
        equal("nor to close", child.close_stdin(), Err(Error::WrongStream))?;
    }
    Ok(())
}

fn closed() -> Checked {
    let child = spawned(&piped("exec cat"))?;
    equal("close", child.close_stdin(), Ok(()))?;
    equal("write", child.write(b"x", PATIENCE), Err(Error::Closed))?;
    // One that was closed at its other end.
    let child = spawned(&piped("exec <&-; exec sleep 0"))?;
    good("wait", child.wait(None))?;
    equal("write", child.write(b"x", PATIENCE), Err(Error::Closed))
}

fn too_large() -> Checked {
    let child = spawned(&piped("exec cat"))?;
    let over = child.write(&[0; 1001], PATIENCE);
    equal("more at once", over, Err(Error::TooLarge(1000)))?;
    equal(
        "as much as may be",
        child.write(&[0; 1000], PATIENCE),
        Ok(1000),
    )
}

fn unknown_child() -> Checked {
    let child = spawned(&sh("exec sleep 60"))?;
    let id = child.id();
    let shouted = id.to_uppercase();
    for id in [
        "",
        "x",
        "00000000-0000-4000-8000-000000000000",
        shouted.as_str(),
        // Its own, which is not detached.
        id.as_str(),
    ] {
        let attached = attach(id).map(|_| ());
        equal("attach", attached, Err(Error::UnknownChild))?;
    }
    Ok(())
}
