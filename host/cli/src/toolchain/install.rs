//! Installs system packages: as root, through sudo, or by telling the administrator what to run.

use std::io::{self, IsTerminal as _};
use std::process::Command;

use nix::unistd::geteuid;

use super::packages::Manager;
use super::run::{Finished, RunError, find_program, quietly};
use crate::report::reporter::Reporter;

/// Why packages were not installed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    /// No package manager that Boll knows.
    #[error("no package manager was found here; install {} by hand", packages.join(", "))]
    NoManager {
        /// What is missing.
        packages: Vec<String>,
    },
    /// This user may not install packages.
    #[error(
        "installing {} needs an administrator. Run this as root, then try again:\n\n    {line}\n",
        packages.join(", ")
    )]
    NeedsAdministrator {
        /// What is missing.
        packages: Vec<String>,
        /// The command to run as root.
        line: String,
    },
    /// The package manager ended with an error.
    #[error("{program} could not install {}:\n{output}\nThe same by hand, as root:\n\n    {line}\n", packages.join(", "))]
    Failed {
        /// The package manager.
        program: &'static str,
        /// What was to be installed.
        packages: Vec<String>,
        /// What the package manager printed.
        output: String,
        /// The command to run as root.
        line: String,
    },
    /// The package manager could not be run to its end.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// By what right this process installs packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Authority {
    Root,
    /// An ordinary user with sudo, which may ask for a password where somebody can type it.
    Sudo {
        may_ask: bool,
    },
    Nobody,
}

impl Authority {
    fn of_this_process() -> Self {
        if geteuid().is_root() {
            Self::Root
        } else if find_program("sudo").is_some() {
            Self::Sudo {
                may_ask: io::stdin().is_terminal() && io::stderr().is_terminal(),
            }
        } else {
            Self::Nobody
        }
    }

    /// Puts in front of `command` what this authority and the manager's environment need.
    fn words(self, manager: Manager, command: Vec<String>) -> Vec<String> {
        let mut words: Vec<String> = match self {
            Self::Root | Self::Nobody => Vec::new(),
            Self::Sudo { may_ask: true } => vec!["sudo".to_owned()],
            Self::Sudo { may_ask: false } => vec!["sudo".to_owned(), "-n".to_owned()],
        };
        // sudo drops the environment, so the variables go on the command line.
        if !manager.environment().is_empty() {
            words.push("env".to_owned());
            words.extend(
                manager
                    .environment()
                    .iter()
                    .map(|(name, value)| format!("{name}={value}")),
            );
        }
        words.extend(command);
        words
    }
}

/// The error for a user who may not install `packages`, with the line that an administrator runs instead.
pub(crate) fn needs_administrator(packages: Vec<String>) -> InstallError {
    match Manager::find() {
        Some(manager) => InstallError::NeedsAdministrator {
            line: manager.line(&packages),
            packages,
        },
        None => InstallError::NoManager { packages },
    }
}

/// Installs `packages` with the system's package manager, saying so first.
pub(crate) fn install(packages: &[String], reporter: &Reporter) -> Result<(), InstallError> {
    let manager = Manager::find().ok_or_else(|| InstallError::NoManager {
        packages: packages.to_vec(),
    })?;
    let authority = Authority::of_this_process();
    if authority == Authority::Nobody {
        return Err(needs_administrator(packages.to_vec()));
    }

    let mut refreshed = false;
    if manager.lists_are_old() {
        refreshed = true;
        refresh(manager, authority, packages, reporter)?;
    }
    let mut finished = run_install(manager, authority, packages, reporter)?;
    // A package that is gone from the archive means that the lists are out of date.
    if !finished.status.success() && !refreshed && !is_refusal(authority, &finished) {
        refresh(manager, authority, packages, reporter)?;
        finished = run_install(manager, authority, packages, reporter)?;
    }
    if finished.status.success() {
        return Ok(());
    }
    if is_refusal(authority, &finished) {
        return Err(needs_administrator(packages.to_vec()));
    }
    Err(InstallError::Failed {
        program: manager.program(),
        packages: packages.to_vec(),
        output: finished.output,
        line: manager.line(packages),
    })
}

/// Fetches the package lists, where nobody has yet: they tell which packages there are.
pub(crate) fn fetch_lists(reporter: &Reporter) -> Result<(), InstallError> {
    let none = Vec::new;
    let manager = Manager::find().ok_or_else(|| InstallError::NoManager { packages: none() })?;
    match Authority::of_this_process() {
        Authority::Nobody => Err(needs_administrator(none())),
        authority => refresh(manager, authority, &none(), reporter),
    }
}

fn run_install(
    manager: Manager,
    authority: Authority,
    packages: &[String],
    reporter: &Reporter,
) -> Result<Finished, InstallError> {
    let what = format!(
        "installing {} with {}{}",
        packages.join(" "),
        by(authority),
        manager.program()
    );
    run(
        manager,
        authority,
        manager.install(packages),
        what,
        reporter,
    )
}

/// A failed refresh is not the end: what is wanted may come from another archive, or be fetched already.
fn refresh(
    manager: Manager,
    authority: Authority,
    packages: &[String],
    reporter: &Reporter,
) -> Result<(), InstallError> {
    let Some(command) = manager.refresh() else {
        return Ok(());
    };
    let what = format!(
        "fetching the package lists with {}{}",
        by(authority),
        manager.program()
    );
    let finished = run(manager, authority, command, what, reporter)?;
    if is_refusal(authority, &finished) {
        return Err(needs_administrator(packages.to_vec()));
    }
    Ok(())
}

fn run(
    manager: Manager,
    authority: Authority,
    command: Vec<String>,
    what: String,
    reporter: &Reporter,
) -> Result<Finished, InstallError> {
    let words = authority.words(manager, command);
    let step = if authority == (Authority::Sudo { may_ask: true }) {
        reporter.step_that_asks(what)
    } else {
        reporter.step(what)
    };
    let (program, arguments) = words
        .split_first()
        .map_or(("true", &[][..]), |(first, rest)| (first.as_str(), rest));
    let finished = quietly(
        Command::new(program).args(arguments).env("LC_ALL", "C"),
        None,
        reporter,
    )?;
    if finished.status.success() {
        step.done();
    } else {
        step.failed();
    }
    Ok(finished)
}

fn by(authority: Authority) -> &'static str {
    match authority {
        Authority::Sudo { .. } => "sudo ",
        Authority::Root | Authority::Nobody => "",
    }
}

/// Whether it was sudo that said no, rather than the package manager.
fn is_refusal(authority: Authority, finished: &Finished) -> bool {
    matches!(authority, Authority::Sudo { .. })
        && !finished.status.success()
        && finished.output.lines().any(is_line_of_sudo)
}

fn is_line_of_sudo(line: &str) -> bool {
    line.starts_with("sudo: ")
        || line.contains("is not in the sudoers file")
        || line.contains("may not run sudo")
        || line.contains("is not allowed to execute")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(authority: Authority, manager: Manager) -> String {
        let packages = ["bubblewrap".to_owned()];
        authority
            .words(manager, manager.install(&packages))
            .join(" ")
    }

    #[test]
    fn root_needs_no_sudo() {
        assert_eq!(
            plan(Authority::Root, Manager::Dnf),
            "dnf install -y bubblewrap"
        );
    }

    #[test]
    fn sudo_asks_only_where_somebody_can_answer() {
        assert!(
            plan(Authority::Sudo { may_ask: false }, Manager::AptGet).starts_with(
                "sudo -n env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get install"
            )
        );
        assert_eq!(
            plan(Authority::Sudo { may_ask: true }, Manager::Pacman),
            "sudo pacman -S --needed --noconfirm bubblewrap"
        );
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
