//! `child.detach` and `attach`: who finds a child again.

use boll_conformance::child::{PATIENCE, piped, read_until, spawned};
use boll_conformance::children::{Channel, Error, attach, list};
use boll_conformance::command::{exit, sh};
use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::hook::{Options, Outcome, trigger};
use boll_conformance::{Case, Checked, a_case, equal, good, marker, say, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "detach" => detach(),
            "again" => again(),
            "with-deadline" => {
                let mut command = sh(&format!("exec sleep {}", marker()));
                command.deadline_ms = Some(1_500);
                good("detach", spawned(&command)?.detach())?;
                Ok(())
            }
            "nobody" => nobody(),
            "told" => told(),
            "end" => end(),
            "gone" => equal("none", list().len(), 0),
            other => unknown(other),
        }
    }

    fn handle(_action: &str, event: Event) -> Result<Reply, Failure> {
        let id = String::from_utf8_lossy(&event.payload).into_owned();
        let attached = attach(&id).map(|_| ());
        Ok(Reply::Final(format!("{attached:?}").into()))
    }
}

/// Starts a child that lives on; the log tells its id.
fn detach() -> Checked {
    let script = format!(
        ": {}; while read line; do echo $line; done; exit 6",
        marker()
    );
    let child = spawned(&piped(&script))?;
    let id = good("detach", child.detach())?;
    equal("its id", id.as_str(), child.id().as_str())?;
    say(&id);
    Ok(())
}

/// The only child of this capsule and principal.
fn only() -> Checked<String> {
    let mut listed = list();
    equal("one is listed", listed.len(), 1)?;
    let one = listed.remove(0);
    equal("it is detached", one.detached, true)?;
    Ok(one.id)
}

fn again() -> Checked {
    let child = good("attach", attach(&only()?))?;
    equal("write", child.write(b"hello\n", PATIENCE), Ok(6))?;
    read_until(&child, Channel::Stdout, "hello\n")?;
    Ok(())
}

fn nobody() -> Checked {
    equal("none is listed", list().len(), 0)
}

/// Tells another capsule the id.
fn told() -> Checked {
    let options = Options { timeout_ms: None };
    let answers = good("trigger", trigger("ids.told", only()?.as_bytes(), options))?;
    let outcomes: Vec<Outcome> = answers.into_iter().map(|one| one.outcome).collect();
    let expected = Outcome::Final(b"Err(Error::UnknownChild)".into());
    equal("what the other was told", outcomes, vec![expected])
}

fn end() -> Checked {
    let id = only()?;
    let child = good("attach", attach(&id))?;
    equal("close", child.close_stdin(), Ok(()))?;
    let told = a_case!("wait", child.wait(None), Ok(Some(told)) => told);
    equal("its exit", told, exit(6))?;
    drop(child);
    let attached = attach(&id).map(|_| ());
    equal("it is released", attached, Err(Error::UnknownChild))
}
