//! `boll`: runs capsules from a shell.
//!
//! The program prints, asks and exits; the library does none of these. Results
//! go to standard output, everything else to standard error.

mod args;
mod beneath;
mod cases;
mod commands;
mod configuration;
mod conformance;
mod doctor;
mod environment;
mod error_map;
mod failure;
mod foreign;
mod git_settings;
mod grants;
mod home;
mod host;
mod interrupt;
mod kept;
mod language;
mod log_sink;
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
mod schema;
mod secret_file;
mod session;
mod system_limit;
mod template;
mod testing;
mod toolchain;
mod trust;
mod users;
mod wasm;
mod watch;
mod way;
#[cfg(test)]
#[path = "../../src/tests/without.rs"]
mod without;
mod worker;
mod world;

use std::process::ExitCode;

use args::{Arguments, Command};
use failure::{Done, Failure};
use output::Output;
use report::reporter::{Reporter, Verbosity};
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
    room::on_enough_stack(work).unwrap_or_else(|failure| ended(&failure, args::asked_output()))
}

fn work() -> ExitCode {
    let (done, output) = match args::read() {
        Ok(Some(arguments)) => (obey(&arguments), arguments.output),
        Ok(None) => (Ok(()), args::asked_output()),
        Err(failure) => (Err(failure), args::asked_output()),
    };
    report::shown::flush();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => ended(&failure, output),
    }
}

/// Reports why the program failed.
fn ended(failure: &Failure, output: Output) -> ExitCode {
    failure.report(output);
    failure.code.into()
}

fn obey(arguments: &Arguments) -> Done {
    let verbosity = match (arguments.quiet, arguments.verbose) {
        (true, _) => Verbosity::Silent,
        (false, true) => Verbosity::Verbose,
        (false, false) => Verbosity::Normal,
    };
    let reporter = Reporter::new(verbosity);
    report::host_log::begin(verbosity, arguments.log_format());
    // Commands that only concern the program itself need no room.
    if !matches!(
        arguments.command,
        Command::Completions(_) | Command::Man(_) | Command::Doctor(_) | Command::Schema(_)
    ) {
        room::require_room()?;
    }
    // Commands that run capsules handle signals later: until then, a signal only ends
    // them.
    if matches!(
        arguments.command,
        Command::Demo(_)
            | Command::Run(_)
            | Command::Trigger(_)
            | Command::Dev(_)
            | Command::Up(_)
            | Command::Test(_)
    ) {
        interrupt::begin()?;
    }
    match &arguments.command {
        Command::Demo(demo) => commands::demo::run(demo, arguments, &reporter),
        Command::Run(run) => commands::run::run(run, arguments, &reporter),
        Command::Trigger(trigger) => commands::trigger::run(trigger, arguments, &reporter),
        Command::New(new) => commands::new::run(new, arguments, &reporter),
        Command::Dev(dev) => commands::dev::run(dev, arguments, &reporter),
        Command::Up(up) => commands::up::run(up, arguments, &reporter),
        Command::Test(test) => commands::test::run(test, arguments, &reporter),
        Command::Build(build) => commands::build::run(build, arguments, &reporter),
        Command::Bindings(bindings) => commands::bindings::run(bindings, arguments),
        Command::Componentize(given) => commands::componentize::run(given, arguments),
        Command::Check(check) => commands::check::run(check, arguments, &reporter),
        Command::Explain(explain) => commands::explain::run(explain, arguments, &reporter),
        Command::Conformance(asked) => commands::conformance::run(asked, arguments, &reporter),
        Command::Doctor(doctor) => commands::doctor::run(doctor, arguments, &reporter),
        Command::Inspect(inspect) => commands::inspect::run(inspect, arguments, &reporter),
        Command::Completions(shell) => commands::completions::run(shell, arguments),
        Command::Man(man) => commands::man::run(man, arguments),
        Command::Schema(of) => commands::schema::run(of),
    }
}
