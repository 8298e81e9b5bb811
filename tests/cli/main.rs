//! The program `boll`, run as a user runs it.

mod backends;
mod bad_component;
mod bad_manifest;
mod build;
mod build_c;
mod build_go;
mod build_python;
mod capsule_network;
mod check;
mod configuration;
mod conformance;
mod demo;
mod dev;
mod doctor;
mod examples;
mod explain;
mod explain_files;
mod files;
mod foreign;
mod grants;
mod hooks;
mod inspect;
mod interrupt;
mod interrupt_children;
mod limits;
mod log;
mod log_files;
mod network;
mod new;
mod operator;
mod payload;
mod process;
mod report;
mod settings;
#[path = "../support/mod.rs"]
mod support;
mod terminal;
mod test_command;
mod usage;

/// What the example asks for.
const GIT_LOG: &str = "process:git -c safe.directory=/workspace log **";

/// An example's folder as an argument.
fn example(language: &str) -> String {
    support::guests::prepared();
    let folder = support::environment::example(language);
    folder.to_str().expect("UTF-8").to_owned()
}
