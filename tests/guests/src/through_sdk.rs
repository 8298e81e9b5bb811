//! Actions with what the SDK has for children beyond a conversation: collecting
//! all output, letting a child live on, and finding it again.

use boll_sdk::Failure;
use boll_sdk::process::{self, Child, ChildId, Command, Phase, Stdio};
use serde::Deserialize;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::io::Write as _;
use std::time::Duration;

/// A program to start.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    program: String,
    #[serde(default)]
    args: Vec<String>,
    /// Keeps stderr in a ring of so many bytes in place of a pipe.
    stderr_ring: Option<u64>,
}

impl Program {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        let stderr = self.stderr_ring.map_or(Stdio::piped(), Stdio::ring);
        command
            .args(&self.args)
            .stdin(Stdio::piped())
            .stderr(stderr);
        command
    }
}

pub(crate) fn collect(program: &Program) -> Result<Value, Failure> {
    let child = program.command().stdout(Stdio::piped()).spawn()?;
    let output = child.wait_with_output()?;
    Ok(json!({
        "code": output.status.code(),
        "stdout": output.stdout.len(),
        "stderr": output.stderr.len(),
        "dropped": [output.stdout_dropped, output.stderr_dropped],
        "took_time": output.elapsed > Duration::ZERO,
    }))
}

pub(crate) fn keep(program: &Program) -> Result<ChildId, Failure> {
    let mut command = program.command();
    let mut child = command.stdout(Stdio::ring(65_536)).label("kept").spawn()?;
    Ok(child.detach()?)
}

thread_local! {
    /// What an instance holds from one call to the next.
    static HELD: RefCell<Option<Child>> = const { RefCell::new(None) };
}

/// Starts a program and holds on to it without detaching it. Answers with how the
/// one ended that was held before.
pub(crate) fn hold(program: &Program) -> Result<Value, Failure> {
    let child = program.command().stdout(Stdio::null()).spawn()?;
    Ok(match HELD.replace(Some(child)) {
        None => Value::Null,
        Some(mut child) => json!(child.try_wait()?.map(|status| status.to_string())),
    })
}

/// Sends a line to a child that was kept, tells what it said then, and stops it.
pub(crate) fn find(id: &ChildId) -> Result<Value, Failure> {
    let all = process::children();
    let listed = all.iter().find(|summary| summary.id == *id);
    let label = listed.and_then(|summary| summary.label.clone());
    let mut child = process::attach(id)?;
    let mut stdin = child.stdin.take().ok_or_else(|| Failure::new("no stdin"))?;
    writeln!(stdin, "hello")?;
    drop(stdin);
    let mut ring = child.stdout_ring();
    let mut buffer = [0; 64];
    let said = ring.read_timeout(&mut buffer, Duration::from_secs(10))?;
    let silent = ring.read_timeout(&mut buffer, Duration::from_millis(100))?;
    let early = child.wait_timeout(Duration::from_millis(100))?;
    let running = child.status().phase == Phase::Running;
    let status = child.stop(Duration::from_millis(500))?;
    Ok(json!({
        "label": label,
        "said": said,
        "silent": silent,
        "early": early.map(|status| status.to_string()),
        "running": running,
        "status": status.to_string(),
        "end": ring.read_timeout(&mut buffer, Duration::from_secs(10))?,
    }))
}
