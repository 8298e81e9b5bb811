//! Builds capsules in Rust with cargo, whose output names the component.

use std::path::{Path, PathBuf};

use super::artifact::{Collector, capsule_package};
use super::built_from::{Beginning, hides_a_change};
use super::error::BuildError;
use super::freshness::Sources;
use super::guest_rust::{GuestRust, TARGET};
use super::run::{Stream, lines, succeed};
use super::there;
use crate::report::colours::without_colours;
use crate::report::reporter::Reporter;

/// Builds the capsule package in `directory`, an absolute path. Warnings are shown by `reporter`.
/// Returns the component, and whether it was up to date already.
pub(super) fn build(
    rust: &GuestRust,
    directory: &Path,
    reporter: &Reporter,
) -> Result<(PathBuf, bool), BuildError> {
    let manifest = directory.join("Cargo.toml");
    let package = capsule_package(&metadata(rust, directory, &manifest)?, &manifest)?;
    let name = package.name.clone();

    let sources = Sources::of(directory).without(directory.join("target"));
    let last = there::component(directory, None);
    let last = last.unwrap_or_else(|| directory.join("target"));
    // cargo compares times, and would miss an older source in the place of another.
    if hides_a_change(directory, &sources, &last) {
        let mut clean = rust.cargo_command(directory);
        clean
            .args(["clean", "--release", "--target", TARGET, "--package"])
            .arg(&package.id);
        succeed(&mut clean, "cleaning what is out of date", reporter)?;
    }
    let begun = Beginning::of(directory, &sources, &last);

    let mut command = rust.cargo_command(directory);
    command
        .args(["build", "--release", "--lib", "--target", TARGET])
        .args(["--message-format=json-render-diagnostics", "--package"])
        .arg(&package.id)
        .args([
            "--color",
            if reporter.relays_colours() {
                "always"
            } else {
                "never"
            },
        ]);
    if !reporter.is_verbose() {
        command.arg("--quiet");
    }

    let step = reporter.step(format!("building {name}"));
    let mut collector = Collector::new(package);
    let mut diagnostics = String::new();
    let status = lines(&mut command, None, |stream, line| match stream {
        Stream::Out => {
            if let Some(built) = collector.line(line) {
                step.detail(&built);
            }
        }
        Stream::Err if reporter.is_verbose() => reporter.relay(line),
        Stream::Err => {
            diagnostics.push_str(line);
            diagnostics.push('\n');
        }
    })?;
    if !status.success() {
        step.failed();
        // A terminal gets them as the compiler wrote them, with its colours.
        if reporter.relays_colours() {
            reporter.relay(&diagnostics);
            diagnostics.clear();
        }
        return Err(BuildError::Compile {
            package: name,
            diagnostics: without_colours(&diagnostics),
        });
    }
    let built = collector.component()?;
    step.done();
    reporter.relay(&diagnostics);
    begun.at(&built.0).end();
    Ok(built)
}

fn metadata(rust: &GuestRust, directory: &Path, manifest: &Path) -> Result<String, BuildError> {
    let (mut answer, mut output) = (String::new(), String::new());
    let mut command = rust.cargo_command(directory);
    command
        .args([
            "metadata",
            "--no-deps",
            "--format-version=1",
            "--manifest-path",
        ])
        .arg(manifest);
    let status = lines(&mut command, None, |stream, line| match stream {
        Stream::Out => answer.push_str(line),
        Stream::Err => {
            output.push_str(line);
            output.push('\n');
        }
    })?;
    if status.success() {
        Ok(answer)
    } else {
        Err(BuildError::Metadata {
            directory: directory.to_owned(),
            output,
        })
    }
}
