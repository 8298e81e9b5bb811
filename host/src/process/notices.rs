//! Warnings to whoever runs the host: limits that are missing, and processes that
//! nothing confines.

use super::life::{Ended, Life};
use super::lines::Unconfined;
use super::owner::RunContext;
use super::settings::{ProcessSettings, TreeBound};
use crate::policy::{AuthorizedCommand, Confinement};
use crate::sandbox::{End, SandboxReport, TreeLimit, Weakness};

/// Warns of default limits that this machine cannot enforce.
pub(super) fn tell_what_is_not_limited(report: &SandboxReport, settings: &ProcessSettings) {
    // One that has to be there has every command refused instead.
    let by_default = |limit: TreeLimit| match limit {
        TreeLimit::Memory => matches!(settings.memory, TreeBound::WherePossible(_)),
        TreeLimit::Pids => matches!(settings.pids, TreeBound::WherePossible(_)),
        TreeLimit::Weight => matches!(settings.cpu_weight, TreeBound::WherePossible(_)),
    };
    let missing = report
        .weaknesses
        .iter()
        .filter_map(|weakness| match weakness {
            Weakness::NoCgroup { limit, .. } if by_default(*limit) => Some(limit.to_string()),
            _ => None,
        });
    let missing: Vec<String> = missing.collect();
    if !missing.is_empty() {
        tracing::warn!(
            "process trees have no limit by default on: {} (no delegated cgroup; the sandbox's \
             report, which `boll doctor` shows, says why and what would allow it)",
            missing.join(", ")
        );
    }
}

/// Says which setting gives more room where a command failed and had none left.
pub(super) fn tell_what_was_full(capsule: &str, life: &Life) {
    if matches!(life.ended, Ended::Command(End::Code(0))) {
        return;
    }
    for place in life.full.places() {
        let setting = match place {
            "/tmp" => "tmp-mib",
            "/dev/shm" => "shm-mib",
            _ => "home-mib",
        };
        tracing::warn!(
            capsule,
            "a command failed, and {place} was full: `{setting}` in [sandbox] of the operator's file \
             sets its size"
        );
    }
}

/// Leaves a line in both logs for a process that nothing confines.
pub(super) fn audit(command: &AuthorizedCommand, context: &RunContext) {
    if command.confinement() != Confinement::Unconfined {
        return;
    }
    let start = Unconfined {
        program: &command.spec().program,
        arguments: command.spec().args.len(),
        rule: command.rule(),
    };
    tracing::warn!(
        capsule = context.scope.capsule().as_str(),
        principal = context.scope.origin.principal.as_deref(),
        call = context.scope.origin.call_id.as_deref(),
        program = start.program,
        arguments = start.arguments,
        rule = start.rule,
        "starting a process without a sandbox"
    );
    context.lines.unconfined(start);
}
