//! Actions that drive a program through the SDK, line by line or as a language
//! server. How the program's output comes to the capsule is left to the caller.

mod messages;

use boll_sdk::Failure;
use boll_sdk::process::{Child, ChildStdin, Command, Stdio};
use messages::Messages;
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read, Write as _};

/// A program to drive.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    program: String,
    #[serde(default)]
    args: Vec<String>,
    /// What a line editor is sent, without line ends.
    #[serde(default)]
    lines: Vec<String>,
}

impl Session {
    /// Sends each line and reads one before it sends the next.
    pub(crate) fn repl<R: Read>(
        &self,
        stdio: Stdio,
        stdout: fn(&mut Child) -> R,
    ) -> Result<Value, Failure> {
        let (mut child, mut stdin) = self.start(stdio)?;
        let mut stdout = BufReader::new(stdout(&mut child));
        let mut answers = Vec::new();
        for line in &self.lines {
            writeln!(stdin, "{line}")?;
            let mut answer = String::new();
            stdout.read_line(&mut answer)?;
            answers.push(answer);
        }
        drop(stdin);
        let code = child.wait()?.code();
        let mut rest = String::new();
        stdout.read_to_string(&mut rest)?;
        Ok(json!({ "answers": answers, "rest": rest, "code": code }))
    }

    /// Initializes a language server, and takes leave of it.
    pub(crate) fn language_server<R: Read>(
        &self,
        stdio: Stdio,
        stdout: fn(&mut Child) -> R,
    ) -> Result<Value, Failure> {
        let (mut child, stdin) = self.start(stdio)?;
        let mut messages = Messages::new(stdin, stdout(&mut child));
        let initialized = messages.request(
            "initialize",
            json!({ "processId": null, "rootUri": "file:///workspace", "capabilities": {} }),
        )?;
        messages.notify("initialized", json!({}))?;
        let shut_down = messages.request("shutdown", Value::Null)?;
        messages.notify("exit", Value::Null)?;
        let code = child.wait()?.code();
        Ok(json!({ "initialize": initialized, "shutdown": shut_down, "code": code }))
    }

    fn start(&self, stdio: Stdio) -> Result<(Child, ChildStdin), Failure> {
        let mut child = Command::new(&self.program)
            .args(&self.args)
            .stdin(Stdio::piped())
            .stdout(stdio)
            .spawn()?;
        let stdin = child.stdin.take();
        Ok((child, stdin.ok_or_else(|| Failure::new("no stdin"))?))
    }
}
