//! The program `boll`, run as a user runs it.

mod accounts;
mod answers;
mod backends;
mod bad_component;
mod bad_manifest;
mod build;
mod build_c;
mod build_go;
mod build_js;
mod build_python;
mod building;
mod cache;
mod capsule_network;
mod check;
mod colours;
mod completions;
mod configuration;
mod conformance;
mod demo;
mod dev;
mod doctor;
mod events;
mod examples;
mod exit_codes;
mod explain;
mod explain_files;
mod files;
mod folders;
mod folders_git;
mod foreign;
mod grants;
mod homes;
mod hooks;
mod inspect;
mod interrupt;
mod interrupt_children;
mod json_output;
mod kept_answers;
mod keys;
mod limits;
mod linters;
mod log;
mod log_files;
mod man;
mod network;
mod new;
mod operator;
mod other_homes;
mod payload;
mod planting;
mod process;
mod programs;
mod questions;
mod rebuilding;
mod replies;
mod report;
mod results;
mod settings;
mod stranger_cases;
#[path = "../support/mod.rs"]
mod support;
mod terminal;
mod test_command;
mod tutorial;
mod ulimits;
mod usage;
mod world;
mod wrapping;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// What the example asks for.
const GIT_LOG: &str = "process:git log **";

/// An example's folder as an argument, with its component built: what only looks
/// at a capsule builds nothing.
fn example(language: &str) -> String {
    static BUILT: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let folder = support::environment::example(language);
    let folder = folder.to_str().expect("UTF-8").to_owned();
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if built.insert(language.to_owned()) {
        support::guests::built(&folder);
    }
    folder
}
