//! The findings about the sandbox.

use std::path::Path;

use boll_host::sandbox::{HOW_TO_DELEGATE, SandboxBackend, SandboxReport, SandboxStatus, Weakness};

use nix::unistd::geteuid;

use super::{Finding, Fix, Status};
use crate::toolchain::run::find_program;

const CHOOSE_BUBBLEWRAP: &str = "remove `backend` from [sandbox] in the operator's file";

/// Returns the findings about the sandbox itself, and about what it cannot do on this machine.
pub(crate) fn sandbox_findings(report: &SandboxReport) -> Vec<Finding> {
    let name = "sandbox";
    let sandbox = match &report.status {
        SandboxStatus::Works { by, version } => {
            let works = format!("{by} works ({version})");
            match report.backend {
                SandboxBackend::Bubblewrap => Finding::ok(name, works),
                SandboxBackend::Landlock => Finding::new(
                    name,
                    Status::Weak,
                    format!("{works}: the operator's file has chosen less than bubblewrap"),
                    Some(Fix::Manual(CHOOSE_BUBBLEWRAP.to_owned())),
                ),
                SandboxBackend::None => Finding::new(
                    name,
                    Status::Weak,
                    "there is none: the operator's file has chosen so",
                    Some(Fix::Manual(CHOOSE_BUBBLEWRAP.to_owned())),
                ),
                other => Finding::new(
                    name,
                    Status::Weak,
                    format!("{works}: `{other}` is not known to this program"),
                    Some(Fix::Manual(CHOOSE_BUBBLEWRAP.to_owned())),
                ),
            }
        }
        SandboxStatus::Missing => Finding::new(
            name,
            Status::Missing,
            "bubblewrap is not installed: no process can be started",
            Some(Fix::bubblewrap()),
        ),
        SandboxStatus::Broken { reason } => Finding::new(
            name,
            Status::Broken,
            reason.clone(),
            report.fix.clone().map(Fix::Manual),
        ),
        _ => Finding::new(name, Status::Broken, report.to_string(), None),
    };
    let weaknesses = report.weaknesses.iter().map(|weakness| {
        let words = |text: &str| Some(Fix::Manual(text.to_owned()));
        let fix = match weakness {
            Weakness::RunsAsRoot { .. } | Weakness::RootWithoutCapabilities => {
                words("run Boll as an ordinary user, or give the workspace to one")
            }
            Weakness::NoCgroup { .. } if is_systemd() => Some(Fix::Line(delegated_shell())),
            Weakness::NoCgroup { .. } => words(HOW_TO_DELEGATE),
            // The finding about the backend has the fix for the others.
            _ => None,
        };
        Finding::new(name, Status::Weak, weakness.to_string(), fix)
    });
    std::iter::once(sandbox).chain(weaknesses).collect()
}

/// Returns whether systemd manages this machine, as its own documentation says how to find out.
fn is_systemd() -> bool {
    Path::new("/run/systemd/system").is_dir() && find_program("systemd-run").is_some()
}

/// Returns the line that starts a shell in a control group that is delegated to it.
fn delegated_shell() -> String {
    let user = if geteuid().is_root() { "" } else { "--user " };
    format!("systemd-run {user}--scope -p Delegate=yes \"$SHELL\"")
}
