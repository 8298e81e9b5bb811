//! The distribution's packages that the tests need, on Debian and its kin.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::process::{Command, Stdio};

use crate::busy::Attempts;
use crate::command::{command, succeed_or_say, succeeds};
use crate::{Outcome, debian, say};

/// What the system itself has to have, and its package: what processes in a sandbox see, whatever
/// the search path says, and what the examples run.
const OF_SYSTEM: [(&str, &str); 2] = [
    ("/usr/bin/python3 --version", "python3"),
    ("git --version", debian::GIT[0]),
];

/// The packages of what the system itself does not have.
pub(crate) fn missing_of_system() -> Vec<&'static str> {
    let absent = |probe| !succeeds(shell(probe).stderr(Stdio::null()));
    let missing = OF_SYSTEM.iter().filter(|(probe, _)| absent(probe));
    missing.map(|(_, package)| *package).collect()
}

/// Installs packages with apt-get, as root or through sudo.
pub(crate) fn install(mut packages: Vec<&str>) -> Outcome {
    if packages.is_empty() {
        return Ok(());
    }
    packages.sort_unstable();
    packages.dedup();
    let names = packages.join(" ");
    if !succeeds(&mut shell("command -v apt-get")) {
        say(&format!(
            "this system has no apt-get; install what Debian calls {names}"
        ));
        return Ok(());
    }
    let line =
        format!("apt-get update -q && apt-get install -q -y --no-install-recommends {names}");
    let mut attempts = Attempts::begin();
    loop {
        let mut install = if is_root() {
            command("env")
        } else {
            let mut sudo = command("sudo");
            sudo.arg("env");
            sudo
        };
        // At that level no service of a package is started. What it says is read in English.
        install.args([
            "LC_ALL=C",
            "DEBIAN_FRONTEND=noninteractive",
            "RUNLEVEL=1",
            "sh",
            "-c",
            &line,
        ]);
        let Err((error, said)) = succeed_or_say(&mut install) else {
            return Ok(());
        };
        if !attempts.wait(&said, say) {
            return Err(format!("{error}\nAs root:\n\n    {line}\n").into());
        }
    }
}

fn shell(line: &str) -> Command {
    let mut shell = command("sh");
    shell.args(["-c", line]);
    shell
}

/// Returns whether this program runs as root.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
