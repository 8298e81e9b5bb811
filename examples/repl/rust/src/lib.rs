//! A capsule that has one Python answer several expressions.

use std::io::{BufRead as _, BufReader, Write as _};

use boll_sdk::process::{Command, Stdio};
use boll_sdk::{Event, Failure, Json, log};

/// The capsule.
pub struct Repl;

/// What Python is told first. Each answer is one line of JSON.
const SETUP: &str = r#"
import json
def answer(text):
    try: told = repr(eval(text, globals()))
    except BaseException as error: told = f"{type(error).__name__}: {error}"
    print(json.dumps(told, ensure_ascii=False))

"#;

#[boll_sdk::capsule]
impl Repl {
    /// Answers each line, an expression, with its value or its error.
    pub fn evaluate(event: Event) -> Result<Json<Vec<String>>, Failure> {
        let expressions = event.text()?.lines().map(str::trim);

        let mut python = Command::new("python3")
            .args(["-i", "-u", "-q"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (stdin, stdout) = (python.stdin.take(), python.stdout.take());
        let mut stdin = stdin.ok_or_else(|| Failure::new("its stdin is no pipe"))?;
        let mut stdout = BufReader::new(stdout.ok_or_else(|| Failure::new("nor its stdout"))?);
        stdin.write_all(SETUP.as_bytes())?;

        let mut answers = Vec::new();
        for expression in expressions.filter(|line| !line.is_empty()) {
            // A text in JSON is one in Python, too.
            let text = serde_json::to_string(expression)?;
            writeln!(stdin, "answer({text})")?;
            let mut line = String::new();
            if stdout.read_line(&mut line)? == 0 {
                return Err(Failure::new("Python ended before it answered"));
            }
            answers.push(serde_json::from_str(&line)?);
        }

        drop(stdin);
        let status = python.wait()?;
        log::info!(answers = answers.len(), status = status.to_string(); "Python ended");
        Ok(Json(answers))
    }
}
