//! Installs what Boll itself may: bubblewrap, as root, through sudo, or by naming the line for
//! the administrator; and by rustup the Rust target. For anything else `boll doctor` prints the
//! line.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use nix::unistd::geteuid;

use super::busy::Attempts;
use super::guest_rust::TARGET;
use super::packages::Manager;
use super::run::{Finished, RunError, find_program, quietly};
use super::rust_target::ADD_TARGET;
use crate::question;
use crate::report::reporter::Reporter;

/// The package.
pub(crate) const BUBBLEWRAP: &str = "bubblewrap";

/// Keeps a package manager, and what it starts, from asking questions, and has it speak English,
/// which is read. sudo drops the environment, so the variables go on the command line.
const UNATTENDED: [&str; 4] = [
    "env",
    "LC_ALL=C",
    "DEBIAN_FRONTEND=noninteractive",
    "NEEDRESTART_SUSPEND=1",
];

/// The reason why something was not installed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    /// No package manager that Boll knows.
    #[error("this system has no package manager that Boll knows; install {BUBBLEWRAP} by hand")]
    NoManager,
    /// This user may not install packages.
    #[error(
        "installing {BUBBLEWRAP} needs an administrator. Run this as root, then try again:\n\n    {line}\n"
    )]
    NeedsAdministrator { line: String },
    /// The package manager ended with an error.
    #[error(
        "{BUBBLEWRAP} could not be installed:\n{output}\nThe same by hand, as root:\n\n    {line}\n"
    )]
    Failed { output: String, line: String },
    /// A program failed, or could not be run to its end.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Enough to download a standard library over a slow line, and an end where the line is dead.
const RUSTUP_LIMIT: Duration = Duration::from_secs(300);

/// The right by which this process installs packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Authority {
    Root,
    /// An ordinary user with sudo, which may ask for a password where somebody can type it.
    Sudo {
        may_ask: bool,
    },
}

impl Authority {
    fn of_this_process() -> Option<Self> {
        if geteuid().is_root() {
            return Some(Self::Root);
        }
        find_program("sudo").map(|_| Self::Sudo {
            may_ask: question::can_ask(),
        })
    }

    /// Returns the command that runs `line` in a shell of root's.
    fn command(self, line: &str) -> Command {
        let sudo: &[&str] = match self {
            Self::Root => &[],
            Self::Sudo { may_ask: true } => &["sudo"],
            Self::Sudo { may_ask: false } => &["sudo", "-n"],
        };
        let words = [sudo, &UNATTENDED, &["sh", "-c", line]].concat();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).env("LC_ALL", "C");
        command
    }
}

/// Installs bubblewrap with the system's package manager, saying so first.
pub(crate) fn bubblewrap(reporter: &Reporter) -> Result<(), InstallError> {
    let manager = Manager::find().ok_or(InstallError::NoManager)?;
    let line = manager.line(&[BUBBLEWRAP]);
    let Some(authority) = Authority::of_this_process() else {
        return Err(InstallError::NeedsAdministrator { line });
    };
    let what = match authority {
        Authority::Root => format!("running {line}"),
        Authority::Sudo { .. } => format!("running as root, with sudo: {line}"),
    };
    let step = if authority == (Authority::Sudo { may_ask: true }) {
        reporter.step_that_asks(what)
    } else {
        reporter.step(what)
    };
    let attempt = || quietly(&mut authority.command(&line), None, reporter);
    let finished = when_free(Attempts::begin(), attempt, |text| step.note(text))?;
    if finished.status.success() {
        step.done();
        return Ok(());
    }
    step.failed();
    Err(if is_refusal(authority, &finished) {
        InstallError::NeedsAdministrator { line }
    } else {
        InstallError::Failed {
            output: finished.output,
            line,
        }
    })
}

/// Runs a package manager again, as long as another installation holds its lock.
fn when_free(
    mut attempts: Attempts,
    attempt: impl Fn() -> Result<Finished, RunError>,
    tell: impl Fn(&str),
) -> Result<Finished, RunError> {
    loop {
        let finished = attempt()?;
        if finished.status.success() || !attempts.wait(&finished.output, &tell) {
            return Ok(finished);
        }
    }
}

/// Has rustup add the target to the Rust in use in `directory`.
pub(crate) fn rust_target(directory: &Path, reporter: &Reporter) -> Result<(), InstallError> {
    let mut rustup = Command::new("rustup");
    rustup
        .args(["target", "add", TARGET])
        .current_dir(directory)
        .env("RUSTUP_MAX_RETRIES", "1");
    let step = reporter.step(format!("adding the Rust target {TARGET} with rustup"));
    let finished = quietly(&mut rustup, Some(RUSTUP_LIMIT), reporter)?;
    if !finished.status.success() {
        let what = format!("`{ADD_TARGET}`");
        let output = finished.output;
        return Err(RunError::Failed { what, output }.into());
    }
    step.done();
    Ok(())
}

/// Returns whether sudo refused, rather than the package manager.
fn is_refusal(authority: Authority, finished: &Finished) -> bool {
    authority != Authority::Root && finished.output.lines().any(is_line_of_sudo)
}

fn is_line_of_sudo(line: &str) -> bool {
    line.starts_with("sudo: ")
        || line.contains("is not in the sudoers file")
        || line.contains("may not run sudo")
        || line.contains("is not allowed to execute")
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::report::reporter::Verbosity;

    fn words(authority: Authority) -> String {
        let command = authority.command("dnf install");
        let words = [command.get_program()]
            .into_iter()
            .chain(command.get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        words.join(" ")
    }

    #[test]
    fn root_needs_no_sudo_and_sudo_asks_only_where_somebody_can_answer() {
        let unattended =
            "env LC_ALL=C DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 sh -c dnf install";
        assert_eq!(words(Authority::Root), unattended);
        assert_eq!(
            words(Authority::Sudo { may_ask: false }),
            format!("sudo -n {unattended}")
        );
        assert_eq!(
            words(Authority::Sudo { may_ask: true }),
            format!("sudo {unattended}")
        );
    }

    /// Runs a script until the lock of a package manager is free. Returns whether it succeeded,
    /// and all that was told.
    fn tried(script: &str, limit: Duration) -> (bool, Vec<String>) {
        let reporter = Reporter::new(Verbosity::Silent);
        let attempt = || quietly(Command::new("sh").args(["-c", script]), None, &reporter);
        let told = RefCell::new(Vec::new());
        let attempts = Attempts::within(limit, Duration::from_millis(10));
        let tell = |text: &str| told.borrow_mut().push(text.to_owned());
        let finished = when_free(attempts, attempt, tell).expect("it ran");
        (finished.status.success(), told.into_inner())
    }

    #[test]
    fn a_package_manager_whose_lock_is_held_is_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let tries = folder.path().join("tries");
        let tries = tries.display();
        // As apt-get, pacman and zypper say it.
        for (channel, words) in [
            (
                2,
                "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)",
            ),
            (
                2,
                "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend)",
            ),
            (
                2,
                "error: failed to init transaction (unable to lock database)",
            ),
            (
                2,
                "ERROR: Unable to lock database: temporary error (try again later)",
            ),
            (
                1,
                "System management is locked by the application with pid 7 (zypper).",
            ),
        ] {
            let script = format!(
                "echo x >>{tries}; [ $(wc -l <{tries}) -gt 2 ] && exit; echo '{words}' >&{channel}; exit 100"
            );
            let (done, told) = tried(&script, Duration::from_secs(60));
            assert_eq!((done, told.len()), (true, 1), "{words}");
            assert!(told[0].contains("another installation"), "{told:?}");
            std::fs::remove_file(folder.path().join("tries")).expect("it was tried");
        }
    }

    #[test]
    fn the_wait_for_a_package_manager_has_an_end_and_other_failures_have_none() {
        let held = "echo 'E: Could not get lock /x' >&2; exit 100";
        let (done, told) = tried(held, Duration::from_millis(100));
        assert_eq!((done, told.len()), (false, 1));
        let failed = "echo 'E: Unable to locate package x' >&2; exit 100";
        assert_eq!(tried(failed, Duration::from_secs(60)), (false, Vec::new()));
    }

    #[test]
    fn a_refusal_of_sudo_is_told_from_a_failed_installation() {
        assert!(is_line_of_sudo("sudo: a password is required"));
        assert!(is_line_of_sudo(
            "ada is not in the sudoers file.  This incident will be reported."
        ));
        assert!(is_line_of_sudo("Sorry, user ada may not run sudo on host."));
        assert!(!is_line_of_sudo("E: Unable to locate package bubblewrap"));
    }
}
