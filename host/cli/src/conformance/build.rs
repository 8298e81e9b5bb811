//! The suite in a checkout: found, and its guests built when they are stale.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::sentences::Sentences;
use super::suite::Suite;
use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::report::reporter::Reporter;
use crate::toolchain::error::BuildError;
use crate::toolchain::guest_rust::TARGET;
use crate::toolchain::run::{Stream, lines};
use crate::toolchain::rust_target;

/// The suite's folder in a checkout.
const SUITE: &str = "tests/conformance";

/// The suite of the checkout around a folder.
pub(crate) fn of_checkout(folder: &Path) -> Option<PathBuf> {
    let mut suites = folder.ancestors().map(|folder| folder.join(SUITE));
    suites.find(|suite| is_source(suite))
}

/// Whether a folder has guests to be built.
pub(crate) fn is_source(suite: &Path) -> bool {
    suite.join("Cargo.toml").is_file() && suite.join("cases").is_dir()
}

/// The suite in a folder of a checkout, built.
pub(crate) fn built(suite: &Path, reporter: &Reporter) -> Done<Suite> {
    let components = components(suite, reporter)?;
    let read = Suite::of_folder(suite, |name, folder| {
        let built = components.get(name).cloned();
        built.unwrap_or_else(|| folder.join("guest.rs, which Cargo.toml does not list"))
    });
    with_sentences(read?, suite)
}

/// The same as it is, to be looked at: instead of components there are sources.
pub(crate) fn unbuilt(suite: &Path) -> Done<Suite> {
    let read = Suite::of_folder(suite, |_, folder| folder.join("guest.rs"));
    with_sentences(read?, suite)
}

/// In a checkout the sentences lie beside the WIT files.
fn with_sentences(mut read: Suite, suite: &Path) -> Done<Suite> {
    if read.sentences.all.is_empty() {
        read.sentences = Sentences::of_checkout(suite)?;
    }
    Ok(read)
}

/// Builds the guests; gives the component of each case.
fn components(suite: &Path, reporter: &Reporter) -> Done<BTreeMap<String, PathBuf>> {
    let real = suite.canonicalize();
    let suite = real.or_fail(Code::Input, || format!("cannot open {}", suite.display()))?;
    let rust = rust_target::find(&suite).map_err(BuildError::from)?;
    let mut command = rust.cargo_command(&suite);
    command
        .args(["build", "--release", "--examples", "--target", TARGET])
        .arg("--message-format=json-render-diagnostics")
        .arg("--quiet");
    let step = reporter.step("building the suite's guests");
    let (mut built, mut diagnostics) = (BTreeMap::new(), String::new());
    let status = lines(&mut command, None, |stream, line| match stream {
        Stream::Out => built.extend(component(line)),
        Stream::Err => {
            diagnostics.push_str(line);
            diagnostics.push('\n');
        }
    })
    .or_code(Code::Machine)?;
    if !status.success() {
        step.failed();
        let text = format!("the suite's guests cannot be built:\n{diagnostics}");
        return Err(Failure::new(Code::Input, text));
    }
    step.done();
    Ok(built)
}

/// The case and the component of a line in which cargo tells of one.
fn component(line: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).ok()?;
    let target = &message["target"];
    let is_example = target["kind"].as_array()?.contains(&"example".into());
    let mut files = message["filenames"].as_array()?.iter();
    let wasm = files.find_map(|file| file.as_str().filter(|file| file.ends_with(".wasm")))?;
    is_example.then(|| {
        (
            target["name"].as_str().unwrap_or_default().to_owned(),
            wasm.into(),
        )
    })
}
