//! The distribution's packages that the tests need, on Debian and its kin.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::process::{Command, Stdio};

use crate::command::{command, succeed, succeeds};
use crate::{Outcome, say};

/// What brings a compiler for capsules in C, where `boll doctor` finds none.
pub(crate) const C: [&str; 4] = ["clang", "libclang-rt-dev-wasm32", "lld", "wasi-libc"];

/// A command that succeeds where the packages are not needed, and the packages.
const NEEDED: [(&str, &[&str]); 6] = [
    ("git --version", &["git"]),
    ("make --version", &["make"]),
    ("node --version", &["nodejs"]),
    ("npm --version", &["npm"]),
    // Processes in a sandbox see the system's own, whatever the search path says.
    ("/usr/bin/python3 --version", &["python3"]),
    // Debian has the module venv without what it installs pip from.
    (
        "python3 -c 'import ensurepip, venv'",
        &["python3", "python3-venv"],
    ),
];

/// The packages of what is not there.
pub(crate) fn missing() -> Vec<&'static str> {
    let absent = |probe: &str| !succeeds(shell(probe).stderr(Stdio::null()));
    let mut packages: Vec<&str> = NEEDED
        .into_iter()
        .filter(|(probe, _)| absent(probe))
        .flat_map(|(_, packages)| packages.iter().copied())
        .collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// Installs packages with apt-get, as root or through sudo.
pub(crate) fn install(packages: &[&str]) -> Outcome {
    if packages.is_empty() {
        return Ok(());
    }
    let names = packages.join(" ");
    if !succeeds(&mut shell("command -v apt-get")) {
        say(&format!(
            "this system has no apt-get; install what Debian calls {names}"
        ));
        return Ok(());
    }
    let line =
        format!("apt-get update -q && apt-get install -q -y --no-install-recommends {names}");
    let mut install = if is_root() {
        command("env")
    } else {
        let mut sudo = command("sudo");
        sudo.arg("env");
        sudo
    };
    install.args(["DEBIAN_FRONTEND=noninteractive", "sh", "-c", &line]);
    succeed(&mut install).map_err(|error| format!("{error}\nAs root:\n\n    {line}\n").into())
}

fn shell(line: &str) -> Command {
    let mut shell = command("sh");
    shell.args(["-c", line]);
    shell
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
