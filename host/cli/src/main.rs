//! `boll`: runs capsules from a shell.
//!
//! The program prints, asks and exits; the library does none of these. Results
//! go to standard output, everything else to standard error.

mod args;
mod around;
mod beneath;
mod carried;
mod cases;
mod commands;
mod complete;
mod configuration;
mod conformance;
mod denials;
mod doctor;
mod environment;
mod error_map;
mod events;
mod failure;
mod foreign;
mod git_settings;
mod grants;
mod home;
mod host;
mod interrupt;
mod kept;
mod keys;
mod language;
mod log_sink;
mod mend;
mod operator;
mod others;
mod output;
mod payload;
mod prepared;
mod project;
mod protected;
mod question;
mod report;
mod room;
mod sample_repository;
mod schema;
mod secret_file;
mod session;
mod system_limit;
mod template;
mod terminal;
mod testing;
mod toolchain;
mod trust;
mod users;
mod wasm;
mod watch;
mod way;
mod whole_file;
#[cfg(test)]
#[path = "../../src/tests/without.rs"]
mod without;
mod worker;
mod world;
mod wrap;

use std::process::ExitCode;

use clap::CommandFactory as _;
use commands::Arguments;
use failure::{Done, Failure};
use toolchain::{bindings, componentize};
use worker::Task;

fn main() -> ExitCode {
    room::spare_address_space();
    if let Some(worked) = worker::serve(&[
        (Task::World, world::work),
        (Task::Bindings, bindings::work),
        (Task::Componentize, componentize::work),
    ]) {
        return worked;
    }
    interrupt::outlive_the_limit_on_files();
    // An invalid command line, too, says how errors are written.
    let (output, log_format) = args::asked_formats();
    events::begin(output, log_format);
    room::on_enough_stack(work).unwrap_or_else(|failure| ended(&failure))
}

fn work() -> ExitCode {
    let done = obey();
    report::shown::flush();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => ended(&failure),
    }
}

/// Completes a line of a shell, or runs the command of this one.
fn obey() -> Done {
    if complete::serve(Arguments::command)? {
        return Ok(());
    }
    match args::read::<Arguments>()? {
        Some(arguments) => arguments.obey(),
        None => Ok(()),
    }
}

/// Reports why the program failed.
fn ended(failure: &Failure) -> ExitCode {
    failure.report();
    failure.code.into()
}
