//! What a run has seen, which `BOLL_TOOLS_RECORD=1` has it write down.

use std::collections::BTreeMap;
use std::env;
use std::process::Command;
use std::sync::Mutex;

use crate::program::Way;
use crate::results::{Fails, Results, Seen};
use crate::support::root;
use crate::trial::Tried;

/// The variable that asks for it.
const VARIABLE: &str = "BOLL_TOOLS_RECORD";

/// The programs that did what is expected.
pub(crate) struct Record {
    /// Whether it is written down.
    pub(crate) wanted: bool,
    seen: Mutex<BTreeMap<String, Program>>,
}

/// One of them.
struct Program {
    version: String,
    /// The ways, and whether the program did the same as outside.
    ways: Vec<(Way, bool)>,
}

impl Record {
    pub(crate) fn new() -> Self {
        Self {
            wanted: env::var_os(VARIABLE).is_some_and(|value| value == "1"),
            seen: Mutex::default(),
        }
    }

    /// Takes down that a program did what is expected in one way.
    pub(crate) fn note(&self, tried: &Tried, way: Way, same: bool) -> Result<(), String> {
        if !self.wanted {
            return Ok(());
        }
        let version = tried.version()?;
        let mut seen = self.seen.lock().expect("nobody panicked");
        let entry = seen.entry(tried.program.name.clone());
        let ways = Vec::new();
        let program = entry.or_insert_with(|| Program { version, ways });
        program.ways.push((way, same));
        Ok(())
    }

    /// Writes down the programs that were tried in every way, and what does not fail any more.
    pub(crate) fn write(&self) {
        if !self.wanted {
            return;
        }
        let today = Command::new("date").arg("+%F").output();
        let today = String::from_utf8(today.expect("date starts").stdout).expect("UTF-8");
        let (mut results, mut fails) = (Results::read(&root()), Fails::read(&root()));
        for (name, program) in self.seen.lock().expect("nobody panicked").iter() {
            if program.ways.len() == Way::ALL.len() {
                let (date, version) = (today.trim().to_owned(), program.version.clone());
                results.0.insert(name.clone(), Seen { date, version });
            }
            let failing = fails.0.entry(name.clone()).or_default();
            for (way, _) in program.ways.iter().filter(|(_, same)| *same) {
                failing.remove(way);
            }
        }
        fails.0.retain(|_, ways| !ways.is_empty());
        results.write(&root());
        fails.write(&root());
    }
}
