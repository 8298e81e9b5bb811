//! Real programs from packages, unchanged: each does its work outside of a sandbox, and inside, in
//! every way in which there is one. Exit code, output and the files that are left are the same, or
//! its file in `programs/` says why not.
//!
//! Not among the tests that `cargo test` runs, since it needs many packages: `cargo xtask tools`
//! installs them and runs it. What is large is a second list, for `cargo xtask tools --large`.

mod account;
mod left;
mod place;
mod program;
mod record;
mod results;
#[path = "../support/mod.rs"]
mod support;
mod trial;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use crate::account::Who;
use crate::place::Place;
use crate::program::Way;
use crate::record::Record;
use crate::trial::Tried;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // More than two at a time disturb each other more than they gain.
    arguments.test_threads.get_or_insert(2);
    let root = support::without::root();
    let record = Arc::new(Record::new());
    let place = Arc::new(Place::new(record.wanted));
    let mut trials = Vec::new();
    for program in program::all(&support::root()) {
        let tried = Arc::new(Tried::new(program));
        for way in Way::ALL {
            if way.who() == Who::Root && !root {
                continue;
            }
            let (place, record, tried) = (place.clone(), record.clone(), tried.clone());
            let large = tried.program.large;
            let name = format!("{}::{}", tried.program.name, way.word());
            let test = move || {
                let same = tried.inside(way, &place)?;
                record.note(&tried, way, same)?;
                Ok(())
            };
            trials.push(Trial::test(name, test).with_ignored_flag(large));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    record.write();
    conclusion.exit_code()
}
