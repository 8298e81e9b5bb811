//! The action `noise`: one thing as hard as a capsule can, for a while, so that a
//! test sees what that does to another capsule.

use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

use boll_sdk::Failure;
use boll_sdk::hook::Publish;
use boll_sdk::log::{self, Level};
use serde::Deserialize;
use serde_json::json;

use crate::command;

/// What is done, and for how long.
#[derive(Deserialize)]
pub struct Noise {
    ms: u64,
    kind: Kind,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// Log lines.
    Log,
    /// Lines on standard output.
    Print,
    /// Publications to a topic.
    Hooks(String),
    /// Runs of a program.
    Processes(String),
    /// A file that is opened again and again and kept open, until no more can be.
    Open(String),
    /// Memory, up to the limit.
    Memory,
    /// So many MiB that are written at once, a single time.
    Fill(usize),
}

impl Noise {
    pub(crate) fn make(self) -> Result<(), Failure> {
        let until = Instant::now() + Duration::from_millis(self.ms);
        let text = "x".repeat(1000);
        let mut open = Vec::new();
        let mut kept: Vec<Vec<u8>> = Vec::new();
        while Instant::now() < until {
            match &self.kind {
                // What is refused for its rate is as good.
                Kind::Log => drop(log::emit(Level::Info, &text, &[])),
                Kind::Print => drop(writeln!(std::io::stdout(), "{text}")),
                Kind::Hooks(topic) => {
                    drop(Publish::to(topic.clone()).bytes(text.as_str()).trigger())
                }
                Kind::Processes(program) => {
                    let description = json!({ "program": program });
                    command::run(serde_json::from_value(description)?);
                }
                Kind::Open(path) => match File::open(path) {
                    Ok(file) => open.push(file),
                    Err(_) => open.clear(),
                },
                Kind::Memory => kept.push(vec![1; 1 << 20]),
                Kind::Fill(mib) => {
                    std::hint::black_box(vec![1_u8; mib << 20]);
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}
