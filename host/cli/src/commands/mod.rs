//! The commands: a file each, with its arguments and what it does.

mod bindings;
mod build;
mod cache;
mod check;
mod completions;
mod componentize;
mod conformance;
mod demo;
mod dev;
mod doctor;
mod explain;
mod grants;
mod inspect;
mod man;
mod new;
mod run;
mod runs;
mod schema;
mod test;
mod trigger;
mod up;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

use crate::args::{App, Common, HostArgs};
use crate::failure::{Code, Done, exit_codes};
use crate::interrupt;
use crate::prepared::Wanted;
use crate::project::{Component, Present, Project, is_component};
use crate::report::reporter::Reporter;
use crate::room;

/// Runs capsules: WebAssembly components that can do only what they were granted.
#[derive(Debug, Parser)]
#[command(name = "boll", version, after_help = exit_codes())]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    common: Common,
}

impl Arguments {
    /// Runs the command.
    pub(crate) fn obey(self) -> Done {
        let verb = self.command.verb();
        let host = verb.host();
        let format = host.map(|host| host.log_format).unwrap_or_default();
        let app = App::begin(self.common, format);
        if verb.needs_room() {
            room::require_room()?;
        }
        // Until somebody listens, a signal only ends the program, with its exit code.
        interrupt::begin()?;
        verb.run(&app)
    }
}

/// A command: its arguments, and what it does with them.
trait Verb {
    /// Returns whether it needs room. Commands that only concern the program itself do not.
    fn needs_room(&self) -> bool {
        true
    }

    /// Returns the arguments of the host that it loads capsules into, if it takes any.
    fn host(&self) -> Option<&HostArgs> {
        None
    }

    fn run(&self, app: &App) -> Done;
}

macro_rules! commands {
    ($($name:ident in $module:ident),+) => {
        /// The commands, in the order in which the help lists them.
        #[derive(Debug, Subcommand)]
        enum Command {
            $($name($module::$name)),+
        }

        impl Command {
            fn verb(&self) -> &dyn Verb {
                match self {
                    $(Self::$name(verb) => verb),+
                }
            }
        }
    };
}

commands! {
    Demo in demo,
    Run in run,
    Trigger in trigger,
    Up in up,
    New in new,
    Dev in dev,
    Test in test,
    Build in build,
    Bindings in bindings,
    Componentize in componentize,
    Check in check,
    Conformance in conformance,
    Inspect in inspect,
    Explain in explain,
    Grants in grants,
    Doctor in doctor,
    Cache in cache,
    Completions in completions,
    Man in man,
    Schema in schema
}

/// Returns the capsules at these paths, of which none is called before the others.
fn several(paths: &[PathBuf]) -> Done<Vec<Wanted>> {
    let projects = paths.iter().map(|path| Project::open(path));
    projects
        .map(|project| project.map(Wanted::beside))
        .collect()
}

/// Returns the capsule to call, and those that are loaded next to it.
fn one_among(project: Project, others: &[PathBuf]) -> Done<Vec<Wanted>> {
    let mut capsules = vec![Wanted::main(project)];
    capsules.extend(several(others)?);
    Ok(capsules)
}

/// Returns the component at a path, or the one that exists for the capsule at that path.
fn named_component(path: &Path, build: bool, reporter: &Reporter) -> Done<Component> {
    if is_component(path) {
        Component::read(path)
    } else {
        Ok(Present::required(&Project::open(path)?, build, reporter)?.component)
    }
}

/// Ends a command that runs until it is interrupted: the interrupt gives the exit code, and is
/// not reported as an error.
fn ends_by_interrupt(ended: Done) -> Done {
    ended.map_err(|failure| match failure.code {
        Code::Interrupted => failure.quiet(),
        _ => failure,
    })
}
