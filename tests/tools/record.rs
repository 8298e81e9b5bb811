//! What a run has seen, which `BOLL_TOOLS_RECORD=1` has it write down.

use std::collections::BTreeMap;
use std::env;
use std::process::Command;
use std::sync::Mutex;

use crate::program::Way;
use crate::results::{Results, Seen};
use crate::support::root;
use crate::trial::Tried;

/// The variable that asks for it.
const VARIABLE: &str = "BOLL_TOOLS_RECORD";

/// The ways in which each program did what its file says, and its version.
pub(crate) struct Record {
    wanted: bool,
    seen: Mutex<BTreeMap<String, (Vec<Way>, String)>>,
}

impl Record {
    pub(crate) fn new() -> Self {
        Self {
            wanted: env::var_os(VARIABLE).is_some_and(|value| value == "1"),
            seen: Mutex::default(),
        }
    }

    /// Takes down that a program did what its file says.
    pub(crate) fn note(&self, tried: &Tried, way: Way) {
        if !self.wanted {
            return;
        }
        let version = tried.version();
        let mut seen = self.seen.lock().expect("nobody panicked");
        let entry = seen.entry(tried.program.name.clone());
        let (ways, _) = entry.or_insert_with(|| (Vec::new(), version));
        ways.push(way);
    }

    /// Writes down the programs that did so in every way.
    pub(crate) fn write(&self) {
        if !self.wanted {
            return;
        }
        let today = Command::new("date").arg("+%F").output();
        let today = String::from_utf8(today.expect("date starts").stdout).expect("UTF-8");
        let mut results = Results::read(&root());
        let seen = self.seen.lock().expect("nobody panicked");
        for (name, (ways, version)) in seen.iter() {
            if ways.len() == Way::ALL.len() {
                let (date, version) = (today.trim().to_owned(), version.clone());
                results.0.insert(name.clone(), Seen { date, version });
            }
        }
        results.write(&root());
    }
}
