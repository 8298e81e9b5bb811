//! What is found of the sandbox.

use boll_host::sandbox::{HOW_TO_DELEGATE, SandboxReport, SandboxStatus, Weakness};

use super::{Finding, Fix, Status};

/// The sandbox itself, and what it cannot do on this machine.
pub(crate) fn sandbox_findings(report: &SandboxReport) -> Vec<Finding> {
    let name = "sandbox";
    let sandbox = match &report.status {
        SandboxStatus::Works { program, version } => {
            Finding::ok(name, format!("{} works ({version})", program.display()))
        }
        SandboxStatus::Missing => Finding::new(
            name,
            Status::Missing,
            "bubblewrap is not installed: no process can be started",
            Some(Fix::Install {
                packages: vec!["bubblewrap".to_owned()],
            }),
        ),
        SandboxStatus::Broken { reason } => Finding::new(
            name,
            Status::Broken,
            reason.clone(),
            report.fix.clone().map(Fix::Manual),
        ),
    };
    let weaknesses = report.weaknesses.iter().map(|weakness| {
        Finding::new(
            name,
            Status::Weak,
            weakness.to_string(),
            Some(Fix::Manual(
                match weakness {
                    Weakness::RunsAsRoot { .. } => {
                        "run Boll as an ordinary user, or give the workspace to one"
                    }
                    Weakness::NoCgroup { .. } => HOW_TO_DELEGATE,
                }
                .to_owned(),
            )),
        )
    });
    std::iter::once(sandbox).chain(weaknesses).collect()
}
