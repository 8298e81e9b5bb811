//! The findings about the sandbox.

use boll_host::sandbox::{HOW_TO_DELEGATE, SandboxBackend, SandboxReport, SandboxStatus, Weakness};

use super::{Finding, Fix, Status};

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
        let fix = match weakness {
            Weakness::RunsAsRoot { .. } | Weakness::RootWithoutCapabilities => {
                Some("run Boll as an ordinary user, or give the workspace to one")
            }
            Weakness::NoCgroup { .. } => Some(HOW_TO_DELEGATE),
            // The finding about the backend has the fix for the others.
            _ => None,
        };
        let fix = fix.map(|text| Fix::Manual(text.to_owned()));
        Finding::new(name, Status::Weak, weakness.to_string(), fix)
    });
    std::iter::once(sandbox).chain(weaknesses).collect()
}
